//! P6: what a post meets cannot be told by its poster, and neither can what does not exist from what is another's.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{AgendaReferences, GetMatchRequest, GetSignalRequest, Severity};
use sluis_serve::{Sleep, Timer};
use sluis_store_testing::Watcher;
use sluis_types::{MatchClass, ProfessionalRole};

use crate::agenda::of_signal;
use crate::circles::Circle;
use crate::meeting_world::UNKNOWN;
use crate::world::{World, refusal};

#[tokio::test]
async fn p6_absent_and_foreign_are_one_answer() {
    let (watcher, _guard) = Watcher::start();
    let world = World::watched(&watcher).await;
    let (matched, signals) = world.met(&world.circle()).await;
    let absent = "00000000-0000-4000-8000-000000000001".to_owned();
    let mut pairs = Vec::new();
    for signal_id in [signals[0].signal_id.clone(), absent.clone()] {
        let mut client = world.as_stranger();
        pairs.push(
            watcher
                .seen(client.get_signal(GetSignalRequest { signal_id }))
                .await,
        );
    }
    for match_id in [matched.match_id, absent] {
        let mut client = world.as_stranger();
        pairs.push(watcher.seen(client.get_match(GetMatchRequest { match_id })).await);
    }
    for pair in pairs.chunks(2) {
        assert!(!pair[0].work.statements.is_empty(), "the recording works");
        assert!(pair[0].refusal.is_some());
        assert_eq!(pair[0], pair[1]);
    }
    world.end().await;
}

/// Posts of the first member into cells with nothing, with a weak post of one other, of two others, and of its own.
#[tokio::test]
async fn p6_below_a_match_a_post_is_answered_alike_whatever_lies_there() {
    let (watcher, _guard) = Watcher::start();
    let world = World::watched(&watcher).await;
    let circles: [Circle; 4] = std::array::from_fn(|_| world.circle());
    let mut weak = Vec::new();
    for member in 0..3 {
        weak.push(world.signal(member, Severity::Attention).await);
    }
    for (circle, members) in circles.iter().zip([&[][..], &[1], &[1, 2], &[0]]) {
        for member in members {
            world.post(circle, *member, &weak[*member]).await.unwrap();
        }
    }
    let mut answers = Vec::new();
    for circle in &circles {
        let request = world.posting(circle, 0, &weak[0]);
        let mut client = world.client(world.members[0].oin);
        answers.push(watcher.seen(client.post_signal(request)).await);
    }
    assert!(answers[0].refusal.is_none() && answers[0].work.statements.len() > 10);
    for answer in &answers[1..] {
        assert_eq!(*answer, answers[0]);
    }
    world.end().await;
}

/// A timer that stands still, waits for nothing short, and remembers for what was waited.
#[derive(Debug, Default)]
struct Waits(Mutex<Vec<Duration>>);

/// Longer than any wait for an answer, and shorter than any deadline.
const SHORT: Duration = Duration::from_millis(500);

impl Timer for Waits {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep_until(&self, at: Duration) -> Sleep {
        if at > SHORT {
            return Box::pin(std::future::pending());
        }
        self.0.lock().unwrap().push(at);
        Box::pin(std::future::ready(()))
    }
}

/// No work is as long as the time for which the answer is held: so whatever the work is, the time tells nothing of it.
#[tokio::test]
async fn p6_a_post_is_answered_after_the_same_time_also_where_it_makes_a_match() {
    let timer = Arc::new(Waits::default());
    let world = World::start_timed(timer.clone()).await;
    let circles: [Circle; 3] = std::array::from_fn(|_| world.circle());
    let weak = world.signal(0, Severity::Attention).await;
    let (theirs, strong) = (
        world.signal(1, Severity::Attention).await,
        world.signal(1, Severity::Worry).await,
    );
    world.post(&circles[1], 1, &theirs).await.unwrap();
    world.post(&circles[2], 1, &strong).await.unwrap();
    let mut waits = Vec::new();
    for circle in &circles {
        let request = world.posting(circle, 0, &weak);
        timer.0.lock().unwrap().clear();
        world
            .client(world.members[0].oin)
            .post_signal(request)
            .await
            .unwrap();
        waits.push(std::mem::take(&mut *timer.0.lock().unwrap()));
    }
    let mut refused = world.posting(&circles[0], 0, &weak);
    refused.post = circles[0]
        .post(world.members[1].oin, world.now(), MatchClass::OutOfSight)
        .into();
    let outcome = world.client(world.members[0].oin).post_signal(refused).await;
    assert_eq!(refusal(outcome), ErrorReason::PostRefused);
    waits.push(std::mem::take(&mut *timer.0.lock().unwrap()));
    assert_eq!(world.matches(0).await.len(), 1, "one of them made a match");
    let held = Duration::from_millis(100);
    for waited in waits {
        assert_eq!(waited, [held, sluis_serve::TICK]);
    }
    world.end().await;
}

#[tokio::test]
async fn p6_putting_on_tells_of_no_meeting_that_is_anothers_and_of_no_item_of_it() {
    let (watcher, _guard) = Watcher::start();
    let world = World::watched(&watcher).await;
    let stranger = world.stranger.oin;
    let mut planning = world.planning();
    planning
        .participants
        .retain(|seat| seat.organisation != stranger.to_string());
    let planned = world.coordinator().plan_meeting(planning).await.unwrap();
    let meeting = planned.into_inner().meeting.unwrap();
    let hidden = world
        .put_item(world.putting_deidentified(&meeting, AgendaReferences::default()))
        .await;
    let mut answers = Vec::new();
    for (meeting_id, request_id, references) in [
        (UNKNOWN, world.request_id(), AgendaReferences::default()),
        (
            meeting.meeting_id.as_str(),
            world.request_id(),
            AgendaReferences::default(),
        ),
        (meeting.meeting_id.as_str(), hidden, AgendaReferences::default()),
        (
            meeting.meeting_id.as_str(),
            world.request_id(),
            of_signal(UNKNOWN),
        ),
    ] {
        let mut put = world.putting_deidentified(&meeting, references);
        put.meeting_id = meeting_id.to_owned();
        put.request_id = request_id;
        let mut client = world.meetings(stranger, 1, ProfessionalRole::Professional);
        answers.push(watcher.seen(client.put_on_agenda(put)).await);
    }
    assert!(answers[0].refusal.is_some() && !answers[0].work.statements.is_empty());
    for answer in &answers[1..] {
        assert_eq!(*answer, answers[0]);
    }
    world.end().await;
}
