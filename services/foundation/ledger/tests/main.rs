//! What the log promises to the services that stand on it, on SQLite and on PostgreSQL.

mod events;
mod leaf;
mod rules;
mod statements;
mod tree;

use std::sync::Arc;

use sluis_envelope::{KeyKind, SigningKey};
use sluis_keyring::{ColumnKeys, IndexKey, Key32};
use sluis_ledger::{ACCESS_LOG_KEPT, Ledger, LedgerParts, MIGRATIONS};
use sluis_store::{
    Command, LeafReference, LogEvent, OutboxEvent, Outcome, Schema, Store, StoreError, Subject, Tx,
};
use sluis_store_testing::{TestDatabase, test_parts};
use sluis_types::{Clock, GrantId, ManualClock, SeededRandomness};

const ORIGIN: &str = "mesh.example/test";

/// A service's store with its log.
struct Log {
    store: Store,
    ledger: Ledger,
    clock: Arc<ManualClock>,
}

fn ledger() -> Ledger {
    let randomness = Arc::new(SeededRandomness::new(1));
    Ledger::new(LedgerParts {
        columns: ColumnKeys::new(Key32::new([1; 32]), vec![], Arc::clone(&randomness) as _),
        index: Arc::new(IndexKey::new(Key32::new([2; 32]))),
        signing_key: SigningKey::from_seed(KeyKind::Log, &[3; 32]),
        origin: ORIGIN.into(),
        kept: ACCESS_LOG_KEPT,
        randomness,
    })
    .expect("a log key and a plain name")
}

async fn open(database: &TestDatabase) -> Log {
    let ledger = ledger();
    let tested = test_parts(Arc::new(ledger.clone()), 2);
    let store = database.open(&Schema::of(&[&MIGRATIONS]), tested.parts).await;
    Log {
        store,
        ledger,
        clock: tested.clock,
    }
}

/// An act that sends one event, so that one can see whether it happened.
#[derive(Clone)]
struct Act {
    log: Vec<LogEvent>,
    refused: bool,
    fails: bool,
}

#[derive(Debug)]
enum ActError {
    Store,
    Failed,
}

impl From<StoreError> for ActError {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}

impl Command for Act {
    type Reply = ();
    type Refusal = ();
    type Error = ActError;

    async fn apply(&self, _tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, ActError> {
        if self.fails {
            return Err(ActError::Failed);
        }
        let first = self.log[0].clone();
        let outcome = if self.refused {
            Outcome::refused((), first)
        } else {
            Outcome::done((), first)
        };
        let outcome = self.log[1..].iter().cloned().fold(outcome, Outcome::with_log);
        Ok(outcome.with_event(OutboxEvent {
            topic: "acted",
            recipient: vec![],
            payload: vec![],
        }))
    }
}

impl Log {
    fn event(&self, subject: Subject) -> LogEvent {
        LogEvent {
            kind: 7,
            outcome: 0,
            at: self.clock.now(),
            organisation: Some("00000099000000001000".parse().expect("an OIN of the test range")),
            user: b"pseudonym of a worker".to_vec(),
            subject,
            method: "sluis.test.v1.TestService/Act",
            ids: vec![],
            details: b"details of the act".to_vec(),
        }
    }

    /// An act on the record of `subject` that is done.
    async fn act(&self, subject: Subject) -> LeafReference {
        self.act_logging(self.event(subject)).await
    }

    async fn act_logging(&self, event: LogEvent) -> LeafReference {
        let act = Act {
            log: vec![event],
            refused: false,
            fails: false,
        };
        let written = self.store.write_internal("test", act).await;
        *written.expect("the act is written").leaf()
    }

    async fn count(&self, sql: &'static str) -> i64 {
        let mut read = self.store.read("test").await.expect("the store is open");
        let row = read
            .tx()
            .fetch_one(sql, &[])
            .await
            .expect("the statement is good");
        row.get(0).expect("a count is a number")
    }

    /// How many events and waiting leaves there are.
    async fn rows(&self) -> (i64, i64) {
        (
            self.count("SELECT count(*) FROM log_event").await,
            self.count("SELECT count(*) FROM log_waiting").await,
        )
    }

    async fn acts_done(&self) -> i64 {
        self.count("SELECT count(*) FROM outbox").await
    }
}

fn grant(number: u8) -> GrantId {
    GrantId::from_bytes([number; 16])
}
