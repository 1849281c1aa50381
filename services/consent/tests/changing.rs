//! NarrowGrant, SuspendGrant, ResumeGrant.

use sluis_proto::consent::v1::{self as proto, DataKind, GrantState, Purpose};
use sluis_proto::options::v1::ErrorReason;

use crate::acts::{Granted, provision_of};
use crate::world::{ResidentClient, World, refusal};

pub(crate) const NO_GRANT: &str = "00000000-0000-4000-8000-000000000000";

pub(crate) fn resident_of(granted: &Granted) -> ResidentClient {
    granted.resident.client.clone()
}

fn narrowing(world: &World, grant_id: &str, version: u32, kinds: &[DataKind]) -> proto::NarrowGrantRequest {
    proto::NarrowGrantRequest {
        request_id: world.request_id(),
        grant_id: grant_id.into(),
        expected_version: version,
        provisions: vec![provision_of(Purpose::Referral, kinds)],
    }
}

#[tokio::test]
async fn narrow_grant_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let id = &granted.grant.grant_id;
    let mut request = narrowing(&world, id, 1, &[DataKind::Contact, DataKind::Plan]);
    let objection = provision_of(Purpose::Referral, &[DataKind::Contact]);
    request.provisions.push(proto::Provision {
        objection: true,
        ..objection
    });
    let reply = resident_of(&granted)
        .narrow_grant(request.clone())
        .await
        .unwrap()
        .into_inner();
    let grant = reply.grant.unwrap();
    assert_eq!((grant.version, grant.state()), (2, GrantState::Active));
    assert_eq!(grant.provisions, request.provisions);
    assert_eq!(grant.valid_until, granted.grant.valid_until);
    // What is objected to is not allowed, whatever the rest says.
    let contact = world.asking_to_send(&granted.handle, &[sluis_types::DataKind::Contact]);
    assert_eq!(
        refusal(world.as_welfare().authorize(contact).await),
        ErrorReason::NotAvailable
    );
    let token = world.authorize(&granted.handle).await.unwrap();
    assert_eq!(token.grant_version, 2);
}

#[tokio::test]
async fn narrow_grant_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = narrowing(&world, &granted.grant.grant_id, 1, &[DataKind::Plan]);
    let first = resident_of(&granted)
        .narrow_grant(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = resident_of(&granted)
        .narrow_grant(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    assert_eq!(world.grants(&granted.resident).await[0].version, 2);
    let other = proto::NarrowGrantRequest {
        expected_version: 2,
        ..request
    };
    assert_eq!(
        refusal(resident_of(&granted).narrow_grant(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn narrow_grant_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = narrowing(&world, &granted.grant.grant_id, 1, &[DataKind::Plan]);
    let other = world
        .log_in("bert")
        .await
        .client
        .narrow_grant(request.clone())
        .await;
    assert_eq!(refusal(other), ErrorReason::NotAvailable);
    let partner = world.residents_service_as_partner().narrow_grant(request).await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    assert_eq!(world.grants(&granted.resident).await[0].version, 1);
}

#[tokio::test]
async fn narrow_grant_answers_an_unknown_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let unknown = narrowing(&world, NO_GRANT, 1, &[DataKind::Plan]);
    assert_eq!(
        refusal(resident_of(&granted).narrow_grant(unknown).await),
        ErrorReason::NotAvailable
    );
    let id = &granted.grant.grant_id;
    let stale = narrowing(&world, id, 7, &[DataKind::Plan]);
    assert_eq!(
        refusal(resident_of(&granted).narrow_grant(stale).await),
        ErrorReason::VersionConflict
    );
    let wider = narrowing(&world, id, 1, &[DataKind::Medical]);
    assert_eq!(
        refusal(resident_of(&granted).narrow_grant(wider).await),
        ErrorReason::InvalidField
    );
    world.withdraw(&granted).await;
    let ended = narrowing(&world, id, 1, &[DataKind::Plan]);
    assert_eq!(
        refusal(resident_of(&granted).narrow_grant(ended).await),
        ErrorReason::IllegalTransition
    );
}

fn pausing(world: &World, grant_id: &str) -> proto::SuspendGrantRequest {
    proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: grant_id.into(),
    }
}

fn resuming(world: &World, grant_id: &str) -> proto::ResumeGrantRequest {
    proto::ResumeGrantRequest {
        request_id: world.request_id(),
        grant_id: grant_id.into(),
    }
}

#[tokio::test]
async fn suspend_grant_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = pausing(&world, &granted.grant.grant_id);
    let grant = resident_of(&granted)
        .suspend_grant(request)
        .await
        .unwrap()
        .into_inner()
        .grant
        .unwrap();
    assert_eq!((grant.state(), grant.version), (GrantState::Suspended, 1));
    assert_eq!(
        refusal(world.authorize(&granted.handle).await),
        ErrorReason::NotAvailable
    );
    let twice = resident_of(&granted)
        .suspend_grant(pausing(&world, &grant.grant_id))
        .await;
    assert_eq!(refusal(twice), ErrorReason::IllegalTransition);
}

#[tokio::test]
async fn suspend_grant_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = pausing(&world, &granted.grant.grant_id);
    let first = resident_of(&granted)
        .suspend_grant(request.clone())
        .await
        .unwrap()
        .into_inner();
    let again = resident_of(&granted)
        .suspend_grant(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    let other = proto::SuspendGrantRequest {
        grant_id: NO_GRANT.into(),
        ..request
    };
    assert_eq!(
        refusal(resident_of(&granted).suspend_grant(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn suspend_grant_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = pausing(&world, &granted.grant.grant_id);
    let other = world
        .log_in("bert")
        .await
        .client
        .suspend_grant(request.clone())
        .await;
    assert_eq!(refusal(other), ErrorReason::NotAvailable);
    let partner = world.residents_service_as_partner().suspend_grant(request).await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    world.authorize(&granted.handle).await.unwrap();
}

#[tokio::test]
async fn suspend_grant_answers_an_unknown_id() {
    let world = World::start().await;
    let mut resident = world.log_in("anna").await.client;
    let unknown = resident.suspend_grant(pausing(&world, NO_GRANT)).await;
    assert_eq!(refusal(unknown), ErrorReason::NotAvailable);
}

#[tokio::test]
async fn resume_grant_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let id = &granted.grant.grant_id;
    resident_of(&granted)
        .suspend_grant(pausing(&world, id))
        .await
        .unwrap();
    let reply = resident_of(&granted)
        .resume_grant(resuming(&world, id))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        reply.grant.unwrap(),
        granted.grant,
        "the same version with the same key"
    );
    world.authorize(&granted.handle).await.unwrap();
    let twice = resident_of(&granted).resume_grant(resuming(&world, id)).await;
    assert_eq!(refusal(twice), ErrorReason::IllegalTransition);
}

#[tokio::test]
async fn resume_grant_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let id = &granted.grant.grant_id;
    resident_of(&granted)
        .suspend_grant(pausing(&world, id))
        .await
        .unwrap();
    let request = resuming(&world, id);
    resident_of(&granted).resume_grant(request.clone()).await.unwrap();
    resident_of(&granted)
        .suspend_grant(pausing(&world, id))
        .await
        .unwrap();
    // Answered again, and not done again.
    resident_of(&granted).resume_grant(request.clone()).await.unwrap();
    assert_eq!(
        world.grants(&granted.resident).await[0].state(),
        GrantState::Suspended
    );
    let other = proto::ResumeGrantRequest {
        grant_id: NO_GRANT.into(),
        ..request
    };
    assert_eq!(
        refusal(resident_of(&granted).resume_grant(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn resume_grant_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let id = &granted.grant.grant_id;
    resident_of(&granted)
        .suspend_grant(pausing(&world, id))
        .await
        .unwrap();
    let other = world
        .log_in("bert")
        .await
        .client
        .resume_grant(resuming(&world, id))
        .await;
    assert_eq!(refusal(other), ErrorReason::NotAvailable);
    let unsure = world.login("anna", proto::LevelOfAssurance::Low);
    let mut unsure = world.log_in_as(unsure).await.client;
    let refused = unsure.resume_grant(resuming(&world, id)).await;
    assert_eq!(
        refusal(refused),
        ErrorReason::RoleRefused,
        "resuming gives away as granting does"
    );
    let partner = world
        .residents_service_as_partner()
        .resume_grant(resuming(&world, id))
        .await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    assert_eq!(
        refusal(world.authorize(&granted.handle).await),
        ErrorReason::NotAvailable
    );
}

#[tokio::test]
async fn resume_grant_answers_an_unknown_id() {
    let world = World::start().await;
    let mut resident = world.log_in("anna").await.client;
    let unknown = resident.resume_grant(resuming(&world, NO_GRANT)).await;
    assert_eq!(refusal(unknown), ErrorReason::NotAvailable);
}
