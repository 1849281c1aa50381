//! RefuseConsent, DeferConsent.

use sluis_proto::consent::v1 as proto;
use sluis_proto::options::v1::ErrorReason;

use crate::answering::{NO_PROPOSAL, asked};
use crate::world::{World, refusal};

fn refusing(world: &World, proposal_id: &str) -> proto::RefuseConsentRequest {
    proto::RefuseConsentRequest {
        request_id: world.request_id(),
        proposal_id: proposal_id.into(),
    }
}

#[tokio::test]
async fn refuse_consent_works() {
    let world = World::start().await;
    let (mut resident, handle, proposal) = asked(&world).await;
    resident
        .client
        .refuse_consent(refusing(&world, &proposal.proposal_id))
        .await
        .unwrap();
    assert!(world.waiting(&resident).await.is_empty());
    assert_eq!(refusal(world.authorize(&handle).await), ErrorReason::NotAvailable);
    let kinds: Vec<_> = world
        .log(&resident)
        .await
        .iter()
        .map(proto::AccessEntry::kind)
        .collect();
    assert!(kinds.contains(&proto::AccessKind::ProposalRefused));
    assert!(
        world.receipts_of(&resident).await.is_empty(),
        "nothing that lasts says to whom somebody said no"
    );
}

#[tokio::test]
async fn refuse_consent_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (mut resident, _, proposal) = asked(&world).await;
    let request = refusing(&world, &proposal.proposal_id);
    resident.client.refuse_consent(request.clone()).await.unwrap();
    resident.client.refuse_consent(request.clone()).await.unwrap();
    let other = proto::RefuseConsentRequest {
        proposal_id: NO_PROPOSAL.into(),
        ..request
    };
    assert_eq!(
        refusal(resident.client.refuse_consent(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn refuse_consent_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (resident, _, proposal) = asked(&world).await;
    let id = &proposal.proposal_id;
    let other = world
        .log_in("bert")
        .await
        .client
        .refuse_consent(refusing(&world, id))
        .await;
    assert_eq!(refusal(other), ErrorReason::NotAvailable);
    let partner = world
        .residents_service_as_partner()
        .refuse_consent(refusing(&world, id))
        .await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    assert_eq!(world.waiting(&resident).await.len(), 1);
}

#[tokio::test]
async fn refuse_consent_answers_an_unknown_id() {
    let world = World::start().await;
    let (mut resident, ..) = asked(&world).await;
    let unknown = resident
        .client
        .refuse_consent(refusing(&world, NO_PROPOSAL))
        .await;
    assert_eq!(refusal(unknown), ErrorReason::NotAvailable);
    let malformed = resident.client.refuse_consent(refusing(&world, "NO")).await;
    assert_eq!(refusal(malformed), ErrorReason::InvalidField);
}

fn deferring(world: &World, proposal_id: &str) -> proto::DeferConsentRequest {
    proto::DeferConsentRequest {
        request_id: world.request_id(),
        proposal_id: proposal_id.into(),
    }
}

#[tokio::test]
async fn defer_consent_works() {
    let world = World::start().await;
    let (mut resident, _, proposal) = asked(&world).await;
    resident
        .client
        .defer_consent(deferring(&world, &proposal.proposal_id))
        .await
        .unwrap();
    let waiting = world.waiting(&resident).await;
    assert!(waiting[0].deferred);
    assert_eq!(
        waiting[0].lapses_at, proposal.lapses_at,
        "putting aside buys no time"
    );
    world.grant(&resident, &waiting[0]).await;
}

#[tokio::test]
async fn defer_consent_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let (mut resident, _, proposal) = asked(&world).await;
    let request = deferring(&world, &proposal.proposal_id);
    resident.client.defer_consent(request.clone()).await.unwrap();
    resident.client.defer_consent(request.clone()).await.unwrap();
    let other = proto::DeferConsentRequest {
        proposal_id: NO_PROPOSAL.into(),
        ..request
    };
    assert_eq!(
        refusal(resident.client.defer_consent(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn defer_consent_refuses_the_wrong_caller() {
    let world = World::start().await;
    let (resident, _, proposal) = asked(&world).await;
    let id = &proposal.proposal_id;
    let other = world
        .log_in("bert")
        .await
        .client
        .defer_consent(deferring(&world, id))
        .await;
    assert_eq!(refusal(other), ErrorReason::NotAvailable);
    let partner = world
        .residents_service_as_partner()
        .defer_consent(deferring(&world, id))
        .await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    assert!(!world.waiting(&resident).await[0].deferred);
}

#[tokio::test]
async fn defer_consent_answers_an_unknown_id() {
    let world = World::start().await;
    let (mut resident, ..) = asked(&world).await;
    let unknown = resident
        .client
        .defer_consent(deferring(&world, NO_PROPOSAL))
        .await;
    assert_eq!(refusal(unknown), ErrorReason::NotAvailable);
}
