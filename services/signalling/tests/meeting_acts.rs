//! Meetings: planned, answered, opened, closed, and seen by those who are invited.

use sluis_proto::options::v1::{ErrorReason, ProfessionalRole as Role};
use sluis_proto::signalling::v1::{
    AgendaItemState, AnswerInvitationRequest, CloseMeetingRequest, InvitationAnswer, InviteToMeetingRequest,
    ListMeetingsRequest, MeetingState, OpenMeetingRequest, OrderAgendaRequest, PlanMeetingRequest, Seat,
    TakenOffReason,
};
use sluis_serve::to_proto_timestamp;
use sluis_types::ProfessionalRole;

use crate::circles::{DAY, oin};
use crate::meeting_world::{CHAIR, Client, INVITED, PRESENTER, Pair, UNKNOWN, alike, seat};
use crate::world::{World, refusal, told};

fn at_chair(world: &World) -> Client {
    world.at_meeting(CHAIR)
}

fn at_invited(world: &World) -> Client {
    world.at_meeting(INVITED)
}

#[tokio::test]
async fn plan_meeting_works_and_everybody_who_is_invited_sees_it() {
    let world = World::start().await;
    let meeting = world.planned().await;
    assert_eq!(meeting.state(), MeetingState::Planned);
    assert_eq!(meeting.participants.len(), 4);
    for member in 0..3 {
        let seen = world
            .meeting_of(world.at_meeting(member), &meeting.meeting_id)
            .await
            .unwrap();
        assert_eq!(seen, meeting);
    }
    let answers: Vec<_> = meeting.participants.iter().map(Seat::answer).collect();
    assert_eq!(answers[CHAIR], InvitationAnswer::Comes, "who invites comes");
    assert_eq!(answers[PRESENTER], InvitationAnswer::Open);
    world.end().await;
}

#[tokio::test]
async fn plan_meeting_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let request = world.planning();
    let first = world.coordinator().plan_meeting(request.clone()).await.unwrap();
    let again = world.coordinator().plan_meeting(request.clone()).await.unwrap();
    assert_eq!(first.into_inner(), again.into_inner());
    let other = PlanMeetingRequest {
        area: "WK079601".to_owned(),
        ..request
    };
    let outcome = world.coordinator().plan_meeting(other).await;
    assert_eq!(refusal(outcome), ErrorReason::RequestIdReused);
    world.end().await;
}

/// The id is the meeting's: who asks with one that is taken hears that, and not that it repeated itself.
#[tokio::test]
async fn plan_meeting_tells_that_an_id_is_taken() {
    let world = World::start().await;
    let request = world.planning();
    world.coordinator().plan_meeting(request.clone()).await.unwrap();
    let oin = world.members[PRESENTER].oin;
    let mut other = world.meetings(oin, 1, ProfessionalRole::Coordinator);
    let outcome = other.plan_meeting(request.clone()).await;
    assert_eq!(refusal(outcome), ErrorReason::IdTaken);
    let fresh = PlanMeetingRequest {
        request_id: world.request_id(),
        ..request
    };
    other.plan_meeting(fresh).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn plan_meeting_refuses_the_wrong_caller() {
    let world = World::start().await;
    let outcome = world.at_meeting(CHAIR).plan_meeting(world.planning()).await;
    assert_eq!(refusal(outcome), ErrorReason::RoleRefused, "coordinators plan");
    let outcome = world.outsider().plan_meeting(world.planning()).await;
    assert_eq!(refusal(outcome), ErrorReason::InvalidField, "and sit at it");
    world.end().await;
}

#[tokio::test]
async fn an_organisation_plans_so_many_meetings_in_a_week_and_no_more() {
    let world = World::start().await;
    for _ in 0..24 {
        world.planned().await;
    }
    let more = world.coordinator().plan_meeting(world.planning()).await;
    assert_eq!(refusal(more), ErrorReason::QuotaUsed);
    let mut other = world.meetings(world.members[PRESENTER].oin, 1, ProfessionalRole::Coordinator);
    other.plan_meeting(world.planning()).await.unwrap();
    world.clock.advance(7 * DAY);
    world.planned().await;
    world.end().await;
}

#[tokio::test]
async fn plan_meeting_answers_an_unknown_id_of_anything() {
    let world = World::start().await;
    let mut nobody = world.planning();
    nobody.participants.push(seat(oin(9)));
    let mut area = world.planning();
    area.area = "Bosveld".to_owned();
    let mut past = world.planning();
    past.starts_at = Some(to_proto_timestamp(world.now().minus(DAY)));
    let mut frequency = world.planning();
    frequency.frequency = 9;
    let mut company = world.planning();
    company.participants[0].roles = vec![Role::Volunteer.into()];
    for request in [nobody, area, past, frequency, company] {
        let outcome = world.coordinator().plan_meeting(request).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    world.end().await;
}

#[tokio::test]
async fn invite_to_meeting_works_for_other_roles_of_one_that_is_invited() {
    let world = World::start().await;
    let stage = world.with_item().await;
    let officer = || world.meetings(world.members[INVITED].oin, 3, ProfessionalRole::HousingOfficer);
    let outcome = world.meeting_of(officer(), &stage.meeting.meeting_id).await;
    assert_eq!(refusal(outcome), ErrorReason::NotAvailable);
    let invite = InviteToMeetingRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
        participant: Some(Seat {
            roles: vec![Role::Professional.into(), Role::HousingOfficer.into()],
            ..seat(world.members[INVITED].oin)
        }),
    };
    world.coordinator().invite_to_meeting(invite).await.unwrap();
    let seen = world
        .meeting_of(officer(), &stage.meeting.meeting_id)
        .await
        .unwrap();
    assert!(seen.items.is_empty(), "the item is for other roles");
    world.end().await;
}

alike!(
    invite_to_meeting_repeats_with_the_same_request_id,
    invite_to_meeting_refuses_the_wrong_caller,
    invite_to_meeting_answers_an_unknown_id,
    with_item,
    World::coordinator,
    invite_to_meeting,
    |world, at| InviteToMeetingRequest {
        request_id: world.request_id(),
        meeting_id: at.meeting.meeting_id.clone(),
        participant: Some(seat(world.members[INVITED].oin)),
    }
);

#[tokio::test]
async fn answer_invitation_works_and_who_stays_away_sees_no_item() {
    let world = World::start().await;
    let stage = world.with_item().await;
    let answer = |comes| AnswerInvitationRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
        comes,
    };
    let reply = world.at_meeting(INVITED).answer_invitation(answer(true)).await;
    assert_eq!(reply.unwrap().into_inner().meeting.unwrap().items.len(), 1);
    let reply = world.at_meeting(INVITED).answer_invitation(answer(false)).await;
    let away = reply.unwrap().into_inner().meeting.unwrap();
    assert_eq!((away.items.len(), away.participants.len()), (0, 1));
    assert_eq!(away.participants[0].answer(), InvitationAnswer::DoesNotCome);
    world.end().await;
}

alike!(
    answer_invitation_repeats_with_the_same_request_id,
    answer_invitation_refuses_the_wrong_caller,
    answer_invitation_answers_an_unknown_id,
    with_item,
    at_invited,
    answer_invitation,
    |world, at| AnswerInvitationRequest {
        request_id: world.request_id(),
        meeting_id: at.meeting.meeting_id.clone(),
        comes: true,
    }
);

#[tokio::test]
async fn order_agenda_works() {
    let world = World::start().await;
    let stage = world.with_item().await;
    let pair = Pair::new(world.randomness.as_ref());
    let second = world.putting(&stage.meeting, &pair);
    let second_id = world.put_item(second).await;
    let order = |item_ids: Vec<String>| OrderAgendaRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
        item_ids,
    };
    let swapped = vec![second_id.clone(), stage.item_id.clone()];
    let reply = world
        .coordinator()
        .order_agenda(order(swapped.clone()))
        .await
        .unwrap();
    let shown: Vec<_> = reply.into_inner().meeting.unwrap().items;
    assert_eq!(
        shown.iter().map(|item| item.item_id.clone()).collect::<Vec<_>>(),
        swapped
    );
    assert!(
        shown.iter().all(|item| item.references.is_none()),
        "not what it refers to"
    );
    let outcome = world.coordinator().order_agenda(order(vec![second_id])).await;
    assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    world.end().await;
}

#[tokio::test]
async fn order_agenda_is_the_coordinators() {
    let world = World::start().await;
    let stage = world.with_item().await;
    let oin = world.members[PRESENTER].oin;
    let order = OrderAgendaRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
        item_ids: vec![stage.item_id],
    };
    let mut other = world.meetings(oin, 1, ProfessionalRole::Coordinator);
    assert_eq!(told(other.order_agenda(order).await, "state"), "PLANNED");
    world.end().await;
}

alike!(
    order_agenda_repeats_with_the_same_request_id,
    order_agenda_refuses_the_wrong_caller,
    order_agenda_answers_an_unknown_id,
    with_item,
    World::coordinator,
    order_agenda,
    |world, at| OrderAgendaRequest {
        request_id: world.request_id(),
        meeting_id: at.meeting.meeting_id.clone(),
        item_ids: vec![at.item_id.clone()],
    }
);

#[tokio::test]
async fn open_meeting_works_for_the_chairs_organisation_once() {
    let world = World::start().await;
    let stage = world.with_item().await;
    let open = || OpenMeetingRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
    };
    let outcome = world.at_meeting(PRESENTER).open_meeting(open()).await;
    assert_eq!(told(outcome, "state"), "PLANNED", "only the chair's organisation");
    let reply = world.at_meeting(CHAIR).open_meeting(open()).await.unwrap();
    let meeting = reply.into_inner().meeting.unwrap();
    assert!(meeting.is_chair && meeting.state() == MeetingState::InSession);
    let outcome = world.coordinator().open_meeting(open()).await;
    assert_eq!(told(outcome, "state"), "IN_SESSION");
    let seen = world
        .meeting_of(world.coordinator(), &stage.meeting.meeting_id)
        .await;
    assert!(
        !seen.unwrap().is_chair,
        "a colleague of the chair is not the chair"
    );
    world.end().await;
}

alike!(
    open_meeting_repeats_with_the_same_request_id,
    open_meeting_refuses_the_wrong_caller,
    open_meeting_answers_an_unknown_id,
    with_item,
    at_chair,
    open_meeting,
    |world, at| OpenMeetingRequest {
        request_id: world.request_id(),
        meeting_id: at.meeting.meeting_id.clone(),
    }
);

#[tokio::test]
async fn close_meeting_works_and_takes_off_what_was_not_treated() {
    let world = World::start().await;
    let stage = world.opened().await;
    let close = || CloseMeetingRequest {
        request_id: world.request_id(),
        meeting_id: stage.meeting.meeting_id.clone(),
    };
    let outcome = world.at_meeting(PRESENTER).close_meeting(close()).await;
    assert_eq!(told(outcome, "state"), "IN_SESSION", "only chair and coordinator");
    let reply = world.at_meeting(CHAIR).close_meeting(close()).await.unwrap();
    let closed = reply.into_inner().meeting.unwrap();
    assert_eq!(closed.state(), MeetingState::Closed);
    assert_eq!(
        closed.erased_at,
        Some(to_proto_timestamp(world.now().plus(30 * DAY)))
    );
    assert_eq!(
        (closed.items[0].state(), closed.items[0].taken_off_reason()),
        (AgendaItemState::TakenOff, TakenOffReason::NotTreated)
    );
    let outcome = world.coordinator().close_meeting(close()).await;
    assert_eq!(told(outcome, "state"), "CLOSED");
    world.end().await;
}

alike!(
    close_meeting_repeats_with_the_same_request_id,
    close_meeting_refuses_the_wrong_caller,
    close_meeting_answers_an_unknown_id,
    opened,
    at_chair,
    close_meeting,
    |world, at| CloseMeetingRequest {
        request_id: world.request_id(),
        meeting_id: at.meeting.meeting_id.clone(),
    }
);

#[tokio::test]
async fn get_meeting_works_and_shows_each_what_is_theirs() {
    let world = World::start().await;
    let stage = world.treated().await;
    let id = &stage.meeting.meeting_id;
    for member in [PRESENTER, CHAIR, INVITED] {
        let seen = world.meeting_of(world.at_meeting(member), id).await.unwrap();
        assert_eq!(seen.items[0].state(), AgendaItemState::InTreatment);
        assert_eq!(seen.items[0].references.is_some(), member == PRESENTER);
    }
    world.end().await;
}

#[tokio::test]
async fn who_is_not_invited_to_an_item_sees_the_same_meeting_whatever_happens_to_it() {
    let world = World::start().await;
    let third = || world.meetings(world.stranger.oin, 1, ProfessionalRole::Professional);
    let planned = world.planned().await;
    let before = world.meeting_of(third(), &planned.meeting_id).await.unwrap();
    let pair = Pair::new(world.randomness.as_ref());
    world.put(world.putting(&planned, &pair)).await.unwrap();
    let after = world.meeting_of(third(), &planned.meeting_id).await.unwrap();
    assert_eq!(before, after, "not even that there is an item");
    let stage = world.treated().await;
    let treated = world
        .meeting_of(third(), &stage.meeting.meeting_id)
        .await
        .unwrap();
    assert!(treated.items.is_empty());
    world.end().await;
}

#[tokio::test]
async fn get_meeting_refuses_the_wrong_caller_and_an_unknown_id_alike() {
    let world = World::start().await;
    let meeting = world.planned().await;
    let foreign = world.meeting_of(world.outsider(), &meeting.meeting_id).await;
    assert_eq!(refusal(foreign), ErrorReason::NotAvailable);
    let unknown = world.meeting_of(world.at_meeting(CHAIR), UNKNOWN).await;
    assert_eq!(refusal(unknown), ErrorReason::NotAvailable);
    world.end().await;
}

#[tokio::test]
async fn list_meetings_works_page_by_page() {
    let world = World::start().await;
    let mut planned = Vec::new();
    for _ in 0..3 {
        planned.push(world.planned().await.meeting_id);
    }
    let mut listed = Vec::new();
    let mut page_token = String::new();
    loop {
        let list = ListMeetingsRequest {
            page_size: 2,
            page_token,
        };
        let reply = world
            .at_meeting(INVITED)
            .list_meetings(list)
            .await
            .unwrap()
            .into_inner();
        listed.extend(reply.meetings.into_iter().map(|meeting| meeting.meeting_id));
        page_token = reply.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    listed.sort();
    planned.sort();
    assert_eq!(listed, planned);
    world.end().await;
}

#[tokio::test]
async fn list_meetings_refuses_the_wrong_caller() {
    let world = World::start().await;
    world.planned().await;
    let list = ListMeetingsRequest::default;
    let reply = world.outsider().list_meetings(list()).await.unwrap().into_inner();
    assert!(reply.meetings.is_empty());
    let mut system = world.meetings(world.members[0].oin, 1, ProfessionalRole::System);
    assert_eq!(
        refusal(system.list_meetings(list()).await),
        ErrorReason::RoleRefused
    );
    world.end().await;
}
