//! WatchOrganisations.

use std::time::Duration;

use sluis_envelope::Checkpoint;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1::watch_organisations_response::Event;
use sluis_proto::registry::v1::{WatchOrganisationsRequest, WatchOrganisationsResponse};
use sluis_serve::Timer as _;
use sluis_types::ProfessionalRole;
use tonic::Streaming;

use crate::newcomer::Newcomer;
use crate::world::{Client, NOW, World, enrolling, let_pass, oin, partner, refusal, resident};

type Stream = Streaming<WatchOrganisationsResponse>;

async fn open(mut client: Client, resume_token: &[u8]) -> Stream {
    let request = WatchOrganisationsRequest {
        resume_token: resume_token.to_vec().into(),
    };
    client.watch_organisations(request).await.unwrap().into_inner()
}

/// The next message: its token, and the OIN of an organisation or a word for the other events.
async fn next(stream: &mut Stream) -> (Vec<u8>, String) {
    let message = stream.message().await.unwrap().expect("the stream goes on");
    let what = match message.event.unwrap() {
        Event::Organisation(organisation) => organisation.oin,
        Event::SnapshotComplete(_) => "complete".into(),
        Event::Heartbeat(_) => "heartbeat".into(),
    };
    (message.resume_token.to_vec(), what)
}

async fn told(stream: &mut Stream, count: usize) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..count {
        told.push(next(stream).await.1);
    }
    told
}

/// Lets time pass until the stream says something.
async fn after_silence(world: &World, stream: &mut Stream) -> WatchOrganisationsResponse {
    loop {
        tokio::select! {
            biased;
            message = stream.message() => return message.unwrap().expect("the stream goes on"),
            () = let_pass(&world.timer, 1) => {}
        }
    }
}

#[tokio::test]
async fn watch_organisations_begins_with_a_snapshot_and_goes_on_with_changes() {
    let world = World::start().await;
    for number in [2, 1] {
        world.enrol(&Newcomer::new(number)).await;
    }
    let mut stream = open(world.consent(), b"").await;
    assert_eq!(
        told(&mut stream, 3).await,
        [oin(1).to_string(), oin(2).to_string(), "complete".into()]
    );
    world.enrol(&Newcomer::new(3)).await;
    assert_eq!(next(&mut stream).await.1, oin(3).to_string());
    world.end().await;
}

#[tokio::test]
async fn watch_organisations_resumes_after_every_message() {
    let world = World::start().await;
    for number in [1, 2] {
        world.enrol(&Newcomer::new(number)).await;
    }
    let mut stream = open(world.consent(), b"").await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(next(&mut stream).await.0);
    }
    drop(stream);
    world.enrol(&Newcomer::new(3)).await;
    // In the snapshot, resumed, it goes on with the snapshot, which by then has the newcomer too.
    let mut resumed = open(world.consent(), &tokens[0]).await;
    let expected = [
        oin(2).to_string(),
        oin(3).to_string(),
        "complete".into(),
        oin(3).to_string(),
    ];
    assert_eq!(
        told(&mut resumed, 4).await,
        expected,
        "a change in between is told twice rather than never"
    );
    let mut resumed = open(world.consent(), &tokens[2]).await;
    let (token, what) = next(&mut resumed).await;
    assert_eq!(what, oin(3).to_string());
    drop(resumed);
    let mut silent = open(world.consent(), &token).await;
    let message = after_silence(&world, &mut silent).await;
    assert!(
        matches!(message.event, Some(Event::Heartbeat(_))),
        "nothing is told again"
    );
    world.end().await;
}

#[tokio::test]
async fn watch_organisations_sends_a_heartbeat_with_the_newest_checkpoint() {
    let world = World::start().await;
    let jobs = tokio::spawn(world.registry.jobs());
    world.enrol(&Newcomer::new(1)).await;
    // Two acts have two leaves; a refusal has one too.
    let wrong = Newcomer::new(2).enrol_request(&world.request_id(), &"0".repeat(32), NOW);
    assert_eq!(
        refusal(world.newcomer().enrol(wrong).await),
        ErrorReason::InvitationRefused
    );
    let mut stream = open(world.consent(), b"").await;
    assert_eq!(told(&mut stream, 1).await, [oin(1).to_string()]);
    let (mut token, what) = next(&mut stream).await;
    assert_eq!(what, "complete");
    // The log's sequencer keeps its own time; until it has placed all leaves, heartbeats have less to show.
    let log = log_key(&world);
    loop {
        let mut stream = open(world.consent(), &token).await;
        let message = after_silence(&world, &mut stream).await;
        token = message.resume_token.to_vec();
        let Some(Event::Heartbeat(heartbeat)) = message.event else {
            panic!("nothing else happened")
        };
        assert_eq!(heartbeat.at.unwrap().seconds, NOW.seconds());
        if !heartbeat.checkpoint.is_empty() {
            let note = String::from_utf8(heartbeat.checkpoint.to_vec()).unwrap();
            let checkpoint = Checkpoint::verify(&note, "mesh.example/registry", &log).unwrap();
            assert!(checkpoint.size <= 3);
            if checkpoint.size == 3 {
                break;
            }
        }
    }
    drop(stream);
    world.stop.request();
    jobs.await.unwrap();
    world.end().await;
}

fn log_key(world: &World) -> sluis_envelope::VerifyingKey {
    let randomness = std::sync::Arc::new(sluis_types::OsRandomness);
    let keys = sluis_keyring::ServiceKeys::load(&world.home.path().join("keys"), randomness).unwrap();
    sluis_registry::public_keys(&keys).unwrap().log
}

#[tokio::test]
async fn watch_organisations_refuses_the_wrong_caller() {
    let world = World::start().await;
    for caller in [
        partner(oin(1), ProfessionalRole::Professional),
        enrolling(),
        resident(),
    ] {
        let request = WatchOrganisationsRequest::default();
        let outcome = world
            .client(caller)
            .watch_organisations(request)
            .await
            .map(|_| ());
        assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
    }
    // A token belongs to the caller that it was given to.
    let mut stream = open(world.consent(), b"").await;
    let (token, _) = next(&mut stream).await;
    let system = partner(oin(1), ProfessionalRole::System);
    for token in [token, b"x".to_vec(), vec![0; 2000]] {
        let request = WatchOrganisationsRequest {
            resume_token: token.into(),
        };
        let outcome = world
            .client(system.clone())
            .watch_organisations(request)
            .await
            .map(|_| ());
        assert!(
            matches!(
                refusal(outcome),
                ErrorReason::BadPageToken | ErrorReason::ResumeTokenLapsed
            ),
            "not one of this caller's"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn watch_organisations_refuses_a_lapsed_token() {
    let world = World::start().await;
    let jobs = tokio::spawn(world.registry.jobs());
    let mut stream = open(world.consent(), b"").await;
    let (token, what) = next(&mut stream).await;
    assert_eq!(what, "complete");
    drop(stream);
    world.enrol(&Newcomer::new(1)).await;
    // Eight days later the hourly round has forgotten the change.
    world.clock.advance(Duration::from_hours(8 * 24));
    let first_round = Duration::from_mins(1);
    world.timer.until_awaited(first_round).await;
    world.timer.advance(first_round);
    world
        .timer
        .until_awaited(world.timer.now() + Duration::from_hours(1))
        .await;
    let mut stream = open(world.consent(), &token).await;
    let outcome = stream.message().await.map(|_| ());
    assert_eq!(refusal(outcome), ErrorReason::ResumeTokenLapsed);
    let mut afresh = open(world.consent(), b"").await;
    assert_eq!(
        told(&mut afresh, 2).await,
        [oin(1).to_string(), "complete".into()]
    );
    world.stop.request();
    jobs.await.unwrap();
    world.end().await;
}
