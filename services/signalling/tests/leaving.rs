//! LeaveMeeting: who is invited need not stay.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{
    AgendaItemState, AnswerInvitationRequest, InviteToMeetingRequest, LeaveMeetingRequest,
    ListMeetingsRequest,
};

use sluis_types::ProfessionalRole;

use crate::meeting_world::{CHAIR, Client, INVITED, PRESENTER, Stage, UNKNOWN, alike, seat};
use crate::world::{World, refusal};

fn at_invited(world: &World) -> Client {
    world.at_meeting(INVITED)
}

fn leaving(world: &World, stage: &Stage) -> LeaveMeetingRequest {
    LeaveMeetingRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
    }
}

#[tokio::test]
async fn leave_meeting_works_and_nothing_is_left_of_it_for_who_left() {
    let world = World::start().await;
    let stage = world.with_item().await;
    let declined = AnswerInvitationRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
        comes: false,
    };
    world
        .at_meeting(PRESENTER)
        .answer_invitation(declined)
        .await
        .unwrap();
    world
        .at_meeting(PRESENTER)
        .leave_meeting(leaving(&world, &stage))
        .await
        .unwrap();
    let presenter = world.members[PRESENTER].oin;
    let list = ListMeetingsRequest::default();
    let listed = world
        .at_meeting(PRESENTER)
        .list_meetings(list)
        .await
        .unwrap()
        .into_inner();
    assert!(listed.meetings.is_empty());
    let seen = world
        .meeting_of(world.at_meeting(PRESENTER), &stage.meeting.meeting_id)
        .await;
    assert_eq!(refusal(seen), ErrorReason::NotAvailable);
    let seen = world
        .meeting_of(world.at_meeting(CHAIR), &stage.meeting.meeting_id)
        .await
        .unwrap();
    assert!(
        seen.participants
            .iter()
            .all(|seat| seat.organisation != presenter.to_string())
    );
    assert_eq!(
        seen.items[0].state(),
        AgendaItemState::TakenOff,
        "its item goes with it"
    );
    // Who left may be invited again.
    let invite = InviteToMeetingRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
        participant: Some(seat(presenter)),
    };
    world.coordinator().invite_to_meeting(invite).await.unwrap();
    let seen = world
        .meeting_of(world.at_meeting(PRESENTER), &stage.meeting.meeting_id)
        .await;
    assert_eq!(seen.unwrap().meeting_id, stage.meeting.meeting_id);
    world.end().await;
}

#[tokio::test]
async fn leave_meeting_is_not_for_the_chair_nor_for_who_is_needed() {
    let world = World::start().await;
    let stage = world.treated().await;
    for member in [CHAIR, INVITED, PRESENTER] {
        let outcome = world
            .at_meeting(member)
            .leave_meeting(leaving(&world, &stage))
            .await;
        assert_eq!(refusal(outcome), ErrorReason::IllegalTransition, "{member}");
    }
    let stage = world.decided().await;
    let outcome = world
        .at_meeting(INVITED)
        .leave_meeting(leaving(&world, &stage))
        .await;
    assert_eq!(
        refusal(outcome),
        ErrorReason::IllegalTransition,
        "it has something to do"
    );
    world
        .at_meeting(PRESENTER)
        .leave_meeting(leaving(&world, &stage))
        .await
        .unwrap();
    world.end().await;
}

alike!(
    leave_meeting_repeats_with_the_same_request_id,
    leave_meeting_refuses_the_wrong_caller,
    leave_meeting_answers_an_unknown_id,
    with_item,
    at_invited,
    leave_meeting,
    |world, at| leaving(world, at)
);
