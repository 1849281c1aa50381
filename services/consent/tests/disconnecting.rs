//! DisconnectOrganisation, DisconnectLogin.

use sluis_proto::consent::v1::{self as proto, AccessKind, GrantState, MandateKind};
use sluis_proto::options::v1::ErrorReason;

use crate::acts::{Resident, provision};
use crate::world::{World, refusal};

fn breaking(world: &World, oin: String) -> proto::DisconnectOrganisationRequest {
    proto::DisconnectOrganisationRequest {
        request_id: world.request_id(),
        oin,
    }
}

async fn linked(resident: &Resident) -> usize {
    let reply = resident
        .client
        .clone()
        .list_links(proto::ListLinksRequest {})
        .await;
    reply.unwrap().into_inner().links.len()
}

#[tokio::test]
async fn disconnect_organisation_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let anna = &granted.resident;
    world.link(anna, &world.stranger).await;
    let sent = world.send(&granted.handle).await;
    let question = world.question(vec![provision()]);
    world.ask(anna, &granted.handle, question).await;
    let request = breaking(&world, world.welfare.oin.to_string());
    anna.client
        .clone()
        .disconnect_organisation(request)
        .await
        .unwrap();
    assert_eq!(linked(anna).await, 1, "the other link stays");
    assert!(world.waiting(anna).await.is_empty());
    assert_eq!(world.grants(anna).await[0].state(), GrantState::Withdrawn);
    assert_eq!(refusal(world.open(&sent).await), ErrorReason::NotAvailable);
    let kinds: Vec<_> = world
        .log(anna)
        .await
        .iter()
        .map(proto::AccessEntry::kind)
        .collect();
    assert!(kinds.contains(&AccessKind::Disconnected) && kinds.contains(&AccessKind::Withdrawn));
    // The old handle is nobody's; a new link gives another one.
    world.ask_unseen(&granted.handle).await;
    assert!(world.waiting(anna).await.is_empty());
    assert_ne!(world.link(anna, &world.welfare).await, granted.handle);
}

#[tokio::test]
async fn disconnect_organisation_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let mut anna = granted.resident.client.clone();
    let request = breaking(&world, world.welfare.oin.to_string());
    anna.disconnect_organisation(request.clone()).await.unwrap();
    let leaves = world.log(&granted.resident).await.len();
    anna.disconnect_organisation(request.clone()).await.unwrap();
    assert_eq!(world.log(&granted.resident).await.len(), leaves);
    let other = proto::DisconnectOrganisationRequest {
        oin: world.ggz.oin.to_string(),
        ..request
    };
    assert_eq!(
        refusal(anna.disconnect_organisation(other).await),
        ErrorReason::RequestIdReused
    );
}

#[tokio::test]
async fn disconnect_organisation_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let mentor = world
        .appointed("carla", "anna", &granted.handle, MandateKind::Mentor)
        .await;
    let request = breaking(&world, world.welfare.oin.to_string());
    let refused = mentor.client.clone().disconnect_organisation(request).await;
    assert_eq!(
        refusal(refused),
        ErrorReason::MandateRefused,
        "a mentor does not reach money"
    );
    let request = breaking(&world, world.welfare.oin.to_string());
    let partner = world
        .residents_service_as_partner()
        .disconnect_organisation(request)
        .await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    world.authorize(&granted.handle).await.unwrap();
}

#[tokio::test]
async fn disconnect_organisation_answers_an_unknown_id() {
    let world = World::start().await;
    let mut anna = world.log_in("anna").await.client;
    let nobody = breaking(&world, "00000099000000009999".into());
    anna.disconnect_organisation(nobody).await.unwrap();
    let malformed = anna.disconnect_organisation(breaking(&world, "x".into())).await;
    assert_eq!(refusal(malformed), ErrorReason::InvalidField);
}

fn leaving(world: &World) -> proto::DisconnectLoginRequest {
    proto::DisconnectLoginRequest {
        request_id: world.request_id(),
    }
}

#[tokio::test]
async fn disconnect_login_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let mut anna = granted.resident.client.clone();
    anna.disconnect_login(leaving(&world)).await.unwrap();
    let after = anna.list_grants(proto::ListGrantsRequest {}).await;
    assert_eq!(refusal(after), ErrorReason::SessionEnded);
    let anew = world.log_in("anna").await;
    assert!(world.grants(&anew).await.is_empty(), "the login begins anew");
    world.authorize(&granted.handle).await.unwrap();
}

#[tokio::test]
async fn disconnect_login_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let mut anna = world.log_in("anna").await.client;
    let request = leaving(&world);
    anna.disconnect_login(request.clone()).await.unwrap();
    anna.disconnect_login(request).await.unwrap();
}

#[tokio::test]
async fn disconnect_login_refuses_the_wrong_caller() {
    let world = World::start().await;
    let partner = world
        .residents_service_as_partner()
        .disconnect_login(leaving(&world))
        .await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
    let nobody = world.as_nobody().disconnect_login(leaving(&world)).await;
    assert_eq!(refusal(nobody), ErrorReason::SessionEnded);
}

/// There is no id to be unknown: a login is its own.
#[tokio::test]
async fn disconnect_login_answers_an_unknown_id() {
    let world = World::start().await;
    let mut anna = world.log_in("anna").await.client;
    let malformed = proto::DisconnectLoginRequest {
        request_id: "x".into(),
    };
    assert_eq!(
        refusal(anna.disconnect_login(malformed).await),
        ErrorReason::InvalidField
    );
}
