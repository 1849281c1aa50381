//! Finding a row by a value that does not stand in the table.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Key32;
use crate::framing::framed;

/// Turns a value into the key under which its row is found.
///
/// Everything that looks up or inserts by a hidden value goes through this one function, so that an oblivious
/// pseudorandom function held by a second operator can take the place of the key.
pub trait BlindIndex: fmt::Debug + Send + Sync + 'static {
    /// The index of `parts` in the use that `label` names ("grant", "thread", …). The same parts under another
    /// label, or cut differently, give an unrelated index. Numbers go in as big-endian bytes.
    fn index(&self, label: &str, parts: &[&[u8]]) -> [u8; 32];
}

/// HMAC-SHA256 (RFC 2104) under the service's index key.
#[derive(Clone)]
pub struct IndexKey(Key32);

impl IndexKey {
    /// The blind index under `key`.
    pub fn new(key: Key32) -> Self {
        Self(key)
    }
}

impl fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexKey(…)")
    }
}

impl BlindIndex for IndexKey {
    fn index(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.0, &framed(label, parts))
    }
}

/// HMAC-SHA256.
pub(crate) fn mac(key: &Key32, message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}
