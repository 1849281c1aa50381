//! Ending a grant, stopped between any two of its steps.
//!
//! The process "stops" where a part that stands outside of it, the key store or the journal, answers no more. Then the
//! service is started again on what is left: database and key files.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sluis_consent::Parts;
use sluis_keyring::{
    BucketGeneration, BucketGuard, BucketId, BucketKeys, BucketKeysError, Rewrap, StoreMark, WrapBinding,
};
use sluis_proto::consent::v1::{self as proto, GrantState};
use sluis_proto::options::v1::ErrorReason;
use sluis_store::{Journal, LeafReference, LogEvent, StoreError, Tx};
use zeroize::Zeroizing;

use crate::acts::{Granted, Sent, provision_of};
use crate::letters::DAY;
use crate::world::{World, every_file, refusal};

/// Where the process stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StopAt {
    /// Before the bucket's next key is made.
    BeforeNextKey,
    /// After it is durable, before the transaction.
    AfterNextKey,
    /// In the transaction, when the other grants' keys are to be wrapped.
    WhileWrapping,
    /// In the transaction, when the leaf is to be written.
    AtTheLeaf,
    /// After the commit, before the old key is destroyed.
    BeforeDestroying,
    /// After it is destroyed, before the answer.
    AfterDestroying,
}

const EVERY_STOP: [StopAt; 6] = [
    StopAt::BeforeNextKey,
    StopAt::AfterNextKey,
    StopAt::WhileWrapping,
    StopAt::AtTheLeaf,
    StopAt::BeforeDestroying,
    StopAt::AfterDestroying,
];

/// A process that can stop.
#[derive(Debug, Default)]
struct Power {
    armed: AtomicBool,
    off: AtomicBool,
}

impl Power {
    fn cut(&self) {
        self.off.store(true, Ordering::SeqCst);
    }

    /// Whether the armed stop is this one; a process that is off does nothing.
    fn stops(&self, here: bool) -> bool {
        if here && self.armed.load(Ordering::SeqCst) {
            self.cut();
        }
        self.off.load(Ordering::SeqCst)
    }
}

#[derive(Debug)]
struct StoppingKeys {
    inner: Arc<dyn BucketKeys>,
    at: StopAt,
    power: Arc<Power>,
}

impl StoppingKeys {
    fn before(&self, at: StopAt) -> Result<(), BucketKeysError> {
        if self.power.stops(self.at == at) {
            Err(BucketKeysError::Interrupted)
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl BucketKeys for StoppingKeys {
    async fn create_bucket(&self) -> Result<BucketGeneration, BucketKeysError> {
        self.inner.create_bucket().await
    }

    async fn next_generation(&self, bucket: BucketId) -> Result<BucketGeneration, BucketKeysError> {
        self.before(StopAt::BeforeNextKey)?;
        let next = self.inner.next_generation(bucket).await?;
        self.before(StopAt::AfterNextKey)?;
        Ok(next)
    }

    async fn wrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        secret: &[u8],
    ) -> Result<Vec<u8>, BucketKeysError> {
        self.inner.wrap(under, binding, secret).await
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
        self.before(StopAt::WhileWrapping)?;
        self.inner.rewrap(from, to, entries).await
    }

    async fn destroy(&self, generation: BucketGeneration) -> Result<(), BucketKeysError> {
        self.before(StopAt::BeforeDestroying)?;
        self.inner.destroy(generation).await
    }

    async fn destroy_older_than(&self, generation: BucketGeneration) -> Result<(), BucketKeysError> {
        self.before(StopAt::BeforeDestroying)?;
        self.inner.destroy_older_than(generation).await?;
        self.before(StopAt::AfterDestroying)
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

struct StoppingJournal {
    inner: Arc<dyn Journal>,
    at: StopAt,
    power: Arc<Power>,
}

#[async_trait]
impl Journal for StoppingJournal {
    async fn append(&self, tx: &mut Tx<'_>, event: &LogEvent) -> Result<LeafReference, StoreError> {
        if self.power.stops(self.at == StopAt::AtTheLeaf) {
            return Err(StoreError::journal("the process has stopped"));
        }
        self.inner.append(tx, event).await
    }
}

fn stopping(at: StopAt, power: &Arc<Power>) -> Box<dyn FnOnce(&mut Parts)> {
    let power = Arc::clone(power);
    Box::new(move |parts| {
        let inner = Arc::clone(&parts.bucket_keys);
        parts.bucket_keys = Arc::new(StoppingKeys {
            inner,
            at,
            power: Arc::clone(&power),
        });
        let inner = Arc::clone(&parts.journal);
        parts.journal = Arc::new(StoppingJournal { inner, at, power });
    })
}

/// Three residents in one bucket, each with a message that is not opened yet.
async fn three(world: &World) -> [(Granted, Sent); 3] {
    let mut all = Vec::new();
    for name in ["anna", "bert", "clara"] {
        let granted = world.granted(name).await;
        let sent = world.send(&granted.handle).await;
        all.push((granted, sent));
    }
    all.try_into().unwrap_or_else(|_| panic!("three"))
}

/// The key files that a directory holds.
fn key_files(dir: &Path) -> usize {
    every_file(dir)
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|it| it == "key"))
        .count()
}

/// What a resident asks that ends a grant version.
#[derive(Clone)]
enum Ending {
    Withdraw(proto::WithdrawGrantRequest),
    Narrow(proto::NarrowGrantRequest),
    Widen(proto::GrantConsentRequest),
}

impl Ending {
    async fn ask(&self, granted: &Granted) -> Result<proto::Grant, tonic::Status> {
        let mut client = granted.resident.client.clone();
        Ok(match self.clone() {
            Self::Withdraw(request) => client.withdraw_grant(request).await?.into_inner().grant.unwrap(),
            Self::Narrow(request) => client.narrow_grant(request).await?.into_inner().grant.unwrap(),
            Self::Widen(request) => client.grant_consent(request).await?.into_inner().grant.unwrap(),
        })
    }
}

async fn withdrawal(world: &World, granted: &Granted) -> Ending {
    Ending::Withdraw(world.withdrawing(&granted.grant))
}

async fn narrowing(world: &World, granted: &Granted) -> Ending {
    Ending::Narrow(proto::NarrowGrantRequest {
        request_id: world.request_id(),
        grant_id: granted.grant.grant_id.clone(),
        expected_version: 1,
        provisions: vec![provision_of(proto::Purpose::Referral, &[proto::DataKind::Plan])],
    })
}

async fn widening(world: &World, granted: &Granted) -> Ending {
    let feedback = provision_of(proto::Purpose::Feedback, &[proto::DataKind::Plan]);
    let proposal = world
        .ask(&granted.resident, &granted.handle, world.question(vec![feedback]))
        .await;
    Ending::Widen(world.granting(&proposal))
}

/// One stop: the ending is not acknowledged; after the restart the siblings open, no key is there that no row names,
/// and the same request again ends the version for good.
async fn stop_and_start_again(at: StopAt, ending: impl AsyncFn(&World, &Granted) -> Ending) {
    let power = Arc::new(Power::default());
    let world = World::start_changed(stopping(at, &power)).await;
    let [(anna, unopened), (_, of_bert), (_, of_clara)] = three(&world).await;
    let ending = ending(&world, &anna).await;
    power.armed.store(true, Ordering::SeqCst);
    ending
        .ask(&anna)
        .await
        .expect_err("a process that stopped acknowledges nothing");
    assert!(power.off.load(Ordering::SeqCst), "{at:?} was reached");
    let remains = world.end().await;

    let world = remains.start().await;
    assert_eq!(
        key_files(&world.bucket_dir()),
        1,
        "{at:?}: only the key that the row names is left"
    );
    let anna = world.again("anna", anna).await;
    let ended = at == StopAt::BeforeDestroying || at == StopAt::AfterDestroying;
    let state = world.grants(&anna.resident).await.remove(0);
    assert_eq!(
        state.version > 1 || state.state() != GrantState::Active,
        ended,
        "{at:?}: the commit decides"
    );
    if ended {
        assert_eq!(
            refusal(world.open(&unopened).await),
            ErrorReason::NotAvailable,
            "{at:?}"
        );
    }
    for sibling in [&of_bert, &of_clara] {
        world
            .open(sibling)
            .await
            .unwrap_or_else(|error| panic!("{at:?}: {error}"));
    }
    // The same request again is the same attempt.
    let grant = ending
        .ask(&anna)
        .await
        .unwrap_or_else(|error| panic!("{at:?}: {error}"));
    assert_eq!(world.grants(&anna.resident).await[0], grant, "{at:?}");
    assert_eq!(
        refusal(world.open(&unopened).await),
        ErrorReason::NotAvailable,
        "{at:?}"
    );
    assert_eq!(key_files(&world.bucket_dir()), 1, "{at:?}");
    world.open(&of_bert).await.unwrap();
}

#[tokio::test]
async fn p2_a_withdrawal_that_is_stopped_between_two_steps() {
    for at in EVERY_STOP {
        Box::pin(stop_and_start_again(at, withdrawal)).await;
    }
}

#[tokio::test]
async fn p2_a_narrowing_that_is_stopped_between_two_steps() {
    for at in EVERY_STOP {
        Box::pin(stop_and_start_again(at, narrowing)).await;
    }
}

#[tokio::test]
async fn p2_a_second_grant_that_is_stopped_between_two_steps() {
    for at in EVERY_STOP {
        Box::pin(stop_and_start_again(at, widening)).await;
    }
}

/// A key store that fails for a moment while the process lives: the repeat destroys before it answers.
#[tokio::test]
async fn p2_a_repeat_destroys_before_it_answers() {
    for ending in 0..3 {
        let power = Arc::new(Power::default());
        let world = World::start_changed(stopping(StopAt::BeforeDestroying, &power)).await;
        let [(anna, unopened), (_, of_bert), _] = three(&world).await;
        let ending = match ending {
            0 => withdrawal(&world, &anna).await,
            1 => narrowing(&world, &anna).await,
            _ => widening(&world, &anna).await,
        };
        power.armed.store(true, Ordering::SeqCst);
        let refused = ending.ask(&anna).await;
        assert_eq!(
            refusal(refused),
            ErrorReason::TemporarilyClosed,
            "not acknowledged"
        );
        assert_eq!(key_files(&world.bucket_dir()), 2, "the old key is there still");
        // Still failing: a repeat must not answer from memory.
        assert_eq!(refusal(ending.ask(&anna).await), ErrorReason::TemporarilyClosed);
        power.armed.store(false, Ordering::SeqCst);
        power.off.store(false, Ordering::SeqCst);
        ending.ask(&anna).await.unwrap();
        assert_eq!(key_files(&world.bucket_dir()), 1);
        assert_eq!(refusal(world.open(&unopened).await), ErrorReason::NotAvailable);
        world.open(&of_bert).await.unwrap();
    }
}

#[tokio::test]
async fn p2_an_expiry_that_failed_to_destroy_destroys_at_the_next_pass() {
    let power = Arc::new(Power::default());
    let world = World::start_changed(stopping(StopAt::BeforeDestroying, &power)).await;
    let _all = three(&world).await;
    world.clock.advance(200 * DAY);
    power.armed.store(true, Ordering::SeqCst);
    world.consent.expire().await.unwrap_err();
    assert_eq!(
        key_files(&world.bucket_dir()),
        2,
        "ended, and the old key is there still"
    );
    world.consent.expire().await.unwrap_err();
    power.armed.store(false, Ordering::SeqCst);
    power.off.store(false, Ordering::SeqCst);
    world.consent.expire().await.unwrap();
    assert_eq!(key_files(&world.bucket_dir()), 1);
}

/// The promise itself, at the level of files: what an attacker finds after the withdrawal, the backup from before it
/// included, holds no key that ever wrapped the gate key.
#[tokio::test]
async fn p2_after_a_withdrawal_no_file_holds_a_key_from_before_it() {
    let world = World::start().await;
    let [(anna, _), ..] = three(&world).await;
    let before: Vec<Vec<u8>> = every_file(&world.bucket_dir())
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|it| it == "key"))
        .map(|(_, bytes)| bytes[8..40].to_vec())
        .collect();
    assert_eq!(before.len(), 1);
    world.withdraw(&anna).await;
    for (path, bytes) in every_file(world.home.path()) {
        for key in &before {
            assert!(!crate::world::contains(&bytes, key), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn p4_no_leaf_no_act() {
    let power = Arc::new(Power::default());
    let world = World::start_changed(stopping(StopAt::AtTheLeaf, &power)).await;
    let [(anna, sent), ..] = three(&world).await;
    let (opening, _) = world.opening(&sent);
    let asking = world.asking_to_send(&anna.handle, &[sluis_types::DataKind::Plan]);
    power.armed.store(true, Ordering::SeqCst);
    assert_eq!(
        refusal(world.as_ggz().open_gate(opening).await),
        ErrorReason::Internal
    );
    assert_eq!(
        refusal(world.as_welfare().authorize(asking).await),
        ErrorReason::Internal
    );
    let withdrawal = withdrawal(&world, &anna).await.ask(&anna).await;
    withdrawal.expect_err("a withdrawal without its leaf does not happen");
    assert_eq!(world.grants(&anna.resident).await[0].state(), GrantState::Active);
}
