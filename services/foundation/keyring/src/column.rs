//! What stands in a column, sealed and bound to the place where it stands.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use sluis_types::Randomness;
use zeroize::Zeroizing;

use crate::Key32;
use crate::aead::{self, NONCE_BYTES, TAG_BYTES};
use crate::framing::framed;
use crate::index::mac;

/// How many values may be sealed for one table, column and row under one key: NIST SP 800-38D §8.3 allows 2³²
/// random 96-bit nonces for a key, and every location has a key of its own, derived from the first key.
///
/// Nothing counts them: a row that is written a thousand times a second reaches it after 49 days, and no row is.
pub const SEALS_PER_ROW_MAX: u64 = 1 << 32;

/// How much longer a sealed value is than its plaintext, in bytes: version, key number, nonce, tag.
pub const SEALED_OVERHEAD_BYTES: usize = 1 + KEY_NUMBER_BYTES + NONCE_BYTES + TAG_BYTES;

const KEY_NUMBER_BYTES: usize = 4;
const VERSION_EXACT: u8 = 1;
const VERSION_PADDED: u8 = 2;
const LABEL_KEY_NUMBER: &str = "sluis/v1/column/number";
const LABEL_SUBKEY: &str = "sluis/v1/column/key";
const LABEL_AAD: &str = "sluis/v1/column/aad";

/// Where a sealed value stands. It opens nowhere else: a value cannot be moved to another row or column.
#[derive(Clone, Copy, Debug)]
pub struct Location<'a> {
    table: &'a str,
    column: &'a str,
    row: &'a [u8],
}

impl<'a> Location<'a> {
    /// The column `column` of the row with primary key `row` in `table`.
    pub const fn new(table: &'a str, column: &'a str, row: &'a [u8]) -> Self {
        Self { table, column, row }
    }

    fn parts(&self) -> [&'a [u8]; 3] {
        [self.table.as_bytes(), self.column.as_bytes(), self.row]
    }
}

/// A sealed value that does not open. It says nothing of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Too short, or of a version that is not known.
    #[error("not a sealed value")]
    Malformed,
    /// Sealed under a key that this service does not hold.
    #[error("sealed under a key that is not here")]
    UnknownKey,
    /// Changed, or moved from another place.
    #[error("the sealed value is not authentic here")]
    NotAuthentic,
}

/// The keys that seal columns: the first seals, all open.
///
/// A sealed value is version (1 byte: 1 as it is, 2 padded) || key number (4) || nonce (12) || ciphertext || tag
/// (16), with AES-256-GCM under HMAC-SHA256(key, location). Associated data is version, key number and location.
/// A padded plaintext starts with its length (u32, big-endian) and ends in zeros.
#[derive(Clone)]
pub struct ColumnKeys(Arc<Inner>);

struct Inner {
    keys: Vec<NumberedKey>,
    randomness: Arc<dyn Randomness>,
}

struct NumberedKey {
    number: [u8; KEY_NUMBER_BYTES],
    key: Key32,
}

impl NumberedKey {
    /// The number is derived, so a key has the same one on every replica, whatever the order of the file.
    fn new(key: Key32) -> Self {
        let digest = mac(&key, &framed(LABEL_KEY_NUMBER, &[]));
        let number = *digest
            .first_chunk()
            .expect("a digest is longer than a key number");
        Self { number, key }
    }

    fn subkey(&self, at: Location<'_>) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(mac(&self.key, &framed(LABEL_SUBKEY, &at.parts())))
    }
}

impl ColumnKeys {
    /// Keys of which `first` seals and all open.
    pub fn new(first: Key32, older: Vec<Key32>, randomness: Arc<dyn Randomness>) -> Self {
        let keys = std::iter::once(first)
            .chain(older)
            .map(NumberedKey::new)
            .collect();
        Self(Arc::new(Inner { keys, randomness }))
    }

    /// Seals `plaintext` for one place. The result is [`SEALED_OVERHEAD_BYTES`] longer.
    pub fn seal(&self, at: Location<'_>, plaintext: &[u8]) -> Vec<u8> {
        self.seal_version(VERSION_EXACT, at, plaintext)
    }

    /// Seals `plaintext` with zeros up to a multiple of `step_bytes`, so that the length at rest says less.
    pub fn seal_padded(&self, at: Location<'_>, plaintext: &[u8], step_bytes: NonZeroUsize) -> Vec<u8> {
        let length = u32::try_from(plaintext.len()).expect("a column holds less than 4 GiB");
        let unpadded = size_of::<u32>() + plaintext.len();
        let mut padded = Zeroizing::new(vec![0; unpadded.next_multiple_of(step_bytes.get())]);
        padded[..size_of::<u32>()].copy_from_slice(&length.to_be_bytes());
        padded[size_of::<u32>()..unpadded].copy_from_slice(plaintext);
        self.seal_version(VERSION_PADDED, at, &padded)
    }

    fn seal_version(&self, version: u8, at: Location<'_>, plaintext: &[u8]) -> Vec<u8> {
        let key = self.first();
        let mut prefix = [version; 1 + KEY_NUMBER_BYTES];
        prefix[1..].copy_from_slice(&key.number);
        let aad = associated_data(prefix, at);
        aead::seal(&prefix, &key.subkey(at), &aad, plaintext, &*self.0.randomness)
    }

    /// Opens what [`seal`](Self::seal) or [`seal_padded`](Self::seal_padded) made for the same place.
    ///
    /// # Errors
    /// [`OpenError`]; a value of another place is [`OpenError::NotAuthentic`].
    pub fn open(&self, at: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (prefix, body) = split(sealed)?;
        let aad = associated_data(*prefix, at);
        let mut error = OpenError::UnknownKey;
        // Two keys may share a number by chance, so all of that number are tried.
        for key in self.0.keys.iter().filter(|key| key.number == prefix[1..]) {
            match aead::open(&key.subkey(at), &aad, body) {
                Some(plaintext) if prefix[0] == VERSION_PADDED => return unpad(&plaintext),
                Some(plaintext) => return Ok(plaintext),
                None => error = OpenError::NotAuthentic,
            }
        }
        Err(error)
    }

    /// Whether `sealed` was not sealed under the first key, and should be sealed again when it is next written.
    pub fn needs_rekey(&self, sealed: &[u8]) -> bool {
        split(sealed).is_ok_and(|(prefix, _)| prefix[1..] != self.first().number)
    }

    fn first(&self) -> &NumberedKey {
        self.0.keys.first().expect("made with a first key")
    }
}

impl fmt::Debug for ColumnKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ColumnKeys({} keys)", self.0.keys.len())
    }
}

fn associated_data(prefix: [u8; 1 + KEY_NUMBER_BYTES], at: Location<'_>) -> Vec<u8> {
    let [table, column, row] = at.parts();
    framed(LABEL_AAD, &[&prefix, table, column, row])
}

fn split(sealed: &[u8]) -> Result<(&[u8; 1 + KEY_NUMBER_BYTES], &[u8]), OpenError> {
    let (prefix, body) = sealed.split_first_chunk().ok_or(OpenError::Malformed)?;
    if matches!(prefix[0], VERSION_EXACT | VERSION_PADDED) && body.len() >= NONCE_BYTES + TAG_BYTES {
        Ok((prefix, body))
    } else {
        Err(OpenError::Malformed)
    }
}

fn unpad(padded: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let (length, rest) = padded.split_first_chunk().ok_or(OpenError::Malformed)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| OpenError::Malformed)?;
    let plaintext = rest.get(..length).ok_or(OpenError::Malformed)?;
    Ok(Zeroizing::new(plaintext.to_vec()))
}
