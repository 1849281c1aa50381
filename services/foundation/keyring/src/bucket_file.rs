//! Bucket keys as files: for one replica, until a key management service takes over.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use sluis_types::Randomness;
use zeroize::Zeroizing;

use crate::Key32;
use crate::bucket::{
    BucketGeneration, BucketGuard, BucketId, BucketKeys, BucketKeysError, Rewrap, StoreMark, WrapBinding,
    unwrap_with, wrap_with,
};
use crate::bucket_mark;
use crate::key::KEY_BYTES;
use crate::key_file::{self, KeyFileError};

const MAGIC: &[u8; 8] = b"sluisbk1";
const CHECKSUM_BYTES: usize = 8;
const FILE_BYTES: usize = MAGIC.len() + KEY_BYTES + CHECKSUM_BYTES;
const FIRST_GENERATION: u64 = 1;
/// Buckets share this many reader-writer gates: one slow disk write holds up few of them.
const GATES: usize = 64;

/// Bucket keys in a directory that one process owns.
///
/// A bucket is a subdirectory named by its id; a key is the file `GENERATION.key` (magic, key, checksum). To
/// destroy one is to overwrite the file, make that durable, remove it and make that durable. Where the newest key
/// goes, an empty `GENERATION.gone` keeps its number from being used again.
///
/// On flash storage and on copy-on-write file systems the overwritten blocks may outlive this, out of reach of
/// the operating system but not of a laboratory.
#[derive(Clone)]
pub struct FileBucketKeys(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    randomness: Arc<dyn Randomness>,
    /// Read while a key is in memory, written while the keys change: no use of a key outlasts its destruction.
    gates: [RwLock<()>; GATES],
    locks: Mutex<HashMap<BucketId, Weak<tokio::sync::Mutex<()>>>>,
    /// Locked as long as it is open.
    _owner: File,
}

impl FileBucketKeys {
    /// Takes the bucket keys in `dir` into use, and makes the directory when it is not there.
    ///
    /// # Errors
    /// [`BucketKeysError::InUse`] when another process has them, [`BucketKeysError::Store`] when others can read them.
    pub fn open(dir: &Path, randomness: Arc<dyn Randomness>) -> Result<Self, BucketKeysError> {
        key_file::ensure_private_directory(dir)?;
        // Found again when the process changes its working directory.
        let dir = dir.canonicalize().map_err(KeyFileError::io("resolve", dir))?;
        let path = dir.join("owner.lock");
        let owner = key_file::open_lock_file(&path)?;
        match owner.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BucketKeysError::InUse { dir }),
            Err(TryLockError::Error(error)) => return Err(KeyFileError::io("lock", &path)(error).into()),
        }
        Ok(Self(Arc::new(Inner {
            dir,
            randomness,
            gates: [const { RwLock::new(()) }; GATES],
            locks: Mutex::default(),
            _owner: owner,
        })))
    }

    /// Files block, so they are worked on where blocking is allowed. A caller that goes away in the meantime
    /// stops nothing halfway.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, BucketKeysError> + Send + 'static,
    ) -> Result<T, BucketKeysError> {
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .unwrap_or(Err(BucketKeysError::Interrupted))
    }
}

impl fmt::Debug for FileBucketKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileBucketKeys").finish_non_exhaustive()
    }
}

/// The generations of one bucket: those with a key, and those that only keep their number.
#[derive(Default)]
struct Listing {
    keys: BTreeSet<u64>,
    gone: BTreeSet<u64>,
}

impl Listing {
    fn newest(&self) -> Option<u64> {
        self.keys.last().max(self.gone.last()).copied()
    }
}

impl Inner {
    fn gate(&self, bucket: BucketId) -> &RwLock<()> {
        &self.gates[usize::from(bucket.as_bytes()[0]) % GATES]
    }

    fn using(&self, bucket: BucketId) -> RwLockReadGuard<'_, ()> {
        self.gate(bucket).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn changing(&self, bucket: BucketId) -> RwLockWriteGuard<'_, ()> {
        self.gate(bucket).write().unwrap_or_else(PoisonError::into_inner)
    }

    fn bucket_dir(&self, bucket: BucketId) -> PathBuf {
        self.dir.join(bucket.to_string())
    }

    fn key_path(&self, of: BucketGeneration) -> PathBuf {
        self.bucket_dir(of.bucket)
            .join(format!("{:020}.key", of.generation))
    }

    fn gone_path(&self, of: BucketGeneration) -> PathBuf {
        self.bucket_dir(of.bucket)
            .join(format!("{:020}.gone", of.generation))
    }

    /// `None` when the bucket never was.
    fn list(&self, bucket: BucketId) -> Result<Option<Listing>, KeyFileError> {
        let dir = self.bucket_dir(bucket);
        let failed = || KeyFileError::io("list", &dir);
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed()(error)),
        };
        let mut listing = Listing::default();
        for entry in entries {
            let name = entry.map_err(failed())?.file_name();
            let Some((number, kind)) = name.to_str().and_then(|name| name.split_once('.')) else {
                continue;
            };
            match (number.parse(), kind) {
                (Ok(generation), "key") => listing.keys.insert(generation),
                (Ok(generation), "gone") => listing.gone.insert(generation),
                _ => continue,
            };
        }
        Ok(Some(listing))
    }

    /// Writes a fresh key. A crash on the way leaves a file that is no key or a key that no row names.
    fn make_key(&self, of: BucketGeneration) -> Result<(), KeyFileError> {
        let key = Key32::generate(&*self.randomness);
        let mut content = Zeroizing::new([0; FILE_BYTES]);
        content[..MAGIC.len()].copy_from_slice(MAGIC);
        content[MAGIC.len()..][..KEY_BYTES].copy_from_slice(key.expose());
        content[MAGIC.len() + KEY_BYTES..].copy_from_slice(&checksum(key.expose()));
        key_file::create(&self.key_path(of), &*content)?;
        key_file::sync_directory(&self.bucket_dir(of.bucket))
    }

    fn read_key(&self, of: BucketGeneration) -> Result<Key32, BucketKeysError> {
        let path = self.key_path(of);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(BucketKeysError::Missing),
            Err(error) => return Err(KeyFileError::io("open", &path)(error).into()),
        };
        let mut content = Zeroizing::new([0; FILE_BYTES]);
        match file.read_exact(&mut *content) {
            Ok(()) => {}
            // Half-written when the machine stopped: it was never returned, so nothing is wrapped under it.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(BucketKeysError::Missing);
            }
            Err(error) => return Err(KeyFileError::io("read", &path)(error).into()),
        }
        let (magic, rest) = content.split_at(MAGIC.len());
        let (key, sum) = rest.split_at(KEY_BYTES);
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        bytes.copy_from_slice(key);
        // Overwritten but not removed when the machine stopped: zeros must never pass for a key.
        if magic != MAGIC || checksum(&bytes) != sum {
            return Err(BucketKeysError::Missing);
        }
        Ok(Key32::new(*bytes))
    }

    fn create_bucket(&self) -> Result<BucketGeneration, BucketKeysError> {
        let first = BucketGeneration {
            bucket: BucketId::random(&*self.randomness),
            generation: FIRST_GENERATION,
        };
        let _changing = self.changing(first.bucket);
        let dir = self.bucket_dir(first.bucket);
        DirBuilder::new()
            .mode(0o700)
            .create(&dir)
            .map_err(KeyFileError::io("create", &dir))?;
        self.make_key(first)?;
        key_file::sync_directory(&self.dir)?;
        Ok(first)
    }

    fn next_generation(&self, bucket: BucketId) -> Result<BucketGeneration, BucketKeysError> {
        let _changing = self.changing(bucket);
        let listing = self.list(bucket)?.ok_or(BucketKeysError::Missing)?;
        // An empty directory is a bucket whose making a crash cut short.
        let newest = listing.newest().ok_or(BucketKeysError::Missing)?;
        let next = BucketGeneration {
            bucket,
            generation: newest.checked_add(1).ok_or(BucketKeysError::Missing)?,
        };
        self.make_key(next)?;
        Ok(next)
    }

    fn destroy(&self, bucket: BucketId, doomed: impl Fn(u64) -> bool) -> Result<(), BucketKeysError> {
        let _changing = self.changing(bucket);
        let Some(listing) = self.list(bucket)? else {
            return Ok(());
        };
        let dir = self.bucket_dir(bucket);
        let at = |generation| BucketGeneration { bucket, generation };
        if let Some(newest) = listing.keys.last().filter(|newest| doomed(**newest)) {
            let marker = self.gone_path(at(*newest));
            if listing.newest() == Some(*newest) && !listing.gone.contains(newest) {
                key_file::create(&marker, &[])?;
                key_file::sync_directory(&dir)?;
            }
        }
        for generation in listing.keys.iter().filter(|generation| doomed(**generation)) {
            wipe(&self.key_path(at(*generation)))?;
        }
        let newest = listing.newest();
        for generation in listing
            .gone
            .iter()
            .filter(|generation| Some(**generation) < newest)
        {
            let marker = self.gone_path(at(*generation));
            fs::remove_file(&marker).map_err(KeyFileError::io("remove", &marker))?;
        }
        // Also when nothing was left to remove: an earlier attempt may have stopped just before this.
        key_file::sync_directory(&dir)?;
        Ok(())
    }

    fn buckets(&self) -> Result<Vec<BucketId>, KeyFileError> {
        let failed = || KeyFileError::io("list", &self.dir);
        let mut buckets = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(failed())? {
            let name = entry.map_err(failed())?.file_name();
            buckets.extend(name.to_str().and_then(parse_bucket_id));
        }
        buckets.sort_unstable();
        Ok(buckets)
    }
}

/// Overwrites a file in place and removes it. The directory is made durable by the caller.
fn wipe(path: &Path) -> Result<(), KeyFileError> {
    let mut file = OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(KeyFileError::io("open", path))?;
    file.write_all(&[0; FILE_BYTES])
        .map_err(KeyFileError::io("overwrite", path))?;
    file.sync_all().map_err(KeyFileError::io("sync", path))?;
    fs::remove_file(path).map_err(KeyFileError::io("remove", path))
}

/// Tells a key from a file that was half written or half overwritten; it protects against nobody.
fn checksum(key: &[u8; KEY_BYTES]) -> [u8; CHECKSUM_BYTES] {
    let digest = Sha256::new().chain_update(MAGIC).chain_update(key).finalize();
    *digest
        .first_chunk()
        .expect("a digest is longer than the checksum")
}

fn parse_bucket_id(name: &str) -> Option<BucketId> {
    let mut bytes = [0; 16];
    if name.len() != 2 * bytes.len() || !name.is_ascii() {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&name[2 * index..][..2], 16).ok()?;
    }
    let bucket = BucketId::from_bytes(bytes);
    // One bucket has one name.
    (bucket.to_string() == name).then_some(bucket)
}

#[async_trait]
impl BucketKeys for FileBucketKeys {
    async fn create_bucket(&self) -> Result<BucketGeneration, BucketKeysError> {
        self.blocking(Inner::create_bucket).await
    }

    async fn next_generation(&self, bucket: BucketId) -> Result<BucketGeneration, BucketKeysError> {
        self.blocking(move |inner| inner.next_generation(bucket)).await
    }

    async fn wrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        secret: &[u8],
    ) -> Result<Vec<u8>, BucketKeysError> {
        let secret = Zeroizing::new(secret.to_vec());
        self.blocking(move |inner| {
            let _using = inner.using(under.bucket);
            let key = inner.read_key(under)?;
            Ok(wrap_with(&key, under, &binding, &secret, &*inner.randomness))
        })
        .await
    }

    async fn unwrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, BucketKeysError> {
        let wrapped = wrapped.to_vec();
        self.blocking(move |inner| {
            let _using = inner.using(under.bucket);
            unwrap_with(&inner.read_key(under)?, under, &binding, &wrapped)
        })
        .await
    }

    async fn rewrap(
        &self,
        from: BucketGeneration,
        to: BucketGeneration,
        entries: &[Rewrap<'_>],
    ) -> Result<Vec<Vec<u8>>, BucketKeysError> {
        if from.bucket != to.bucket {
            return Err(BucketKeysError::OtherBucket);
        }
        let entries: Vec<_> = entries
            .iter()
            .map(|entry| (entry.binding, entry.wrapped.to_vec()))
            .collect();
        self.blocking(move |inner| {
            let _using = inner.using(from.bucket);
            let (old, new) = (inner.read_key(from)?, inner.read_key(to)?);
            entries
                .iter()
                .map(|(binding, wrapped)| {
                    let secret = unwrap_with(&old, from, binding, wrapped)?;
                    Ok(wrap_with(&new, to, binding, &secret, &*inner.randomness))
                })
                .collect()
        })
        .await
    }

    async fn destroy(&self, generation: BucketGeneration) -> Result<(), BucketKeysError> {
        self.blocking(move |inner| inner.destroy(generation.bucket, |one| one == generation.generation))
            .await
    }

    async fn destroy_older_than(&self, generation: BucketGeneration) -> Result<(), BucketKeysError> {
        self.blocking(move |inner| inner.destroy(generation.bucket, |one| one < generation.generation))
            .await
    }

    async fn generations(&self, bucket: BucketId) -> Result<Vec<u64>, BucketKeysError> {
        self.blocking(move |inner| {
            let _using = inner.using(bucket);
            let listing = inner.list(bucket)?.unwrap_or_default();
            Ok(listing.keys.into_iter().collect())
        })
        .await
    }

    async fn buckets(&self) -> Result<Vec<BucketId>, BucketKeysError> {
        self.blocking(|inner| Ok(inner.buckets()?)).await
    }

    async fn lock(&self, bucket: BucketId) -> Result<BucketGuard, BucketKeysError> {
        let mutex = {
            let mut locks = self.0.locks.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(mutex) = locks.get(&bucket).and_then(Weak::upgrade) {
                mutex
            } else {
                locks.retain(|_, mutex| mutex.strong_count() > 0);
                let mutex = Arc::default();
                locks.insert(bucket, Arc::downgrade(&mutex));
                mutex
            }
        };
        Ok(BucketGuard::new(mutex.lock_owned().await))
    }

    async fn mark(&self) -> Result<Option<StoreMark>, BucketKeysError> {
        self.blocking(|inner| Ok(bucket_mark::read(&inner.dir)?)).await
    }

    async fn set_mark(&self, mark: StoreMark) -> Result<(), BucketKeysError> {
        self.blocking(move |inner| Ok(bucket_mark::write(&inner.dir, mark)?))
            .await
    }

    fn shared_between_replicas(&self) -> bool {
        false
    }
}
