//! What one write does: request, act, leaf, event and memory stand or fall together.

use std::sync::Arc;
use std::time::Duration;

use sluis_store::{REQUEST_MEMORY, StoreError, WriteError};
use sluis_store_testing::{RefusingJournal, TestDatabases, test_parts};

use crate::counter::{Add, AddError, Then, TooMuch, leaves, open, parts, request, schema, value};

#[tokio::test]
async fn an_act_is_done_with_its_leaf_and_its_event() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let written = store.write(request(1), Add::new("a", 5)).await.expect("writes");
        assert_eq!(written.answer, Ok(5));
        assert!(!written.replayed);
        assert_eq!(written.leaves.len(), 1);
        assert_eq!((value(&store, "a").await, leaves(&store).await), (Some(5), 1));
        store.outbox().wait_after(0).await;
        assert_eq!(
            store
                .outbox()
                .read_after(0, 10, None)
                .await
                .expect("reads")
                .events
                .len(),
            1
        );
    }
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_changes_nothing() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let first = store.write(request(1), Add::new("a", 5)).await.expect("writes");
        store.write(request(2), Add::new("a", 1)).await.expect("writes");
        let again = store.write(request(1), Add::new("a", 5)).await.expect("writes");
        assert_eq!(
            (again.answer, again.leaves, again.replayed),
            (first.answer, first.leaves, true)
        );
        assert_eq!((value(&store, "a").await, leaves(&store).await), (Some(6), 2));
        store.outbox().wait_after(1).await;
        assert_eq!(store.outbox().latest().await, Ok(2), "a repeat sends nothing");

        // A store that was opened anew remembers too.
        store.close().await;
        let store = open(&database).await;
        let again = store.write(request(1), Add::new("a", 5)).await.expect("writes");
        assert_eq!((again.answer, again.replayed), (Ok(5), true));
    }
}

#[tokio::test]
async fn an_id_with_another_body_is_refused_and_with_another_caller_it_is_another_id() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        store.write(request(1), Add::new("a", 5)).await.expect("writes");
        let mut other = request(1);
        other.body_hash = [9; 32];
        let refused = store.write(other, Add::new("a", 7)).await;
        assert!(matches!(refused, Err(WriteError::RequestIdReused)), "{refused:?}");
        assert_eq!((value(&store, "a").await, leaves(&store).await), (Some(5), 1));

        let mut caller = request(1);
        caller.caller = b"00000099000000002000".to_vec();
        let mut method = request(1);
        method.method = "counter.Subtract";
        store.write(caller, Add::new("a", 1)).await.expect("writes");
        store.write(method, Add::new("a", 1)).await.expect("writes");
        assert_eq!(value(&store, "a").await, Some(7));
    }
}

#[tokio::test]
async fn a_refusal_is_logged_and_repeated_as_a_refusal() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let refuse = || Add::new("wrong tries", 1).then(Then::Refuse);
        let written = store.write(request(1), refuse()).await.expect("writes");
        assert_eq!(written.answer, Err(TooMuch));
        assert_eq!(
            (value(&store, "wrong tries").await, leaves(&store).await),
            (Some(1), 1)
        );
        let again = store.write(request(1), refuse()).await.expect("writes");
        assert_eq!(
            (again.answer, again.leaves, again.replayed),
            (Err(TooMuch), written.leaves, true)
        );
        assert_eq!(
            (value(&store, "wrong tries").await, leaves(&store).await),
            (Some(1), 1)
        );
    }
}

#[tokio::test]
async fn nothing_of_a_failed_command_stands() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let failed = store.write(request(1), Add::new("a", 5).then(Then::Fail)).await;
        assert!(
            matches!(failed, Err(WriteError::Command(AddError::Nonsense))),
            "{failed:?}"
        );
        assert_eq!((value(&store, "a").await, leaves(&store).await), (None, 0));
        // Its request id is free again.
        let written = store.write(request(1), Add::new("a", 5)).await.expect("writes");
        assert_eq!((written.answer, written.replayed), (Ok(5), false));
        store.outbox().wait_after(0).await;
        assert_eq!(
            store.outbox().latest().await,
            Ok(1),
            "the failed one sent nothing"
        );
    }
}

#[tokio::test]
async fn a_failed_statement_cannot_be_swallowed() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let failed = store
            .write(request(1), Add::new("a", 5).then(Then::Swallow))
            .await;
        let Err(WriteError::Store(StoreError::Statement { message, .. })) = &failed else {
            panic!("{}: {failed:?}", database.name());
        };
        assert!(!message.contains("2000005"), "no value in an error: {message}");
        assert_eq!((value(&store, "a").await, leaves(&store).await), (None, 0));
    }
}

#[tokio::test]
async fn a_panic_undoes_the_act_and_harms_no_other() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let failed = store.write(request(1), Add::new("a", 5).then(Then::Panic)).await;
        assert!(
            matches!(failed, Err(WriteError::Store(StoreError::Panicked))),
            "{failed:?}"
        );
        assert_eq!(
            store
                .write(request(1), Add::new("a", 2))
                .await
                .expect("writes")
                .answer,
            Ok(2)
        );
    }
}

#[tokio::test]
async fn p4_no_leaf_no_act() {
    for database in TestDatabases::start().await.each().await {
        let store = database
            .open(&schema(), test_parts(Arc::new(RefusingJournal), 1).parts)
            .await;
        for then in [Then::Reply, Then::Refuse] {
            let add = || Add::new("a", 5).then(then);
            let by_request = store.write(request(1), add()).await;
            assert!(
                matches!(by_request, Err(WriteError::Store(StoreError::Journal { .. }))),
                "{by_request:?}"
            );
            let unstored = store.write_unstored(request(1), add()).await;
            assert!(
                matches!(unstored, Err(WriteError::Store(StoreError::Journal { .. }))),
                "{unstored:?}"
            );
            let by_timer = store.write_internal("timer", add()).await;
            assert!(
                matches!(by_timer, Err(WriteError::Store(StoreError::Journal { .. }))),
                "{by_timer:?}"
            );
        }
        assert_eq!(value(&store, "a").await, None);
        assert_eq!(store.outbox().latest().await, Ok(0));
        store.close().await;

        // Nothing was remembered either: with a working journal the same request is new.
        let store = open(&database).await;
        assert!(
            !store
                .write(request(1), Add::new("a", 5))
                .await
                .expect("writes")
                .replayed
        );
    }
}

#[tokio::test]
async fn a_request_is_forgotten_after_its_time_and_not_before() {
    for database in TestDatabases::start().await.each().await {
        let parts = parts(1);
        let store = database.open(&schema(), parts.parts.clone()).await;
        store.write(request(1), Add::new("a", 5)).await.expect("writes");
        parts.clock.advance(REQUEST_MEMORY);
        assert_eq!(store.purge_requests().await, Ok(0));
        assert!(
            store
                .write(request(1), Add::new("a", 5))
                .await
                .expect("writes")
                .replayed
        );
        parts.clock.advance(Duration::from_hours(1));
        assert_eq!(store.purge_requests().await, Ok(1));
        assert!(
            !store
                .write(request(1), Add::new("a", 5))
                .await
                .expect("writes")
                .replayed
        );
    }
}

#[tokio::test]
async fn p3_nothing_of_a_request_or_event_stands_in_clear() {
    let databases = TestDatabases::start().await;
    let database = databases.sqlite();
    let store = open(&database).await;
    let mut request = request(1);
    request.caller = b"a caller whose name is long enough".to_vec();
    let caller = request.caller.clone();
    store
        .write(request, Add::new("a", 0x000f_1234))
        .await
        .expect("writes");
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(database.directory().expect("a file")).expect("reads") {
        bytes.extend(std::fs::read(file.expect("a file").path()).expect("reads"));
    }
    let stands = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
    assert!(
        stands(b"counter.added"),
        "the topic stands in clear, so this search can find something"
    );
    assert!(!stands(&caller));
    assert!(!stands(&[1; 32]), "the body's hash");
    assert!(!stands(&[1; 16]), "the request id");
    // The payload is eight bytes of a number; its column in `counter` is shorter, so only the outbox could hold it.
    assert!(!stands(&0x000f_1234_i64.to_be_bytes()), "the payload");
}
