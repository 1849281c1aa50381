//! Epoch keys: one per epoch, the same for all who share the directory, and gone when their epoch is.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use sluis_keyring::{EpochKeys as _, EpochKeysError, FileEpochKeys};
use sluis_types::{Epoch, SeededRandomness};

fn open(dir: &Path, seed: u64) -> FileEpochKeys {
    FileEpochKeys::open(dir, Arc::new(SeededRandomness::new(seed))).expect("opened")
}

/// Whether a key stands in a file of `dir`: in hexadecimal digits, as they are written.
fn holds(dir: &Path, key: &[u8]) -> bool {
    let mut digits = String::new();
    for byte in key {
        write!(digits, "{byte:02x}").expect("written");
    }
    String::from_utf8_lossy(&crate::all_bytes(dir)).contains(&digits)
}

fn epoch(number: u32) -> Epoch {
    Epoch::from_number(number)
}

#[tokio::test]
async fn an_epoch_has_one_key_for_all_who_share_the_directory() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("epochs");
    let (one, other) = (open(&dir, 1), open(&dir, 2));
    let key = one.key(epoch(7)).await.expect("a key");
    assert_eq!(other.key(epoch(7)).await.expect("a key").expose(), key.expose());
    assert_eq!(
        open(&dir, 3).key(epoch(7)).await.expect("a key").expose(),
        key.expose()
    );
    assert_ne!(one.key(epoch(8)).await.expect("a key").expose(), key.expose());
}

#[tokio::test]
async fn what_is_over_is_gone_and_does_not_come_back() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("epochs");
    let keys = open(&dir, 1);
    let (old, kept) = (
        keys.key(epoch(7)).await.expect("a key"),
        keys.key(epoch(8)).await.expect("a key"),
    );
    keys.destroy_before(epoch(8)).await.expect("destroyed");
    keys.destroy_before(epoch(8)).await.expect("destroyed");
    assert!(matches!(keys.key(epoch(7)).await, Err(EpochKeysError::Over)));
    assert_eq!(keys.key(epoch(8)).await.expect("a key").expose(), kept.expose());
    assert!(holds(&dir, kept.expose()), "what is kept would be found");
    assert!(!holds(&dir, old.expose()));
    assert_eq!(format!("{keys:?}"), "FileEpochKeys { .. }");
}
