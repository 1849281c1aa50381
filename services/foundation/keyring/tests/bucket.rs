//! Bucket keys in files: durable when returned, gone when destroyed.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sluis_keyring::{
    BucketGeneration, BucketId, BucketKeys, BucketKeysError, FileBucketKeys, KeyFileError, Rewrap,
    WRAPPED_OVERHEAD_BYTES, WrapBinding,
};
use sluis_types::GrantId;
use tempfile::TempDir;

use crate::{all_bytes, contains, seeded};

const SECRET: &[u8] = b"the private half of a gate key";

struct Opened {
    dir: PathBuf,
    keys: FileBucketKeys,
    _temporary: TempDir,
}

fn open() -> Opened {
    let temporary = tempfile::tempdir().expect("a temporary directory can be made");
    let dir = temporary.path().join("buckets");
    let keys = FileBucketKeys::open(&dir, seeded(1)).expect("nobody else has it");
    Opened {
        dir,
        keys,
        _temporary: temporary,
    }
}

fn binding() -> WrapBinding {
    WrapBinding {
        grant: GrantId::from_bytes([5; 16]),
        version: 2,
        recipient: "00000099000000001000".parse().expect("an OIN of the test range"),
    }
}

fn generation(bucket: BucketId, generation: u64) -> BucketGeneration {
    BucketGeneration { bucket, generation }
}

fn key_path(dir: &Path, of: BucketGeneration) -> PathBuf {
    dir.join(of.bucket.to_string())
        .join(format!("{:020}.key", of.generation))
}

#[tokio::test]
async fn a_wrapped_key_unwraps_for_what_it_was_wrapped_for_only() {
    let Opened { keys, _temporary, .. } = open();
    let first = keys.create_bucket().await.unwrap();
    let next = keys.next_generation(first.bucket).await.unwrap();
    let other = keys.create_bucket().await.unwrap();
    let wrapped = keys.wrap(first, binding(), SECRET).await.unwrap();
    assert_eq!(wrapped.len(), SECRET.len() + WRAPPED_OVERHEAD_BYTES);
    let unwrapped = keys.unwrap(first, binding(), &wrapped).await.unwrap();
    assert_eq!(unwrapped.as_slice(), SECRET);

    let mut bindings = [binding(); 3];
    bindings[0].grant = GrantId::from_bytes([6; 16]);
    bindings[1].version = 3;
    bindings[2].recipient = "00000099000000002000".parse().unwrap();
    let mut changed = wrapped.clone();
    changed[20] ^= 1;
    let refused = [
        keys.unwrap(first, bindings[0], &wrapped).await,
        keys.unwrap(first, bindings[1], &wrapped).await,
        keys.unwrap(first, bindings[2], &wrapped).await,
        keys.unwrap(next, binding(), &wrapped).await,
        keys.unwrap(other, binding(), &wrapped).await,
        keys.unwrap(first, binding(), &changed).await,
        keys.unwrap(first, binding(), &wrapped[..10]).await,
        keys.unwrap(first, binding(), &[]).await,
    ];
    for refused in refused {
        assert!(matches!(refused, Err(BucketKeysError::NotAuthentic)));
    }
}

#[tokio::test]
async fn siblings_move_to_the_next_generation_in_order() {
    let Opened { keys, _temporary, .. } = open();
    let first = keys.create_bucket().await.unwrap();
    let next = keys.next_generation(first.bucket).await.unwrap();
    let mut wrapped = Vec::new();
    for version in 0..4 {
        let binding = WrapBinding { version, ..binding() };
        wrapped.push((binding, keys.wrap(first, binding, &[7; 5]).await.unwrap()));
    }
    let entries: Vec<_> = wrapped
        .iter()
        .map(|(binding, wrapped)| Rewrap {
            binding: *binding,
            wrapped,
        })
        .collect();
    let moved = keys.rewrap(first, next, &entries).await.unwrap();
    keys.destroy_older_than(next).await.unwrap();
    for ((binding, old), new) in wrapped.iter().zip(&moved) {
        assert_eq!(keys.unwrap(next, *binding, new).await.unwrap().as_slice(), [7; 5]);
        assert!(matches!(
            keys.unwrap(first, *binding, old).await,
            Err(BucketKeysError::Missing)
        ));
    }

    let other = keys.create_bucket().await.unwrap();
    assert!(matches!(
        keys.rewrap(next, other, &[]).await,
        Err(BucketKeysError::OtherBucket)
    ));
    let strange = Rewrap {
        binding: binding(),
        wrapped: &wrapped[0].1,
    };
    let later = keys.next_generation(first.bucket).await.unwrap();
    assert!(matches!(
        keys.rewrap(next, later, &[strange]).await,
        Err(BucketKeysError::NotAuthentic)
    ));
}

#[tokio::test]
async fn a_destroyed_key_is_nowhere_not_even_in_a_file_that_was_open() {
    let Opened {
        dir,
        keys,
        _temporary,
    } = open();
    let first = keys.create_bucket().await.unwrap();
    let next = keys.next_generation(first.bucket).await.unwrap();
    let wrapped = keys.wrap(first, binding(), SECRET).await.unwrap();
    let path = key_path(&dir, first);
    let content = fs::read(&path).unwrap();
    let key = &content[8..40];
    assert!(
        contains(&all_bytes(&dir), key),
        "the test looks at the right bytes"
    );
    let mut held_open = fs::File::open(&path).unwrap();

    keys.destroy(first).await.unwrap();

    assert!(!contains(&all_bytes(&dir), key));
    let mut left = Vec::new();
    held_open.read_to_end(&mut left).unwrap();
    assert_eq!(left, vec![0; content.len()], "overwritten before it was removed");
    assert!(matches!(
        keys.unwrap(first, binding(), &wrapped).await,
        Err(BucketKeysError::Missing)
    ));
    assert!(matches!(
        keys.wrap(first, binding(), SECRET).await,
        Err(BucketKeysError::Missing)
    ));
    assert_eq!(keys.generations(first.bucket).await.unwrap(), [next.generation]);
    keys.destroy(first).await.unwrap();
}

#[tokio::test]
async fn a_generation_is_never_used_again() {
    let Opened {
        dir,
        keys,
        _temporary,
    } = open();
    let first = keys.create_bucket().await.unwrap();
    let bucket = first.bucket;
    assert_eq!(first.generation, 1);
    keys.destroy(first).await.unwrap();
    assert_eq!(keys.generations(bucket).await.unwrap(), [0_u64; 0]);
    assert_eq!(keys.next_generation(bucket).await.unwrap(), generation(bucket, 2));
    assert_eq!(keys.next_generation(bucket).await.unwrap(), generation(bucket, 3));
    keys.destroy(generation(bucket, 3)).await.unwrap();
    assert_eq!(keys.next_generation(bucket).await.unwrap(), generation(bucket, 4));
    keys.destroy_older_than(generation(bucket, 4)).await.unwrap();
    assert_eq!(keys.generations(bucket).await.unwrap(), [4]);
    keys.destroy_older_than(generation(bucket, u64::MAX))
        .await
        .unwrap();
    drop(keys);
    let reopened = FileBucketKeys::open(&dir, seeded(2)).unwrap();
    assert_eq!(reopened.buckets().await.unwrap(), [bucket]);
    assert_eq!(
        reopened.next_generation(bucket).await.unwrap(),
        generation(bucket, 5)
    );
}

#[tokio::test]
async fn a_bucket_that_never_was_has_no_keys() {
    let Opened {
        dir,
        keys,
        _temporary,
    } = open();
    let bucket = BucketId::from_bytes([9; 16]);
    assert!(matches!(
        keys.next_generation(bucket).await,
        Err(BucketKeysError::Missing)
    ));
    assert!(matches!(
        keys.wrap(generation(bucket, 1), binding(), SECRET).await,
        Err(BucketKeysError::Missing)
    ));
    keys.destroy(generation(bucket, 1)).await.unwrap();
    assert!(keys.generations(bucket).await.unwrap().is_empty());
    fs::create_dir(dir.join("lost+found")).unwrap();
    fs::create_dir(dir.join("AB".repeat(16))).unwrap();
    assert!(keys.buckets().await.unwrap().is_empty());
}

#[tokio::test]
async fn keys_outlive_the_process_and_have_one_owner() {
    let Opened {
        dir,
        keys,
        _temporary,
    } = open();
    let first = keys.create_bucket().await.unwrap();
    let wrapped = keys.wrap(first, binding(), SECRET).await.unwrap();
    let refused = FileBucketKeys::open(&dir, seeded(2)).unwrap_err();
    assert!(matches!(&refused, BucketKeysError::InUse { .. }));
    assert!(refused.to_string().contains("one consent replica"));
    assert!(!keys.shared_between_replicas());
    drop(keys);
    let reopened = FileBucketKeys::open(&dir, seeded(2)).unwrap();
    let unwrapped = reopened.unwrap(first, binding(), &wrapped).await.unwrap();
    assert_eq!(unwrapped.as_slice(), SECRET);
    // The same store elsewhere has other keys for other buckets.
    let other = reopened.create_bucket().await.unwrap();
    assert_ne!(other.bucket, first.bucket);
}

#[tokio::test]
async fn what_others_can_read_is_refused() {
    let Opened {
        dir,
        keys,
        _temporary,
    } = open();
    let first = keys.create_bucket().await.unwrap();
    drop(keys);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    assert_eq!(mode(&dir.join(first.bucket.to_string())), 0o700);
    assert_eq!(mode(&key_path(&dir, first)), 0o600);
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(
        FileBucketKeys::open(&dir, seeded(1)),
        Err(BucketKeysError::Store(KeyFileError::Permissions {
            mode: 0o755,
            ..
        }))
    ));
}

/// Stopped between any two steps of making or destroying, the next start finds keys or no keys, never false ones.
#[tokio::test]
async fn a_crash_leaves_no_key_that_is_none() {
    let Opened {
        dir,
        keys,
        _temporary,
    } = open();
    let first = keys.create_bucket().await.unwrap();
    let bucket = first.bucket;
    let key = fs::read(key_path(&dir, first)).unwrap();
    let mut half_overwritten = key.clone();
    half_overwritten[..20].fill(0);
    let mut zero_key = key.clone();
    zero_key[8..].fill(0);
    let leftovers = [
        vec![],
        key[..17].to_vec(),
        key[..40].to_vec(),
        vec![0; key.len()],
        half_overwritten,
        zero_key,
    ];
    for (generation_number, left) in (2..).zip(leftovers) {
        let left_over = generation(bucket, generation_number);
        let path = key_path(&dir, left_over);
        fs::write(&path, left).unwrap();
        assert!(matches!(
            keys.wrap(left_over, binding(), SECRET).await,
            Err(BucketKeysError::Missing)
        ));
        assert_eq!(keys.generations(bucket).await.unwrap(), [1, generation_number]);
        // Recovery destroys what no row names, however it was left.
        keys.destroy(left_over).await.unwrap();
        assert!(!path.exists());
        assert_eq!(keys.generations(bucket).await.unwrap(), [1]);
    }
    // The number was kept before the key was overwritten, then the machine stopped.
    let next = keys.next_generation(bucket).await.unwrap();
    fs::write(key_path(&dir, next).with_extension("gone"), "").unwrap();
    keys.destroy(next).await.unwrap();
    let later = keys.next_generation(bucket).await.unwrap();
    assert_eq!(later.generation, next.generation + 1);
}

#[tokio::test]
async fn one_bucket_is_worked_on_by_one_at_a_time() {
    let Opened { keys, _temporary, .. } = open();
    let (one, other) = (BucketId::from_bytes([1; 16]), BucketId::from_bytes([2; 16]));
    let guard = keys.lock(one).await.unwrap();
    // Another bucket is free, also one of the same first byte.
    drop(keys.lock(other).await.unwrap());
    let mut neighbour = *one.as_bytes();
    neighbour[15] = 9;
    drop(keys.lock(BucketId::from_bytes(neighbour)).await.unwrap());

    let waiting = keys.clone();
    let second = tokio::spawn(async move { waiting.lock(one).await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!second.is_finished());
    drop(guard);
    let guard = second.await.unwrap().unwrap();
    drop(guard);
    drop(keys.lock(one).await.unwrap());
}

/// Whoever starts to unwrap after the destruction was acknowledged gets nothing, however many are under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_unwraps_after_destruction_was_acknowledged() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    let Opened { keys, _temporary, .. } = open();
    for _ in 0..10 {
        let first = keys.create_bucket().await.unwrap();
        let wrapped = Arc::new(keys.wrap(first, binding(), SECRET).await.unwrap());
        let acknowledged = Arc::new(AtomicBool::new(false));
        let opened = Arc::new(AtomicUsize::new(0));
        let readers: Vec<_> = (0..4)
            .map(|_| {
                let (keys, wrapped) = (keys.clone(), Arc::clone(&wrapped));
                let (acknowledged, opened) = (Arc::clone(&acknowledged), Arc::clone(&opened));
                tokio::spawn(async move {
                    loop {
                        let too_late = acknowledged.load(Ordering::SeqCst);
                        let result = keys.unwrap(first, binding(), &wrapped).await;
                        assert!(!(too_late && result.is_ok()), "unwrapped after destruction");
                        if too_late {
                            return;
                        }
                        opened.fetch_add(usize::from(result.is_ok()), Ordering::SeqCst);
                    }
                })
            })
            .collect();
        while opened.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        keys.destroy(first).await.unwrap();
        acknowledged.store(true, Ordering::SeqCst);
        for reader in readers {
            reader.await.unwrap();
        }
    }
}
