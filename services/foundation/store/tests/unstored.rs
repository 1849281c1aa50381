//! Acts whose reply is never stored: a repeat decides anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use sluis_store::{Command, Outcome, Remembered, Tx, WriteError};
use sluis_store_testing::TestDatabases;

use crate::counter::{Add, AddError, REFUSED, TooMuch, leaves, log, open, request, value};

/// Opens something while it may be opened, and counts how often it looked.
#[derive(Clone, Debug, Default)]
struct Gate {
    closed: Arc<AtomicBool>,
    runs: Arc<AtomicU32>,
    repeats: Arc<AtomicU32>,
}

/// A reply that no codec knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Secret([u8; 4]);

impl Command for Gate {
    type Reply = Secret;
    type Refusal = TooMuch;
    type Error = AddError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<Secret, TooMuch>, AddError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        if let Some(Remembered { leaves, .. }) = tx.repeated() {
            assert_eq!(leaves.len(), 1);
            self.repeats.fetch_add(1, Ordering::SeqCst);
        }
        Add::new("looks", 1).apply(tx).await?;
        if self.closed.load(Ordering::SeqCst) {
            Ok(Outcome::refused(TooMuch, log(REFUSED)))
        } else {
            Ok(Outcome::done(Secret(*b"open"), log(0)))
        }
    }
}

#[tokio::test]
async fn a_repeat_decides_anew_and_keeps_the_first_leaf() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let gate = Gate::default();
        let first = store
            .write_unstored(request(1), gate.clone())
            .await
            .expect("writes");
        assert_eq!((first.answer, first.replayed), (Ok(Secret(*b"open")), false));
        let again = store
            .write_unstored(request(1), gate.clone())
            .await
            .expect("writes");
        assert_eq!((again.answer, again.replayed), (Ok(Secret(*b"open")), true));
        assert_eq!(again.leaves, first.leaves);
        assert_eq!(gate.runs.load(Ordering::SeqCst), 2);
        assert_eq!(gate.repeats.load(Ordering::SeqCst), 1);
        assert_eq!(
            (value(&store, "looks").await, leaves(&store).await),
            (Some(1), 1),
            "a repeat changes nothing"
        );
    }
}

#[tokio::test]
async fn a_repeat_after_the_end_is_refused_with_a_leaf_of_its_own() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let gate = Gate::default();
        let first = store
            .write_unstored(request(1), gate.clone())
            .await
            .expect("writes");
        gate.closed.store(true, Ordering::SeqCst);
        for refusals in 1..=2 {
            let refused = store
                .write_unstored(request(1), gate.clone())
                .await
                .expect("writes");
            assert_eq!((refused.answer, refused.replayed), (Err(TooMuch), false));
            assert_ne!(refused.leaf(), first.leaf());
            assert_eq!(leaves(&store).await, 1 + refusals);
        }
        // The first decision keeps its leaf.
        gate.closed.store(false, Ordering::SeqCst);
        let again = store
            .write_unstored(request(1), gate.clone())
            .await
            .expect("writes");
        assert_eq!((again.leaf(), again.replayed), (first.leaf(), true));
    }
}

#[tokio::test]
async fn an_opening_never_stands_on_the_leaf_of_a_refusal() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let gate = Gate::default();
        gate.closed.store(true, Ordering::SeqCst);
        let refused = store
            .write_unstored(request(1), gate.clone())
            .await
            .expect("writes");
        gate.closed.store(false, Ordering::SeqCst);
        let opened = store
            .write_unstored(request(1), gate.clone())
            .await
            .expect("writes");
        assert_eq!((opened.answer, opened.replayed), (Ok(Secret(*b"open")), false));
        assert_ne!(opened.leaf(), refused.leaf());
        let again = store
            .write_unstored(request(1), gate.clone())
            .await
            .expect("writes");
        assert_eq!((again.leaf(), again.replayed), (opened.leaf(), true));
        assert_eq!(leaves(&store).await, 2);
    }
}

#[tokio::test]
async fn another_body_is_refused_here_too() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        store
            .write_unstored(request(1), Gate::default())
            .await
            .expect("writes");
        let mut other = request(1);
        other.body_hash = [9; 32];
        let refused = store.write_unstored(other, Gate::default()).await;
        assert!(matches!(refused, Err(WriteError::RequestIdReused)), "{refused:?}");
    }
}
