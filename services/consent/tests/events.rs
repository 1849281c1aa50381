//! WatchGrants and GetGrantStates.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sluis_proto::consent::v1::watch_grants_response::Event;
use sluis_proto::consent::v1::{self as proto, GrantChange};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{HEARTBEAT_EVERY, ManualTimer, MeshRole};
use tonic::Streaming;

use crate::acts::provision_of;
use crate::letters::DAY;
use crate::world::{Events, World, refusal};

async fn watch(client: &mut Events, resume_token: Bytes) -> Streaming<proto::WatchGrantsResponse> {
    client
        .watch_grants(proto::WatchGrantsRequest { resume_token })
        .await
        .unwrap()
        .into_inner()
}

async fn next_change(stream: &mut Streaming<proto::WatchGrantsResponse>) -> (Bytes, proto::GrantEvent) {
    loop {
        let message = stream.message().await.unwrap().unwrap();
        if let Event::Grant(event) = message.event.unwrap() {
            return (message.resume_token, event);
        }
    }
}

#[tokio::test]
async fn watch_grants_begins_with_what_is_kept_and_resumes_where_it_was() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let id = granted.grant.grant_id.clone();
    let mut resident = granted.resident.client.clone();
    let narrow = proto::NarrowGrantRequest {
        request_id: world.request_id(),
        grant_id: id.clone(),
        expected_version: 1,
        provisions: vec![provision_of(proto::Purpose::Referral, &[proto::DataKind::Plan])],
    };
    resident.narrow_grant(narrow).await.unwrap();

    let mut referral = world.events(MeshRole::Referral);
    let mut stream = watch(&mut referral, Bytes::new()).await;
    let (first_token, first) = next_change(&mut stream).await;
    assert_eq!(first.grant_id.as_ref(), granted.id().as_bytes());
    assert_eq!((first.version, first.change()), (1, GrantChange::Superseded));

    let pause = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: id.clone(),
    };
    resident.suspend_grant(pause).await.unwrap();
    let resume = proto::ResumeGrantRequest {
        request_id: world.request_id(),
        grant_id: id,
    };
    resident.resume_grant(resume).await.unwrap();
    world.withdraw(&granted).await;
    let mut changes = Vec::new();
    for _ in 0..3 {
        let (_, event) = next_change(&mut stream).await;
        changes.push((event.version, event.change()));
    }
    let expected = [
        (2, GrantChange::Paused),
        (2, GrantChange::Resumed),
        (2, GrantChange::Ended),
    ];
    assert_eq!(changes, expected);

    let mut resumed = watch(&mut referral, first_token).await;
    assert_eq!(next_change(&mut resumed).await.1.change(), GrantChange::Paused);
}

#[tokio::test]
async fn watch_grants_sends_a_heartbeat_with_the_newest_checkpoint() {
    let timer = Arc::new(ManualTimer::new());
    let world = World::start_timed(timer.clone()).await;
    let login = world.login("anna", proto::LevelOfAssurance::Low);
    world
        .sessions(MeshRole::Gateway)
        .start_session(login)
        .await
        .unwrap();
    let jobs = tokio::spawn(world.consent.jobs());
    let mut referral = world.events(MeshRole::Referral);
    let mut stream = watch(&mut referral, Bytes::new()).await;
    let heartbeat = loop {
        timer
            .until_awaited(timer_now(&timer) + Duration::from_millis(500))
            .await;
        timer.advance(HEARTBEAT_EVERY);
        let message = stream.message().await.unwrap().unwrap();
        let Some(Event::Heartbeat(heartbeat)) = message.event else {
            panic!("nothing happened")
        };
        if !heartbeat.checkpoint.is_empty() {
            break heartbeat;
        }
    };
    let key = sluis_consent::public_keys(&world.keys).unwrap().log;
    let note = std::str::from_utf8(&heartbeat.checkpoint).unwrap();
    let checkpoint = sluis_envelope::Checkpoint::verify(note, "mesh.example/consent", &key).unwrap();
    assert!(checkpoint.size >= 1);
    assert_eq!(heartbeat.at.unwrap().seconds, world.now().seconds());
    world.stop.request();
    jobs.await.unwrap();
}

fn timer_now(timer: &ManualTimer) -> Duration {
    sluis_serve::Timer::now(timer)
}

#[tokio::test]
async fn watch_grants_refuses_the_wrong_caller() {
    let world = World::start().await;
    let mut gateway = world.events(MeshRole::Gateway);
    let refused = gateway
        .watch_grants(proto::WatchGrantsRequest::default())
        .await
        .map(drop);
    assert_eq!(refusal(refused), ErrorReason::CallerRefused);
}

/// How a watch with this token begins: with an event, or with a refusal.
async fn begins(client: &mut Events, resume_token: &Bytes) -> Result<(), tonic::Status> {
    let request = proto::WatchGrantsRequest {
        resume_token: resume_token.clone(),
    };
    client
        .watch_grants(request)
        .await?
        .into_inner()
        .message()
        .await
        .map(drop)
}

#[tokio::test]
async fn watch_grants_refuses_a_lapsed_token() {
    let world = World::start().await;
    let (anna, bert) = (world.granted("anna").await, world.granted("bert").await);
    world.withdraw(&anna).await;
    world.withdraw(&bert).await;
    let mut referral = world.events(MeshRole::Referral);
    let (token, _) = next_change(&mut watch(&mut referral, Bytes::new()).await).await;
    begins(&mut referral, &token).await.unwrap();
    let garbage = begins(&mut referral, &Bytes::from_static(b"garbage")).await;
    assert_eq!(refusal(garbage), ErrorReason::BadPageToken);
    // A service with other keys and another database.
    let other = World::start().await;
    let foreign = begins(&mut other.events(MeshRole::Referral), &token).await;
    assert_eq!(refusal(foreign), ErrorReason::ResumeTokenLapsed);
    // What is old enough is forgotten; the token that points into it has lapsed, and a fresh watch begins after it.
    world.clock.advance(31 * DAY);
    let jobs = tokio::spawn(world.consent.jobs());
    let lapsed = loop {
        match begins(&mut referral, &token).await {
            Ok(()) => tokio::task::yield_now().await,
            Err(status) => break status,
        }
    };
    assert_eq!(refusal::<()>(Err(lapsed)), ErrorReason::ResumeTokenLapsed);
    let clara = world.granted("clara").await;
    world.withdraw(&clara).await;
    let (_, first) = next_change(&mut watch(&mut referral, Bytes::new()).await).await;
    assert_eq!(first.grant_id.as_ref(), clara.id().as_bytes());
    world.stop.request();
    jobs.await.unwrap();
}

fn asking(ids: &[[u8; 16]]) -> proto::GetGrantStatesRequest {
    proto::GetGrantStatesRequest {
        grant_ids: ids.iter().map(|id| Bytes::copy_from_slice(id)).collect(),
    }
}

#[tokio::test]
async fn get_grant_states_works() {
    let world = World::start().await;
    let (anna, bert) = (world.granted("anna").await, world.granted("bert").await);
    let clara = world.granted("clara").await;
    let pause = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: bert.grant.grant_id.clone(),
    };
    bert.resident.client.clone().suspend_grant(pause).await.unwrap();
    world.withdraw(&clara).await;
    let ids = [
        *clara.id().as_bytes(),
        *bert.id().as_bytes(),
        *anna.id().as_bytes(),
    ];
    let mut referral = world.events(MeshRole::Referral);
    let standings = referral
        .get_grant_states(asking(&ids))
        .await
        .unwrap()
        .into_inner()
        .standings;
    let read: Vec<_> = standings
        .iter()
        .map(|it| (it.grant_id.as_ref(), it.version, it.paused))
        .collect();
    assert_eq!(
        read,
        [
            (&ids[0][..], 0, false),
            (&ids[1][..], 1, true),
            (&ids[2][..], 1, false)
        ]
    );
    world.clock.advance(200 * DAY);
    let expired = referral
        .get_grant_states(asking(&ids[2..]))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(expired.standings[0].version, 0);
}

#[tokio::test]
async fn get_grant_states_refuses_the_wrong_caller() {
    let world = World::start().await;
    let refused = world
        .events(MeshRole::Registry)
        .get_grant_states(asking(&[]))
        .await;
    assert_eq!(refusal(refused), ErrorReason::CallerRefused);
}

#[tokio::test]
async fn get_grant_states_answers_an_unknown_id() {
    let world = World::start().await;
    let mut referral = world.events(MeshRole::Referral);
    let reply = referral
        .get_grant_states(asking(&[[7; 16]]))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (reply.standings[0].version, reply.standings[0].paused),
        (0, false)
    );
    let short = proto::GetGrantStatesRequest {
        grant_ids: vec![Bytes::from_static(b"short")],
    };
    assert_eq!(
        refusal(referral.get_grant_states(short).await),
        ErrorReason::InvalidField
    );
    assert_eq!(
        refusal(referral.get_grant_states(asking(&[[7; 16]; 1001])).await),
        ErrorReason::InvalidField
    );
}
