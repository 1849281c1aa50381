//! The store of bucket keys: the one place where forgetting is for real.

use std::any::Any;
use std::fmt;

use async_trait::async_trait;
use sluis_types::{GrantId, Oin, Randomness};
use zeroize::Zeroizing;

use crate::aead::{self, NONCE_BYTES, TAG_BYTES};
use crate::framing::framed;
use crate::{Key32, KeyFileError};

/// How much longer a wrapped secret is than the secret, in bytes: version, nonce, tag.
pub const WRAPPED_OVERHEAD_BYTES: usize = 1 + NONCE_BYTES + TAG_BYTES;

const WRAP_VERSION: u8 = 1;
const LABEL_WRAP: &str = "sluis/v1/bucket/wrap";

/// A bucket: the grants whose gate keys are wrapped under one key. 16 random bytes that say nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketId([u8; 16]);

impl BucketId {
    /// The bucket of these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes, as they stand in the database.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// A fresh random bucket id.
    pub(crate) fn random(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; 16];
        randomness.fill(&mut bytes);
        Self(bytes)
    }
}

impl fmt::Display for BucketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BucketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a key store and the database beside it know each other by. 16 random bytes that say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreMark([u8; 16]);

impl StoreMark {
    /// The mark of these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes, as they stand in the database.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// A fresh random mark.
    pub fn random(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; 16];
        randomness.fill(&mut bytes);
        Self(bytes)
    }
}

/// One key of one bucket. Numbers count up from 1 and are never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketGeneration {
    /// The bucket.
    pub bucket: BucketId,
    /// Which of its keys.
    pub generation: u64,
}

/// What a wrapped gate key belongs to. It unwraps for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrapBinding {
    /// The grant.
    pub grant: GrantId,
    /// The grant's version.
    pub version: u32,
    /// The organisation that the gate opens for.
    pub recipient: Oin,
}

/// One wrapped secret that is to be wrapped under another generation.
#[derive(Clone, Copy, Debug)]
pub struct Rewrap<'a> {
    /// What it belongs to.
    pub binding: WrapBinding,
    /// What [`BucketKeys::wrap`] gave.
    pub wrapped: &'a [u8],
}

/// A bucket key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BucketKeysError {
    /// The key was destroyed, or never was: what it wrapped is gone.
    #[error("the bucket key is not there")]
    Missing,
    /// The wrapped secret was changed, or belongs to another grant, version, recipient or generation.
    #[error("the wrapped key is not authentic")]
    NotAuthentic,
    /// Two generations that should be of one bucket are not.
    #[error("the generations are of different buckets")]
    OtherBucket,
    /// Another process owns the directory. The file store allows one consent replica.
    #[error(
        "the bucket keys in {} are in use by another process; the file store allows one consent replica", dir.display()
    )]
    InUse {
        /// The directory.
        dir: std::path::PathBuf,
    },
    /// The store cannot be reached. Whether the operation took effect is not known; repeat it.
    #[error("the bucket key store failed")]
    Store(#[from] KeyFileError),
    /// The process is stopping. Whether the operation took effect is not known; repeat it.
    #[error("the bucket key operation was interrupted")]
    Interrupted,
}

/// A bucket that nobody else works on until this is dropped.
#[must_use = "the bucket is free again as soon as the guard is dropped"]
pub struct BucketGuard(#[expect(dead_code, reason = "held for its drop")] Box<dyn Any + Send>);

impl BucketGuard {
    /// A guard that frees the bucket when `held` is dropped.
    pub fn new(held: impl Any + Send) -> Self {
        Self(Box::new(held))
    }
}

impl fmt::Debug for BucketGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BucketGuard")
    }
}

/// The keys under which gate keys are wrapped, kept outside the database.
///
/// A database does not forget, so ending a grant stores the bucket's next key, moves the sibling grants to it
/// with [`rewrap`](Self::rewrap) and then destroys the old key; only after that is the ending acknowledged.
///
/// Every implementation keeps these rules. A key that [`create_bucket`](Self::create_bucket) or
/// [`next_generation`](Self::next_generation) returned is durable. Once [`destroy`](Self::destroy) has returned, the
/// key is gone for good: for calls under way too, after a crash too. No key is cached. All may be repeated.
#[async_trait]
pub trait BucketKeys: fmt::Debug + Send + Sync + 'static {
    /// Makes a bucket with its first key, durable before it returns.
    async fn create_bucket(&self) -> Result<BucketGeneration, BucketKeysError>;

    /// Makes the next key of a bucket, durable before it returns. The older ones stay.
    ///
    /// # Errors
    /// [`BucketKeysError::Missing`] when the bucket never was.
    async fn next_generation(&self, bucket: BucketId) -> Result<BucketGeneration, BucketKeysError>;

    /// Wraps a secret (AES-256-GCM; associated data is generation and binding).
    /// The result is [`WRAPPED_OVERHEAD_BYTES`] longer.
    ///
    /// # Errors
    /// [`BucketKeysError::Missing`] when the key is destroyed.
    async fn wrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        secret: &[u8],
    ) -> Result<Vec<u8>, BucketKeysError>;

    /// The secret that [`wrap`](Self::wrap) or [`rewrap`](Self::rewrap) wrapped under the same generation.
    ///
    /// # Errors
    /// [`BucketKeysError::Missing`] when the key is destroyed, [`BucketKeysError::NotAuthentic`] when the rest differs.
    async fn unwrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, BucketKeysError>;

    /// Wraps the secrets of `entries` under another generation of the same bucket, in the same order.
    ///
    /// # Errors
    /// As [`unwrap`](Self::unwrap); then none is wrapped.
    async fn rewrap(
        &self,
        from: BucketGeneration,
        to: BucketGeneration,
        entries: &[Rewrap<'_>],
    ) -> Result<Vec<Vec<u8>>, BucketKeysError>;

    /// Destroys one key, durably before it returns. A key that is not there is destroyed already.
    async fn destroy(&self, generation: BucketGeneration) -> Result<(), BucketKeysError>;

    /// Destroys every key of the bucket that is older than `generation`, durably before it returns.
    async fn destroy_older_than(&self, generation: BucketGeneration) -> Result<(), BucketKeysError>;

    /// The generations of a bucket that are there, oldest first.
    async fn generations(&self, bucket: BucketId) -> Result<Vec<u64>, BucketKeysError>;

    /// Every bucket that was ever made.
    async fn buckets(&self) -> Result<Vec<BucketId>, BucketKeysError>;

    /// Waits until nobody else works on the bucket. The other operations do not ask for the guard:
    /// it keeps two endings in one bucket apart.
    async fn lock(&self, bucket: BucketId) -> Result<BucketGuard, BucketKeysError>;

    /// What this key store is known by; none before [`set_mark`](Self::set_mark).
    async fn mark(&self) -> Result<Option<StoreMark>, BucketKeysError>;

    /// Gives this key store its mark, durably before it returns.
    async fn set_mark(&self, mark: StoreMark) -> Result<(), BucketKeysError>;

    /// Whether several replicas may use this store at once. Where not, a second replica must refuse to start.
    fn shared_between_replicas(&self) -> bool;
}

fn associated_data(under: BucketGeneration, binding: &WrapBinding) -> Vec<u8> {
    framed(
        LABEL_WRAP,
        &[
            &[WRAP_VERSION],
            under.bucket.as_bytes(),
            &under.generation.to_be_bytes(),
            binding.grant.as_bytes(),
            &binding.version.to_be_bytes(),
            binding.recipient.as_bytes(),
        ],
    )
}

/// version (1 byte) || nonce (12) || ciphertext || tag (16).
pub(crate) fn wrap_with(
    key: &Key32,
    under: BucketGeneration,
    binding: &WrapBinding,
    secret: &[u8],
    randomness: &dyn Randomness,
) -> Vec<u8> {
    let aad = associated_data(under, binding);
    aead::seal(&[WRAP_VERSION], key.expose(), &aad, secret, randomness)
}

pub(crate) fn unwrap_with(
    key: &Key32,
    under: BucketGeneration,
    binding: &WrapBinding,
    wrapped: &[u8],
) -> Result<Zeroizing<Vec<u8>>, BucketKeysError> {
    wrapped
        .split_first()
        .filter(|(version, _)| **version == WRAP_VERSION)
        .and_then(|(_, body)| aead::open(key.expose(), &associated_data(under, binding), body))
        .ok_or(BucketKeysError::NotAuthentic)
}
