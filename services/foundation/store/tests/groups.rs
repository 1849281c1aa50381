//! SQLite's writer: many acts in one commit, each standing or falling alone.

use std::path::Path;
use std::sync::Arc;

use sluis_store::{Command, Outcome, Store, Tx, WriteError};
use sluis_store_testing::{TestDatabase, TestDatabases};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use crate::counter::{Add, AddError, Then, TooMuch, leaves, open, request, value};

/// An act that tells when it runs and goes on when it is let: meanwhile others queue up behind it.
struct Held {
    running: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl Command for Held {
    type Reply = i64;
    type Refusal = TooMuch;
    type Error = AddError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<i64, TooMuch>, AddError> {
        self.running.notify_one();
        self.go_on.notified().await;
        Add::new("held", 1).apply(tx).await
    }
}

type Answers = Vec<JoinHandle<Result<Result<i64, TooMuch>, WriteError<AddError>>>>;

/// Queues adds behind an act that is held, then lets it go. Gives their answers in order.
async fn queue_behind_a_held_act(store: &Store, adds: Vec<Add>) -> Answers {
    let (running, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let held = Held {
        running: Arc::clone(&running),
        go_on: Arc::clone(&go_on),
    };
    let writer = store.clone();
    let first = tokio::spawn(async move {
        writer
            .write_internal("held", held)
            .await
            .map(|written| written.answer)
    });
    running.notified().await;
    let mut answers = vec![first];
    for (number, add) in (1..).zip(adds) {
        let (queued, is_queued) = oneshot::channel();
        let store = store.clone();
        answers.push(tokio::spawn(async move {
            let write = std::pin::pin!(store.write(request(number), add));
            // The first poll puts it in the queue.
            let mut write = write;
            let pending = futures_util::poll!(&mut write);
            assert!(pending.is_pending());
            queued.send(()).expect("the test waits");
            write.await.map(|written| written.answer)
        }));
        is_queued.await.expect("it queues");
    }
    go_on.notify_one();
    answers
}

/// Commits in a WAL: a frame that ends one names the size of the database, others name 0. Frames from before the
/// last restart of the log carry other salts (sqlite.org/fileformat2.html#the_write_ahead_log).
fn commits_in_wal(database: &Path) -> usize {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    let wal = std::fs::read(name).expect("a WAL");
    let page = u32::from_be_bytes(wal[8..12].try_into().expect("four bytes")) as usize;
    let salts = &wal[16..24];
    wal[32..]
        .chunks_exact(24 + page)
        .take_while(|frame| &frame[8..16] == salts)
        .filter(|frame| frame[4..8] != [0; 4])
        .count()
}

async fn sqlite() -> (TestDatabase, Store) {
    let database = TestDatabases::start().await.sqlite();
    let store = open(&database).await;
    (database, store)
}

#[tokio::test]
async fn acts_that_wait_share_one_commit() {
    let (database, store) = sqlite().await;
    let file = database.file().expect("a file");
    store
        .write_internal("first", Add::new("first", 1))
        .await
        .expect("writes");
    let before = commits_in_wal(&file);
    let answers = queue_behind_a_held_act(&store, vec![Add::new("a", 1); 31]).await;
    for (expected, answer) in answers.into_iter().enumerate() {
        let expected = i64::try_from(expected.max(1)).expect("small");
        assert_eq!(answer.await.expect("runs").expect("writes"), Ok(expected));
    }
    assert_eq!(commits_in_wal(&file) - before, 1, "32 acts, one commit");
    assert_eq!((value(&store, "a").await, leaves(&store).await), (Some(31), 33));

    store
        .write_internal("alone", Add::new("a", 1))
        .await
        .expect("writes");
    assert_eq!(
        commits_in_wal(&file) - before,
        2,
        "and one that waits for nobody has its own"
    );
}

#[tokio::test]
async fn one_that_fails_in_a_group_fails_alone() {
    let (_database, store) = sqlite().await;
    let add = |then| Add::new("a", 1).then(then);
    let adds = [
        Then::Reply,
        Then::Fail,
        Then::Reply,
        Then::Swallow,
        Then::Panic,
        Then::Refuse,
        Then::Reply,
    ];
    let mut answers = queue_behind_a_held_act(&store, adds.map(add).to_vec())
        .await
        .into_iter();
    let mut next = async || answers.next().expect("an answer").await.expect("runs");
    assert_eq!(next().await.expect("the held one"), Ok(1));
    assert_eq!(next().await.expect("writes"), Ok(1));
    assert!(matches!(
        next().await,
        Err(WriteError::Command(AddError::Nonsense))
    ));
    assert_eq!(next().await.expect("writes"), Ok(2));
    assert!(matches!(next().await, Err(WriteError::Store(_))));
    assert!(matches!(next().await, Err(WriteError::Store(_))));
    assert_eq!(next().await.expect("writes"), Err(TooMuch));
    assert_eq!(
        next().await.expect("writes"),
        Ok(4),
        "the refusal before counted too"
    );
    assert_eq!((value(&store, "a").await, leaves(&store).await), (Some(4), 5));
    // The events of those that failed took no position.
    assert_eq!(store.outbox().latest().await, Ok(4));
}

#[tokio::test]
async fn closing_finishes_what_waits() {
    let (database, store) = sqlite().await;
    let answers = queue_behind_a_held_act(&store, vec![Add::new("a", 1); 9]).await;
    store.close().await;
    for answer in answers {
        answer
            .await
            .expect("runs")
            .expect("it was in the queue before the store closed")
            .expect("done");
    }
    let late = store.write(request(99), Add::new("a", 1)).await;
    assert!(
        matches!(&late, Err(WriteError::Store(error)) if error.is_unavailable()),
        "{late:?}"
    );
    assert_eq!(value(&open(&database).await, "a").await, Some(9));
}
