//! IssueTicket.

use std::time::Duration;

use sluis_envelope::{ResidentTicket, Signed, TicketActions};
use sluis_proto::consent::v1::{self as proto, TicketAction, TicketAudience};
use sluis_proto::options::v1::ErrorReason;
use sluis_types::Service;

use crate::world::{World, refusal};

fn asking(world: &World, grant_id: &str, actions: &[TicketAction]) -> proto::IssueTicketRequest {
    proto::IssueTicketRequest {
        request_id: world.request_id(),
        grant_id: grant_id.into(),
        audience: TicketAudience::Referral.into(),
        actions: actions.iter().map(|action| (*action).into()).collect(),
    }
}

#[tokio::test]
async fn issue_ticket_works() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let sluis_serve::Caller::Resident(caller) = &granted.resident.caller else {
        panic!("a resident")
    };
    let key = sluis_consent::public_keys(&world.keys).unwrap().ticket;
    for ended in [false, true] {
        if ended {
            world.withdraw(&granted).await;
        }
        let request = asking(
            &world,
            &granted.grant.grant_id,
            &[TicketAction::Read, TicketAction::Stop, TicketAction::Decide],
        );
        let reply = granted
            .resident
            .client
            .clone()
            .issue_ticket(request)
            .await
            .unwrap()
            .into_inner();
        let ticket = Signed::<ResidentTicket>::parse(&reply.ticket)
            .unwrap()
            .verify(&key, world.now())
            .unwrap();
        assert_eq!(ticket.grant_id, granted.id());
        assert_eq!(ticket.not_after, world.now().plus(Duration::from_mins(5)));
        let all = [TicketActions::READ, TicketActions::STOP, TicketActions::DECIDE];
        let all = all.into_iter().reduce(TicketActions::and).unwrap();
        ticket.permits(Service::Referral, &caller.session, all).unwrap();
        assert!(
            ticket
                .permits(Service::Matching, &caller.session, TicketActions::READ)
                .is_err()
        );
    }
    let newest = world.log(&granted.resident).await.remove(0);
    assert_eq!(newest.kind(), proto::AccessKind::TicketIssued);
}

#[tokio::test]
async fn a_ticket_is_for_the_service_that_was_asked() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let sluis_serve::Caller::Resident(caller) = &granted.resident.caller else {
        panic!("a resident")
    };
    let key = sluis_consent::public_keys(&world.keys).unwrap().ticket;
    let mut request = asking(&world, &granted.grant.grant_id, &[TicketAction::Read]);
    request.audience = TicketAudience::Matching.into();
    let mut client = granted.resident.client.clone();
    let reply = client.issue_ticket(request).await.unwrap().into_inner();
    let ticket = Signed::<ResidentTicket>::parse(&reply.ticket)
        .unwrap()
        .verify(&key, world.now())
        .unwrap();
    let permits = |service| {
        ticket
            .permits(service, &caller.session, TicketActions::READ)
            .is_ok()
    };
    assert!(permits(Service::Matching) && !permits(Service::Referral));
}

#[tokio::test]
async fn issue_ticket_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let mut resident = granted.resident.client.clone();
    let request = asking(&world, &granted.grant.grant_id, &[TicketAction::Read]);
    let first = resident.issue_ticket(request.clone()).await.unwrap().into_inner();
    world.clock.advance(Duration::from_secs(3));
    assert_eq!(
        resident.issue_ticket(request.clone()).await.unwrap().into_inner(),
        first
    );
    let other = proto::IssueTicketRequest {
        actions: vec![TicketAction::Stop.into()],
        ..request.clone()
    };
    assert_eq!(
        refusal(resident.issue_ticket(other).await),
        ErrorReason::RequestIdReused
    );
    // In another session it is another ticket: it is bound to the session.
    let elsewhere = world
        .log_in("anna")
        .await
        .client
        .issue_ticket(request)
        .await
        .unwrap()
        .into_inner();
    assert_ne!(elsewhere.ticket, first.ticket);
}

#[tokio::test]
async fn issue_ticket_refuses_the_wrong_caller() {
    let world = World::start().await;
    let granted = world.granted("anna").await;
    let request = asking(&world, &granted.grant.grant_id, &[TicketAction::Read]);
    let other = world
        .log_in("bert")
        .await
        .client
        .issue_ticket(request.clone())
        .await;
    assert_eq!(refusal(other), ErrorReason::NotAvailable);
    let partner = world.residents_service_as_partner().issue_ticket(request).await;
    assert_eq!(refusal(partner), ErrorReason::RoleRefused);
}

#[tokio::test]
async fn issue_ticket_answers_an_unknown_id() {
    let world = World::start().await;
    let mut resident = world.log_in("anna").await.client;
    let id = "00000000-0000-4000-8000-000000000000";
    let unknown = resident
        .issue_ticket(asking(&world, id, &[TicketAction::Read]))
        .await;
    assert_eq!(refusal(unknown), ErrorReason::NotAvailable);
    let nothing = resident.issue_ticket(asking(&world, id, &[])).await;
    assert_eq!(refusal(nothing), ErrorReason::InvalidField);
    let nowhere = proto::IssueTicketRequest {
        audience: 7,
        ..asking(&world, id, &[TicketAction::Read])
    };
    assert_eq!(
        refusal(resident.issue_ticket(nowhere).await),
        ErrorReason::InvalidField
    );
}
