//! Events are read in one order that never changes, whatever order they were committed in.

use std::sync::Arc;
use std::time::Duration;

use sluis_keyring::Location;
use sluis_store::{Batch, OutboxError, Parts, Position, Store, StoreError, Tx, Upkeep, args};
use sluis_store_testing::TestDatabases;
use tokio::sync::Notify;

use crate::counter::{Add, open, parts, request, schema};

const WRITERS: u8 = 6;
const EVENTS_EACH: i64 = 25;

fn amounts(batch: &Batch) -> Vec<i64> {
    let amount = |payload: &[u8]| i64::from_be_bytes(payload.try_into().expect("eight bytes"));
    batch.events.iter().map(|event| amount(&event.payload)).collect()
}

async fn read_until(store: &Store, count: usize) -> Vec<(Position, Vec<u8>, i64)> {
    let outbox = store.outbox();
    let (mut events, mut after) = (Vec::new(), 0);
    while events.len() < count {
        outbox.wait_after(after).await;
        let batch = outbox.read_after(after, 7, None).await.expect("reads");
        let amounts = amounts(&batch);
        events.extend(
            batch
                .events
                .into_iter()
                .zip(amounts)
                .map(|(e, amount)| (e.position, e.recipient, amount)),
        );
        after = batch.read_through;
    }
    events
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_beside_many_writers_misses_nothing_and_sees_each_writer_in_order() {
    const NAMES: [&str; WRITERS as usize] = ["a", "b", "c", "d", "e", "f"];
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let total = usize::from(WRITERS) * usize::try_from(EVENTS_EACH).expect("small");
        let reader = tokio::spawn({
            let store = store.clone();
            async move { read_until(&store, total).await }
        });
        let writers: Vec<_> = NAMES
            .into_iter()
            .map(|name| {
                let store = store.clone();
                tokio::spawn(async move {
                    for _ in 0..EVENTS_EACH {
                        store
                            .write_internal("add", Add::new(name, 1))
                            .await
                            .expect("writes");
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.expect("runs");
        }
        let events = reader.await.expect("runs");
        let positions: Vec<_> = events.iter().map(|(position, ..)| *position).collect();
        assert_eq!(
            positions,
            (1..=i64::try_from(total).expect("small")).collect::<Vec<_>>(),
            "gap-free"
        );
        for name in NAMES {
            let seen: Vec<_> = events
                .iter()
                .filter(|(_, r, _)| r == name.as_bytes())
                .map(|(.., amount)| *amount)
                .collect();
            assert_eq!(
                seen,
                (1..=EVENTS_EACH).collect::<Vec<_>>(),
                "{} {name}",
                database.name()
            );
        }
    }
}

/// Inserts an event as the store does, and holds its transaction open.
struct LateEvent {
    parts: Parts,
    inserted: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl Upkeep for LateEvent {
    type Output = ();
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let id = [3; 16];
        let payload = self
            .parts
            .column_keys
            .seal(Location::new("outbox", "payload", &id), &77_i64.to_be_bytes());
        tx.execute(
            "INSERT INTO outbox (arrival, id, topic, recipient, payload, appeared) \
             VALUES (nextval('outbox_arrival'), $1, 'late', $1, $2, 0)",
            args![&id, &payload],
        )
        .await?;
        self.inserted.notify_one();
        self.go_on.notified().await;
        Ok(())
    }
}

#[tokio::test]
async fn an_event_that_is_inserted_first_and_committed_last_is_not_missed() {
    let database = TestDatabases::start().await.postgres();
    let parts = parts(1).parts;
    let store = database.open(&schema(), parts.clone()).await;
    let (inserted, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let late = LateEvent {
        parts,
        inserted: Arc::clone(&inserted),
        go_on: Arc::clone(&go_on),
    };
    let writer = store.clone();
    let late = tokio::spawn(async move { writer.upkeep("late", late).await });
    inserted.notified().await;
    store.write(request(1), Add::new("a", 1)).await.expect("writes");

    let outbox = store.outbox();
    outbox.wait_after(0).await;
    let early = outbox.read_after(0, 10, None).await.expect("reads");
    assert_eq!(
        (amounts(&early), early.read_through),
        (vec![1], 1),
        "the later number is readable already"
    );

    go_on.notify_one();
    late.await.expect("runs").expect("writes");
    outbox.wait_after(early.read_through).await;
    let rest = outbox
        .read_after(early.read_through, 10, None)
        .await
        .expect("reads");
    assert_eq!(amounts(&rest), [77], "and the earlier number comes after it");
}

#[tokio::test]
async fn two_replicas_give_out_each_position_once() {
    let database = TestDatabases::start().await.postgres();
    // A chance of its own for each, as replicas have.
    let (one, other) = (
        open(&database).await,
        database.open(&schema(), parts(2).parts).await,
    );
    let write = async |store: &Store, name| {
        for _ in 0..20 {
            store
                .write_internal("add", Add::new(name, 1))
                .await
                .expect("writes");
        }
    };
    tokio::join!(write(&one, "a"), write(&other, "b"));
    for store in [&one, &other] {
        let events = read_until(store, 40).await;
        assert!(events.iter().map(|(position, ..)| *position).eq(1..=40));
    }
}

#[tokio::test]
async fn a_recipient_reads_its_own_and_goes_on_past_the_rest() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        for (number, name) in ["a", "b", "b", "a", "b"].into_iter().enumerate() {
            let amount = i64::try_from(number).expect("small") + 1;
            store
                .write_internal("add", Add::new(name, amount))
                .await
                .expect("writes");
            store.outbox().wait_after(amount - 1).await;
        }
        let outbox = store.outbox();
        assert_eq!(outbox.latest().await, Ok(5));
        let batch = outbox.read_after(0, 1, Some(b"a")).await.expect("reads");
        assert_eq!((amounts(&batch), batch.read_through), (vec![1], 1));
        let batch = outbox.read_after(1, 5, Some(b"a")).await.expect("reads");
        assert_eq!(
            (amounts(&batch), batch.read_through),
            (vec![5], 5),
            "1 + 4, and past the last of b"
        );
        let none = outbox.read_after(0, 5, Some(b"nobody")).await.expect("reads");
        assert_eq!((none.events.len(), none.read_through), (0, 5));
    }
}

#[tokio::test]
async fn a_trimmed_position_lapses_and_so_does_one_from_the_future() {
    for database in TestDatabases::start().await.each().await {
        let parts = parts(1);
        let store = database.open(&schema(), parts.parts.clone()).await;
        let outbox = store.outbox();
        for day in 0..4 {
            store
                .write_internal("add", Add::new("a", 1))
                .await
                .expect("writes");
            outbox.wait_after(day).await;
            parts.clock.advance(Duration::from_hours(24));
        }
        let now = store.clock().now();
        let day = Duration::from_hours(24);
        assert_eq!(
            outbox.trim(now.minus(day * 5)).await,
            Ok(0),
            "nothing is that old"
        );
        assert_eq!(outbox.trim(now.minus(day * 4)).await, Ok(0), "not to the second");
        assert_eq!(outbox.trim(now.minus(day * 2)).await, Ok(2));
        assert_eq!(
            outbox.trim(now.minus(day * 3)).await,
            Ok(2),
            "the mark never moves back"
        );
        assert_eq!(outbox.read_after(0, 10, None).await, Err(OutboxError::Lapsed));
        assert_eq!(outbox.read_after(1, 10, None).await, Err(OutboxError::Lapsed));
        assert_eq!(
            outbox.read_after(2, 10, None).await.expect("reads").events.len(),
            2
        );
        assert_eq!(
            outbox.read_after(4, 10, None).await.expect("reads").events.len(),
            0
        );
        assert_eq!(outbox.read_after(5, 10, None).await, Err(OutboxError::Lapsed));
        assert_eq!(outbox.trim(now.plus(day)).await, Ok(4));
        store
            .write_internal("add", Add::new("a", 1))
            .await
            .expect("writes");
        outbox.wait_after(4).await;
        assert_eq!(outbox.latest().await, Ok(5), "positions go on where they were");
    }
}

#[tokio::test]
async fn a_limit_is_coerced_and_a_closed_store_wakes_its_watchers() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        store
            .write_internal("add", Add::new("a", 1))
            .await
            .expect("writes");
        let outbox = store.outbox();
        outbox.wait_after(0).await;
        assert_eq!(
            outbox.read_after(0, 0, None).await.expect("reads").events.len(),
            1
        );
        assert_eq!(
            outbox
                .read_after(0, u32::MAX, None)
                .await
                .expect("reads")
                .events
                .len(),
            1
        );
        tokio::join!(outbox.wait_after(1), store.close());
        assert!(matches!(outbox.latest().await, Err(error) if error.is_unavailable()));
    }
}
