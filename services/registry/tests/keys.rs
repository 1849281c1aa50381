//! PublishKey.

use std::time::Duration;

use sluis_envelope::{KeyKind, KeyStatement, Signed};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1::PublishKeyRequest;
use sluis_types::{ProfessionalRole, Timestamp};

use crate::newcomer::Newcomer;
use crate::world::{NOW, World, enrolling, oin, partner, refusal, resident};

const LATER: Timestamp = Timestamp::from_seconds(1_790_000_030);

fn publication(world: &World, statement: &Signed<KeyStatement>) -> PublishKeyRequest {
    PublishKeyRequest {
        request_id: world.request_id(),
        key_statement: statement.encode().into(),
    }
}

fn second(member: &Newcomer) -> Signed<KeyStatement> {
    Signed::sign(
        member.verified(NOW).next(member.entries(NOW), LATER),
        &member.identity,
    )
}

#[tokio::test]
async fn publish_key_works() {
    let world = World::start().await;
    let member = Newcomer::new(1);
    world.enrol(&member).await;
    let second = second(&member);
    let reply = world
        .admin(oin(1))
        .publish_key(publication(&world, &second))
        .await
        .unwrap();
    let organisation = reply.into_inner().organisation.unwrap();
    let chain = vec![member.first_statement(NOW).encode(), second.encode()];
    assert_eq!(organisation.key_statements, chain);
    assert_eq!(organisation.version, 2);

    // The identity key rotates to the one that the first statement committed to.
    let known = member.verified(NOW).accept(second, LATER).unwrap();
    let rotated = known.rotated(
        member.next_identity.verifying_key(),
        [0; 32],
        member.entries(NOW),
        LATER,
    );
    let third = Signed::sign(rotated, &member.next_identity);
    let system = partner(oin(1), ProfessionalRole::System);
    let reply = world
        .client(system)
        .publish_key(publication(&world, &third))
        .await
        .unwrap();
    assert_eq!(reply.into_inner().organisation.unwrap().key_statements.len(), 3);
    world.end().await;
}

#[tokio::test]
async fn publish_key_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let member = Newcomer::new(1);
    world.enrol(&member).await;
    let request = publication(&world, &second(&member));
    let first = world
        .admin(oin(1))
        .publish_key(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = world
        .admin(oin(1))
        .publish_key(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    let other = PublishKeyRequest {
        key_statement: member.first_statement(NOW).encode().into(),
        ..request
    };
    assert_eq!(
        refusal(world.admin(oin(1)).publish_key(other).await),
        ErrorReason::RequestIdReused
    );
    world.end().await;
}

#[tokio::test]
async fn publish_key_refuses_the_wrong_caller() {
    let world = World::start().await;
    let member = Newcomer::new(1);
    world.enrol(&member).await;
    for caller in [
        partner(oin(1), ProfessionalRole::Professional),
        enrolling(),
        resident(),
    ] {
        let outcome = world
            .client(caller)
            .publish_key(publication(&world, &second(&member)))
            .await;
        assert_eq!(refusal(outcome), ErrorReason::RoleRefused);
    }
    // Another member cannot publish this one's statement.
    world.enrol(&Newcomer::new(2)).await;
    let outcome = world
        .admin(oin(2))
        .publish_key(publication(&world, &second(&member)))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::KeyRefused);
    world.end().await;
}

#[tokio::test]
async fn publish_key_answers_an_unknown_id() {
    let world = World::start().await;
    let stranger = Newcomer::new(1);
    let outcome = world
        .admin(oin(1))
        .publish_key(publication(&world, &second(&stranger)))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    world.end().await;
}

/// Statements that do not follow from the member's first one.
fn broken(member: &Newcomer) -> Vec<(&'static str, Signed<KeyStatement>)> {
    let known = member.verified(NOW);
    let good = || known.next(member.entries(NOW), LATER);
    let mut dropped = member.entries(NOW);
    dropped.retain(|entry| entry.key.kind() != KeyKind::Signing);
    let mut prolonged = member.entries(NOW);
    prolonged[0].not_after = prolonged[0].not_after.plus(Duration::from_secs(1));
    let (mut gap, mut past, mut older, mut successor) = (good(), good(), good(), good());
    gap.sequence = 3;
    past.previous = [1; 32];
    older.issued_at = NOW.minus(Duration::from_secs(1));
    successor.successor = [1; 32];
    let thief = Newcomer::new(9);
    let stolen = known.rotated(
        thief.identity.verifying_key(),
        [0; 32],
        member.entries(NOW),
        LATER,
    );
    let sign = |statement| Signed::sign(statement, &member.identity);
    vec![
        ("the first again", member.first_statement(NOW)),
        ("a gap", sign(gap)),
        ("another past", sign(past)),
        ("older", sign(older)),
        ("a key vanished", sign(known.next(dropped, LATER))),
        ("a key prolonged", sign(known.next(prolonged, LATER))),
        ("another successor", sign(successor)),
        ("a stranger's identity", Signed::sign(stolen, &thief.identity)),
    ]
}

#[tokio::test]
async fn a_statement_that_does_not_follow_changes_nothing() {
    let world = World::start().await;
    let member = Newcomer::new(1);
    world.enrol(&member).await;
    let refused = |name: &'static str, bytes: Vec<u8>, expected: ErrorReason| {
        let request = PublishKeyRequest {
            request_id: world.request_id(),
            key_statement: bytes.into(),
        };
        let mut admin = world.admin(oin(1));
        async move { assert_eq!(refusal(admin.publish_key(request).await), expected, "{name}") }
    };
    for (name, statement) in broken(&member) {
        refused(name, statement.encode(), ErrorReason::KeyRefused).await;
    }
    let mut forged = second(&member).encode();
    *forged.last_mut().unwrap() ^= 1;
    refused("forged", forged, ErrorReason::BadSignature).await;
    let ahead = NOW.plus(Duration::from_secs(61));
    let ahead = Signed::sign(
        member.verified(NOW).next(member.entries(NOW), ahead),
        &member.identity,
    );
    refused("from the future", ahead.encode(), ErrorReason::ClockSkew).await;
    refused("malformed", b"x".to_vec(), ErrorReason::MalformedEnvelope).await;

    let good = publication(&world, &second(&member));
    let reply = world.admin(oin(1)).publish_key(good).await.unwrap().into_inner();
    assert_eq!(
        reply.organisation.unwrap().version,
        2,
        "nothing was changed before"
    );
    world.end().await;
}
