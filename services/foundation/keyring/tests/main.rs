//! What the keyring promises to the services that stand on it.

mod bucket;
mod column;
mod epoch;
mod separation;
mod service;

use std::path::Path;
use std::sync::Arc;

use sluis_types::{Randomness, SeededRandomness};

fn seeded(seed: u64) -> Arc<dyn Randomness> {
    Arc::new(SeededRandomness::new(seed))
}

/// Every byte of every file under `dir`, one file after the other.
fn all_bytes(dir: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(dir).expect("the directory is there") {
        let path = entry.expect("the directory can be listed").path();
        if path.is_dir() {
            bytes.extend(all_bytes(&path));
        } else {
            bytes.extend(std::fs::read(path).expect("the file can be read"));
        }
    }
    bytes
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
