//! The state machines of meetings and of their items, as data.

use super::code::{ItemState, MeetingState};

/// What somebody is to a meeting or an item. One person may be several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// A coordinator of the organisation that planned it.
    Coordinator,
    /// Of the chair's organisation, before anybody opened it.
    ChairToBe,
    /// Who opened it.
    Chair,
    /// Of an organisation that is invited and may come.
    Participant,
    /// Of an organisation that is invited, whether it comes or not.
    Invitee,
    /// Of an organisation that is invited and neither plans the meeting nor chairs it.
    Guest,
    /// Of the organisation that put an item on.
    Presenter,
    /// Of the organisation that owns an action.
    Owner,
    /// The resident, on a ticket.
    Resident,
    /// The service itself: time, and the end of a consent.
    Mesh,
}

/// What is done with a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MeetingEvent {
    Invite,
    Answer,
    Leave,
    Put,
    Order,
    Open,
    Close,
}

/// What is done with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemEvent {
    Start,
    Decide,
    Finish,
    TakeOff,
    SayPresence,
    Object,
}

impl MeetingEvent {
    /// The name in refusals.
    const fn name(self) -> &'static str {
        match self {
            Self::Invite => "INVITE",
            Self::Answer => "ANSWER",
            Self::Leave => "LEAVE",
            Self::Put => "PUT_ON_AGENDA",
            Self::Order => "ORDER",
            Self::Open => "OPEN",
            Self::Close => "CLOSE",
        }
    }
}

impl ItemEvent {
    /// The name in refusals.
    const fn name(self) -> &'static str {
        match self {
            Self::Start => "START",
            Self::Decide => "RECORD_DECISION",
            Self::Finish => "FINISH_ACTION",
            Self::TakeOff => "TAKE_OFF",
            Self::SayPresence => "ANSWER",
            Self::Object => "OBJECT",
        }
    }
}

/// One row: what, by whom, from where.
type Rule<E, S> = (E, &'static [Actor], &'static [S]);

/// While a meeting can still be prepared or held.
const BEFORE_THE_END: &[MeetingState] = &[MeetingState::Planned, MeetingState::InSession];

/// Also when it is over: who left has no part in what is kept of it.
const ALWAYS: &[MeetingState] = &[
    MeetingState::Planned,
    MeetingState::InSession,
    MeetingState::Closed,
];

/// The life of a meeting. What is not here may not happen.
pub(super) const MEETING: &[Rule<MeetingEvent, MeetingState>] = &[
    (MeetingEvent::Invite, &[Actor::Coordinator], BEFORE_THE_END),
    (MeetingEvent::Answer, &[Actor::Invitee], BEFORE_THE_END),
    (MeetingEvent::Leave, &[Actor::Guest], ALWAYS),
    (MeetingEvent::Put, &[Actor::Participant], BEFORE_THE_END),
    (MeetingEvent::Order, &[Actor::Coordinator], BEFORE_THE_END),
    (MeetingEvent::Open, &[Actor::ChairToBe], &[MeetingState::Planned]),
    (
        MeetingEvent::Close,
        &[Actor::Coordinator, Actor::Chair, Actor::Mesh],
        BEFORE_THE_END,
    ),
];

/// The life of an item. What is not here may not happen.
pub(super) const ITEM: &[Rule<ItemEvent, ItemState>] = &[
    (ItemEvent::Start, &[Actor::Chair], &[ItemState::OnAgenda]),
    (ItemEvent::Decide, &[Actor::Chair], &[ItemState::InTreatment]),
    (ItemEvent::Finish, &[Actor::Owner], &[ItemState::Decided]),
    (
        ItemEvent::TakeOff,
        &[Actor::Presenter, Actor::Coordinator],
        &[ItemState::OnAgenda],
    ),
    // The end of a consent, and of the meeting.
    (
        ItemEvent::TakeOff,
        &[Actor::Mesh],
        &[ItemState::OnAgenda, ItemState::InTreatment, ItemState::Decided],
    ),
    (ItemEvent::SayPresence, &[Actor::Resident], &[ItemState::OnAgenda]),
    (
        ItemEvent::Object,
        &[Actor::Resident],
        &[ItemState::OnAgenda, ItemState::InTreatment, ItemState::Decided],
    ),
];

/// Why nothing happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is none, or it is not for this caller to know of.
    NotThere,
    /// The state does not allow it to this caller.
    Illegal {
        state: &'static str,
        allowed: Vec<&'static str>,
    },
    /// A field does not hold.
    Field(&'static str),
    /// There is no more room.
    Full,
}

fn may<E: Copy + PartialEq, S: Copy + PartialEq>(
    table: &[Rule<E, S>],
    (event, held, state): (E, &[Actor], S),
) -> bool {
    table.iter().any(|(what, by, from)| {
        *what == event && from.contains(&state) && by.iter().any(|actor| held.contains(actor))
    })
}

/// Whether somebody who is all of these may do it to a meeting.
pub(super) fn check_meeting(event: MeetingEvent, held: &[Actor], state: MeetingState) -> Result<(), Refused> {
    if may(MEETING, (event, held, state)) {
        return Ok(());
    }
    let allowed = MEETING.iter().map(|(what, ..)| *what);
    Err(Refused::Illegal {
        state: state.name(),
        allowed: allowed
            .filter(|what| may(MEETING, (*what, held, state)))
            .map(MeetingEvent::name)
            .collect(),
    })
}

/// Whether somebody who is all of these may do it to an item.
pub(super) fn check_item(event: ItemEvent, held: &[Actor], state: ItemState) -> Result<(), Refused> {
    if may(ITEM, (event, held, state)) {
        return Ok(());
    }
    let mut allowed: Vec<&'static str> = ITEM
        .iter()
        .map(|(what, ..)| *what)
        .filter(|what| may(ITEM, (*what, held, state)))
        .map(ItemEvent::name)
        .collect();
    allowed.dedup();
    Err(Refused::Illegal {
        state: state.name(),
        allowed,
    })
}

#[cfg(test)]
#[path = "life_tests.rs"]
mod tests;
