//! An item on an agenda: references, codes, and who may see it.

use std::collections::BTreeSet;
use std::time::Duration;

use sluis_types::{
    AgendaItemId, CodeSet, GrantId, KeyId, MatchId, Oin, ProfessionalRole, SignalId, ThreadId, Timestamp,
};

use super::code::{ActionKind, Decision, ItemState, Presence, QuestionKind, TakenOff};
use super::life::Refused;
use super::person::{Person, Seat};
use crate::domain::life::Outcome;

/// Most minutes that an item takes.
const MINUTES_MAX: u8 = 15;
/// Most organisations that are invited to an item.
pub(crate) const INVITED_MAX: usize = 8;
/// Most signals that an item refers to.
pub(crate) const SIGNALS_MAX: usize = 4;
/// Most matches that an item refers to.
pub(crate) const MATCHES_MAX: usize = 2;
/// Most referrals that an item refers to.
pub(crate) const THREADS_MAX: usize = 4;
/// Most circles of those matches.
pub(crate) const CIRCLES_MAX: usize = 4;
/// Most actions of a decision.
pub(crate) const ACTIONS_MAX: usize = 6;
/// Longest time that an action may take: the meeting is erased 30 days after it closed.
const ACTION_LIFE: Duration = Duration::from_hours(30 * 24);

/// What lets somebody be told about at an item: a version of the grant for one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Consent {
    pub(crate) grant: GrantId,
    pub(crate) version: u32,
}

/// An organisation that is invited to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Invited {
    pub(crate) organisation: Oin,
    pub(crate) roles: CodeSet<ProfessionalRole>,
    /// What its message rests on; none where the item is de-identified.
    pub(crate) consent: Option<Consent>,
}

/// What an item refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct References {
    pub(crate) signals: Vec<SignalId>,
    pub(crate) matches: Vec<MatchId>,
    pub(crate) threads: Vec<ThreadId>,
}

/// Who does what, until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    pub(crate) kind: ActionKind,
    pub(crate) owner: Oin,
    pub(crate) due: Timestamp,
    /// What came of it; none while it is open.
    pub(crate) outcome: Option<Outcome>,
    /// The referral that it became.
    pub(crate) thread: Option<ThreadId>,
}

/// An item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) id: AgendaItemId,
    /// Who put it on.
    pub(crate) presenter: Oin,
    pub(crate) question: QuestionKind,
    pub(crate) minutes: u8,
    pub(crate) is_deidentified: bool,
    pub(crate) invited: Vec<Invited>,
    pub(crate) references: References,
    /// The circles of its matches, each with the gate key that it ends with.
    pub(crate) circles: Vec<(GrantId, KeyId)>,
    pub(crate) resident_informed: bool,
    pub(crate) resident_invited: bool,
    pub(crate) presence: Presence,
    pub(crate) state: ItemState,
    pub(crate) taken_off: Option<TakenOff>,
    pub(crate) decision: Option<Decision>,
    pub(crate) actions: Vec<Action>,
}

impl Item {
    /// Whether it may stand on an agenda with these seats.
    pub(super) fn check(&self, seats: &[Seat]) -> Result<(), Refused> {
        if !(1..=MINUTES_MAX).contains(&self.minutes) {
            return Err(Refused::Field("minutes"));
        }
        let has_seat = |invited: &Invited| {
            seats.iter().any(|seat| {
                seat.organisation == invited.organisation
                    && seat.may_come()
                    && !invited.roles.is_empty()
                    && invited.roles.iter().all(|role| seat.roles.contains(role))
            })
        };
        let organisations: BTreeSet<Oin> = self.invited.iter().map(|invited| invited.organisation).collect();
        let fits = (1..=INVITED_MAX).contains(&self.invited.len())
            && organisations.len() == self.invited.len()
            && !organisations.contains(&self.presenter)
            && self.invited.iter().all(has_seat);
        if !fits {
            return Err(Refused::Field("invited"));
        }
        let references = &self.references;
        if references.signals.len() > SIGNALS_MAX
            || references.matches.len() > MATCHES_MAX
            || references.threads.len() > THREADS_MAX
            || self.is_deidentified && !references.threads.is_empty()
        {
            return Err(Refused::Field("references"));
        }
        // Nobody is spoken about who does not know of it.
        if !self.is_deidentified && !self.resident_informed {
            return Err(Refused::Field("resident_informed"));
        }
        let sealed = |invited: &Invited| invited.consent.is_some() != self.is_deidentified;
        if !self.invited.iter().all(sealed) {
            return Err(Refused::Field("messages"));
        }
        Ok(())
    }

    /// Whether this organisation has to do with it: who put it on, or is invited.
    pub(crate) fn concerns(&self, organisation: Oin) -> bool {
        self.presenter == organisation
            || self
                .invited
                .iter()
                .any(|invited| invited.organisation == organisation)
    }

    /// Whether it cannot do without this organisation now: it is at the table for it, or has something to do.
    pub(crate) fn needs(&self, organisation: Oin) -> bool {
        let is_open = |action: &Action| action.owner == organisation && action.outcome.is_none();
        match self.state {
            ItemState::InTreatment => self.concerns(organisation),
            ItemState::Decided => self.actions.iter().any(is_open),
            ItemState::OnAgenda | ItemState::Done | ItemState::TakenOff | ItemState::Objected => false,
        }
    }

    /// Whether this person is invited to it.
    pub(crate) fn invites(&self, person: &Person) -> bool {
        self.invited
            .iter()
            .any(|invited| invited.organisation == person.organisation && invited.roles.contains(person.role))
    }

    /// Whether it has not come to an end: something may still become of it.
    pub(crate) fn goes_on(&self) -> bool {
        matches!(
            self.state,
            ItemState::OnAgenda | ItemState::InTreatment | ItemState::Decided
        )
    }

    /// Every grant and circle that it rests on: whose resident sees it.
    pub(crate) fn grants(&self) -> BTreeSet<GrantId> {
        let told = self.invited.iter().filter_map(|invited| invited.consent);
        told.map(|consent| consent.grant)
            .chain(self.circles.iter().map(|(grant, _)| *grant))
            .collect()
    }

    /// Whether it rests on this version of a grant.
    pub(crate) fn rests_on(&self, consent: Consent) -> bool {
        self.invited
            .iter()
            .any(|invited| invited.consent == Some(consent))
    }

    /// Whether these may be the actions of a decision, now.
    pub(super) fn check_actions(
        &self,
        decision: Decision,
        actions: &[Action],
        now: Timestamp,
    ) -> Result<(), Refused> {
        let many = match decision {
            Decision::Act => (1..=ACTIONS_MAX).contains(&actions.len()),
            Decision::NoAction | Decision::Unfounded | Decision::Postponed => actions.is_empty(),
        };
        if !many {
            return Err(Refused::Field("actions"));
        }
        let fits = |action: &Action| {
            self.concerns(action.owner) && action.due > now && action.due <= now.plus(ACTION_LIFE)
        };
        if actions.iter().all(fits) {
            Ok(())
        } else {
            Err(Refused::Field("actions"))
        }
    }
}
