//! A leaf and its act happen together or not at all.

use std::sync::Arc;

use sluis_envelope::{KeyKind, LeafPromise, Signed, SigningKey, hash};
use sluis_keyring::{ColumnKeys, IndexKey, Key32};
use sluis_ledger::{
    ACCESS_LOG_KEPT, Ledger, LedgerError, LedgerParts, MIGRATIONS, PROMISE_DUE, USER_BYTES_MAX,
};
use sluis_store::{LeafReference, Request, Schema, Store, StoreError, Subject, WriteError};
use sluis_store_testing::{RefusingJournal, TestDatabases, test_parts};
use sluis_types::{Clock, RequestId, SeededRandomness, Timestamp};

use crate::{Act, ActError, grant, ledger, open};

#[tokio::test]
async fn p4_an_act_leaves_its_leaf_and_an_aborted_one_none() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        let act = |refused, fails| Act {
            log: vec![log.event(Subject::Grant(grant(1)))],
            refused,
            fails,
        };
        let written = log.store.write_internal("test", act(false, false)).await.unwrap();
        assert_eq!(written.leaves.len(), 1);
        assert_eq!((log.rows().await, log.acts_done().await), ((1, 1), 1));

        let aborted = log.store.write_internal("test", act(false, true)).await;
        assert!(matches!(aborted, Err(WriteError::Command(ActError::Failed))));
        assert_eq!((log.rows().await, log.acts_done().await), ((1, 1), 1));

        // A refusal is an act like any other: it stands in the log.
        let refused = log.store.write_internal("test", act(true, false)).await.unwrap();
        assert!(refused.answer.is_err());
        assert_ne!(refused.leaf().hash, written.leaf().hash);
        assert_eq!(log.rows().await, (2, 2));
    }
}

#[tokio::test]
async fn p4_where_the_journal_fails_nothing_happens() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        // The first of two leaves is good, the second cannot be written: neither stays, and the act does not either.
        let mut too_long = log.event(Subject::Grant(grant(1)));
        too_long.user = vec![0; USER_BYTES_MAX + 1];
        let act = Act {
            log: vec![log.event(Subject::Grant(grant(1))), too_long],
            refused: false,
            fails: false,
        };
        let failed = log.store.write_internal("test", act.clone()).await;
        assert!(matches!(
            failed,
            Err(WriteError::Store(StoreError::Journal { .. }))
        ));
        assert_eq!((log.rows().await, log.acts_done().await), ((0, 0), 0));
        assert_eq!(log.count("SELECT count(*) FROM log_count").await, 0);
        log.store.close().await;

        let parts = test_parts(Arc::new(RefusingJournal), 3).parts;
        let schema = Schema::of(&[&MIGRATIONS]);
        let store = Store::open(database.config(), &schema, parts).await.unwrap();
        let good = Act {
            log: act.log[..1].to_vec(),
            ..act
        };
        assert!(store.write_internal("test", good).await.is_err());
        let mut read = store.read("test").await.unwrap();
        let row = read
            .tx()
            .fetch_one("SELECT count(*) FROM outbox", &[])
            .await
            .unwrap();
        assert_eq!(row.get::<i64>(0).unwrap(), 0);
    }
}

#[tokio::test]
async fn a_tag_serves_one_event_only() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        log.act(Subject::Tag([5; 32])).await;
        let again = Act {
            log: vec![log.event(Subject::Tag([5; 32]))],
            refused: false,
            fails: false,
        };
        assert!(log.store.write_internal("test", again).await.is_err());
        assert_eq!((log.rows().await, log.acts_done().await), ((1, 1), 1));
    }
}

#[tokio::test]
async fn a_promise_is_signed_and_the_same_for_a_repeated_request() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        let request = || Request {
            method: "sluis.test.v1.TestService/Act",
            caller: b"caller".to_vec(),
            id: RequestId::from_bytes([1; 16]),
            body_hash: [2; 32],
        };
        let act = Act {
            log: vec![log.event(Subject::Grant(grant(1)))],
            refused: false,
            fails: false,
        };
        let first = log.store.write(request(), act.clone()).await.unwrap();
        log.clock.advance(std::time::Duration::from_secs(30));
        let again = log.store.write(request(), act).await.unwrap();
        assert!(again.replayed && !first.replayed);
        assert_eq!(log.rows().await, (1, 1));

        let promise = log.ledger.promise(first.leaf()).encode();
        assert_eq!(promise, log.ledger.promise(again.leaf()).encode());
        let verified = Signed::<LeafPromise>::parse(&promise)
            .unwrap()
            .verify(log.ledger.verifying_key(), log.clock.now())
            .unwrap();
        assert_eq!(verified.leaf_hash, first.leaf().hash);
        assert_eq!(verified.due, verified.promised_at.plus(PROMISE_DUE));
        let other = SigningKey::from_seed(KeyKind::Log, &[4; 32]);
        assert!(
            Signed::<LeafPromise>::parse(&promise)
                .unwrap()
                .verify(other.verifying_key(), log.clock.now())
                .is_err()
        );
    }
}

#[tokio::test]
async fn a_reader_can_compute_the_leaf_that_was_promised() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        let leaf = log.act(Subject::Tag([5; 32])).await;
        let mut read = log.store.read("test").await.unwrap();
        let recorded = log
            .ledger
            .event_under(&mut read.tx(), &[5; 32])
            .await
            .unwrap()
            .unwrap();
        assert_eq!(recorded.leaf, leaf.hash);
        assert_eq!(
            hash("sluis/v1/leaf", &[&recorded.salt, &recorded.canonical]),
            leaf.hash
        );
    }
}

#[test]
fn a_log_needs_a_log_key_and_a_plain_name() {
    let make = |kind, origin: &str| {
        let randomness = Arc::new(SeededRandomness::new(1));
        Ledger::new(LedgerParts {
            columns: ColumnKeys::new(Key32::new([1; 32]), vec![], Arc::clone(&randomness) as _),
            index: Arc::new(IndexKey::new(Key32::new([2; 32]))),
            signing_key: SigningKey::from_seed(kind, &[3; 32]),
            origin: origin.into(),
            kept: ACCESS_LOG_KEPT,
            randomness,
        })
        .map(|ledger| ledger.origin().to_owned())
    };
    assert_eq!(make(KeyKind::Log, "mesh/consent"), Ok("mesh/consent".to_owned()));
    assert_eq!(make(KeyKind::Signing, "mesh/consent"), Err(LedgerError::KeyKind));
    for name in ["", "two words", "a+b", "é", "a\nb"] {
        assert_eq!(make(KeyKind::Log, name), Err(LedgerError::Origin), "{name}");
    }
    let leaf = LeafReference {
        hash: [1; 32],
        at: Timestamp::from_seconds(9),
    };
    // No name so long or odd that signing panics later.
    assert_eq!(ledger().promise(&leaf).unverified().promised_at, leaf.at);
}
