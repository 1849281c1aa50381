//! The same on both databases, and what stands or falls with the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{Severity, SignalState};
use sluis_signalling::{MIGRATIONS, schema, statements};
use sluis_store::{Journal, LeafReference, LogEvent, StoreError, Tx};
use sluis_store_testing::{
    RefusingJournal, TestDatabase, TestDatabases, assert_migrations_agree, assert_schemas_agree,
    assert_statements_prepare, test_parts,
};

use crate::circles::DAY;
use crate::world::{World, refusal};

#[tokio::test]
async fn migrations_and_statements_fit_both_databases() {
    assert_migrations_agree(env!("CARGO_MANIFEST_DIR"), &MIGRATIONS);
    assert_schemas_agree(&schema()).await;
    assert_statements_prepare(&schema(), statements()).await;
}

#[tokio::test]
async fn a_whole_life_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config()).await;
        let circle = world.circle();
        let (matched, _) = world.met(&circle).await;
        let third = world.signal(2, Severity::Serious).await;
        world.post(&circle, 2, &third).await.unwrap();
        for member in 0..3 {
            let got = world.got(member, &matched.match_id).await;
            assert_eq!(got.boxes.len(), 2, "{}", database.name());
        }
        world.clock.advance(190 * DAY);
        world.signalling.run_timers().await.unwrap();
        assert_eq!(
            world.signalling.run_timers().await.unwrap(),
            0,
            "{}",
            database.name()
        );
        assert_eq!(world.matches(0).await[0].state(), SignalState::Expired);
        world.clock.advance(29 * DAY);
        world.signalling.run_timers().await.unwrap();
        assert_eq!(kept(&database).await, [1, 3, 2, 3], "{}", database.name());
        world.clock.advance(2 * DAY);
        world.signalling.run_timers().await.unwrap();
        assert!(world.matches(0).await.is_empty(), "{}", database.name());
        assert_eq!(kept(&database).await, [0, 0, 0, 3], "{}", database.name());
        world.clock.advance(600 * DAY);
        world.signalling.run_timers().await.unwrap();
        assert_eq!(kept(&database).await, [0; 4], "{}", database.name());
        world.end().await;
    }
}

/// How many matches, parties of them, places in lists of them, and signals are kept.
async fn kept(database: &TestDatabase) -> [i64; 4] {
    let parts = test_parts(Arc::new(RefusingJournal), 1).parts;
    let store = database.open(&schema(), parts).await;
    let mut read = store.read("test").await.unwrap();
    let mut counts = [0; 4];
    for (count, statement) in counts.iter_mut().zip([
        "SELECT count(*) FROM signal_match",
        "SELECT count(*) FROM match_party",
        "SELECT count(*) FROM match_place",
        "SELECT count(*) FROM signal",
    ]) {
        let row = read.tx().fetch_one(statement, &[]).await.unwrap();
        *count = row.get(0).unwrap();
    }
    drop(read);
    store.close().await;
    counts
}

#[tokio::test]
async fn of_many_at_once_all_meet_in_one_match_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config()).await;
        let circle = world.circle();
        let mut calls = tokio::task::JoinSet::new();
        for round in 0..4 {
            for member in 0..3 {
                let severity = if round == 3 {
                    Severity::Worry
                } else {
                    Severity::Attention
                };
                let signal = world.signal(member, severity).await;
                let request = world.posting(&circle, member, &signal);
                let mut client = world.client(world.members[member].oin);
                calls.spawn(async move { client.post_signal(request).await.map(drop) });
            }
        }
        while let Some(outcome) = calls.join_next().await {
            outcome.unwrap().unwrap();
        }
        let matches = world.matches(0).await;
        assert!(!matches.is_empty(), "{}", database.name());
        assert!(matches.iter().all(|matched| matched.parties.len() >= 2));
        world.end().await;
    }
}

/// A log that refuses when it is told to, and else does what the real one does.
struct Refusing {
    real: Arc<dyn Journal>,
    refuses: Arc<AtomicBool>,
}

#[async_trait]
impl Journal for Refusing {
    async fn append(&self, tx: &mut Tx<'_>, event: &LogEvent) -> Result<LeafReference, StoreError> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(StoreError::journal("told to refuse"));
        }
        self.real.append(tx, event).await
    }
}

#[tokio::test]
async fn p4_no_leaf_no_act() {
    let refuses = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&refuses);
    let world = World::start_changed(Box::new(move |parts| {
        parts.journal = Arc::new(Refusing {
            real: Arc::clone(&parts.journal),
            refuses: told,
        });
    }))
    .await;
    let circle = world.circle();
    let signals = [
        world.signal(0, Severity::Worry).await,
        world.signal(1, Severity::Worry).await,
    ];
    world.post(&circle, 0, &signals[0]).await.unwrap();
    refuses.store(true, Ordering::SeqCst);
    let outcome = world.post(&circle, 1, &signals[1]).await;
    assert_eq!(refusal(outcome), ErrorReason::Internal);
    let oin = world.members[0].oin;
    let outcome = world.client(oin).draft_signal(world.draft(Severity::Worry)).await;
    assert_eq!(refusal(outcome), ErrorReason::Internal);
    refuses.store(false, Ordering::SeqCst);
    assert!(world.matches(0).await.is_empty(), "nothing had happened");
    world.post(&circle, 1, &signals[1]).await.unwrap();
    assert_eq!(world.matches(0).await.len(), 1);
    world.end().await;
}

#[tokio::test]
async fn a_match_stands_in_the_log_of_its_circle_and_a_post_in_nobodys() {
    let world = World::start().await;
    let circle = world.circle();
    let signal = world.signal(0, Severity::Worry).await;
    world.post(&circle, 0, &signal).await.unwrap();
    let store = world.store_of_its_own().await;
    let mut read = store.read("test").await.unwrap();
    let grant = circle.grant;
    let before = world
        .ledger
        .events_of_grant(&mut read.tx(), grant, None, 100)
        .await
        .unwrap();
    assert!(before.events.is_empty());
    drop(read);
    let other = world.signal(1, Severity::Worry).await;
    world.post(&circle, 1, &other).await.unwrap();
    let mut read = store.read("test").await.unwrap();
    let after = world
        .ledger
        .events_of_grant(&mut read.tx(), grant, None, 100)
        .await
        .unwrap();
    let seen: Vec<_> = after
        .events
        .iter()
        .map(|it| (it.event.kind, it.event.outcome))
        .collect();
    assert_eq!(seen, [(6, 0)]);
    drop(read);
    store.close().await;
    world.end().await;
}
