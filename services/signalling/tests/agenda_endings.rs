//! How items end: with their consent, with their meeting, and 30 days later altogether.

use sluis_proto::consent::v1::GrantChange;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{
    AgendaItemState, AgendaReferences, CloseMeetingRequest, Decision, MeetingState, Outcome, Severity,
    Signal, SignalState, TakenOffReason,
};
use sluis_store_testing::TestDatabases;

use crate::circles::{Circle, DAY};
use crate::decisions::finishing;
use crate::meeting_world::{CHAIR, INVITED, PRESENTER, Pair, Stage, TOLD};
use crate::signals::shown;
use crate::world::{World, refusal};

/// Lets the service follow consent for as long as it takes.
async fn until_taken_off(world: &World, stage: &Stage) -> TakenOffReason {
    let following = tokio::spawn(world.signalling.jobs());
    let reason = loop {
        let id = &stage.meeting.meeting_id;
        let meeting = world.meeting_of(world.at_meeting(PRESENTER), id).await.unwrap();
        let item = meeting
            .items
            .iter()
            .find(|item| item.item_id == stage.item_id)
            .unwrap();
        if item.state() == AgendaItemState::TakenOff {
            break item.taken_off_reason();
        }
        tokio::task::yield_now().await;
    };
    following.abort();
    reason
}

/// Every row of a table, as it lies there.
async fn rows(world: &World, statement: &'static str) -> Vec<Vec<u8>> {
    let store = world.store_of_its_own().await;
    let mut read = store.read("test").await.unwrap();
    let found = read.tx().fetch_all(statement, &[]).await.unwrap();
    let rows = found.iter().map(|row| row.get::<Vec<u8>>(0).unwrap()).collect();
    drop(read);
    store.close().await;
    rows
}

const TABLES: [&str; 4] = [
    "SELECT content FROM meeting",
    "SELECT content FROM meeting_seat",
    "SELECT content FROM agenda_message",
    "SELECT content FROM agenda_list",
];

#[tokio::test]
async fn an_item_whose_consent_ends_is_taken_off_and_its_message_erased() {
    let world = World::start().await;
    for (change, reason) in [
        (GrantChange::Ended, TakenOffReason::ConsentEnded),
        (GrantChange::Superseded, TakenOffReason::ConsentChanged),
    ] {
        let (ended, kept) = (world.with_item().await, world.with_item().await);
        assert_eq!(rows(&world, TABLES[2]).await.len(), 2);
        world
            .consent
            .say_of_grant(ended.pair.grant, ended.pair.version + 1, change);
        world
            .consent
            .say_of_grant(kept.pair.grant, kept.pair.version, GrantChange::Paused);
        world
            .consent
            .say_of_grant(ended.pair.grant, ended.pair.version, change);
        world.consent.repeat_everything();
        assert_eq!(until_taken_off(&world, &ended).await, reason);
        assert_eq!(rows(&world, TABLES[2]).await.len(), 1);
        let seen = world
            .meeting_of(world.at_meeting(INVITED), &kept.meeting.meeting_id)
            .await;
        assert_eq!(seen.unwrap().items[0].state(), AgendaItemState::OnAgenda);
        // A token that was made a moment before does not put it on again.
        let late = world.put(world.putting(&ended.meeting, &ended.pair)).await;
        assert_eq!(refusal(late), ErrorReason::GrantTokenRefused);
        let close = CloseMeetingRequest {
            request_id: world.request_id(),
            meeting_id: kept.meeting.meeting_id.clone(),
        };
        world.coordinator().close_meeting(close).await.unwrap();
    }
    world.end().await;
}

#[tokio::test]
async fn an_item_about_a_match_goes_with_the_circle() {
    let world = World::start().await;
    let circle = world.circle();
    let (stage, _) = about_a_match(&world, &circle).await;
    world.consent.say(circle.gate_key(), GrantChange::Ended);
    assert_eq!(
        until_taken_off(&world, &stage).await,
        TakenOffReason::ConsentEnded
    );
    assert_eq!(world.matches(0).await[0].state(), SignalState::Closed);
    world.end().await;
}

/// Stopping names the newest key only: what stood on an agenda before it goes too, whether or not the match was posted
/// anew under it.
#[tokio::test]
async fn an_item_about_a_match_goes_with_a_circle_that_was_changed_since() {
    for is_posted_anew in [false, true] {
        let world = World::start().await;
        let circle = world.circle();
        let (stage, signals) = about_a_match(&world, &circle).await;
        let next = circle.next(world.randomness.as_ref());
        if is_posted_anew {
            for (member, signal) in signals.iter().enumerate() {
                world.post(&next, member, signal).await.unwrap();
            }
        }
        world.consent.say_superseded(circle.gate_key(), next.gate_key());
        world.consent.say(next.gate_key(), GrantChange::Ended);
        assert_eq!(
            until_taken_off(&world, &stage).await,
            TakenOffReason::ConsentEnded
        );
        assert_eq!(world.matches(0).await[0].state(), SignalState::Closed);
        world.end().await;
    }
}

/// An item about a match of a circle, and the match's signals.
async fn about_a_match(world: &World, circle: &Circle) -> (Stage, [Signal; 2]) {
    let (matched, signals) = world.met(circle).await;
    let acknowledge = sluis_proto::signalling::v1::AcknowledgeMatchRequest {
        request_id: world.request_id(),
        match_id: matched.match_id.clone(),
        expected_version: 1,
    };
    let mut client = world.client(world.members[PRESENTER].oin);
    client.acknowledge_match(acknowledge).await.unwrap();
    let meeting = world.planned().await;
    let references = AgendaReferences {
        match_ids: vec![matched.match_id.clone()],
        ..AgendaReferences::default()
    };
    let put = world.putting_deidentified(&meeting, references);
    let stage = Stage {
        item_id: world.put_item(put).await,
        meeting,
        pair: Pair::new(world.randomness.as_ref()),
    };
    (stage, signals)
}

#[tokio::test]
async fn nothing_is_left_of_a_meeting_30_days_after_it_closed_on_both_databases() {
    for database in TestDatabases::start().await.each().await {
        let world = World::start_on(database.config()).await;
        let stage = world.decided().await;
        let close = CloseMeetingRequest {
            request_id: world.request_id(),
            meeting_id: stage.meeting.meeting_id.clone(),
        };
        world.at_meeting(CHAIR).close_meeting(close).await.unwrap();
        world
            .clock
            .advance((30 * DAY).saturating_sub(std::time::Duration::from_secs(1)));
        world.signalling.run_timers().await.unwrap();
        for (table, count) in TABLES.iter().zip([1, 4, 1, 1]) {
            assert_eq!(
                rows(&world, table).await.len(),
                count,
                "{table} {}",
                database.name()
            );
        }
        world.clock.advance(std::time::Duration::from_hours(1));
        assert!(world.signalling.run_timers().await.unwrap() > 0);
        for table in TABLES {
            assert!(
                rows(&world, table).await.is_empty(),
                "{table} {}",
                database.name()
            );
        }
        let gone = world
            .meeting_of(world.at_meeting(CHAIR), &stage.meeting.meeting_id)
            .await;
        assert_eq!(refusal(gone), ErrorReason::NotAvailable);
        assert_eq!(world.signalling.run_timers().await.unwrap(), 0);
        world.end().await;
    }
}

#[tokio::test]
async fn a_meeting_that_nobody_closed_closes_and_gives_its_signals_back() {
    let world = World::start().await;
    let meeting = world.planned().await;
    let signal = world.signal(PRESENTER, Severity::Serious).await;
    let references = AgendaReferences {
        signal_ids: vec![signal.signal_id.clone()],
        ..AgendaReferences::default()
    };
    world
        .put(world.putting_deidentified(&meeting, references))
        .await
        .unwrap();
    world.clock.advance(8 * DAY + std::time::Duration::from_hours(1));
    world.signalling.run_timers().await.unwrap();
    let closed = world
        .meeting_of(world.at_meeting(PRESENTER), &meeting.meeting_id)
        .await
        .unwrap();
    assert_eq!(closed.state(), MeetingState::Closed);
    assert_eq!(closed.items[0].taken_off_reason(), TakenOffReason::NotTreated);
    assert_eq!(
        shown(&world, PRESENTER, &signal).await.state(),
        SignalState::Registered
    );
    world.end().await;
}

#[tokio::test]
async fn p4_time_that_closes_a_meeting_stands_in_the_log_of_whose_item_was_not_treated() {
    let world = World::start().await;
    let stage = world.with_item().await;
    let store = world.store_of_its_own().await;
    let mut logged = Vec::new();
    for _ in 0..2 {
        let mut read = store.read("test").await.unwrap();
        let grant = stage.pair.grant;
        let events = world
            .ledger
            .events_of_grant(&mut read.tx(), grant, None, 100)
            .await;
        logged.push(events.unwrap().events.len());
        drop(read);
        world.clock.advance(8 * DAY + std::time::Duration::from_hours(1));
        world.signalling.run_timers().await.unwrap();
    }
    assert_eq!(logged[1], logged[0] + 1);
    store.close().await;
    world.end().await;
}

#[tokio::test]
async fn what_was_told_at_an_item_is_erased_when_the_item_is_done() {
    let world = World::start().await;
    let treated = world.treated().await;
    let nothing = world.deciding(&treated, Decision::NoAction);
    assert_eq!(rows(&world, TABLES[2]).await.len(), 1);
    world.at_meeting(CHAIR).record_decision(nothing).await.unwrap();
    assert!(rows(&world, TABLES[2]).await.is_empty());
    let decided = world.decided().await;
    assert_eq!(rows(&world, TABLES[2]).await.len(), 1);
    let finish = finishing(&world, &decided, Outcome::Resolved);
    world.at_meeting(INVITED).finish_action(finish).await.unwrap();
    assert!(rows(&world, TABLES[2]).await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn p3_no_grant_meeting_or_message_stands_in_the_files_and_no_row_joins_two() {
    let world = World::start().await;
    let stages = [world.with_item().await, world.decided().await];
    // A full agenda is as long as an empty one.
    let empty = world.planned().await;
    for _ in 0..3 {
        let pair = Pair::new(world.randomness.as_ref());
        world.put(world.putting(&stages[0].meeting, &pair)).await.unwrap();
    }
    let mut bytes = Vec::new();
    for suffix in ["", "-wal"] {
        let path = world.home.path().join(format!("signalling.db{suffix}"));
        bytes.extend(std::fs::read(path).unwrap_or_default());
    }
    let found = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    for stage in &stages {
        let ids: [sluis_types::RequestId; 2] =
            [&stage.meeting.meeting_id, &stage.item_id].map(|text| text.parse().unwrap());
        assert!(!found(stage.pair.grant.as_bytes()) && !ids.iter().any(|id| found(id.as_bytes())));
        assert!(!found(stage.pair.gate.public().id().as_bytes()));
    }
    assert!(!found(TOLD) && !found(b"WK079600") && !found(empty.meeting_id.as_bytes()));
    for table in TABLES {
        let contents = rows(&world, table).await;
        assert!(contents.len() >= 3, "{table}");
        assert!(
            contents.iter().all(|row| row.len() == contents[0].len()),
            "{table}: one length"
        );
        let mut starts: Vec<_> = contents.iter().map(|row| row[5..21].to_vec()).collect();
        starts.sort();
        starts.dedup();
        assert_eq!(starts.len(), contents.len(), "{table}: no value twice");
    }
    world.end().await;
}
