//! StartSession, GetSession, EndSession.

use std::time::Duration;

use sluis_proto::consent::v1::{self as proto, LevelOfAssurance};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::MeshRole;

use crate::world::{ISSUER, World, refusal};

fn getting(token: &[u8]) -> proto::GetSessionRequest {
    proto::GetSessionRequest {
        session_token: token.to_vec().into(),
    }
}

#[tokio::test]
async fn start_session_works() {
    let world = World::start().await;
    let mut gateway = world.sessions(MeshRole::Gateway);
    let started = gateway
        .start_session(world.login("anna", LevelOfAssurance::High))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(started.session_token.len(), 32);
    let ends = world.now().plus(Duration::from_hours(1));
    assert_eq!(started.expires_at.unwrap().seconds, ends.seconds());
    let other = gateway
        .start_session(world.login("anna", LevelOfAssurance::High))
        .await
        .unwrap()
        .into_inner();
    assert_ne!(started.session_token, other.session_token);
}

#[tokio::test]
async fn start_session_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let mut gateway = world.sessions(MeshRole::Gateway);
    let request = world.login("anna", LevelOfAssurance::Low);
    let first = gateway.start_session(request.clone()).await.unwrap().into_inner();
    world.clock.advance(Duration::from_mins(5));
    let again = gateway.start_session(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again);
    let other = proto::StartSessionRequest {
        subject: "bert".into(),
        ..request.clone()
    };
    assert_eq!(
        refusal(gateway.start_session(other).await),
        ErrorReason::RequestIdReused
    );
    // A repeat does not begin an ended session again.
    let end = proto::EndSessionRequest {
        request_id: world.request_id(),
        session_token: first.session_token.clone(),
    };
    gateway.end_session(end).await.unwrap();
    gateway.start_session(request).await.unwrap();
    let ended = gateway.get_session(getting(&first.session_token)).await;
    assert_eq!(refusal(ended), ErrorReason::SessionEnded);
}

#[tokio::test]
async fn start_session_refuses_the_wrong_caller() {
    let world = World::start().await;
    let login = world.login("anna", LevelOfAssurance::High);
    let referral = world.sessions(MeshRole::Referral).start_session(login).await;
    assert_eq!(refusal(referral), ErrorReason::CallerRefused);
}

/// There is no id to be unknown: what can be wrong is the login.
#[tokio::test]
async fn start_session_answers_an_unknown_id() {
    let world = World::start().await;
    let good = world.login("anna", LevelOfAssurance::High);
    let bad = [
        proto::StartSessionRequest {
            issuer: String::new(),
            ..good.clone()
        },
        proto::StartSessionRequest {
            subject: String::new(),
            ..good.clone()
        },
        proto::StartSessionRequest {
            subject: "a\0b".into(),
            ..good.clone()
        },
        proto::StartSessionRequest {
            subject: "é".repeat(200),
            ..good.clone()
        },
        proto::StartSessionRequest {
            subject: "a".repeat(256),
            ..good.clone()
        },
        proto::StartSessionRequest {
            level_of_assurance: 0,
            ..good.clone()
        },
        proto::StartSessionRequest {
            level_of_assurance: 9,
            ..good
        },
    ];
    for request in bad {
        let refused = world.sessions(MeshRole::Gateway).start_session(request).await;
        assert_eq!(refusal(refused), ErrorReason::InvalidField);
    }
}

#[tokio::test]
async fn get_session_works() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let mut gateway = world.sessions(MeshRole::Gateway);
    let session = gateway
        .get_session(getting(&resident.token))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (session.issuer.as_str(), session.subject.as_str()),
        (ISSUER, "anna")
    );
    assert_eq!(session.level_of_assurance(), LevelOfAssurance::Substantial);
    assert_eq!(session.represents, "");
    world.clock.advance(Duration::from_hours(1));
    let expired = gateway.get_session(getting(&resident.token)).await;
    assert_eq!(refusal(expired), ErrorReason::SessionEnded);
    let reading = resident
        .client
        .clone()
        .list_grants(proto::ListGrantsRequest {})
        .await;
    assert_eq!(refusal(reading), ErrorReason::SessionEnded);
}

#[tokio::test]
async fn get_session_refuses_the_wrong_caller() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let registry = world
        .sessions(MeshRole::Registry)
        .get_session(getting(&resident.token))
        .await;
    assert_eq!(refusal(registry), ErrorReason::CallerRefused);
}

#[tokio::test]
async fn get_session_answers_an_unknown_id() {
    let world = World::start().await;
    for token in [&[7; 32][..], &[], &[7; 5]] {
        let refused = world
            .sessions(MeshRole::Gateway)
            .get_session(getting(token))
            .await;
        assert_eq!(refusal(refused), ErrorReason::SessionEnded);
    }
}

fn ending(world: &World, token: &[u8]) -> proto::EndSessionRequest {
    proto::EndSessionRequest {
        request_id: world.request_id(),
        session_token: token.to_vec().into(),
    }
}

#[tokio::test]
async fn end_session_works() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let mut gateway = world.sessions(MeshRole::Gateway);
    gateway
        .end_session(ending(&world, &resident.token))
        .await
        .unwrap();
    let ended = gateway.get_session(getting(&resident.token)).await;
    assert_eq!(refusal(ended), ErrorReason::SessionEnded);
    let reading = resident
        .client
        .clone()
        .list_grants(proto::ListGrantsRequest {})
        .await;
    assert_eq!(refusal(reading), ErrorReason::SessionEnded);
}

#[tokio::test]
async fn end_session_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let mut gateway = world.sessions(MeshRole::Gateway);
    let request = ending(&world, &resident.token);
    gateway.end_session(request.clone()).await.unwrap();
    gateway.end_session(request.clone()).await.unwrap();
    let other = proto::EndSessionRequest {
        session_token: vec![1; 32].into(),
        ..request
    };
    assert_eq!(
        refusal(gateway.end_session(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn end_session_refuses_the_wrong_caller() {
    let world = World::start().await;
    let resident = world.log_in("anna").await;
    let refused = world
        .sessions(MeshRole::Registry)
        .end_session(ending(&world, &resident.token))
        .await;
    assert_eq!(refusal(refused), ErrorReason::CallerRefused);
    world
        .sessions(MeshRole::Gateway)
        .get_session(getting(&resident.token))
        .await
        .unwrap();
}

#[tokio::test]
async fn end_session_answers_an_unknown_id() {
    let world = World::start().await;
    world
        .sessions(MeshRole::Gateway)
        .end_session(ending(&world, &[7; 32]))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_session_is_its_own_logins_only() {
    let world = World::start().await;
    let (anna, bert) = (world.log_in("anna").await, world.log_in("bert").await);
    let (sluis_serve::Caller::Resident(anna), sluis_serve::Caller::Resident(bert)) =
        (anna.caller, bert.caller)
    else {
        panic!("residents");
    };
    // Bert's login with Anna's session, as a confused gateway might put them together.
    let mixed = sluis_serve::ResidentCaller {
        session: anna.session,
        ..bert
    };
    let client = world.mesh_client(sluis_serve::Caller::Resident(mixed));
    let refused = crate::world::ResidentClient::new(client)
        .list_grants(proto::ListGrantsRequest {})
        .await;
    assert_eq!(refusal(refused), ErrorReason::SessionEnded);
}

#[tokio::test]
async fn a_representative_without_a_mandate_reaches_nothing() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let login = proto::StartSessionRequest {
        represents: "anna".into(),
        ..world.login("clara", LevelOfAssurance::High)
    };
    let clara = world.log_in_as(login).await;
    let session = world
        .sessions(MeshRole::Gateway)
        .get_session(getting(&clara.token))
        .await
        .unwrap();
    assert_eq!(session.into_inner().represents, "anna");
    let mut client = clara.client;
    let grants = client.list_grants(proto::ListGrantsRequest {}).await;
    assert_eq!(refusal(grants), ErrorReason::NotAvailable);
    let withdrawal = client.withdraw_grant(world.withdrawing(&granted.grant)).await;
    assert_eq!(refusal(withdrawal), ErrorReason::NotAvailable);
}
