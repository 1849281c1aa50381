//! AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front: the one place that calls the cipher.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit, Nonce, Tag};
use sluis_types::Randomness;
use zeroize::Zeroizing;

use crate::key::KEY_BYTES;

pub(crate) const NONCE_BYTES: usize = 12;
pub(crate) const TAG_BYTES: usize = 16;

/// `prefix || nonce || ciphertext || tag`.
pub(crate) fn seal(
    prefix: &[u8],
    key: &[u8; KEY_BYTES],
    aad: &[u8],
    plaintext: &[u8],
    randomness: &dyn Randomness,
) -> Vec<u8> {
    let mut nonce = [0; NONCE_BYTES];
    randomness.fill(&mut nonce);
    // Reserved at once: a growing buffer would leave plaintext behind in freed memory.
    let mut sealed = Vec::with_capacity(prefix.len() + NONCE_BYTES + plaintext.len() + TAG_BYTES);
    sealed.extend_from_slice(prefix);
    sealed.extend_from_slice(&nonce);
    let body = sealed.len();
    sealed.extend_from_slice(plaintext);
    let tag = Aes256Gcm::new(key.into())
        .encrypt_inout_detached(&Nonce::from(nonce), aad, (&mut sealed[body..]).into())
        .expect("AES-GCM refuses only what is longer than 64 GiB");
    sealed.extend_from_slice(&tag);
    sealed
}

/// The plaintext of `nonce || ciphertext || tag`, or `None` when it is not authentic.
pub(crate) fn open(key: &[u8; KEY_BYTES], aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let (ciphertext, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    Aes256Gcm::new(key.into())
        .decrypt_inout_detached(
            &Nonce::from(*nonce),
            aad,
            plaintext.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .ok()?;
    Some(plaintext)
}
