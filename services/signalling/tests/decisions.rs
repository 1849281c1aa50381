//! What is decided on items, and what becomes of it.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{
    AgendaItemState, Decision, FinishActionRequest, OpenMeetingRequest, Outcome, PutOnAgendaRequest,
    RecordDecisionRequest, Severity, Signal, SignalState,
};
use sluis_types::ProfessionalRole;

use crate::agenda::{of_signal, starting};
use crate::circles::{DAY, oin};
use crate::meeting_world::{CHAIR, Client, INVITED, PRESENTER, Pair, Stage, UNKNOWN, alike};
use crate::signals::shown;
use crate::world::{World, refusal, told};

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
        item_id: put.request_id.clone(),
        meeting,
        pair,
    };
    world.put(put).await.unwrap();
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

fn finishing(world: &World, stage: &Stage, outcome: Outcome) -> FinishActionRequest {
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
