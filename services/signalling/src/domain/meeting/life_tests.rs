use super::*;

const ACTORS: [Actor; 10] = [
    Actor::Coordinator,
    Actor::ChairToBe,
    Actor::Chair,
    Actor::Participant,
    Actor::Invitee,
    Actor::Guest,
    Actor::Presenter,
    Actor::Owner,
    Actor::Resident,
    Actor::Mesh,
];

/// The life of a meeting, written by hand and apart from the table: what is not here is illegal.
const MEETING_ROWS: &[(MeetingEvent, Actor, MeetingState)] = &[
    (MeetingEvent::Invite, Actor::Coordinator, MeetingState::Planned),
    (MeetingEvent::Invite, Actor::Coordinator, MeetingState::InSession),
    (MeetingEvent::Answer, Actor::Invitee, MeetingState::Planned),
    (MeetingEvent::Answer, Actor::Invitee, MeetingState::InSession),
    (MeetingEvent::Leave, Actor::Guest, MeetingState::Planned),
    (MeetingEvent::Leave, Actor::Guest, MeetingState::InSession),
    (MeetingEvent::Leave, Actor::Guest, MeetingState::Closed),
    (MeetingEvent::Put, Actor::Participant, MeetingState::Planned),
    (MeetingEvent::Put, Actor::Participant, MeetingState::InSession),
    (MeetingEvent::Order, Actor::Coordinator, MeetingState::Planned),
    (MeetingEvent::Order, Actor::Coordinator, MeetingState::InSession),
    (MeetingEvent::Open, Actor::ChairToBe, MeetingState::Planned),
    (MeetingEvent::Close, Actor::Coordinator, MeetingState::Planned),
    (MeetingEvent::Close, Actor::Coordinator, MeetingState::InSession),
    (MeetingEvent::Close, Actor::Chair, MeetingState::Planned),
    (MeetingEvent::Close, Actor::Chair, MeetingState::InSession),
    (MeetingEvent::Close, Actor::Mesh, MeetingState::Planned),
    (MeetingEvent::Close, Actor::Mesh, MeetingState::InSession),
];

/// The life of an item, in the same way.
const ITEM_ROWS: &[(ItemEvent, Actor, ItemState)] = &[
    (ItemEvent::Start, Actor::Chair, ItemState::OnAgenda),
    (ItemEvent::Decide, Actor::Chair, ItemState::InTreatment),
    (ItemEvent::Finish, Actor::Owner, ItemState::Decided),
    (ItemEvent::TakeOff, Actor::Presenter, ItemState::OnAgenda),
    (ItemEvent::TakeOff, Actor::Coordinator, ItemState::OnAgenda),
    (ItemEvent::TakeOff, Actor::Mesh, ItemState::OnAgenda),
    (ItemEvent::TakeOff, Actor::Mesh, ItemState::InTreatment),
    (ItemEvent::TakeOff, Actor::Mesh, ItemState::Decided),
    (ItemEvent::SayPresence, Actor::Resident, ItemState::OnAgenda),
    (ItemEvent::Object, Actor::Resident, ItemState::OnAgenda),
    (ItemEvent::Object, Actor::Resident, ItemState::InTreatment),
    (ItemEvent::Object, Actor::Resident, ItemState::Decided),
];

#[test]
fn every_triple_of_event_actor_and_state_is_as_the_domain_says() {
    let events = [
        MeetingEvent::Invite,
        MeetingEvent::Answer,
        MeetingEvent::Leave,
        MeetingEvent::Put,
        MeetingEvent::Order,
        MeetingEvent::Open,
        MeetingEvent::Close,
    ];
    for event in events {
        for actor in ACTORS {
            for state in MeetingState::ALL {
                let listed = MEETING_ROWS.contains(&(event, actor, *state));
                let allowed = check_meeting(event, &[actor], *state).is_ok();
                assert_eq!(allowed, listed, "{event:?} {actor:?} {state:?}");
            }
        }
    }
    let events = [
        ItemEvent::Start,
        ItemEvent::Decide,
        ItemEvent::Finish,
        ItemEvent::TakeOff,
        ItemEvent::SayPresence,
        ItemEvent::Object,
    ];
    for event in events {
        for actor in ACTORS {
            for state in ItemState::ALL {
                let listed = ITEM_ROWS.contains(&(event, actor, *state));
                let allowed = check_item(event, &[actor], *state).is_ok();
                assert_eq!(allowed, listed, "{event:?} {actor:?} {state:?}");
            }
        }
    }
}

#[test]
fn a_refusal_says_what_may_be_done() {
    let refused = check_item(ItemEvent::Decide, &[Actor::Chair], ItemState::OnAgenda);
    assert_eq!(
        refused,
        Err(Refused::Illegal {
            state: "ON_AGENDA",
            allowed: vec!["START"]
        })
    );
}
