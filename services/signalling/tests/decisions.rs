//! What is decided on items, and what becomes of it.

use sluis_envelope::TicketActions;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{
    AcknowledgeMatchRequest, AgendaItemState, AgendaReferences, Decision, FinishActionRequest,
    ObjectToAgendaItemRequest, OpenMeetingRequest, Outcome, PutOnAgendaRequest, RecordDecisionRequest,
    Severity, Signal, SignalState,
};
use sluis_types::ProfessionalRole;

use crate::agenda::{of_signal, starting};
use crate::circles::{DAY, oin};
use crate::meeting_world::{CHAIR, Client, INVITED, PRESENTER, Pair, Stage, UNKNOWN, alike, seat};
use crate::signals::shown;
use crate::world::{SESSION, World, refusal, told};

fn at_chair(world: &World) -> Client {
    world.at_meeting(CHAIR)
}

fn at_invited(world: &World) -> Client {
    world.at_meeting(INVITED)
}

/// An item that refers to a signal, decided in this way: where the signal comes to.
pub(crate) async fn decided_on(world: &World, decision: Decision) -> (Stage, Signal) {
    let meeting = world.planned().await;
    let signal = world.signal(PRESENTER, Severity::Worry).await;
    let pair = Pair::new(world.randomness.as_ref());
    let put = PutOnAgendaRequest {
        references: Some(of_signal(&signal.signal_id)),
        ..world.putting(&meeting, &pair)
    };
    let stage = Stage {
        item_id: world.put_item(put).await,
        meeting,
        pair,
    };
    let open = OpenMeetingRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
    };
    let mut chair = world.at_meeting(CHAIR);
    chair.open_meeting(open).await.unwrap();
    chair.start_agenda_item(starting(world, &stage)).await.unwrap();
    chair
        .record_decision(world.deciding(&stage, decision))
        .await
        .unwrap();
    let signal = shown(world, PRESENTER, &signal).await;
    (stage, signal)
}

#[tokio::test]
async fn record_decision_works_and_its_signal_goes_where_the_decision_says() {
    let world = World::start().await;
    for (decision, state, outcome) in [
        (Decision::Act, SignalState::FollowUp, Outcome::Unspecified),
        (Decision::NoAction, SignalState::Closed, Outcome::NoAction),
        (Decision::Unfounded, SignalState::Closed, Outcome::Unfounded),
        (Decision::Postponed, SignalState::Registered, Outcome::Unspecified),
    ] {
        let (_, signal) = decided_on(&world, decision).await;
        assert_eq!(
            (signal.state(), signal.outcome()),
            (state, outcome),
            "{decision:?}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn record_decision_is_the_chairs_and_names_only_who_is_there() {
    let world = World::start().await;
    let stage = world.treated().await;
    let colleague = world.meetings(world.members[CHAIR].oin, 8, ProfessionalRole::Professional);
    for mut client in [
        world.coordinator(),
        colleague,
        world.at_meeting(PRESENTER),
        world.at_meeting(INVITED),
    ] {
        let outcome = client
            .record_decision(world.deciding(&stage, Decision::NoAction))
            .await;
        assert_eq!(told(outcome, "state"), "IN_TREATMENT");
    }
    let mut somebody_else = world.deciding(&stage, Decision::Act);
    somebody_else.actions[0].owner = oin(4).to_string();
    let outcome = world.at_meeting(CHAIR).record_decision(somebody_else).await;
    assert_eq!(
        refusal(outcome),
        ErrorReason::InvalidField,
        "who is not at the item owns nothing of it"
    );
    let nobody = RecordDecisionRequest {
        actions: vec![],
        ..world.deciding(&stage, Decision::Act)
    };
    let outcome = world.at_meeting(CHAIR).record_decision(nobody).await;
    assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    world.end().await;
}

alike!(
    record_decision_repeats_with_the_same_request_id,
    record_decision_refuses_the_wrong_caller,
    record_decision_answers_an_unknown_id,
    treated,
    at_chair,
    record_decision,
    |world, at| world.deciding(at, Decision::Act)
);

pub(crate) fn finishing(world: &World, stage: &Stage, outcome: Outcome) -> FinishActionRequest {
    let is_referred = outcome == Outcome::Referred;
    FinishActionRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
        item_id: stage.item_id.clone(),
        action_number: 1,
        outcome: outcome.into(),
        thread_id: if is_referred {
            UNKNOWN.to_owned()
        } else {
            String::new()
        },
    }
}

#[tokio::test]
async fn finish_action_works_and_the_last_one_closes_the_signal() {
    let world = World::start().await;
    let (stage, signal) = decided_on(&world, Decision::Act).await;
    let outcome = world
        .at_meeting(PRESENTER)
        .finish_action(finishing(&world, &stage, Outcome::Resolved))
        .await;
    assert_eq!(refusal(outcome), ErrorReason::IllegalTransition, "the owner's");
    let declined = finishing(&world, &stage, Outcome::Declined);
    let outcome = world.at_meeting(INVITED).finish_action(declined).await;
    assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    world.clock.advance(2 * DAY);
    let referred = finishing(&world, &stage, Outcome::Referred);
    let reply = world.at_meeting(INVITED).finish_action(referred).await.unwrap();
    let item = reply.into_inner().meeting.unwrap().items.remove(0);
    assert_eq!(item.state(), AgendaItemState::Done);
    assert_eq!(
        (item.actions[0].outcome(), item.actions[0].thread_id.as_str()),
        (Outcome::Referred, UNKNOWN)
    );
    let closed = shown(&world, PRESENTER, &signal).await;
    assert_eq!(
        (closed.state(), closed.outcome()),
        (SignalState::Closed, Outcome::Referred)
    );
    world.end().await;
}

alike!(
    finish_action_repeats_with_the_same_request_id,
    finish_action_refuses_the_wrong_caller,
    finish_action_answers_an_unknown_id,
    decided,
    at_invited,
    finish_action,
    |world, at| finishing(world, at, Outcome::Resolved)
);

/// A match of two, put on by one of them, for whom these are invited; and then nothing is to be done.
async fn match_without_action(world: &World, invited: &[usize]) -> (Vec<SignalState>, SignalState) {
    let (matched, signals) = world.met(&world.circle()).await;
    let acknowledge = AcknowledgeMatchRequest {
        request_id: world.request_id(),
        match_id: matched.match_id.clone(),
        expected_version: 1,
    };
    let mut client = world.client(world.members[PRESENTER].oin);
    client.acknowledge_match(acknowledge).await.unwrap();
    let meeting = world.planned().await;
    let references = AgendaReferences {
        match_ids: vec![matched.match_id.clone()],
        ..AgendaReferences::default()
    };
    let put = PutOnAgendaRequest {
        invited: invited
            .iter()
            .map(|member| seat(world.members[*member].oin))
            .collect(),
        ..world.putting_deidentified(&meeting, references)
    };
    let stage = Stage {
        item_id: world.put_item(put).await,
        meeting,
        pair: Pair::new(world.randomness.as_ref()),
    };
    let open = OpenMeetingRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
    };
    let mut chair = world.at_meeting(CHAIR);
    chair.open_meeting(open).await.unwrap();
    chair.start_agenda_item(starting(world, &stage)).await.unwrap();
    chair
        .record_decision(world.deciding(&stage, Decision::NoAction))
        .await
        .unwrap();
    let mut states = Vec::new();
    for (member, signal) in [PRESENTER, CHAIR].into_iter().zip(&signals) {
        states.push(shown(world, member, signal).await.state());
    }
    let matched = world.got(PRESENTER, &matched.match_id).await.r#match.unwrap();
    (states, matched.state())
}

#[tokio::test]
async fn a_match_is_closed_at_a_meeting_only_among_all_whom_it_is_of_and_its_signals_with_it() {
    let world = World::start().await;
    let (signals, matched) = match_without_action(&world, &[INVITED]).await;
    assert_eq!(matched, SignalState::Acknowledged, "it returns to where it was");
    assert!(!signals.contains(&SignalState::Closed));
    world.end().await;
    let world = World::start().await;
    let (signals, matched) = match_without_action(&world, &[CHAIR, INVITED]).await;
    assert_eq!(matched, SignalState::Closed);
    assert_eq!(signals, [SignalState::Closed; 2], "none is left hanging");
    world.end().await;
}

#[tokio::test]
async fn p3_a_repeated_request_shows_the_meeting_as_it_is_now() {
    let world = World::start().await;
    let stage = world.opened().await;
    let request = starting(&world, &stage);
    let mut chair = world.at_meeting(CHAIR);
    let first = chair
        .start_agenda_item(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first.meeting.unwrap().items.len(), 1);
    object(&world, &stage).await;
    let again = chair.start_agenda_item(request).await.unwrap().into_inner();
    assert!(again.meeting.unwrap().items.is_empty(), "the resident objected");
    world.end().await;
}

/// The resident objects to an item.
async fn object(world: &World, stage: &Stage) {
    let request = ObjectToAgendaItemRequest {
        request_id: world.request_id(),
        ticket: stage
            .pair
            .ticket(TicketActions::STOP, SESSION, world.now())
            .into(),
        item_id: stage.item_id.clone(),
    };
    let mut resident = world.resident_at_meeting(SESSION);
    resident.object_to_agenda_item(request).await.unwrap();
}
