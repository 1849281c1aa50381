//! A meeting (signaleringsoverleg): who is invited, what stands on its agenda and what becomes of it.
//!
//! An item is a list of references and codes. What is told about a person is in sealed messages that are kept beside
//! the meeting and known here by their grants only.

mod code;
mod effects;
mod item;
mod life;
mod person;
mod session;
mod sight;

pub(crate) use code::{
    ActionKind, Answer, Decision, Frequency, ItemState, MeetingState, Presence, QuestionKind, TakenOff,
};
pub(crate) use effects::{Effects, Step};
pub(crate) use item::{
    ACTIONS_MAX, Action, CIRCLES_MAX, Consent, INVITED_MAX, Invited, Item, MATCHES_MAX, References,
    SIGNALS_MAX, THREADS_MAX,
};
pub(crate) use life::Refused;
pub(crate) use person::{PARTICIPANTS_MAX, Person, Seat};
pub(crate) use session::{DueAct, ITEMS_MAX, Meeting, Plan};

#[cfg(test)]
mod tests;
