//! Every window of every file, tried as what it could be.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::{BlockCipherEncrypt, KeyInit};
use sha2::Digest as _;

use super::formats::{
    BOTH_SUITES, HYBRID_SECRET_BYTES, SHARE_C_BYTES, Wrapped, commitment_c_start, commitment_r_start,
    commitments, x_wing_public, x25519_public,
};
use crate::dossier::RawFile;

/// Bytes of a key, and of a half.
const KEY_BYTES: usize = 32;
/// Windows that one worker takes at a time.
const PIECE: usize = 64 * 1024;

/// A hunt over raw files, on all cores.
pub(super) struct Hunt<'a> {
    files: &'a [RawFile],
}

impl<'a> Hunt<'a> {
    pub(super) fn over(files: &'a [RawFile]) -> Self {
        Self { files }
    }

    /// Unwraps with every window of 32 bytes as bucket key. Gives the gate keys that came out, and how many windows
    /// were tried.
    pub(super) fn bucket_keys(&self, wrapped: &[Wrapped]) -> (Vec<Vec<u8>>, u64) {
        if wrapped.is_empty() {
            return (Vec::new(), 0);
        }
        let firsts: Vec<_> = wrapped.iter().map(Wrapped::first_block).collect();
        self.each(KEY_BYTES, |window| {
            let key: &[u8; KEY_BYTES] = window.try_into().expect("a window has its length");
            let cipher = Aes256::new(key.into());
            wrapped
                .iter()
                .zip(&firsts)
                .find_map(|(wrapped, (block, wanted))| {
                    let mut block = (*block).into();
                    cipher.encrypt_block(&mut block);
                    (block[0] == *wanted).then(|| wrapped.unwrap(key)).flatten()
                })
        })
    }

    /// Every window that could be a secret hybrid key, held against the public half.
    pub(super) fn gate_keys(&self, public: Option<&[u8]>) -> (Vec<Vec<u8>>, u64) {
        let Some((x25519, x_wing)) = public.and_then(|public| Some((public.get(1..33)?, public.get(33..)?)))
        else {
            return (Vec::new(), 0);
        };
        self.each(HYBRID_SECRET_BYTES, |window| {
            let is_it = window[0] == BOTH_SUITES
                && x25519_public(&window[1..33]).is_some_and(|public| public == x25519)
                && x_wing_public(&window[33..]).is_some_and(|public| public == x_wing);
            is_it.then(|| window.to_vec())
        })
    }

    /// Every window that could be the gate's share, held against its commitment.
    pub(super) fn gate_shares(&self, manifest: &[u8], header_hash: &[u8; 32]) -> (Vec<Vec<u8>>, u64) {
        let Some((_, commitment)) = commitments(manifest) else {
            return (Vec::new(), 0);
        };
        let start = commitment_c_start(header_hash);
        self.each(SHARE_C_BYTES, |window| {
            // The share ends in three sets of 32 bits, of which fewer than 16 mean something.
            let plausible = [64, 65, 68, 69, 72, 73].iter().all(|at| window[*at] == 0);
            (plausible && start.clone().chain_update(window).finalize()[..] == commitment)
                .then(|| window.to_vec())
        })
    }

    /// Every window of 32 bytes, held against the commitment to R.
    pub(super) fn halves_r(&self, manifest: &[u8], header_hash: &[u8; 32]) -> (Vec<Vec<u8>>, u64) {
        let Some((commitment, _)) = commitments(manifest) else {
            return (Vec::new(), 0);
        };
        let start = commitment_r_start(header_hash);
        self.each(KEY_BYTES, |window| {
            (start.clone().chain_update(window).finalize()[..] == commitment).then(|| window.to_vec())
        })
    }

    /// Tries every window of a length, on all cores. Gives what was found, and how many windows there were.
    fn each(
        &self,
        length: usize,
        try_window: impl Fn(&[u8]) -> Option<Vec<u8>> + Sync,
    ) -> (Vec<Vec<u8>>, u64) {
        let mut pieces = Vec::new();
        for file in self.files.iter().filter(|file| file.bytes.len() >= length) {
            let windows = file.bytes.len() - length + 1;
            pieces.extend((0..windows).step_by(PIECE).map(|from| {
                let to = (from + PIECE).min(windows) + length - 1;
                &file.bytes[from..to]
            }));
        }
        let (next, tried, found) = (AtomicUsize::new(0), AtomicU64::new(0), Mutex::new(Vec::new()));
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let won: Vec<_> = piece.windows(length).filter_map(&try_window).collect();
                        tried.fetch_add((piece.len() - length + 1) as u64, Ordering::Relaxed);
                        if !won.is_empty() {
                            found
                                .lock()
                                .unwrap_or_else(std::sync::PoisonError::into_inner)
                                .extend(won);
                        }
                    }
                });
            }
        });
        let mut found = found
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        found.sort_unstable();
        found.dedup();
        (found, tried.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_types::GrantId;

    #[test]
    fn every_window_is_tried_once_and_what_fits_is_found() {
        let mut bytes = vec![0; 3 * PIECE];
        bytes[2 * PIECE - 10..][..20].copy_from_slice(&[9; 20]);
        let files = [RawFile {
            name: "x".to_owned(),
            bytes,
        }];
        let (found, tried) =
            Hunt::over(&files).each(20, |window| (window == [9; 20]).then(|| window.to_vec()));
        assert_eq!(found, [vec![9; 20]]);
        assert_eq!(tried, 3 * PIECE as u64 - 19);
    }

    #[tokio::test]
    async fn a_bucket_key_in_a_file_unwraps_what_the_key_store_wrapped() {
        use sluis_keyring::{BucketKeys as _, FileBucketKeys, WrapBinding};
        use sluis_types::SeededRandomness;
        let directory = tempfile::tempdir().expect("a directory");
        let randomness = std::sync::Arc::new(SeededRandomness::new(1));
        let keys = FileBucketKeys::open(&directory.path().join("buckets"), randomness).expect("a key store");
        let at = keys.create_bucket().await.expect("a bucket");
        let binding = WrapBinding {
            grant: GrantId::from_bytes([1; 16]),
            version: 2,
            recipient: "00000099000000002000".parse().expect("an OIN"),
        };
        let secret = [&[BOTH_SUITES][..], &[7; 64]].concat();
        let bytes = keys.wrap(at, binding, &secret).await.expect("wrapped");
        let wrapped = Wrapped {
            bucket: *at.bucket.as_bytes(),
            generation: at.generation,
            grant: binding.grant,
            version: binding.version,
            recipient: binding.recipient,
            bytes: bytes.try_into().expect("its length"),
        };
        let files = super::super::loot::files_below(directory.path()).expect("files");
        let (found, _) = Hunt::over(&files).bucket_keys(std::slice::from_ref(&wrapped));
        assert_eq!(found, std::slice::from_ref(&secret));
        keys.destroy(at).await.expect("destroyed");
        let files = super::super::loot::files_below(directory.path()).expect("files");
        assert!(Hunt::over(&files).bucket_keys(&[wrapped]).0.is_empty());
    }
}
