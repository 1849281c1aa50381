//! What a resident sees and says of agendas.

use sluis_envelope::TicketActions;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{
    AgendaItemState, AgendaReferences, AnswerAgendaItemRequest, ListResidentAgendaItemsRequest,
    ObjectToAgendaItemRequest, QuestionKind, ResidentAgendaItem, ResidentPresence, Severity, SignalState,
};
use tonic::Status;

use crate::meeting_world::{CHAIR, INVITED, PRESENTER, Pair, Stage, UNKNOWN};
use crate::signals::shown;
use crate::world::{SESSION, World, refusal, told};

async fn listed(world: &World, ticket: Vec<u8>) -> Result<Vec<ResidentAgendaItem>, Status> {
    let request = ListResidentAgendaItemsRequest {
        ticket: ticket.into(),
    };
    let mut client = world.resident_at_meeting(SESSION);
    Ok(client
        .list_resident_agenda_items(request)
        .await?
        .into_inner()
        .items)
}

fn read(world: &World, pair: &Pair) -> Vec<u8> {
    pair.ticket(TicketActions::READ, SESSION, world.now())
}

fn decide(world: &World, pair: &Pair) -> Vec<u8> {
    pair.ticket(TicketActions::DECIDE, SESSION, world.now())
}

/// All but deciding.
fn read_and_stop(world: &World, pair: &Pair) -> Vec<u8> {
    let actions = TicketActions::READ.and(TicketActions::STOP);
    pair.ticket(actions, SESSION, world.now())
}

fn stop(world: &World, pair: &Pair) -> Vec<u8> {
    pair.ticket(TicketActions::STOP, SESSION, world.now())
}

async fn object(
    world: &World,
    request_id: String,
    ticket: Vec<u8>,
    item_id: &str,
) -> Result<ResidentAgendaItem, Status> {
    let request = ObjectToAgendaItemRequest {
        request_id,
        ticket: ticket.into(),
        item_id: item_id.to_owned(),
    };
    let reply = world
        .resident_at_meeting(SESSION)
        .object_to_agenda_item(request)
        .await?;
    Ok(reply.into_inner().item.unwrap())
}

async fn answer(
    world: &World,
    request_id: String,
    ticket: Vec<u8>,
    item_id: &str,
) -> Result<ResidentAgendaItem, Status> {
    let request = AnswerAgendaItemRequest {
        request_id,
        ticket: ticket.into(),
        item_id: item_id.to_owned(),
        presence: ResidentPresence::SendsSomebody.into(),
    };
    let reply = world
        .resident_at_meeting(SESSION)
        .answer_agenda_item(request)
        .await?;
    Ok(reply.into_inner().item.unwrap())
}

#[tokio::test]
async fn list_resident_agenda_items_works_and_shows_when_who_and_what_is_asked() {
    let world = World::start().await;
    let stage = world.with_item().await;
    world.with_item().await;
    let items = listed(&world, read(&world, &stage.pair)).await.unwrap();
    assert_eq!(items.len(), 1, "and nobody else's");
    assert_eq!(items[0].meets_at, stage.meeting.starts_at);
    assert_eq!(items[0].presenter, world.members[PRESENTER].oin.to_string());
    assert_eq!(items[0].invited, [world.members[INVITED].oin.to_string()]);
    assert_eq!(items[0].question(), QuestionKind::WhoTakesItUp);
    assert_eq!(items[0].state(), AgendaItemState::OnAgenda);
    world.end().await;
}

#[tokio::test]
async fn an_item_about_a_match_is_shown_to_the_resident_of_its_circle() {
    let world = World::start().await;
    let circle = world.circle();
    let (matched, _) = world.met(&circle).await;
    let acknowledge = sluis_proto::signalling::v1::AcknowledgeMatchRequest {
        request_id: world.request_id(),
        match_id: matched.match_id.clone(),
        expected_version: 1,
    };
    let mut client = world.client(world.members[PRESENTER].oin);
    client.acknowledge_match(acknowledge).await.unwrap();
    let references = AgendaReferences {
        match_ids: vec![matched.match_id],
        ..AgendaReferences::default()
    };
    let meeting = world.planned().await;
    let put = world.putting_deidentified(&meeting, references);
    let item_id = world.put_item(put).await;
    let ticket = circle.ticket(TicketActions::READ, SESSION, world.now());
    let items = listed(&world, ticket).await.unwrap();
    assert!(items[0].deidentified && items[0].item_id == item_id);
    let ticket = circle.ticket(TicketActions::STOP, SESSION, world.now());
    object(&world, world.request_id(), ticket, &item_id)
        .await
        .unwrap();
    let hidden = world
        .meeting_of(world.at_meeting(INVITED), &meeting.meeting_id)
        .await;
    assert!(hidden.unwrap().items.is_empty());
    world.end().await;
}

#[tokio::test]
async fn list_resident_agenda_items_refuses_the_wrong_caller() {
    let world = World::start().await;
    let stage = world.with_item().await;
    for ticket in [
        stop(&world, &stage.pair),
        stage.pair.ticket(TicketActions::READ, [5; 32], world.now()),
    ] {
        assert_eq!(refusal(listed(&world, ticket).await), ErrorReason::NotAvailable);
    }
    let other = Pair::new(world.randomness.as_ref());
    assert!(listed(&world, read(&world, &other)).await.unwrap().is_empty());
    world.end().await;
}

#[tokio::test]
async fn answer_agenda_item_works_while_it_waits() {
    let world = World::start().await;
    let stage = world.with_item().await;
    let ticket = || decide(&world, &stage.pair);
    let answered = answer(&world, world.request_id(), ticket(), &stage.item_id)
        .await
        .unwrap();
    assert_eq!(answered.presence(), ResidentPresence::SendsSomebody);
    let seen = world
        .meeting_of(world.at_meeting(CHAIR), &stage.meeting.meeting_id)
        .await
        .unwrap();
    assert_eq!(seen.items[0].resident_presence(), ResidentPresence::SendsSomebody);
    let silent = AnswerAgendaItemRequest {
        request_id: world.request_id(),
        ticket: ticket().into(),
        item_id: stage.item_id.clone(),
        presence: ResidentPresence::Silent.into(),
    };
    let outcome = world
        .resident_at_meeting(SESSION)
        .answer_agenda_item(silent)
        .await;
    assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    let treated = world.treated().await;
    let late = answer(
        &world,
        world.request_id(),
        decide(&world, &treated.pair),
        &treated.item_id,
    )
    .await;
    assert_eq!(told(late, "state"), "IN_TREATMENT");
    world.end().await;
}

#[tokio::test]
async fn object_to_agenda_item_works_and_hides_it_at_once() {
    let world = World::start().await;
    let meeting = world.planned().await;
    let signal = world.signal(PRESENTER, Severity::Worry).await;
    let pair = Pair::new(world.randomness.as_ref());
    let mut put = world.putting(&meeting, &pair);
    put.references = Some(AgendaReferences {
        signal_ids: vec![signal.signal_id.clone()],
        ..AgendaReferences::default()
    });
    let stage = Stage {
        item_id: world.put_item(put).await,
        meeting,
        pair,
    };
    let ticket = stop(&world, &stage.pair);
    let objected = object(&world, world.request_id(), ticket, &stage.item_id)
        .await
        .unwrap();
    assert_eq!(objected.state(), AgendaItemState::Objected);
    let id = &stage.meeting.meeting_id;
    for client in [
        world.at_meeting(INVITED),
        world.at_meeting(CHAIR),
        world.coordinator(),
    ] {
        assert!(world.meeting_of(client, id).await.unwrap().items.is_empty());
    }
    let presenter = world.meeting_of(world.at_meeting(PRESENTER), id).await.unwrap();
    assert_eq!(presenter.items[0].state(), AgendaItemState::Objected);
    assert_eq!(
        shown(&world, PRESENTER, &signal).await.state(),
        SignalState::Registered
    );
    let ticket = stop(&world, &stage.pair);
    let again = object(&world, world.request_id(), ticket, &stage.item_id).await;
    assert_eq!(told(again, "state"), "OBJECTED");
    world.end().await;
}

/// Repeats, strangers and unknown ids of a resident's command.
macro_rules! resident_command {
    ($repeats:ident, $refuses:ident, $unknown:ident, $act:ident, $ticket:ident, $other:ident) => {
        #[tokio::test]
        async fn $repeats() {
            let world = World::start().await;
            let stage = world.with_item().await;
            let id = world.request_id();
            let first = $act(
                &world,
                id.clone(),
                $ticket(&world, &stage.pair),
                &stage.item_id,
            )
            .await;
            // A repeat may come with a fresh ticket.
            world.clock.advance(std::time::Duration::from_mins(1));
            let again = $act(&world, id, $ticket(&world, &stage.pair), &stage.item_id).await;
            assert_eq!(first.unwrap(), again.unwrap());
        }

        #[tokio::test]
        async fn $refuses() {
            let world = World::start().await;
            let stage = world.with_item().await;
            let stranger = Pair::new(world.randomness.as_ref());
            for ticket in [$other(&world, &stage.pair), $ticket(&world, &stranger)] {
                let outcome = $act(&world, world.request_id(), ticket, &stage.item_id).await;
                assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
            }
        }

        #[tokio::test]
        async fn $unknown() {
            let world = World::start().await;
            let stage = world.with_item().await;
            let ticket = $ticket(&world, &stage.pair);
            let outcome = $act(&world, world.request_id(), ticket, UNKNOWN).await;
            assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
        }
    };
}

resident_command!(
    answer_agenda_item_repeats_with_the_same_request_id,
    answer_agenda_item_refuses_the_wrong_caller,
    answer_agenda_item_answers_an_unknown_id,
    answer,
    decide,
    read_and_stop
);
resident_command!(
    object_to_agenda_item_repeats_with_the_same_request_id,
    object_to_agenda_item_refuses_the_wrong_caller,
    object_to_agenda_item_answers_an_unknown_id,
    object,
    stop,
    read
);
