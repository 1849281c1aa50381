//! The way to a home: its steps, as data and as a function.

use std::time::Duration;

use sluis_types::{GrantId, HousingId, Oin, Timestamp};

use super::Illegal;

const DAY: Duration = Duration::from_hours(24);
/// When contact is due after the lease is signed: at 3, 6 and 12 months.
pub(crate) const CONTACT_DAYS: [u32; 3] = [91, 182, 365];
/// States of the past that are kept; older ones are dropped.
pub(crate) const STEPS_MAX: usize = 48;

/// Where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Wish = 1,
    Ready = 2,
    Nominated = 3,
    Offered = 4,
    Viewed = 5,
    Accepted = 6,
    Declined = 7,
    Settling = 8,
    Settled = 9,
    Returned = 10,
    Stopped = 11,
}

impl State {
    pub(crate) const ALL: [Self; 11] = [
        Self::Wish,
        Self::Ready,
        Self::Nominated,
        Self::Offered,
        Self::Viewed,
        Self::Accepted,
        Self::Declined,
        Self::Settling,
        Self::Settled,
        Self::Returned,
        Self::Stopped,
    ];

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| *state as u8 == number)
    }

    /// The name as it stands in the proto and in refusals.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Wish => "WISH",
            Self::Ready => "READY",
            Self::Nominated => "NOMINATED",
            Self::Offered => "OFFERED",
            Self::Viewed => "VIEWED",
            Self::Accepted => "ACCEPTED",
            Self::Declined => "DECLINED",
            Self::Settling => "SETTLING",
            Self::Settled => "SETTLED",
            Self::Returned => "RETURNED",
            Self::Stopped => "STOPPED",
        }
    }
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    Prepare = 1,
    Nominate = 2,
    Offer = 3,
    View = 4,
    Accept = 5,
    Decline = 6,
    SignLease = 7,
    Contact = 8,
    AskSupport = 9,
    Settle = 10,
    Return = 11,
    Stop = 12,
}

impl Move {
    pub(crate) const ALL: [Self; 12] = [
        Self::Prepare,
        Self::Nominate,
        Self::Offer,
        Self::View,
        Self::Accept,
        Self::Decline,
        Self::SignLease,
        Self::Contact,
        Self::AskSupport,
        Self::Settle,
        Self::Return,
        Self::Stop,
    ];

    /// The name as it stands in the proto and in refusals.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Prepare => "PREPARE",
            Self::Nominate => "NOMINATE",
            Self::Offer => "OFFER",
            Self::View => "VIEW",
            Self::Accept => "ACCEPT",
            Self::Decline => "DECLINE",
            Self::SignLease => "SIGN_LEASE",
            Self::Contact => "CONTACT",
            Self::AskSupport => "ASK_SUPPORT",
            Self::Settle => "SETTLE",
            Self::Return => "RETURN",
            Self::Stop => "STOP",
        }
    }
}

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// The organisation that began it, with the resident.
    Companion,
    /// The landlord.
    Landlord,
}

/// Whose name is on the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lease {
    Own = 1,
    Intermediary = 2,
}

impl Lease {
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        [Self::Own, Self::Intermediary]
            .into_iter()
            .find(|lease| *lease as u8 == number)
    }
}

/// One row of the table: who may take the step, from where, and where it leads (none: where it is).
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) step: Move,
    pub(crate) actors: &'static [Actor],
    pub(crate) from: &'static [State],
    pub(crate) to: Option<State>,
}

const BEFORE_LEASE: &[State] = &[
    State::Wish,
    State::Ready,
    State::Nominated,
    State::Offered,
    State::Viewed,
    State::Accepted,
    State::Declined,
];
const COMPANION: &[Actor] = &[Actor::Companion];
const LANDLORD: &[Actor] = &[Actor::Landlord];
const EITHER: &[Actor] = &[Actor::Companion, Actor::Landlord];

/// The steps. What is not here may not happen.
#[rustfmt::skip]
pub(crate) const TABLE: &[Rule] = &[
    Rule { step: Move::Prepare, actors: COMPANION, from: &[State::Wish], to: Some(State::Ready) },
    Rule { step: Move::Nominate, actors: COMPANION, from: &[State::Ready], to: Some(State::Nominated) },
    // After a no, another home may be offered.
    Rule { step: Move::Offer, actors: LANDLORD, from: &[State::Nominated, State::Declined], to: Some(State::Offered) },
    Rule { step: Move::View, actors: COMPANION, from: &[State::Offered], to: Some(State::Viewed) },
    Rule { step: Move::Accept, actors: COMPANION, from: &[State::Offered, State::Viewed], to: Some(State::Accepted) },
    Rule { step: Move::Decline, actors: COMPANION, from: &[State::Offered, State::Viewed], to: Some(State::Declined) },
    Rule { step: Move::SignLease, actors: LANDLORD, from: &[State::Accepted], to: Some(State::Settling) },
    Rule { step: Move::Contact, actors: COMPANION, from: &[State::Settling], to: None },
    Rule { step: Move::AskSupport, actors: LANDLORD, from: &[State::Settling, State::Settled], to: None },
    Rule { step: Move::Settle, actors: COMPANION, from: &[State::Settling], to: Some(State::Settled) },
    Rule { step: Move::Return, actors: EITHER, from: &[State::Settling, State::Settled], to: Some(State::Returned) },
    Rule { step: Move::Stop, actors: COMPANION, from: BEFORE_LEASE, to: Some(State::Stopped) },
];

/// A way to a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Housing {
    pub(crate) id: HousingId,
    /// Who began it: told to nobody.
    pub(crate) companion: Oin,
    pub(crate) landlord: Oin,
    pub(crate) grant: GrantId,
    pub(crate) state: State,
    /// Grows by one with every step, from 1.
    pub(crate) version: u32,
    pub(crate) lease: Option<Lease>,
    pub(crate) signed_at: Option<Timestamp>,
    /// How many of the three contacts took place.
    pub(crate) contacts: u8,
    pub(crate) support_asked: Option<Timestamp>,
    /// Every state and since when, oldest first.
    pub(crate) steps: Vec<(State, Timestamp)>,
    /// What is needed, as the interface encodes it.
    pub(crate) need: Vec<u8>,
}

impl Housing {
    /// Who an organisation is in it. The landlord is nobody before the nomination.
    pub(crate) fn actor(&self, organisation: Oin) -> Option<Actor> {
        if organisation == self.companion {
            Some(Actor::Companion)
        } else if organisation == self.landlord && self.was_nominated() {
            Some(Actor::Landlord)
        } else {
            None
        }
    }

    /// Whether the landlord was asked.
    pub(crate) fn was_nominated(&self) -> bool {
        self.steps
            .iter()
            .any(|(state, _)| *state >= State::Nominated && *state < State::Stopped)
    }

    /// Whether a step may be taken now.
    pub(crate) fn permits(&self, step: Move, actor: Actor) -> bool {
        let is_settled_too_soon = step == Move::Settle && usize::from(self.contacts) < CONTACT_DAYS.len();
        let has_all_contacts = step == Move::Contact && usize::from(self.contacts) >= CONTACT_DAYS.len();
        TABLE
            .iter()
            .any(|rule| rule.step == step && rule.actors.contains(&actor) && rule.from.contains(&self.state))
            && !is_settled_too_soon
            && !has_all_contacts
    }

    /// This after a step, one version further. `lease` is for SIGN_LEASE.
    ///
    /// # Errors
    /// [`Illegal`] when the table has no row for it.
    pub(crate) fn after(
        mut self,
        step: Move,
        lease: Option<Lease>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Self, Illegal> {
        if !self.permits(step, actor) {
            let allowed = Move::ALL.into_iter().filter(|step| self.permits(*step, actor));
            return Err(Illegal {
                state: self.state.name(),
                allowed: allowed.map(Move::name).collect(),
            });
        }
        match step {
            Move::SignLease => (self.lease, self.signed_at) = (lease, Some(now)),
            Move::Contact => (self.contacts, self.support_asked) = (self.contacts + 1, None),
            Move::AskSupport => self.support_asked = Some(now),
            _ => {}
        }
        let to = TABLE
            .iter()
            .find(|rule| rule.step == step)
            .and_then(|rule| rule.to);
        if let Some(state) = to {
            self.state = state;
            self.steps.push((state, now));
            if self.steps.len() > STEPS_MAX {
                // The first stays: it says when it began.
                self.steps.remove(1);
            }
        }
        self.version = self.version.saturating_add(1);
        Ok(self)
    }

    /// When the next contact is due; none when it is not settling, or all took place.
    pub(crate) fn contact_due(&self) -> Option<Timestamp> {
        let days = CONTACT_DAYS.get(usize::from(self.contacts))?;
        let signed_at = self.signed_at.filter(|_| self.state == State::Settling)?;
        Some(signed_at.plus(DAY * *days))
    }
}

#[cfg(test)]
#[path = "housing_tests.rs"]
mod tests;
