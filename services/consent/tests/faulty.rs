//! Faulty parts, to see that the tests of the promises would notice them. Each enters through a trait that the service
//! is composed of; no shipped part can be switched to any of this.

use std::sync::Arc;

use async_trait::async_trait;
use sluis_consent::{Liveness, Standing};
use sluis_keyring::{
    BucketGeneration, BucketGuard, BucketId, BucketKeys, BucketKeysError, Rewrap, StoreMark, WrapBinding,
};
use sluis_proto::consent::v1 as proto;
use sluis_store::{Journal, LeafReference, LogEvent, StoreError, Tx};
use sluis_store_testing::ClearCodec;
use sluis_types::Timestamp;
use zeroize::Zeroizing;

use crate::world::{World, contains, every_file};

/// A decision that is always yes.
#[derive(Debug)]
struct AlwaysLive;

impl Liveness for AlwaysLive {
    fn is_live(&self, _: &Standing, _: Timestamp) -> bool {
        true
    }
}

#[tokio::test]
async fn a_gate_that_skips_liveness_opens_what_is_paused() {
    let world = World::start_changed(Box::new(|parts| parts.liveness = Arc::new(AlwaysLive))).await;
    let granted = world.granted("anna").await;
    let sent = world.send(&granted.handle).await;
    let pause = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: granted.grant.grant_id.clone(),
    };
    granted
        .resident
        .client
        .clone()
        .suspend_grant(pause)
        .await
        .unwrap();
    assert!(
        world.open(&sent).await.is_ok(),
        "so the tests of pausing and expiry would fail"
    );
    // What was withdrawn stays closed even then: there is no key any more.
    world.withdraw(&granted).await;
    assert!(world.open(&sent).await.is_err());
}

/// A key store that forgets nothing.
#[derive(Debug)]
struct KeepingKeys(Arc<dyn BucketKeys>);

#[async_trait]
impl BucketKeys for KeepingKeys {
    async fn create_bucket(&self) -> Result<BucketGeneration, BucketKeysError> {
        self.0.create_bucket().await
    }
    async fn next_generation(&self, bucket: BucketId) -> Result<BucketGeneration, BucketKeysError> {
        self.0.next_generation(bucket).await
    }
    async fn wrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        secret: &[u8],
    ) -> Result<Vec<u8>, BucketKeysError> {
        self.0.wrap(under, binding, secret).await
    }
    async fn unwrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, BucketKeysError> {
        self.0.unwrap(under, binding, wrapped).await
    }
    async fn rewrap(
        &self,
        from: BucketGeneration,
        to: BucketGeneration,
        entries: &[Rewrap<'_>],
    ) -> Result<Vec<Vec<u8>>, BucketKeysError> {
        self.0.rewrap(from, to, entries).await
    }
    async fn destroy(&self, _: BucketGeneration) -> Result<(), BucketKeysError> {
        Ok(())
    }
    async fn destroy_older_than(&self, _: BucketGeneration) -> Result<(), BucketKeysError> {
        Ok(())
    }
    async fn generations(&self, bucket: BucketId) -> Result<Vec<u64>, BucketKeysError> {
        self.0.generations(bucket).await
    }
    async fn buckets(&self) -> Result<Vec<BucketId>, BucketKeysError> {
        self.0.buckets().await
    }
    async fn lock(&self, bucket: BucketId) -> Result<BucketGuard, BucketKeysError> {
        self.0.lock(bucket).await
    }
    async fn mark(&self) -> Result<Option<StoreMark>, BucketKeysError> {
        self.0.mark().await
    }

    async fn set_mark(&self, mark: StoreMark) -> Result<(), BucketKeysError> {
        self.0.set_mark(mark).await
    }

    fn shared_between_replicas(&self) -> bool {
        self.0.shared_between_replicas()
    }
}

#[tokio::test]
async fn bucket_keys_that_keep_are_found_after_a_withdrawal() {
    let world = World::start_changed(Box::new(|parts| {
        parts.bucket_keys = Arc::new(KeepingKeys(Arc::clone(&parts.bucket_keys)));
    }))
    .await;
    let granted = world.granted("anna").await;
    let before = every_file(&world.bucket_dir());
    world.withdraw(&granted).await;
    let after = every_file(&world.bucket_dir());
    assert!(
        before.iter().all(|file| after.contains(file)),
        "so the test over key files would fail"
    );
}

#[tokio::test]
async fn a_codec_that_stores_clear_is_found_in_the_database() {
    let world = World::start_changed(Box::new(|parts| parts.codec = Arc::new(ClearCodec))).await;
    let granted = world.granted("anna").await;
    let recipient = world.ggz.oin;
    let found = every_file(world.home.path())
        .iter()
        .filter(|(path, _)| path.to_string_lossy().contains("consent.db"))
        .any(|(_, bytes)| contains(bytes, granted.id().as_bytes()) && contains(bytes, recipient.as_bytes()));
    assert!(found, "so the test over database files would fail");
}

/// A log that writes nothing.
struct ForgetfulJournal;

#[async_trait]
impl Journal for ForgetfulJournal {
    async fn append(&self, _: &mut Tx<'_>, event: &LogEvent) -> Result<LeafReference, StoreError> {
        Ok(LeafReference {
            hash: [0; 32],
            at: event.at,
        })
    }
}

#[tokio::test]
async fn a_gate_that_releases_without_a_leaf_is_missed_in_the_log() {
    let world = World::start_changed(Box::new(|parts| parts.journal = Arc::new(ForgetfulJournal))).await;
    let granted = world.granted("anna").await;
    let sent = world.send(&granted.handle).await;
    world.open(&sent).await.unwrap();
    assert!(
        world.log(&granted.resident).await.is_empty(),
        "so the tests that read the opening in the log would fail"
    );
}
