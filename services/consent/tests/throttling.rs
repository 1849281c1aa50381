//! CheckLoginSource, CountFailedLogin.

use std::time::Duration;

use sluis_proto::consent::v1 as proto;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::MeshRole;

use crate::world::{World, contains, every_file, refusal};

const SOURCE: [u8; 32] = *b"a source that the gateway hashed";

fn checking(source: &[u8]) -> proto::CheckLoginSourceRequest {
    proto::CheckLoginSourceRequest {
        source: source.to_vec().into(),
    }
}

fn counting(world: &World, source: &[u8]) -> proto::CountFailedLoginRequest {
    proto::CountFailedLoginRequest {
        request_id: world.request_id(),
        source: source.to_vec().into(),
    }
}

#[tokio::test]
async fn check_login_source_works() {
    let world = World::start().await;
    let mut gateway = world.sessions(MeshRole::Gateway);
    for _ in 0..5 {
        gateway.check_login_source(checking(&SOURCE)).await.unwrap();
        gateway
            .count_failed_login(counting(&world, &SOURCE))
            .await
            .unwrap();
    }
    let closed = gateway.check_login_source(checking(&SOURCE)).await;
    assert_eq!(refusal(closed), ErrorReason::RateLimited);
    gateway.check_login_source(checking(&[7; 32])).await.unwrap();
    world.clock.advance(Duration::from_mins(15));
    gateway.check_login_source(checking(&SOURCE)).await.unwrap();
    // It stands nowhere in clear, and is forgotten.
    for (path, bytes) in every_file(world.home.path()) {
        assert!(!contains(&bytes, &SOURCE), "{}", path.display());
    }
    world.clock.advance(Duration::from_hours(2));
    assert!(world.consent.expire().await.unwrap().others > 0);
}

#[tokio::test]
async fn while_many_logins_fail_everywhere_one_failure_slows_a_source_and_none_does_not() {
    let world = World::start().await;
    let mut gateway = world.sessions(MeshRole::Gateway);
    let source = |number: u16| {
        let mut source = [0; 32];
        source[..2].copy_from_slice(&number.to_be_bytes());
        source
    };
    for number in 0..300_u16 {
        gateway.check_login_source(checking(&source(0))).await.unwrap();
        gateway
            .count_failed_login(counting(&world, &source(number)))
            .await
            .unwrap();
    }
    let slowed = gateway.check_login_source(checking(&source(1))).await;
    assert_eq!(refusal(slowed), ErrorReason::RateLimited);
    gateway.check_login_source(checking(&source(999))).await.unwrap();
    world.clock.advance(Duration::from_mins(15));
    gateway.check_login_source(checking(&source(1))).await.unwrap();
}

#[tokio::test]
async fn check_login_source_refuses_the_wrong_caller() {
    let world = World::start().await;
    let refused = world
        .sessions(MeshRole::Referral)
        .check_login_source(checking(&SOURCE))
        .await;
    assert_eq!(refusal(refused), ErrorReason::CallerRefused);
}

#[tokio::test]
async fn count_failed_login_works() {
    let world = World::start().await;
    let mut gateway = world.sessions(MeshRole::Gateway);
    for _ in 0..4 {
        gateway
            .count_failed_login(counting(&world, &SOURCE))
            .await
            .unwrap();
    }
    gateway.check_login_source(checking(&SOURCE)).await.unwrap();
    gateway
        .count_failed_login(counting(&world, &SOURCE))
        .await
        .unwrap();
    let closed = gateway.check_login_source(checking(&SOURCE)).await;
    assert_eq!(refusal(closed), ErrorReason::RateLimited);
}

#[tokio::test]
async fn count_failed_login_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let mut gateway = world.sessions(MeshRole::Gateway);
    let request = counting(&world, &SOURCE);
    for _ in 0..9 {
        gateway.count_failed_login(request.clone()).await.unwrap();
    }
    gateway.check_login_source(checking(&SOURCE)).await.unwrap();
}

#[tokio::test]
async fn count_failed_login_refuses_the_wrong_caller() {
    let world = World::start().await;
    let request = counting(&world, &SOURCE);
    let refused = world
        .sessions(MeshRole::Registry)
        .count_failed_login(request)
        .await;
    assert_eq!(refusal(refused), ErrorReason::CallerRefused);
}

/// There is no id to be unknown: a source may be malformed.
#[tokio::test]
async fn count_failed_login_answers_an_unknown_id() {
    let world = World::start().await;
    let mut gateway = world.sessions(MeshRole::Gateway);
    for malformed in [&[][..], &[1; 31], &[1; 33]] {
        let counted = gateway.count_failed_login(counting(&world, malformed)).await;
        assert_eq!(refusal(counted), ErrorReason::InvalidField);
        let checked = gateway.check_login_source(checking(malformed)).await;
        assert_eq!(refusal(checked), ErrorReason::InvalidField);
    }
}
