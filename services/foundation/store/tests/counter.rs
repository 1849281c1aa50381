//! A small service to try the store with: named counters, and a journal that is a table.

use std::sync::Arc;

use async_trait::async_trait;
use sluis_store::{
    Command, Journal, LeafReference, LogEvent, MigrationFile, MigrationSet, OutboxEvent, Outcome, Request,
    Schema, Statement, Store, StoreError, Stored, Subject, Tx, args,
};
use sluis_store_testing::{TestDatabase, TestParts, test_parts};
use sluis_types::{Randomness, RequestId, SeededRandomness, Timestamp};

static MIGRATIONS: MigrationSet = MigrationSet::new(
    "counter",
    "_migrations_counter",
    &[MigrationFile::new(
        "0001_counter",
        "CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL CHECK (value < 1000000))
         STRICT, WITHOUT ROWID;
         CREATE TABLE leaf (hash BLOB NOT NULL PRIMARY KEY, kind INTEGER NOT NULL, outcome INTEGER NOT NULL)
         STRICT, WITHOUT ROWID;",
        "CREATE TABLE counter
         (name TEXT COLLATE \"C\" NOT NULL PRIMARY KEY, value BIGINT NOT NULL CHECK (value < 1000000));
         CREATE TABLE leaf (hash BYTEA NOT NULL PRIMARY KEY, kind BIGINT NOT NULL, outcome BIGINT NOT NULL);",
    )],
);

pub(crate) const ADD: Statement = Statement::same(
    "INSERT INTO counter (name, value) VALUES ($1, $2) \
     ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value RETURNING value",
);
pub(crate) const VALUE: &str = "SELECT value FROM counter WHERE name = $1";
const LEAVES: &str = "SELECT count(*) FROM leaf";
const INSERT_LEAF: &str = "INSERT INTO leaf (hash, kind, outcome) VALUES ($1, $2, $3)";

pub(crate) const REFUSED: u16 = 7;

pub(crate) fn schema() -> Schema {
    Schema::of(&[&MIGRATIONS])
}

/// A journal that writes each leaf into a table, in the act's own transaction.
#[derive(Debug)]
pub(crate) struct TableJournal(Arc<SeededRandomness>);

#[async_trait]
impl Journal for TableJournal {
    async fn append(&self, tx: &mut Tx<'_>, event: &LogEvent) -> Result<LeafReference, StoreError> {
        let mut hash = [0; 32];
        self.0.fill(&mut hash);
        tx.execute(INSERT_LEAF, args![&hash, event.kind, event.outcome])
            .await?;
        Ok(LeafReference { hash, at: event.at })
    }
}

pub(crate) fn parts(seed: u64) -> TestParts {
    test_parts(
        Arc::new(TableJournal(Arc::new(SeededRandomness::new(seed ^ 0x1eaf)))),
        seed,
    )
}

pub(crate) async fn open(database: &TestDatabase) -> Store {
    database.open(&schema(), parts(1).parts).await
}

pub(crate) fn request(number: u8) -> Request {
    Request {
        method: "counter.Add",
        caller: b"00000099000000001000".to_vec(),
        id: RequestId::from_bytes([number; 16]),
        body_hash: [number; 32],
    }
}

pub(crate) fn log(outcome: u16) -> LogEvent {
    LogEvent {
        kind: 1,
        outcome,
        at: Timestamp::from_seconds(1_767_225_600),
        organisation: None,
        user: Vec::new(),
        subject: Subject::None,
        method: "counter.Add",
        ids: Vec::new(),
        details: Vec::new(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMuch;

impl Stored for TooMuch {
    fn to_stored(&self) -> Vec<u8> {
        vec![1]
    }

    fn from_stored(bytes: &[u8]) -> Option<Self> {
        (bytes == [1]).then_some(Self)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AddError {
    Nonsense,
    Store(StoreError),
}

impl From<StoreError> for AddError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What an [`Add`] does besides adding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Reply,
    Refuse,
    Fail,
    Panic,
    /// Runs a statement that fails, and goes on as if it had not.
    Swallow,
}

/// Adds to a counter and sends one event.
#[derive(Clone, Debug)]
pub(crate) struct Add {
    pub(crate) name: &'static str,
    pub(crate) amount: i64,
    pub(crate) then: Then,
}

impl Add {
    pub(crate) fn new(name: &'static str, amount: i64) -> Self {
        Self {
            name,
            amount,
            then: Then::Reply,
        }
    }

    pub(crate) fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }
}

impl Command for Add {
    type Reply = i64;
    type Refusal = TooMuch;
    type Error = AddError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<i64, TooMuch>, AddError> {
        let value: i64 = tx.fetch_one(ADD, args![self.name, self.amount]).await?.get(0)?;
        match self.then {
            Then::Fail => return Err(AddError::Nonsense),
            Then::Refuse => return Ok(Outcome::refused(TooMuch, log(REFUSED))),
            Then::Panic => panic!("a command that panics"),
            Then::Swallow => {
                assert!(
                    tx.execute(ADD, args![self.name, 2_000_000]).await.is_err(),
                    "the check refuses it"
                );
            }
            Then::Reply => {}
        }
        let event = OutboxEvent {
            topic: "counter.added",
            recipient: self.name.as_bytes().to_vec(),
            payload: value.to_be_bytes().to_vec(),
        };
        Ok(Outcome::done(value, log(0)).with_event(event))
    }
}

pub(crate) async fn value(store: &Store, name: &str) -> Option<i64> {
    let mut read = store.read("value").await.expect("reads");
    let row = read.tx().fetch_optional(VALUE, args![name]).await.expect("reads");
    row.map(|row| row.get(0).expect("a value"))
}

pub(crate) async fn leaves(store: &Store) -> i64 {
    let mut read = store.read("leaves").await.expect("reads");
    read.tx()
        .fetch_one(LEAVES, &[])
        .await
        .expect("reads")
        .get(0)
        .expect("a count")
}
