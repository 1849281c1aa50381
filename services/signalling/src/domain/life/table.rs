//! The state machine of signals and matches, as data and as a function.

use super::event::{Actor, Event, Kind};
use super::stage::{Open, Outcome, Stage, State};

/// One row of the table: who may do it, and from where.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) kind: Kind,
    pub(crate) actors: &'static [Actor],
    pub(crate) from: &'static [State],
}

/// Everything that goes on.
const OPEN: &[State] = &[
    State::Draft,
    State::Registered,
    State::Matched,
    State::Acknowledged,
    State::ResidentContacted,
    State::OnAgenda,
    State::FollowUp,
];
/// Everything that was weighed and goes on.
const WEIGHED: &[State] = &[
    State::Registered,
    State::Matched,
    State::Acknowledged,
    State::ResidentContacted,
    State::OnAgenda,
    State::FollowUp,
];

/// The state machine. What is not here may not happen.
pub(crate) const TABLE: &[Rule] = &[
    // Whose eyes are needed, and on what, is said in `weighing`.
    Rule {
        kind: Kind::Weigh,
        actors: &[Actor::Sender],
        from: &[State::Draft],
    },
    Rule {
        kind: Kind::Match,
        actors: &[Actor::Mesh],
        from: &[State::Registered],
    },
    Rule {
        kind: Kind::Acknowledge,
        actors: &[Actor::Sender],
        from: &[State::Matched],
    },
    Rule {
        kind: Kind::ContactResident,
        actors: &[Actor::Lead],
        from: &[State::Acknowledged],
    },
    Rule {
        kind: Kind::Agree,
        actors: &[Actor::Resident],
        from: &[State::ResidentContacted],
    },
    Rule {
        kind: Kind::Decline,
        actors: &[Actor::Resident],
        from: &[State::ResidentContacted],
    },
    Rule {
        kind: Kind::Close,
        actors: &[Actor::Lead],
        from: &[State::FollowUp],
    },
    // A match is put on an agenda by a party that saw it, a signal that met nobody by its sender.
    Rule {
        kind: Kind::PutOnAgenda,
        actors: &[Actor::Sender, Actor::Lead],
        from: &[State::Registered, State::Acknowledged],
    },
    Rule {
        kind: Kind::TakeOffAgenda,
        actors: &[Actor::Mesh],
        from: &[State::OnAgenda],
    },
    Rule {
        kind: Kind::RecordDecision,
        actors: &[Actor::Chair],
        from: &[State::OnAgenda],
    },
    Rule {
        kind: Kind::Close,
        actors: &[Actor::Chair],
        from: &[State::OnAgenda],
    },
    // The end of a circle, and of a match for its signals.
    Rule {
        kind: Kind::Close,
        actors: &[Actor::Mesh],
        from: OPEN,
    },
    Rule {
        kind: Kind::Withdraw,
        actors: &[Actor::Sender],
        from: WEIGHED,
    },
    Rule {
        kind: Kind::Object,
        actors: &[Actor::Resident],
        from: OPEN,
    },
    Rule {
        kind: Kind::Uphold,
        actors: &[Actor::PrivacyOfficer],
        from: &[State::Disputed],
    },
    // The objection was right; and nobody decided on it in time, which counts the same.
    Rule {
        kind: Kind::Close,
        actors: &[Actor::PrivacyOfficer, Actor::Mesh],
        from: &[State::Disputed],
    },
    Rule {
        kind: Kind::Expire,
        actors: &[Actor::Mesh],
        from: OPEN,
    },
];

/// What the state does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Illegal {
    /// Where it is.
    pub(crate) state: State,
    /// What this actor may do instead.
    pub(crate) allowed: Vec<&'static str>,
}

impl Stage {
    /// Whether the table has a row for this.
    pub(crate) fn permits(self, kind: Kind, actor: Actor) -> bool {
        TABLE.iter().any(|rule| {
            rule.kind == kind && rule.actors.contains(&actor) && rule.from.contains(&self.state())
        })
    }

    /// What an actor may do now.
    pub(crate) fn allowed(self, actor: Actor) -> Vec<&'static str> {
        let mut allowed: Vec<&'static str> = Vec::new();
        for kind in TABLE.iter().map(|rule| rule.kind) {
            if self.permits(kind, actor) && !allowed.contains(&kind.name()) {
                allowed.push(kind.name());
            }
        }
        allowed
    }

    /// What becomes of it.
    ///
    /// # Errors
    /// [`Illegal`] when the table has no row for it.
    pub(crate) fn after(self, event: Event, actor: Actor) -> Result<Self, Illegal> {
        let illegal = || Illegal {
            state: self.state(),
            allowed: self.allowed(actor),
        };
        if !self.permits(event.kind(), actor) {
            return Err(illegal());
        }
        let before: Open = match self {
            Self::Open(open) | Self::OnAgenda { before: open } | Self::Disputed { before: open } => open,
            Self::Closed(_) | Self::Withdrawn | Self::Expired => return Err(illegal()),
        };
        if let Some(open) = event.leads_to(before) {
            return Ok(Self::Open(open));
        }
        Ok(match event {
            Event::Decline => Self::Closed(Outcome::Declined),
            Event::PutOnAgenda => Self::OnAgenda { before },
            Event::Close(outcome) => Self::Closed(outcome),
            Event::Withdraw => Self::Withdrawn,
            Event::Object => Self::Disputed { before },
            Event::Expire => Self::Expired,
            Event::Weigh
            | Event::Match
            | Event::Acknowledge
            | Event::ContactResident
            | Event::Agree
            | Event::TakeOffAgenda
            | Event::RecordDecision
            | Event::Uphold => return Err(illegal()),
        })
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
