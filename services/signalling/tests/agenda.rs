//! Items: put on, taken off, treated, decided on, done.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{
    AgendaItemState, AgendaReferences, GetAgendaItemRequest, GetAgendaItemResponse, PutOnAgendaRequest,
    SealedAgendaMessage, Severity, SignalState, StartAgendaItemRequest, TakeOffAgendaRequest,
};
use sluis_types::{MessageKind, ProfessionalRole, Randomness};
use tonic::Status;

use crate::circles::{HOUR, oin};
use crate::meeting_world::{CHAIR, Client, INVITED, PRESENTER, Pair, Stage, UNKNOWN, alike, seat};
use crate::signals::shown;
use crate::world::{World, refusal, told};

fn at_chair(world: &World) -> Client {
    world.at_meeting(CHAIR)
}

fn at_presenter(world: &World) -> Client {
    world.at_meeting(PRESENTER)
}

async fn got(mut client: Client, stage: &Stage) -> Result<GetAgendaItemResponse, Status> {
    let get = GetAgendaItemRequest {
        meeting_id: stage.meeting.meeting_id.clone(),
        item_id: stage.item_id.clone(),
    };
    Ok(client.get_agenda_item(get).await?.into_inner())
}

pub(crate) fn of_signal(signal_id: &str) -> AgendaReferences {
    AgendaReferences {
        signal_ids: vec![signal_id.to_owned()],
        ..AgendaReferences::default()
    }
}

#[tokio::test]
async fn put_on_agenda_works_and_a_signal_goes_along() {
    let world = World::start().await;
    let meeting = world.planned().await;
    let signal = world.signal(PRESENTER, Severity::Worry).await;
    let pair = Pair::new(world.randomness.as_ref());
    let put = PutOnAgendaRequest {
        references: Some(of_signal(&signal.signal_id)),
        ..world.putting(&meeting, &pair)
    };
    let after = world.put(put.clone()).await.unwrap();
    assert_eq!(after.items[0].state(), AgendaItemState::OnAgenda);
    assert_eq!(after.items[0].references, put.references);
    let on_agenda = shown(&world, PRESENTER, &signal).await;
    assert_eq!(on_agenda.state(), SignalState::OnAgenda);
    // It lives on where it was: it is posted, and meets others.
    world.post(&world.circle(), PRESENTER, &on_agenda).await.unwrap();
    let twice = PutOnAgendaRequest {
        request_id: world.request_id(),
        ..put
    };
    assert_eq!(
        told(world.put(twice).await, "state"),
        "ON_AGENDA",
        "one agenda at a time"
    );
    world.end().await;
}

#[tokio::test]
async fn put_on_agenda_takes_a_match_that_was_seen() {
    let world = World::start().await;
    let circle = world.circle();
    let (matched, _) = world.met(&circle).await;
    let meeting = world.planned().await;
    let references = || AgendaReferences {
        match_ids: vec![matched.match_id.clone()],
        ..AgendaReferences::default()
    };
    let early = world
        .put(world.putting_deidentified(&meeting, references()))
        .await;
    assert_eq!(told(early, "state"), "MATCHED", "nobody acknowledged it");
    let acknowledge = sluis_proto::signalling::v1::AcknowledgeMatchRequest {
        request_id: world.request_id(),
        match_id: matched.match_id.clone(),
        expected_version: 1,
    };
    let mut client = world.client(world.members[PRESENTER].oin);
    client.acknowledge_match(acknowledge).await.unwrap();
    let unseen = world.putting_deidentified(&meeting, references());
    let outcome = world.at_meeting(CHAIR).put_on_agenda(unseen).await;
    assert_eq!(
        told(outcome, "state"),
        "ACKNOWLEDGED",
        "not by who has not seen it"
    );
    world
        .put(world.putting_deidentified(&meeting, references()))
        .await
        .unwrap();
    let on_agenda = world.got(1, &matched.match_id).await;
    assert_eq!(on_agenda.r#match.unwrap().state(), SignalState::OnAgenda);
    assert_eq!(on_agenda.boxes.len(), 1, "it goes on");
    world.end().await;
}

#[tokio::test]
async fn put_on_agenda_answers_references_of_others_as_unknown_ids() {
    let world = World::start().await;
    let meeting = world.planned().await;
    let foreign = world.signal(CHAIR, Severity::Worry).await;
    for id in [foreign.signal_id.as_str(), UNKNOWN] {
        let put = world.putting_deidentified(&meeting, of_signal(id));
        assert_eq!(refusal(world.put(put).await), ErrorReason::NotAvailable);
    }
    assert_eq!(
        shown(&world, CHAIR, &foreign).await.state(),
        SignalState::Registered
    );
    world.end().await;
}

/// A message that is not what it should be, and why not.
fn wrong_messages(world: &World) -> Vec<(SealedAgendaMessage, ErrorReason)> {
    let around = (world.now(), world.randomness.as_ref() as &dyn Randomness);
    let (from, to) = (&world.members[PRESENTER], &world.members[INVITED]);
    let pair = Pair::new(around.1);
    let good = || pair.message(from, to, MessageKind::AgendaItem, around);
    let mut forged = good();
    let mut manifest = forged.manifest.to_vec();
    let last = manifest.len() - 1;
    manifest[last] ^= 1;
    forged.manifest = manifest.into();
    let mut swapped = good();
    swapped.content = good().content;
    let mut tokenless = good();
    tokenless.grant_token = Pair::new(around.1)
        .message(from, to, MessageKind::AgendaItem, around)
        .grant_token;
    let other = &world.members[CHAIR];
    vec![
        (
            pair.message(from, to, MessageKind::Referral, around),
            ErrorReason::InvalidField,
        ),
        (
            pair.message(other, to, MessageKind::AgendaItem, around),
            ErrorReason::BadSignature,
        ),
        (forged, ErrorReason::BadSignature),
        (swapped, ErrorReason::MalformedEnvelope),
        (tokenless, ErrorReason::GrantTokenRefused),
        (
            pair.message(from, other, MessageKind::AgendaItem, around),
            ErrorReason::InvalidField,
        ),
    ]
}

#[tokio::test]
async fn put_on_agenda_believes_no_message_that_consent_and_sender_did_not_sign() {
    let world = World::start().await;
    let meeting = world.planned().await;
    for (message, reason) in wrong_messages(&world) {
        let mut put = world.putting(&meeting, &Pair::new(world.randomness.as_ref()));
        put.messages = vec![message];
        assert_eq!(refusal(world.put(put).await), reason);
    }
    let mut none = world.putting(&meeting, &Pair::new(world.randomness.as_ref()));
    none.messages.clear();
    assert_eq!(
        refusal(world.put(none).await),
        ErrorReason::InvalidField,
        "one for each"
    );
    let mut late = world.putting(&meeting, &Pair::new(world.randomness.as_ref()));
    world.clock.advance(HOUR);
    late.request_id = world.request_id();
    assert_eq!(
        refusal(world.put(late).await),
        ErrorReason::GrantTokenRefused,
        "tokens live for minutes"
    );
    world.end().await;
}

alike!(
    put_on_agenda_repeats_with_the_same_request_id,
    put_on_agenda_refuses_the_wrong_caller,
    put_on_agenda_answers_an_unknown_id,
    with_item,
    at_presenter,
    put_on_agenda,
    |world, at| world.putting_deidentified(&at.meeting, AgendaReferences::default())
);

#[tokio::test]
async fn get_agenda_item_works_for_who_is_invited_and_its_message_for_nobody_else() {
    let world = World::start().await;
    let stage = world.with_item().await;
    let invited = got(world.at_meeting(INVITED), &stage).await.unwrap();
    assert!(invited.message.is_some() && !invited.receipt.is_empty());
    for client in [
        world.at_meeting(PRESENTER),
        world.at_meeting(CHAIR),
        world.coordinator(),
    ] {
        let seen = got(client, &stage).await.unwrap();
        assert!(seen.message.is_none() && seen.receipt.is_empty());
        assert_eq!(seen.item.unwrap().item_id, stage.item_id);
    }
    world.end().await;
}

#[tokio::test]
async fn get_agenda_item_refuses_the_wrong_caller_as_it_does_an_unknown_id() {
    let world = World::start().await;
    let stage = world.with_item().await;
    let third = world.meetings(world.stranger.oin, 1, ProfessionalRole::Professional);
    assert_eq!(refusal(got(third, &stage).await), ErrorReason::NotAvailable);
    assert_eq!(
        refusal(got(world.outsider(), &stage).await),
        ErrorReason::NotAvailable
    );
    let unknown = Stage {
        item_id: UNKNOWN.to_owned(),
        ..stage
    };
    let outcome = got(world.at_meeting(INVITED), &unknown).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    world.end().await;
}

fn taking_off(world: &World, stage: &Stage) -> TakeOffAgendaRequest {
    TakeOffAgendaRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
        item_id: stage.item_id.clone(),
    }
}

#[tokio::test]
async fn take_off_agenda_works_and_its_signal_goes_back() {
    let world = World::start().await;
    let meeting = world.planned().await;
    let signal = world.signal(PRESENTER, Severity::Worry).await;
    let put = world.putting_deidentified(&meeting, of_signal(&signal.signal_id));
    let stage = Stage {
        item_id: world.put_item(put).await,
        meeting,
        pair: Pair::new(world.randomness.as_ref()),
    };
    let outcome = world
        .at_meeting(INVITED)
        .take_off_agenda(taking_off(&world, &stage))
        .await;
    assert_eq!(told(outcome, "state"), "ON_AGENDA", "not whoever is invited");
    let mut presenter = world.at_meeting(PRESENTER);
    let reply = presenter
        .take_off_agenda(taking_off(&world, &stage))
        .await
        .unwrap();
    let meeting = reply.into_inner().meeting.unwrap();
    assert_eq!(meeting.items[0].state(), AgendaItemState::TakenOff);
    assert_eq!(
        shown(&world, PRESENTER, &signal).await.state(),
        SignalState::Registered
    );
    let other = world.with_item().await;
    world
        .coordinator()
        .take_off_agenda(taking_off(&world, &other))
        .await
        .unwrap();
    let invited = got(world.at_meeting(INVITED), &other).await.unwrap();
    assert!(invited.message.is_none(), "its message is erased");
    world.end().await;
}

alike!(
    take_off_agenda_repeats_with_the_same_request_id,
    take_off_agenda_refuses_the_wrong_caller,
    take_off_agenda_answers_an_unknown_id,
    with_item,
    at_presenter,
    take_off_agenda,
    |world, at| taking_off(world, at)
);

pub(crate) fn starting(world: &World, stage: &Stage) -> StartAgendaItemRequest {
    StartAgendaItemRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
        item_id: stage.item_id.clone(),
    }
}

#[tokio::test]
async fn start_agenda_item_works_for_the_chair_in_a_meeting_that_is_open() {
    let world = World::start().await;
    let planned = world.with_item().await;
    let early = world
        .at_meeting(CHAIR)
        .start_agenda_item(starting(&world, &planned))
        .await;
    assert_eq!(refusal(early), ErrorReason::IllegalTransition);
    let stage = world.opened().await;
    let outcome = world
        .coordinator()
        .start_agenda_item(starting(&world, &stage))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::IllegalTransition, "the chair's");
    let reply = world
        .at_meeting(CHAIR)
        .start_agenda_item(starting(&world, &stage))
        .await;
    let meeting = reply.unwrap().into_inner().meeting.unwrap();
    assert_eq!(meeting.items[0].state(), AgendaItemState::InTreatment);
    world.end().await;
}

alike!(
    start_agenda_item_repeats_with_the_same_request_id,
    start_agenda_item_refuses_the_wrong_caller,
    start_agenda_item_answers_an_unknown_id,
    opened,
    at_chair,
    start_agenda_item,
    |world, at| starting(world, at)
);

#[tokio::test]
async fn nobody_may_be_asked_who_is_not_at_the_meeting() {
    let world = World::start().await;
    let meeting = world.planned().await;
    let mut put = world.putting_deidentified(&meeting, AgendaReferences::default());
    put.invited = vec![seat(oin(9))];
    assert_eq!(refusal(world.put(put).await), ErrorReason::InvalidField);
    world.end().await;
}
