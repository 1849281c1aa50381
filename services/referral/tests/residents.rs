//! ListResidentReferrals and StopResidentReferral.

use std::time::Duration;

use sluis_envelope::{KeyKind, ResidentTicket, Signed, SigningKey, TicketActions};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::{
    Cause, GetMessageRequest, ListResidentReferralsRequest, MessageState, ReferralState,
    StopResidentReferralRequest, StopResidentReferralResponse,
};
use sluis_types::{MessageKind, Service, ThreadId};
use tonic::Status;

use crate::letters::{Grant, HOUR, ticket_key};
use crate::world::{SESSION, World, refusal};

fn signed(ticket: ResidentTicket) -> bytes::Bytes {
    Signed::sign(ticket, &ticket_key()).encode().into()
}

fn ticket(world: &World, grant: &Grant, actions: TicketActions) -> bytes::Bytes {
    signed(grant.ticket(actions, SESSION, world.now()))
}

async fn stop(
    world: &World,
    request_id: String,
    ticket: bytes::Bytes,
    thread: ThreadId,
) -> Result<StopResidentReferralResponse, Status> {
    let request = StopResidentReferralRequest {
        request_id,
        ticket,
        thread_id: thread.to_string(),
    };
    Ok(world
        .as_resident(SESSION)
        .stop_resident_referral(request)
        .await?
        .into_inner())
}

/// Tickets that allow nothing here: each differs in one thing.
fn wrong_tickets(world: &World, grant: &Grant, asked: TicketActions) -> Vec<bytes::Bytes> {
    let good = grant.ticket(asked, SESSION, world.now());
    let other = if asked == TicketActions::READ {
        TicketActions::STOP
    } else {
        TicketActions::READ
    };
    let stranger = SigningKey::from_seed(KeyKind::Ticket, &[98; 32]);
    vec![
        signed(ResidentTicket {
            actions: other,
            ..good.clone()
        }),
        signed(ResidentTicket {
            audience: Service::Signalling,
            ..good.clone()
        }),
        signed(ResidentTicket {
            session_hash: [5; 32],
            ..good.clone()
        }),
        signed(grant.ticket(asked, SESSION, world.now().minus(HOUR))),
        Signed::sign(good, &stranger).encode().into(),
    ]
}

#[tokio::test]
async fn list_resident_referrals_works() {
    let world = World::start().await;
    let grant = world.grant();
    let mut threads = Vec::new();
    for _ in 0..3 {
        let (thread, _) = world.refer(&grant).await;
        world
            .send(world.letter(MessageKind::Note, thread), &grant)
            .await
            .unwrap();
        threads.insert(0, thread.to_string());
    }
    world.refer(&world.grant()).await;
    let request = ListResidentReferralsRequest {
        ticket: ticket(&world, &grant, TicketActions::READ),
    };
    let reply = world
        .as_resident(SESSION)
        .list_resident_referrals(request)
        .await
        .unwrap()
        .into_inner();
    let seen: Vec<_> = reply
        .referrals
        .iter()
        .map(|referral| referral.thread_id.clone())
        .collect();
    assert_eq!(seen, threads, "this grant's, newest first");
    let unused = world.grant();
    let request = ListResidentReferralsRequest {
        ticket: ticket(&world, &unused, TicketActions::READ),
    };
    let reply = world
        .as_resident(SESSION)
        .list_resident_referrals(request)
        .await
        .unwrap()
        .into_inner();
    assert!(reply.referrals.is_empty());
    world.end().await;
}

#[tokio::test]
async fn list_resident_referrals_refuses_the_wrong_caller() {
    let world = World::start().await;
    let grant = world.grant();
    world.refer(&grant).await;
    for ticket in wrong_tickets(&world, &grant, TicketActions::READ) {
        let request = ListResidentReferralsRequest { ticket };
        let outcome = world.as_resident(SESSION).list_resident_referrals(request).await;
        assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    }
    let good = ticket(&world, &grant, TicketActions::READ);
    let request = ListResidentReferralsRequest { ticket: good.clone() };
    let outcome = world.as_resident([6; 32]).list_resident_referrals(request).await;
    assert_eq!(
        refusal(outcome),
        ErrorReason::NotAvailable,
        "a ticket belongs to its session"
    );
    for ticket in [good.slice(..good.len() - 1), bytes::Bytes::new()] {
        let request = ListResidentReferralsRequest { ticket };
        let outcome = world.as_resident(SESSION).list_resident_referrals(request).await;
        assert_eq!(refusal(outcome), ErrorReason::MalformedEnvelope);
    }
    world.end().await;
}

#[tokio::test]
async fn stop_resident_referral_works() {
    let world = World::start().await;
    let grant = world.grant();
    let (thread, id) = world.refer(&grant).await;
    let stopping = ticket(&world, &grant, TicketActions::READ.and(TicketActions::STOP));
    let reply = stop(&world, world.request_id(), stopping.clone(), thread)
        .await
        .unwrap();
    let shown = reply.referral.unwrap();
    assert_eq!(
        (shown.state(), shown.cause()),
        (ReferralState::Cancelled, Cause::Resident)
    );
    assert_eq!(world.shown(thread).await, shown);
    let get = GetMessageRequest {
        message_id: id.to_string(),
    };
    let got = world.as_ggz().get_message(get).await.unwrap().into_inner();
    assert_eq!(got.state(), MessageState::Cancelled);
    assert!(got.message.is_none(), "what was not opened goes");
    // What has ended stays ended, and says so.
    let outcome = stop(&world, world.request_id(), stopping, thread).await;
    assert_eq!(refusal(outcome), ErrorReason::IllegalTransition);
    world.end().await;
}

#[tokio::test]
async fn stop_resident_referral_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let grant = world.grant();
    let (thread, _) = world.refer(&grant).await;
    let id = world.request_id();
    let first = stop(
        &world,
        id.clone(),
        ticket(&world, &grant, TicketActions::STOP),
        thread,
    )
    .await
    .unwrap();
    // With a fresh ticket too.
    world.clock.advance(Duration::from_mins(4));
    let fresh = ticket(&world, &grant, TicketActions::STOP);
    assert_eq!(
        stop(&world, id.clone(), fresh.clone(), thread).await.unwrap(),
        first
    );
    let (other, _) = world.refer(&grant).await;
    assert_eq!(
        refusal(stop(&world, id, fresh, other).await),
        ErrorReason::RequestIdReused
    );
    world.end().await;
}

#[tokio::test]
async fn stop_resident_referral_refuses_the_wrong_caller() {
    let world = World::start().await;
    let grant = world.grant();
    let (thread, _) = world.refer(&grant).await;
    for ticket in wrong_tickets(&world, &grant, TicketActions::STOP) {
        let outcome = stop(&world, world.request_id(), ticket, thread).await;
        assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    }
    assert_eq!(world.shown(thread).await.version, 1);
    world.end().await;
}

#[tokio::test]
async fn stop_resident_referral_answers_an_unknown_id() {
    let world = World::start().await;
    let (grant, other) = (world.grant(), world.grant());
    let (thread, _) = world.refer(&other).await;
    let stopping = ticket(&world, &grant, TicketActions::STOP);
    let foreign = stop(&world, world.request_id(), stopping.clone(), thread)
        .await
        .unwrap_err();
    let unknown = world.thread_id();
    let absent = stop(&world, world.request_id(), stopping, unknown)
        .await
        .unwrap_err();
    assert_eq!(
        (foreign.message(), foreign.details()),
        (absent.message(), absent.details())
    );
    assert_eq!(refusal(Err::<(), _>(absent)), ErrorReason::NotAvailable);
    assert_eq!(world.shown(thread).await.version, 1);
    world.end().await;
}
