//! What a resident sees and says.

use sluis_envelope::{Signed, TicketActions};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{
    AcknowledgeMatchRequest, AnswerMatchRequest, ContactResidentRequest, ListResidentMatchesRequest, Match,
    ObjectToMatchRequest, Outcome, SignalState, TakeLeadRequest,
};
use sluis_types::Service;
use tonic::Status;

use crate::circles::{Circle, DAY, ticket_key};
use crate::world::{SESSION, World, refusal, told};

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000001";

async fn listed(world: &World, ticket: Vec<u8>) -> Result<Vec<Match>, Status> {
    let request = ListResidentMatchesRequest {
        ticket: ticket.into(),
    };
    let reply = world.as_resident(SESSION).list_resident_matches(request).await?;
    Ok(reply.into_inner().matches)
}

fn stop(world: &World, circle: &Circle) -> Vec<u8> {
    circle.ticket(TicketActions::STOP, SESSION, world.now())
}

fn decide(world: &World, circle: &Circle) -> Vec<u8> {
    circle.ticket(TicketActions::DECIDE, SESSION, world.now())
}

async fn answer(
    world: &World,
    request_id: String,
    ticket: Vec<u8>,
    match_id: &str,
    agree: bool,
) -> Result<Match, Status> {
    let request = AnswerMatchRequest {
        request_id,
        ticket: ticket.into(),
        match_id: match_id.to_owned(),
        agree,
    };
    let reply = world.as_resident(SESSION).answer_match(request).await?;
    Ok(reply.into_inner().r#match.unwrap())
}

async fn object(world: &World, request_id: String, ticket: Vec<u8>, match_id: &str) -> Result<Match, Status> {
    let request = ObjectToMatchRequest {
        request_id,
        ticket: ticket.into(),
        match_id: match_id.to_owned(),
    };
    let reply = world.as_resident(SESSION).object_to_match(request).await?;
    Ok(reply.into_inner().r#match.unwrap())
}

/// A match whose lead spoke with the resident.
async fn asked(world: &World, circle: &Circle) -> String {
    let (matched, _) = world.met(circle).await;
    let mut client = world.client(world.members[0].oin);
    let (match_id, request_id) = (matched.match_id.clone(), || world.request_id());
    let acknowledge = AcknowledgeMatchRequest {
        request_id: request_id(),
        match_id: match_id.clone(),
        expected_version: 1,
    };
    client.acknowledge_match(acknowledge).await.unwrap();
    let lead = TakeLeadRequest {
        request_id: request_id(),
        match_id: match_id.clone(),
        expected_version: 2,
    };
    client.take_lead(lead).await.unwrap();
    let contact = ContactResidentRequest {
        request_id: request_id(),
        match_id: match_id.clone(),
        expected_version: 3,
    };
    client.contact_resident(contact).await.unwrap();
    match_id
}

#[tokio::test]
async fn list_resident_matches_works_and_shows_every_match_of_the_circle() {
    let world = World::start().await;
    let (circle, other) = (world.circle(), world.circle());
    let read = |circle: &Circle| circle.ticket(TicketActions::READ, SESSION, world.now());
    assert!(listed(&world, read(&circle)).await.unwrap().is_empty());
    let (matched, _) = world.met(&circle).await;
    assert_eq!(listed(&world, read(&circle)).await.unwrap(), [matched]);
    assert!(listed(&world, read(&other)).await.unwrap().is_empty());
    world.end().await;
}

#[tokio::test]
async fn list_resident_matches_refuses_the_wrong_caller() {
    let world = World::start().await;
    let circle = world.circle();
    world.met(&circle).await;
    let now = world.now();
    let elsewhere = sluis_envelope::ResidentTicket {
        grant_id: circle.grant,
        actions: TicketActions::READ,
        audience: Service::Referral,
        session_hash: SESSION,
        issued_at: now,
        not_after: now.plus(std::time::Duration::from_mins(5)),
    };
    for ticket in [
        circle.ticket(TicketActions::STOP, SESSION, now),
        circle.ticket(TicketActions::READ, [5; 32], now),
        circle.ticket(TicketActions::READ, SESSION, now.minus(DAY)),
        Signed::sign(elsewhere, &ticket_key()).encode(),
    ] {
        assert_eq!(refusal(listed(&world, ticket).await), ErrorReason::NotAvailable);
    }
    assert_eq!(
        refusal(listed(&world, vec![1]).await),
        ErrorReason::MalformedEnvelope
    );
    world.end().await;
}

#[tokio::test]
async fn answer_match_works_and_a_no_has_no_consequence_but_the_end() {
    let world = World::start().await;
    let (yes, no) = (world.circle(), world.circle());
    let id = asked(&world, &yes).await;
    let agreed = answer(&world, world.request_id(), decide(&world, &yes), &id, true)
        .await
        .unwrap();
    assert_eq!(agreed.state(), SignalState::FollowUp);

    let (_, _) = world.met(&no).await;
    let early = listed(&world, no.ticket(TicketActions::READ, SESSION, world.now()))
        .await
        .unwrap();
    let outcome = answer(
        &world,
        world.request_id(),
        decide(&world, &no),
        &early[0].match_id,
        false,
    )
    .await;
    assert_eq!(told(outcome, "allowed"), "OBJECT", "nobody asked yet");
    let third = world.circle();
    let id = asked(&world, &third).await;
    let declined = answer(&world, world.request_id(), decide(&world, &third), &id, false)
        .await
        .unwrap();
    assert_eq!(
        (declined.state(), declined.outcome()),
        (SignalState::Closed, Outcome::Declined)
    );
    assert!(world.got(0, &id).await.boxes.is_empty());
    world.end().await;
}

#[tokio::test]
async fn object_to_match_works_and_hides_it_at_once() {
    let world = World::start().await;
    let circle = world.circle();
    let (matched, signals) = world.met(&circle).await;
    assert_eq!(world.got(0, &matched.match_id).await.boxes.len(), 1);
    let ticket = stop(&world, &circle);
    let disputed = object(&world, world.request_id(), ticket, &matched.match_id)
        .await
        .unwrap();
    assert_eq!(disputed.state(), SignalState::Disputed);
    assert!(world.got(0, &matched.match_id).await.boxes.is_empty(), "hidden");
    let outcome = world.post(&circle, 0, &signals[0]).await;
    assert_eq!(told(outcome, "state"), "DISPUTED");
    let third = world
        .signal(2, sluis_proto::signalling::v1::Severity::Worry)
        .await;
    world.post(&circle, 2, &third).await.unwrap();
    assert!(world.matches(2).await.is_empty(), "what is disputed meets nobody");
    world.end().await;
}

/// Repeats, strangers and unknown ids of a resident's command.
macro_rules! resident_command {
    ($repeats:ident, $refuses:ident, $unknown:ident, $allows:ident, |$world:ident, $id:ident, $ticket:ident, $match_id:ident| $call:expr) => {
        #[tokio::test]
        async fn $repeats() {
            let $world = &World::start().await;
            let circle = $world.circle();
            let match_id = asked($world, &circle).await;
            let $match_id = match_id.as_str();
            let $id = $world.request_id();
            let $ticket = circle.ticket(TicketActions::$allows, SESSION, $world.now());
            let first = $call.await.unwrap();
            // A repeat may come with a fresh ticket.
            $world.clock.advance(std::time::Duration::from_mins(1));
            let $id = first_id(&$id);
            let $ticket = circle.ticket(TicketActions::$allows, SESSION, $world.now());
            let again = $call.await.unwrap();
            assert_eq!(first, again);
        }

        #[tokio::test]
        async fn $refuses() {
            let $world = &World::start().await;
            let circle = $world.circle();
            let match_id = asked($world, &circle).await;
            let $match_id = match_id.as_str();
            for ticket in [
                circle.ticket(all_but(TicketActions::$allows), SESSION, $world.now()),
                circle.ticket(TicketActions::$allows, [5; 32], $world.now()),
                $world
                    .circle()
                    .ticket(TicketActions::$allows, SESSION, $world.now()),
            ] {
                let $id = $world.request_id();
                let $ticket = ticket;
                assert_eq!(refusal($call.await), ErrorReason::NotAvailable);
            }
        }

        #[tokio::test]
        async fn $unknown() {
            let $world = &World::start().await;
            let circle = $world.circle();
            let $match_id = UNKNOWN;
            let $id = $world.request_id();
            let $ticket = circle.ticket(TicketActions::$allows, SESSION, $world.now());
            assert_eq!(refusal($call.await), ErrorReason::NotAvailable);
        }
    };
}

/// Every action but one.
fn all_but(action: TicketActions) -> TicketActions {
    let all = [TicketActions::READ, TicketActions::STOP, TicketActions::DECIDE];
    let others = all.into_iter().filter(|it| *it != action);
    others.reduce(TicketActions::and).unwrap()
}

fn first_id(id: &str) -> String {
    id.to_owned()
}

resident_command!(
    answer_match_repeats_with_the_same_request_id,
    answer_match_refuses_the_wrong_caller,
    answer_match_answers_an_unknown_id,
    DECIDE,
    |world, id, ticket, match_id| answer(world, id.clone(), ticket, match_id, true)
);
resident_command!(
    object_to_match_repeats_with_the_same_request_id,
    object_to_match_refuses_the_wrong_caller,
    object_to_match_answers_an_unknown_id,
    STOP,
    |world, id, ticket, match_id| object(world, id.clone(), ticket, match_id)
);
