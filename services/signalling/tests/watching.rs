//! WatchMatches.

use std::sync::Arc;

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::watch_matches_response::Event;
use sluis_proto::signalling::v1::{Match, Severity, WatchMatchesRequest, WatchMatchesResponse};
use sluis_serve::{ManualTimer, Timer};
use tonic::Streaming;

use crate::circles::DAY;
use crate::world::{Client, World, refusal};

type Watch = Streaming<WatchMatchesResponse>;

async fn watch(mut client: Client, resume_token: bytes::Bytes) -> Watch {
    let request = WatchMatchesRequest { resume_token };
    client.watch_matches(request).await.unwrap().into_inner()
}

/// The next match that is told, and its token.
async fn next(watch: &mut Watch) -> (bytes::Bytes, Match) {
    loop {
        let message = watch.message().await.unwrap().expect("the stream goes on");
        if let Event::Match(told) = message.event.unwrap() {
            return (message.resume_token, told);
        }
    }
}

#[tokio::test]
async fn watch_matches_begins_with_what_has_not_ended_and_goes_on() {
    let world = World::start().await;
    let mut known = Vec::new();
    for _ in 0..3 {
        known.push(world.met(&world.circle()).await.0.match_id);
    }
    known.sort();
    let circle = world.circle();
    let mut welfare = watch(world.client(world.members[1].oin), bytes::Bytes::new()).await;
    let mut ggz = watch(world.client(world.members[2].oin), bytes::Bytes::new()).await;
    let mut seen = Vec::new();
    while seen.len() < known.len() {
        let id = next(&mut welfare).await.1.match_id;
        if !seen.contains(&id) {
            seen.push(id);
        }
    }
    seen.sort();
    assert_eq!(seen, known);
    let signal = world.signal(2, Severity::Worry).await;
    world.post(&circle, 2, &signal).await.unwrap();
    let other = world.signal(1, Severity::Attention).await;
    world.post(&circle, 1, &other).await.unwrap();
    let (_, told) = next(&mut ggz).await;
    assert_eq!(
        told.parties.len(),
        2,
        "who posted first is told when the other comes"
    );
    loop {
        // At least once: what was there when the stream began may be told twice.
        if next(&mut welfare).await.1 == told {
            break;
        }
    }
    world.end().await;
}

#[tokio::test]
async fn watch_matches_resumes_after_any_token() {
    let world = World::start().await;
    let oin = world.members[0].oin;
    for _ in 0..3 {
        world.met(&world.circle()).await;
    }
    let mut ids = Vec::new();
    let mut token = bytes::Bytes::new();
    for _ in 0..3 {
        let mut stream = watch(world.client(oin), token).await;
        let (after, told) = next(&mut stream).await;
        ids.push(told.match_id);
        token = after;
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3, "each is told");
    let (late, _) = world.met(&world.circle()).await;
    let mut stream = watch(world.client(oin), token).await;
    while next(&mut stream).await.1.match_id != late.match_id {}
    world.end().await;
}

#[tokio::test]
async fn watch_matches_refuses_the_wrong_caller() {
    let world = World::start().await;
    world.met(&world.circle()).await;
    let mut stream = watch(world.client(world.members[0].oin), bytes::Bytes::new()).await;
    let (resume_token, _) = next(&mut stream).await;
    let request = WatchMatchesRequest { resume_token };
    let outcome = world.as_stranger().watch_matches(request).await;
    assert_eq!(refusal(outcome.map(drop)), ErrorReason::BadPageToken);
    world.end().await;
}

#[tokio::test]
async fn watch_matches_refuses_a_lapsed_token() {
    let world = World::start().await;
    world.met(&world.circle()).await;
    let mut stream = watch(world.client(world.members[0].oin), bytes::Bytes::new()).await;
    let (resume_token, _) = next(&mut stream).await;
    drop(stream);
    let (late, _) = world.met(&world.circle()).await;
    world.clock.advance(9 * DAY);
    world.signalling.run_timers().await.unwrap();
    let request = WatchMatchesRequest { resume_token };
    let mut client = world.client(world.members[0].oin);
    let outcome = client.watch_matches(request).await;
    assert_eq!(refusal(outcome.map(drop)), ErrorReason::ResumeTokenLapsed);
    let mut afresh = watch(client, bytes::Bytes::new()).await;
    while next(&mut afresh).await.1.match_id != late.match_id {}
    world.end().await;
}

#[tokio::test]
async fn watch_matches_sends_a_heartbeat() {
    let timer = Arc::new(ManualTimer::new());
    let world = World::start_timed(timer.clone()).await;
    let mut stream = watch(world.client(world.members[0].oin), bytes::Bytes::new()).await;
    let passing = timer.clone();
    let ticking = tokio::spawn(async move {
        let half = std::time::Duration::from_millis(500);
        loop {
            passing.until_awaited(passing.now() + half).await;
            passing.advance(half);
        }
    });
    let message = stream.message().await.unwrap().unwrap();
    ticking.abort();
    assert!(matches!(message.event, Some(Event::Heartbeat(_))));
    assert!(!message.resume_token.is_empty());
    world.end().await;
}
