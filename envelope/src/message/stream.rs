//! AES-256-GCM in STREAM chunks (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015): each chunk has the nonce
//! prefix (7) || counter (u32) || last flag (1), so chunks cannot be dropped, swapped or added.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::hash::info;
use crate::limits::CHUNK_BYTES;

/// Plaintext bytes of a full chunk.
pub(crate) const CHUNK: usize = CHUNK_BYTES as usize;
/// Ciphertext bytes that a chunk has more than plaintext.
pub(crate) const TAG: usize = TAG_BYTES as usize;
const TAG_BYTES: u32 = 16;
const PREFIX_BYTES: usize = 7;

/// Ciphertext bytes of `padded` plaintext bytes: 16 more per 64 KiB chunk or part of one.
pub const fn ciphertext_length(padded: u32) -> u32 {
    padded + padded.div_ceil(CHUNK_BYTES) * TAG_BYTES
}

/// A chunk that is not what was sealed, or not in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadChunk;

/// The cipher of one stream. Knows its length from the start, and so which chunk is the last.
pub(crate) struct ChunkCipher {
    cipher: Aes256Gcm,
    prefix: [u8; PREFIX_BYTES],
    aad: Vec<u8>,
    next: u32,
    chunks: u32,
    last_bytes: usize,
}

impl ChunkCipher {
    /// Key and nonce prefix come from HKDF-SHA256 over `secret` with salt `purpose`; `context` is bound into both
    /// and is the `aad` of every chunk. `padded` is the length of the whole plaintext, at least 1.
    pub(crate) fn new(purpose: &str, secret: &[u8], context: &[u8], padded: u32) -> Self {
        const SHORT: &str = "far below the longest output of HKDF";
        let expand = Hkdf::<Sha256>::new(Some(purpose.as_bytes()), secret);
        let mut key = Zeroizing::new([0; 32]);
        let mut prefix = [0; PREFIX_BYTES];
        expand
            .expand(&info("sluis/v1/chunk-key", &[context]), key.as_mut_slice())
            .expect(SHORT);
        expand
            .expand(&info("sluis/v1/chunk-nonce", &[context]), &mut prefix)
            .expect(SHORT);
        let chunks = padded.div_ceil(CHUNK_BYTES);
        Self {
            cipher: Aes256Gcm::new(&(*key).into()),
            prefix,
            aad: context.to_vec(),
            next: 0,
            chunks,
            last_bytes: padded as usize - chunks.saturating_sub(1) as usize * CHUNK,
        }
    }

    /// Plaintext bytes of the next chunk, or `None` after the last.
    pub(crate) fn next_bytes(&self) -> Option<usize> {
        (self.next < self.chunks).then(|| {
            if self.next + 1 == self.chunks {
                self.last_bytes
            } else {
                CHUNK
            }
        })
    }

    fn nonce(&mut self) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[..PREFIX_BYTES].copy_from_slice(&self.prefix);
        nonce[PREFIX_BYTES..11].copy_from_slice(&self.next.to_be_bytes());
        self.next += 1;
        nonce[11] = u8::from(self.next == self.chunks);
        nonce
    }

    /// Seals the next chunk, which has [`ChunkCipher::next_bytes`] bytes, at the end of `out`.
    pub(crate) fn seal(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        debug_assert_eq!(self.next_bytes(), Some(chunk.len()));
        let nonce = self.nonce();
        let start = out.len();
        out.extend_from_slice(chunk);
        let tag = self
            .cipher
            .encrypt_inout_detached(&Nonce::from(nonce), &self.aad, (&mut out[start..]).into())
            .expect("a chunk is far below the longest message of AES-GCM");
        out.extend_from_slice(&tag);
    }

    /// Opens the next chunk at the end of `out`; on failure `out` is as it was.
    pub(crate) fn open(&mut self, chunk: &[u8], out: &mut Zeroizing<Vec<u8>>) -> Result<(), BadChunk> {
        let expected = self.next_bytes().ok_or(BadChunk)?;
        let (ciphertext, tag) = chunk.split_last_chunk::<TAG>().ok_or(BadChunk)?;
        if ciphertext.len() != expected {
            return Err(BadChunk);
        }
        let nonce = self.nonce();
        let start = out.len();
        out.extend_from_slice(ciphertext);
        let opened = self.cipher.decrypt_inout_detached(
            &Nonce::from(nonce),
            &self.aad,
            (&mut out[start..]).into(),
            &(*tag).into(),
        );
        if opened.is_err() {
            out.truncate(start);
            return Err(BadChunk);
        }
        Ok(())
    }
}

/// Seals a whole plaintext.
pub(crate) fn seal_all(purpose: &str, secret: &[u8], context: &[u8], plain: &[u8]) -> Vec<u8> {
    let length = u32::try_from(plain.len()).expect("contents are far below 4 GiB");
    let mut cipher = ChunkCipher::new(purpose, secret, context, length);
    let mut out = Vec::with_capacity(ciphertext_length(length) as usize);
    plain.chunks(CHUNK).for_each(|chunk| cipher.seal(chunk, &mut out));
    out
}

/// Opens a whole ciphertext, which has a plaintext of `padded` bytes.
pub(crate) fn open_all(
    purpose: &str,
    secret: &[u8],
    context: &[u8],
    ciphertext: &[u8],
    padded: u32,
) -> Result<Zeroizing<Vec<u8>>, BadChunk> {
    if ciphertext.len() != ciphertext_length(padded) as usize {
        return Err(BadChunk);
    }
    let mut cipher = ChunkCipher::new(purpose, secret, context, padded);
    let mut out = Zeroizing::new(Vec::with_capacity(padded as usize));
    for chunk in ciphertext.chunks(CHUNK + TAG) {
        cipher.open(chunk, &mut out)?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(plain: &[u8]) -> Vec<u8> {
        seal_all("purpose", b"secret", b"context", plain)
    }

    fn open(ciphertext: &[u8], padded: usize) -> Option<Vec<u8>> {
        let padded = u32::try_from(padded).unwrap();
        open_all("purpose", b"secret", b"context", ciphertext, padded)
            .ok()
            .map(|plain| plain.to_vec())
    }

    #[test]
    fn streams_of_every_shape_round_trip() {
        for length in [1, 256, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5] {
            let plain: Vec<u8> = (0..length)
                .map(|index| u8::try_from(index % 251).unwrap())
                .collect();
            let sealed = seal(&plain);
            assert_eq!(
                sealed.len(),
                ciphertext_length(u32::try_from(length).unwrap()) as usize
            );
            assert_eq!(open(&sealed, length), Some(plain));
        }
    }

    #[test]
    fn chunks_cannot_be_swapped_dropped_added_or_taken_for_the_last() {
        let sealed = seal(&vec![7; 3 * CHUNK]);
        let chunk = CHUNK + TAG;
        let mut swapped = sealed.clone();
        swapped[..2 * chunk].rotate_left(chunk);
        assert_eq!(open(&swapped, 3 * CHUNK), None);
        assert_eq!(open(&sealed[..2 * chunk], 2 * CHUNK), None);
        assert_eq!(open(&sealed[..3 * chunk - 1], 3 * CHUNK), None);
        assert_eq!(open(&[&sealed[..], &sealed[..chunk]].concat(), 4 * CHUNK), None);
        let other = open_all("purpose", b"secret", b"other", &sealed, 3 * CHUNK_BYTES);
        assert_eq!(other.unwrap_err(), BadChunk);
    }
}
