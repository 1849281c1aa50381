//! The state machine of referrals, as data and as a function.

use super::event::{Actor, Event, Kind};
use super::stage::{Active, Cause, Hold, Stage, State};

/// One row of the table: who may do it, and from where.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) kind: Kind,
    pub(crate) actors: &'static [Actor],
    /// Active states in which it may happen.
    pub(crate) from: &'static [State],
    /// States before the hold in which it may happen while the referral is on hold.
    pub(crate) held: &'static [State],
}

const EVERY: &[State] = &[
    State::Submitted,
    State::Delivered,
    State::InReview,
    State::Accepted,
    State::Waitlisted,
    State::InProgress,
];
const UNDECIDED: &[State] = &[State::Submitted, State::Delivered, State::InReview];

/// The state machine. What is not here may not happen.
///
/// The states before an answer run on while consent is paused: a message can still arrive, and silence never turns
/// into an answer.
pub(crate) const TABLE: &[Rule] = &[
    Rule {
        kind: Kind::Deliver,
        actors: &[Actor::Recipient],
        from: &[State::Submitted],
        held: &[State::Submitted],
    },
    Rule {
        kind: Kind::Open,
        actors: &[Actor::Recipient],
        from: &[State::Submitted, State::Delivered],
        held: &[State::Submitted, State::Delivered],
    },
    Rule {
        kind: Kind::Accept,
        actors: &[Actor::Recipient],
        from: &[State::InReview],
        held: &[],
    },
    // From WAITLISTED: the expectation is told anew at least every four weeks.
    Rule {
        kind: Kind::Waitlist,
        actors: &[Actor::Recipient],
        from: &[State::InReview, State::Waitlisted],
        held: &[],
    },
    Rule {
        kind: Kind::Reject,
        actors: &[Actor::Recipient],
        from: &[State::InReview],
        held: &[],
    },
    Rule {
        kind: Kind::Start,
        actors: &[Actor::Recipient],
        from: &[State::Accepted, State::Waitlisted],
        held: &[],
    },
    Rule {
        kind: Kind::Complete,
        actors: &[Actor::Recipient],
        from: &[State::InProgress],
        held: &[State::InProgress],
    },
    Rule {
        kind: Kind::Cancel,
        actors: &[Actor::Sender],
        from: &[
            State::Submitted,
            State::Delivered,
            State::InReview,
            State::Accepted,
            State::Waitlisted,
        ],
        held: &[],
    },
    Rule {
        kind: Kind::Stop,
        actors: &[Actor::Sender, Actor::Recipient],
        from: &[State::Accepted, State::Waitlisted, State::InProgress],
        held: EVERY,
    },
    // A resident may always stop.
    Rule {
        kind: Kind::Stop,
        actors: &[Actor::Resident],
        from: EVERY,
        held: EVERY,
    },
    Rule {
        kind: Kind::Expire,
        actors: &[Actor::Mesh],
        from: UNDECIDED,
        held: UNDECIDED,
    },
    Rule {
        kind: Kind::ConsentEnded,
        actors: &[Actor::Mesh],
        from: EVERY,
        held: EVERY,
    },
    Rule {
        kind: Kind::ConsentPaused,
        actors: &[Actor::Mesh],
        from: EVERY,
        held: &[],
    },
    Rule {
        kind: Kind::ConsentResumed,
        actors: &[Actor::Mesh],
        from: &[],
        held: EVERY,
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
        let fits = |rule: &Rule| match self {
            Self::Active(active) => rule.from.contains(&active.state()),
            Self::OnHold { before, hold } => {
                rule.held.contains(&before.state())
                    // What ended does not come back to life.
                    && !(hold == Hold::Withdrawn
                        && matches!(kind, Kind::ConsentResumed | Kind::ConsentEnded))
            }
            Self::Rejected { .. } | Self::Completed | Self::Cancelled(_) | Self::Expired => false,
        };
        TABLE
            .iter()
            .any(|rule| rule.kind == kind && rule.actors.contains(&actor) && fits(rule))
    }

    /// The commands that an actor may give now.
    pub(crate) fn allowed(self, actor: Actor) -> Vec<&'static str> {
        let mut allowed: Vec<&'static str> = Vec::new();
        for kind in TABLE
            .iter()
            .map(|rule| rule.kind)
            .filter(|kind| kind.is_command())
        {
            if self.permits(kind, actor) && !allowed.contains(&kind.name()) {
                allowed.push(kind.name());
            }
        }
        allowed
    }

    /// What becomes of the referral.
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
        let active = self.active().ok_or_else(illegal)?;
        // What happens below a hold leaves the hold where it is.
        let on = |next: Active| match self {
            Self::OnHold { hold, .. } => Self::OnHold { before: next, hold },
            _ => Self::Active(next),
        };
        Ok(match event {
            Event::Deliver => on(Active::Delivered),
            Event::Open => on(Active::InReview),
            Event::Accept => on(Active::Accepted),
            Event::Waitlist { expected_weeks } => on(Active::Waitlisted { expected_weeks }),
            Event::Start => on(Active::InProgress),
            Event::Reject { no_capacity } => Self::Rejected { no_capacity },
            Event::Complete => Self::Completed,
            Event::Cancel => Self::Cancelled(Cause::Sender),
            Event::Stop => Self::Cancelled(match actor {
                Actor::Sender => Cause::Sender,
                Actor::Recipient => Cause::Recipient,
                Actor::Resident => Cause::Resident,
                Actor::Mesh => Cause::None,
            }),
            Event::Expire => Self::Expired,
            // What was not opened by then never can be: nothing is left to wait for.
            Event::ConsentEnded if active.is_unopened() => Self::Cancelled(Cause::ConsentWithdrawn),
            Event::ConsentEnded => Self::OnHold {
                before: active,
                hold: Hold::Withdrawn,
            },
            Event::ConsentPaused => Self::OnHold {
                before: active,
                hold: Hold::Paused,
            },
            Event::ConsentResumed => Self::Active(active),
        })
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
