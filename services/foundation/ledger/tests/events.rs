//! Events are found by those who may, and by nobody who only has the tables.

use std::time::Duration;

use futures_util::future::join_all;
use sluis_ledger::{ACCESS_LOG_KEPT, EVENTS_PAGE_MAX, Sequencer};
use sluis_store::{LoggedId, Subject};
use sluis_store_testing::TestDatabases;
use sluis_types::{Clock, MessageId};

use crate::{Log, grant, open};

const MONTH: Duration = Duration::from_hours(30 * 24);

async fn details_of(log: &Log, number: u8, before: Option<u64>, limit: u32) -> (Vec<Vec<u8>>, Option<u64>) {
    let mut read = log.store.read("test").await.expect("the store is open");
    let page = log
        .ledger
        .events_of_grant(&mut read.tx(), grant(number), before, limit)
        .await
        .expect("the log is whole");
    let details = page.events.into_iter().map(|recorded| recorded.event.details);
    (details.collect(), page.next)
}

async fn act_with(log: &Log, number: u8, details: u8) {
    let mut event = log.event(Subject::Grant(grant(number)));
    event.details = vec![details];
    log.act_logging(event).await;
}

#[tokio::test]
async fn the_events_of_a_grant_come_newest_first_in_pages() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        for details in 0..5 {
            act_with(&log, 1, details).await;
            act_with(&log, 2, 100 + details).await;
        }
        assert_eq!(
            details_of(&log, 1, None, 2).await,
            (vec![vec![4], vec![3]], Some(3))
        );
        assert_eq!(
            details_of(&log, 1, Some(3), 2).await,
            (vec![vec![2], vec![1]], Some(1))
        );
        assert_eq!(details_of(&log, 1, Some(1), 2).await, (vec![vec![0]], None));
        assert_eq!(details_of(&log, 2, None, u32::MAX).await.0.len(), 5);
        assert_eq!(details_of(&log, 2, None, 0).await, (vec![vec![104]], Some(4)));
        assert_eq!(details_of(&log, 2, Some(u64::MAX), 1).await.0, [vec![104]]);
        assert_eq!(details_of(&log, 3, None, EVENTS_PAGE_MAX).await, (vec![], None));
    }
}

#[tokio::test]
async fn an_event_comes_back_as_it_was_logged() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        let mut event = log.event(Subject::Grant(grant(1)));
        event.ids = vec![LoggedId::Message(MessageId::from_bytes([9; 16]))];
        event.outcome = 12;
        log.act_logging(event.clone()).await;
        let mut read = log.store.read("test").await.unwrap();
        let page = log
            .ledger
            .events_of_grant(&mut read.tx(), grant(1), None, 1)
            .await
            .unwrap();
        let logged = &page.events[0].event;
        assert_eq!((logged.kind, logged.outcome, logged.at), (7, 12, event.at));
        assert_eq!(logged.organisation, event.organisation);
        assert_eq!(logged.user, event.user);
        assert_eq!(logged.method, event.method);
        assert_eq!(logged.ids, event.ids);
        assert!(logged.subject == event.subject);
    }
}

#[tokio::test]
async fn acts_on_one_grant_at_once_are_all_found() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        join_all((0..24).map(|details| act_with(&log, 1, details))).await;
        let (mut details, _) = details_of(&log, 1, None, EVENTS_PAGE_MAX).await;
        details.sort_unstable();
        assert_eq!(details, (0..24).map(|details| vec![details]).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn retention_takes_events_and_leaves_the_rest_readable() {
    for database in TestDatabases::start().await.each().await {
        let log = open(&database).await;
        let sequencer = Sequencer::new(&log.ledger, log.store.clone());
        for details in 0..3 {
            act_with(&log, 1, details).await;
        }
        log.act(Subject::Tag([5; 32])).await;
        log.clock.advance(2 * MONTH);
        for details in 3..5 {
            act_with(&log, 1, details).await;
        }
        sequencer.sequence().await.unwrap();
        assert_eq!(
            log.ledger
                .purge(&log.store, log.clock.now().minus(3 * MONTH))
                .await
                .unwrap(),
            0
        );
        assert_eq!(log.ledger.purge(&log.store, log.clock.now()).await.unwrap(), 4);
        assert_eq!(log.count("SELECT count(*) FROM log_event").await, 2);
        assert_eq!(
            details_of(&log, 1, None, 4).await,
            (vec![vec![4], vec![3]], Some(1))
        );
        assert_eq!(details_of(&log, 1, Some(1), 4).await, (vec![], None));
        let mut read = log.store.read("test").await.unwrap();
        assert!(
            log.ledger
                .event_under(&mut read.tx(), &[5; 32])
                .await
                .unwrap()
                .is_none()
        );
        drop(read);
        // New events go on where the old ones ended, and the tree goes on growing.
        act_with(&log, 1, 5).await;
        assert_eq!(details_of(&log, 1, None, 1).await, (vec![vec![5]], Some(5)));
        assert_eq!(sequencer.sequence().await.unwrap().placed, 1);
        // By itself it forgets what is older than it is kept, in whole periods.
        log.clock.advance(ACCESS_LOG_KEPT);
        assert_eq!(sequencer.forget_some().await.unwrap(), 0);
        log.clock.advance(MONTH);
        assert_eq!(sequencer.forget_some().await.unwrap(), 3);
        assert_eq!(log.count("SELECT count(*) FROM log_event").await, 0);
    }
}

/// The raw files of the database, write-ahead log included.
#[tokio::test]
async fn p3_the_tables_do_not_say_whom_an_event_concerns() {
    let database = TestDatabases::start().await.sqlite();
    let log = open(&database).await;
    for number in 1..6 {
        act_with(&log, number, number).await;
        log.act(Subject::Grant(grant(number))).await;
    }
    Sequencer::new(&log.ledger, log.store.clone())
        .sequence()
        .await
        .unwrap();
    let mut raw = Vec::new();
    for entry in std::fs::read_dir(database.directory().unwrap()).unwrap() {
        raw.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let contains = |needle: &[u8]| raw.windows(needle.len()).any(|window| window == needle);
    assert!(contains(b"log_event"), "these are the right files");
    for needle in [
        &[1; 16][..],
        &[5; 16],
        b"pseudonym of a worker",
        b"details of the act",
        b"00000099000000001000",
        b"TestService",
    ] {
        assert!(!contains(needle), "{needle:?}");
    }
    // No two events have a length that tells them apart, and none names its leaf.
    assert_eq!(
        log.count("SELECT count(DISTINCT length(event)) FROM log_event")
            .await,
        1
    );
    let joined = "SELECT count(*) FROM log_event JOIN log_leaf ON log_leaf.leaf = log_event.event_key";
    assert_eq!(log.count(joined).await, 0);
}
