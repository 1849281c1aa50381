//! What needs a look inside one transaction of sequencing. The rest is in the crate's test program.

use std::sync::Arc;

use sluis_envelope::{KeyKind, SigningKey};
use sluis_keyring::{ColumnKeys, IndexKey, Key32};
use sluis_store::{Command, LogEvent, Outcome, Schema, StoreError, Subject, WriteError};
use sluis_store_testing::{TestDatabase, TestDatabases, test_parts};
use sluis_types::{Clock, ManualClock, SeededRandomness};

use super::*;
use crate::{ACCESS_LOG_KEPT, LedgerParts, MIGRATIONS};

struct Log {
    store: Store,
    ledger: Ledger,
    clock: Arc<ManualClock>,
}

async fn open(database: &TestDatabase) -> Log {
    let randomness = Arc::new(SeededRandomness::new(5));
    let ledger = Ledger::new(LedgerParts {
        columns: ColumnKeys::new(Key32::new([1; 32]), vec![], Arc::clone(&randomness) as _),
        index: Arc::new(IndexKey::new(Key32::new([2; 32]))),
        signing_key: SigningKey::from_seed(KeyKind::Log, &[3; 32]),
        origin: "mesh.example/test".into(),
        kept: ACCESS_LOG_KEPT,
        randomness,
    })
    .expect("a log key and a plain name");
    let tested = test_parts(Arc::new(ledger.clone()), 6);
    let store = database.open(&Schema::of(&[&MIGRATIONS]), tested.parts).await;
    Log {
        store,
        ledger,
        clock: tested.clock,
    }
}

struct Act(LogEvent);

impl Command for Act {
    type Reply = ();
    type Refusal = ();
    type Error = StoreError;

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, StoreError> {
        Ok(Outcome::done((), self.0.clone()))
    }
}

impl Log {
    async fn act(&self) -> [u8; 32] {
        let event = LogEvent {
            kind: 1,
            outcome: 0,
            at: self.clock.now(),
            organisation: None,
            user: vec![],
            subject: Subject::None,
            method: "test",
            ids: vec![],
            details: vec![],
        };
        let written = self.store.write_internal("test", Act(event)).await;
        written.expect("the act is written").leaf().hash
    }

    async fn state(&self) -> (i64, i64, i64, Option<String>) {
        let mut read = self.store.read("test").await.expect("the store is open");
        let tx = &mut read.tx();
        let mut count = async |sql: &'static str| {
            let row = tx.fetch_one(sql, &[]).await.expect("the statement is good");
            row.get::<i64>(0).expect("a count is a number")
        };
        let waiting = count("SELECT count(*) FROM log_waiting").await;
        let tiles = count("SELECT count(*) FROM log_tile").await;
        let size = count("SELECT size FROM log_tree").await;
        let checkpoint = self.ledger.checkpoint(tx).await.expect("the tree has a row");
        (waiting, tiles, size, checkpoint)
    }
}

/// Does all of a pass, and then the process is gone before the commit.
struct Crash(Pass);

impl Upkeep for Crash {
    type Output = ();
    type Error = LedgerError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        assert!(matches!(self.0.apply(tx).await?, Passed::Placed { count, .. } if count > 0));
        Err(LedgerError::Fenced)
    }
}

#[tokio::test]
async fn a_crash_before_the_commit_places_nothing_and_the_next_run_everything_once() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        let sequencer = Sequencer::new(&log.ledger, log.store.clone());
        let first = log.act().await;
        sequencer.sequence().await.unwrap();
        let before = log.state().await;
        let second = log.act().await;

        let crashed = log.store.upkeep("test", Crash(sequencer.pass())).await;
        assert!(matches!(crashed, Err(WriteError::Command(LedgerError::Fenced))));
        let (waiting, tiles, size, checkpoint) = log.state().await;
        assert_eq!(waiting, 1, "the committed leaf still waits");
        assert_eq!((tiles, size, checkpoint), (before.1, before.2, before.3));

        // The process that starts again is another sequencer; it waits for the lease of the one that is gone.
        let restarted = Sequencer::new(&log.ledger, log.store.clone());
        assert!(restarted.sequence().await.unwrap().elsewhere);
        log.clock.advance(LEASE);
        assert_eq!(restarted.sequence().await.unwrap().placed, 1);
        let mut read = log.store.read("test").await.unwrap();
        let tx = &mut read.tx();
        assert_eq!(log.ledger.place_of(tx, &first).await.unwrap(), Some(0));
        assert_eq!(log.ledger.place_of(tx, &second).await.unwrap(), Some(1));
    }
}

#[tokio::test]
async fn a_sequencer_that_slept_through_a_takeover_is_refused() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        let slow = Sequencer::new(&log.ledger, log.store.clone());
        let quick = Sequencer::new(&log.ledger, log.store.clone());
        log.act().await;
        assert_eq!(slow.sequence().await.unwrap().placed, 1);
        let mut slept = slow.pass();
        log.act().await;
        log.clock.advance(LEASE);
        assert_eq!(quick.sequence().await.unwrap().placed, 1);
        log.act().await;
        let state = log.state().await;

        let late = log.store.upkeep("test", slept).await.unwrap();
        assert!(matches!(late, Passed::Elsewhere));
        assert_eq!(log.state().await, state);

        // A clock that runs ahead makes it take over too early, which is rude but harms nothing.
        slept = slow.pass();
        slept.now = slept.now.plus(LEASE);
        let early = log.store.upkeep("test", slept).await.unwrap();
        assert!(matches!(early, Passed::Placed { count: 1, fence: 3 }));
        log.act().await;
        assert!(
            quick.sequence().await.unwrap().elsewhere,
            "its fence is out of date"
        );
    }
}

#[tokio::test]
async fn a_damaged_tile_or_root_is_never_signed_over() {
    struct Damage(&'static str);
    impl Upkeep for Damage {
        type Output = u64;
        type Error = StoreError;
        async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
            tx.execute(self.0, &[]).await
        }
    }
    for damage in [
        "UPDATE log_tile SET hashes = (SELECT leaf FROM log_leaf WHERE place = 0)",
        "UPDATE log_tree SET root = (SELECT leaf FROM log_leaf WHERE place = 0)",
        "UPDATE log_tile SET hashes = (SELECT holder FROM log_tree)",
        "UPDATE log_tree SET size = 2",
        "DELETE FROM log_tile",
    ] {
        for database in TestDatabases::start().await.each().await {
            let log = open(&database).await;
            let sequencer = Sequencer::new(&log.ledger, log.store.clone());
            log.act().await;
            sequencer.sequence().await.unwrap();
            assert_eq!(log.store.upkeep("test", Damage(damage)).await.unwrap(), 1);
            log.act().await;
            let before = log.state().await;
            assert!(sequencer.sequence().await.is_err(), "{damage}");
            assert_eq!(log.state().await, before);
        }
    }
}
