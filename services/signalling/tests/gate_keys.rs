//! What consent says of circles' gate keys, and what it does to posts and matches.

use sluis_proto::consent::v1::GrantChange;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::watch_matches_response::Event;
use sluis_proto::signalling::v1::{Match, Outcome, Severity, Signal, SignalState, WatchMatchesRequest};

use crate::circles::Circle;
use crate::world::{World, refusal, told};

/// Waits until a match of the first member is in a state.
async fn until(world: &World, state: SignalState) -> Match {
    let mut client = world.client(world.members[0].oin);
    let request = WatchMatchesRequest::default();
    let mut stream = client.watch_matches(request).await.unwrap().into_inner();
    loop {
        for known in world.matches(0).await {
            if known.state() == state {
                return known;
            }
        }
        loop {
            let message = stream.message().await.unwrap().unwrap();
            if matches!(message.event, Some(Event::Match(_))) {
                break;
            }
        }
    }
}

/// Waits until posts of a circle are refused, or taken.
async fn until_posts_are(world: &World, circle: &Circle, taken: bool) {
    let signal = world.signal(2, Severity::Attention).await;
    loop {
        match world.post(circle, 2, &signal).await {
            Ok(()) if taken => return,
            outcome @ Err(_) if !taken => {
                assert_eq!(refusal(outcome), ErrorReason::PostRefused);
                return;
            }
            _ => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn a_circle_that_ended_takes_its_matches_and_signals_with_it() {
    let world = World::start().await;
    tokio::spawn(world.signalling.jobs());
    let (circle, other) = (world.circle(), world.circle());
    let (matched, signals) = world.met(&circle).await;
    world.consent.say(circle.gate_key(), GrantChange::Ended);
    let closed = until(&world, SignalState::Closed).await;
    assert_eq!(
        (closed.match_id.as_str(), closed.outcome()),
        (matched.match_id.as_str(), Outcome::CircleEnded)
    );
    assert!(world.got(1, &matched.match_id).await.boxes.is_empty());
    let outcome = world.post(&circle, 0, &signals[0]).await;
    assert_eq!(told(outcome, "state"), "CLOSED");
    let fresh = world.signal(0, Severity::Worry).await;
    assert_eq!(
        refusal(world.post(&circle, 0, &fresh).await),
        ErrorReason::PostRefused
    );
    world.post(&other, 0, &fresh).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn a_new_version_of_a_circle_brings_new_boxes_to_the_same_match() {
    let world = World::start().await;
    tokio::spawn(world.signalling.jobs());
    let circle = world.circle();
    let (matched, signals) = world.met(&circle).await;
    let next = circle.next(world.randomness.as_ref());
    world.consent.say_superseded(circle.gate_key(), next.gate_key());
    until_posts_are(&world, &circle, false).await;
    let got = world.got(1, &matched.match_id).await;
    assert!(got.boxes.is_empty(), "they can never be opened");
    assert_eq!(
        got.r#match.unwrap().state(),
        SignalState::Matched,
        "what people do goes on"
    );
    world.post(&next, 0, &signals[0]).await.unwrap();
    world.post(&next, 1, &signals[1]).await.unwrap();
    let got = world.got(1, &matched.match_id).await;
    assert_eq!(got.boxes.len(), 1);
    let contact_box = sluis_envelope::ContactBox::parse(&got.boxes[0].contact_box).unwrap();
    assert_eq!(contact_box.header().gate_key_id(), next.gate_key());
    assert_eq!(world.matches(0).await.len(), 1);
    world.end().await;
}

#[tokio::test]
async fn whoever_posts_last_under_the_next_key_brings_boxes_too() {
    let world = World::start().await;
    tokio::spawn(world.signalling.jobs());
    let circle = world.circle();
    let (matched, signals) = world.met(&circle).await;
    let third = world.signal(2, Severity::Worry).await;
    world.post(&circle, 2, &third).await.unwrap();
    assert_eq!(world.got(1, &matched.match_id).await.boxes.len(), 2);
    let next = circle.next(world.randomness.as_ref());
    world.consent.say_superseded(circle.gate_key(), next.gate_key());
    while !world.got(1, &matched.match_id).await.boxes.is_empty() {
        tokio::task::yield_now().await;
    }
    let [first, second] = &signals;
    for (member, signal) in [(0, first), (1, second), (2, &third)] {
        world.post(&next, member, signal).await.unwrap();
    }
    for member in 0..3 {
        let got = world.got(member, &matched.match_id).await;
        assert_eq!(got.boxes.len(), 2, "of both others to member {member}");
    }
    world.end().await;
}

/// Stopping names the newest key only.
#[tokio::test]
async fn a_circle_that_was_changed_before_takes_its_matches_with_it() {
    let world = World::start().await;
    tokio::spawn(world.signalling.jobs());
    let circle = world.circle();
    let (matched, signals) = world.met(&circle).await;
    let second = circle.next(world.randomness.as_ref());
    let third = second.next(world.randomness.as_ref());
    world.consent.say_superseded(circle.gate_key(), second.gate_key());
    world.consent.say_superseded(second.gate_key(), third.gate_key());
    world.consent.repeat_everything();
    world.consent.say(third.gate_key(), GrantChange::Ended);
    let closed = until(&world, SignalState::Closed).await;
    assert_eq!(
        (closed.match_id.as_str(), closed.outcome()),
        (matched.match_id.as_str(), Outcome::CircleEnded)
    );
    let outcome = world.post(&third, 0, &signals[0]).await;
    assert_eq!(told(outcome, "state"), "CLOSED");
    world.end().await;
}

#[tokio::test]
async fn a_pause_refuses_posts_and_gives_back_and_repeats_change_nothing() {
    let world = World::start().await;
    tokio::spawn(world.signalling.jobs());
    let circle = world.circle();
    world.consent.say(circle.gate_key(), GrantChange::Paused);
    until_posts_are(&world, &circle, false).await;
    world.consent.repeat_everything();
    world.consent.break_off();
    world.consent.say(circle.gate_key(), GrantChange::Resumed);
    until_posts_are(&world, &circle, true).await;
    let opened_with = world.consent.opened_with();
    assert!(opened_with[0].is_empty());
    assert!(!opened_with.last().unwrap().is_empty(), "it resumed");
    world.end().await;
}

#[tokio::test]
async fn what_consent_no_longer_keeps_is_begun_afresh() {
    let world = World::start().await;
    let running = tokio::spawn(world.signalling.jobs());
    let (one, other) = (world.circle(), world.circle());
    world.consent.say(one.gate_key(), GrantChange::Ended);
    until_posts_are(&world, &one, false).await;
    running.abort();
    world.consent.say(one.gate_key(), GrantChange::Ended);
    world.consent.lapse();
    world.consent.say(other.gate_key(), GrantChange::Ended);
    tokio::spawn(world.signalling.jobs());
    until_posts_are(&world, &other, false).await;
    world.end().await;
}

/// A match, followed by a time in which nobody listens and after which consent no longer keeps what it said.
async fn unheard(world: &World, circle: &Circle, say: impl FnOnce()) -> (Match, [Signal; 2]) {
    let running = tokio::spawn(world.signalling.jobs());
    let other = world.circle();
    world.consent.say(other.gate_key(), GrantChange::Ended);
    until_posts_are(world, &other, false).await;
    running.abort();
    let met = world.met(circle).await;
    say();
    world.consent.lapse();
    tokio::spawn(world.signalling.jobs());
    met
}

#[tokio::test]
async fn a_circle_that_ended_unheard_of_takes_its_matches_with_it() {
    let world = World::start().await;
    let (circle, goes_on) = (world.circle(), world.circle());
    world.met(&goes_on).await;
    unheard(&world, &circle, || {
        world.consent.say(circle.gate_key(), GrantChange::Ended);
        world.consent.end(circle.grant);
    })
    .await;
    let closed = until(&world, SignalState::Closed).await;
    assert_eq!(closed.outcome(), Outcome::CircleEnded);
    assert!(world.got(1, &closed.match_id).await.boxes.is_empty());
    let open = world
        .matches(0)
        .await
        .into_iter()
        .filter(|it| it.state() == SignalState::Matched);
    assert_eq!(open.count(), 1, "the other circle did not end");
    world.end().await;
}

#[tokio::test]
async fn a_circle_that_changed_unheard_of_goes_on_under_its_next_key_and_ends_with_it() {
    let world = World::start().await;
    let circle = world.circle();
    let next = circle.next(world.randomness.as_ref());
    let (before, signals) = unheard(&world, &circle, || {
        world.consent.say_superseded(circle.gate_key(), next.gate_key());
    })
    .await;
    for (member, signal) in signals.iter().enumerate() {
        world.post(&next, member, signal).await.unwrap();
    }
    let got = world.got(1, &before.match_id).await;
    let contact_box = sluis_envelope::ContactBox::parse(&got.boxes[0].contact_box).unwrap();
    assert_eq!(contact_box.header().gate_key_id(), next.gate_key());
    world.consent.say(next.gate_key(), GrantChange::Ended);
    let closed = until(&world, SignalState::Closed).await;
    assert_eq!(closed.match_id, before.match_id);
    world.end().await;
}
