//! Writers at the same time: nothing is done twice, and nothing is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sluis_store::{Command, Outcome, Statement, Tx, args};
use sluis_store_testing::TestDatabases;
use tokio::sync::Barrier;

use crate::counter::{Add, AddError, TooMuch, VALUE, leaves, log, open, request, value};

/// Has the database report a conflict instead of waiting. SQLite has one writer and nothing to set.
const SNAPSHOT: Statement = Statement::differ("SELECT 1", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
const SET: &str = "UPDATE counter SET value = $2 WHERE name = $1";

/// Reads, meets the other, and writes what it read plus one: loses an update unless a conflict is run again.
struct Increment {
    meet: Arc<Barrier>,
    runs: Arc<AtomicU32>,
}

impl Command for Increment {
    type Reply = i64;
    type Refusal = TooMuch;
    type Error = AddError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<i64, TooMuch>, AddError> {
        tx.fetch_optional(SNAPSHOT, &[]).await?;
        let value: i64 = tx.fetch_one(VALUE, args!["a"]).await?.get(0)?;
        if self.runs.fetch_add(1, Ordering::SeqCst) < 2 {
            self.meet.wait().await;
        }
        tx.execute(SET, args!["a", value + 1]).await?;
        Ok(Outcome::done(value + 1, log(0)))
    }
}

#[tokio::test]
async fn a_serialization_failure_is_run_again_as_a_whole() {
    let database = TestDatabases::start().await.postgres();
    let store = open(&database).await;
    store
        .write_internal("set", Add::new("a", 10))
        .await
        .expect("writes");
    let (meet, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let increment = || Increment {
        meet: Arc::clone(&meet),
        runs: Arc::clone(&runs),
    };
    let (one, other) = tokio::join!(
        store.write_internal("increment", increment()),
        store.write_internal("increment", increment()),
    );
    let mut answers = [one.expect("writes").answer, other.expect("writes").answer];
    answers.sort_by_key(|answer| *answer.as_ref().expect("done"));
    assert_eq!(answers, [Ok(11), Ok(12)]);
    assert_eq!(runs.load(Ordering::SeqCst), 3, "one of the two ran twice");
    assert_eq!(
        (value(&store, "a").await, leaves(&store).await),
        (Some(12), 3),
        "one leaf per act"
    );
}

/// Adds to two counters, meeting the other in between: opposite orders lock each other out.
struct AddBoth {
    names: [&'static str; 2],
    meet: Arc<Barrier>,
    runs: Arc<AtomicU32>,
}

impl Command for AddBoth {
    type Reply = i64;
    type Refusal = TooMuch;
    type Error = AddError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<i64, TooMuch>, AddError> {
        let first_runs = self.runs.fetch_add(1, Ordering::SeqCst) < 2;
        Add::new(self.names[0], 1).apply(tx).await?;
        if first_runs {
            self.meet.wait().await;
        }
        Add::new(self.names[1], 1).apply(tx).await
    }
}

#[tokio::test]
async fn a_deadlock_is_run_again_as_a_whole() {
    let database = TestDatabases::start().await.postgres();
    let store = open(&database).await;
    for name in ["a", "b"] {
        store
            .write_internal("set", Add::new(name, 10))
            .await
            .expect("writes");
    }
    let (meet, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let both = |names| AddBoth {
        names,
        meet: Arc::clone(&meet),
        runs: Arc::clone(&runs),
    };
    let (one, other) = tokio::join!(
        store.write(request(1), both(["a", "b"])),
        store.write(request(2), both(["b", "a"])),
    );
    assert!(one.expect("writes").answer.is_ok() && other.expect("writes").answer.is_ok());
    assert_eq!(runs.load(Ordering::SeqCst), 3, "one of the two ran twice");
    assert_eq!(
        (value(&store, "a").await, value(&store, "b").await),
        (Some(12), Some(12))
    );
    assert_eq!(leaves(&store).await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_of_one_request_change_one_thing() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let twins: Vec<_> = (0..16)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.write(request(1), Add::new("a", 5)).await })
            })
            .collect();
        let mut firsts = 0;
        let mut seen = Vec::new();
        for twin in twins {
            let written = twin.await.expect("runs").expect("writes");
            assert_eq!(written.answer, Ok(5), "{}", database.name());
            firsts += u32::from(!written.replayed);
            seen.push(written.leaves);
        }
        seen.dedup();
        assert_eq!((firsts, seen.len()), (1, 1));
        assert_eq!((value(&store, "a").await, leaves(&store).await), (Some(5), 1));
    }
}
