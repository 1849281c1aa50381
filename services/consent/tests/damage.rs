//! Bucket keys that cannot be read for a moment, and gate keys that were damaged: neither lets an ending be
//! acknowledged that did not end, nor keeps another grant from ending.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sluis_consent::Parts;
use sluis_keyring::{
    BucketGeneration, BucketGuard, BucketId, BucketKeys, BucketKeysError, Rewrap, StoreMark, WrapBinding,
};
use sluis_proto::consent::v1::{self as proto, GrantState};
use sluis_proto::options::v1::ErrorReason;
use zeroize::Zeroizing;

use crate::letters::DAY;
use crate::world::{World, refusal};

/// What goes wrong next, once each.
#[derive(Debug, Default)]
struct Mishaps {
    /// The next key of a bucket is not there when keys are to be wrapped under it.
    misses_the_next: AtomicBool,
    /// The bucket is not found when its next key is to be made.
    misses_the_bucket: AtomicBool,
    /// A wrapped key has one bit wrong.
    spoils_a_wrap: AtomicBool,
}

#[derive(Debug)]
struct Mishap {
    inner: Arc<dyn BucketKeys>,
    next: Arc<Mishaps>,
}

#[async_trait]
impl BucketKeys for Mishap {
    async fn create_bucket(&self) -> Result<BucketGeneration, BucketKeysError> {
        self.inner.create_bucket().await
    }

    async fn next_generation(&self, bucket: BucketId) -> Result<BucketGeneration, BucketKeysError> {
        if self.next.misses_the_bucket.swap(false, Ordering::SeqCst) {
            return Err(BucketKeysError::Missing);
        }
        self.inner.next_generation(bucket).await
    }

    async fn wrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        secret: &[u8],
    ) -> Result<Vec<u8>, BucketKeysError> {
        let mut wrapped = self.inner.wrap(under, binding, secret).await?;
        if self.next.spoils_a_wrap.swap(false, Ordering::SeqCst) {
            *wrapped.last_mut().expect("a tag") ^= 1;
        }
        Ok(wrapped)
    }

    async fn unwrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, BucketKeysError> {
        self.inner.unwrap(under, binding, wrapped).await
    }

    async fn rewrap(
        &self,
        from: BucketGeneration,
        to: BucketGeneration,
        entries: &[Rewrap<'_>],
    ) -> Result<Vec<Vec<u8>>, BucketKeysError> {
        if self.next.misses_the_next.swap(false, Ordering::SeqCst) {
            return Err(BucketKeysError::Missing);
        }
        self.inner.rewrap(from, to, entries).await
    }

    async fn destroy(&self, generation: BucketGeneration) -> Result<(), BucketKeysError> {
        self.inner.destroy(generation).await
    }

    async fn destroy_older_than(&self, generation: BucketGeneration) -> Result<(), BucketKeysError> {
        self.inner.destroy_older_than(generation).await
    }

    async fn generations(&self, bucket: BucketId) -> Result<Vec<u64>, BucketKeysError> {
        self.inner.generations(bucket).await
    }

    async fn buckets(&self) -> Result<Vec<BucketId>, BucketKeysError> {
        self.inner.buckets().await
    }

    async fn lock(&self, bucket: BucketId) -> Result<BucketGuard, BucketKeysError> {
        self.inner.lock(bucket).await
    }

    async fn mark(&self) -> Result<Option<StoreMark>, BucketKeysError> {
        self.inner.mark().await
    }

    async fn set_mark(&self, mark: StoreMark) -> Result<(), BucketKeysError> {
        self.inner.set_mark(mark).await
    }

    fn shared_between_replicas(&self) -> bool {
        self.inner.shared_between_replicas()
    }
}

async fn world_with_mishaps() -> (World, Arc<Mishaps>) {
    let next = Arc::new(Mishaps::default());
    let given = Arc::clone(&next);
    let change = move |parts: &mut Parts| {
        let inner = Arc::clone(&parts.bucket_keys);
        parts.bucket_keys = Arc::new(Mishap { inner, next: given });
    };
    (World::start_changed(Box::new(change)).await, next)
}

#[tokio::test]
async fn p2_no_ending_is_acknowledged_while_its_old_key_lives() {
    for pick in 0..2 {
        let (world, next) = world_with_mishaps().await;
        let (anna, bert) = (world.granted("anna").await, world.granted("bert").await);
        let (of_anna, of_bert) = (world.send(&anna.handle).await, world.send(&bert.handle).await);
        let mishap = [&next.misses_the_next, &next.misses_the_bucket][pick];
        mishap.store(true, Ordering::SeqCst);
        let request = world.withdrawing(&anna.grant);
        let mut client = anna.resident.client.clone();
        let refused = client.withdraw_grant(request.clone()).await;
        assert_eq!(refusal(refused), ErrorReason::TemporarilyClosed, "{pick}");
        assert!(!mishap.load(Ordering::SeqCst), "{pick}: it happened");
        assert_eq!(
            world.grants(&anna.resident).await[0].state(),
            GrantState::Active,
            "{pick}: it did not end"
        );
        client.withdraw_grant(request).await.unwrap();
        assert_eq!(
            refusal(world.open(&of_anna).await),
            ErrorReason::NotAvailable,
            "{pick}"
        );
        world.open(&of_bert).await.unwrap();
    }
}

#[tokio::test]
async fn p2_a_damaged_gate_key_keeps_no_other_grant_from_ending() {
    let (world, next) = world_with_mishaps().await;
    let anna = world.granted("anna").await;
    next.spoils_a_wrap.store(true, Ordering::SeqCst);
    let bert = world.granted("bert").await;
    assert!(
        !next.spoils_a_wrap.load(Ordering::SeqCst),
        "bert's key is damaged"
    );
    let clara = world.granted("clara").await;
    let (of_anna, of_clara) = (world.send(&anna.handle).await, world.send(&clara.handle).await);

    assert_eq!(world.withdraw(&anna).await.state(), GrantState::Withdrawn);
    assert_eq!(refusal(world.open(&of_anna).await), ErrorReason::NotAvailable);
    world.open(&of_clara).await.unwrap();
    // Bert's waits for him, and he reads so.
    assert_eq!(
        world.grants(&bert.resident).await[0].state(),
        GrantState::Suspended
    );
    let newest = world.log(&bert.resident).await.remove(0);
    assert_eq!(newest.kind(), proto::AccessKind::Suspended);
    assert_eq!(
        refusal(world.authorize(&bert.handle).await),
        ErrorReason::NotAvailable
    );
    let resume = proto::ResumeGrantRequest {
        request_id: world.request_id(),
        grant_id: bert.grant.grant_id.clone(),
    };
    let resumed = bert.resident.client.clone().resume_grant(resume).await.unwrap();
    assert_eq!(
        resumed.into_inner().grant.unwrap().version,
        2,
        "a new version with a new key"
    );
    world.open(&world.send(&bert.handle).await).await.unwrap();
    // Endings by time go on as well.
    world.clock.advance(200 * DAY);
    assert_eq!(world.consent.expire().await.unwrap().grants, 2);
}
