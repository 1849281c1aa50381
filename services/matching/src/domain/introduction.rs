//! Introductions: two people, two answers, and what each may know.
//!
//! What a side is shown is worked out by [`Introduction::shown_to`] from its own answer, the time, and whether both said
//! yes. It is given nothing else, so it can tell nothing else: not that the other said no, not that the other was
//! silent, not that the two may not meet.

use std::time::Duration;

use sluis_types::{CardId, GrantId, IntroductionId, Oin, Timestamp};

use super::Illegal;
use super::card::{Card, Person};

/// How long an introduction can be answered. Whatever the answers, nobody learns before that it came to nothing.
pub(crate) const ANSWER_LIFE: Duration = Duration::from_hours(14 * 24);
/// How long the two may find out whether they like it.
pub(crate) const TRIAL_LIFE: Duration = Duration::from_hours(7 * 24);
/// How long until it is looked at again.
pub(crate) const REVIEW_EVERY: Duration = Duration::from_hours(91 * 24);
/// How long after an introduction closed the same two are not put before each other again.
pub(crate) const COOL_DOWN: Duration = Duration::from_hours(90 * 24);

/// What somebody said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    None = 0,
    Yes = 1,
    No = 2,
}

impl Answer {
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        [Self::None, Self::Yes, Self::No]
            .into_iter()
            .find(|answer| *answer as u8 == number)
    }
}

/// One of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Party {
    pub(crate) person: Person,
    pub(crate) card: CardId,
    /// Their own consent.
    pub(crate) grant: GrantId,
    pub(crate) answer: Answer,
}

impl From<&Card> for Party {
    fn from(card: &Card) -> Self {
        Self {
            person: card.person,
            card: card.id,
            grant: card.grant,
            answer: Answer::None,
        }
    }
}

/// Who looks, or acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// The side of this index.
    Side(usize),
    /// Who proposed it.
    Coordinator,
}

/// Where it is, as a viewer may know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Offered = 1,
    Waiting = 2,
    Declined = 3,
    Trial = 4,
    Active = 5,
    Closed = 6,
    Ended = 7,
}

impl State {
    /// The name as it stands in refusals.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Offered => "OFFERED",
            Self::Waiting => "WAITING",
            Self::Declined => "DECLINED",
            Self::Trial => "TRIAL",
            Self::Active => "ACTIVE",
            Self::Closed => "CLOSED",
            Self::Ended => "ENDED",
        }
    }

    /// What may be done in it.
    pub(crate) fn allowed(self) -> Vec<&'static str> {
        match self {
            Self::Offered => vec!["ANSWER"],
            Self::Trial | Self::Active => vec!["REVIEW", "END"],
            Self::Waiting | Self::Declined | Self::Closed | Self::Ended => Vec::new(),
        }
    }
}

/// Two people put before each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Introduction {
    pub(crate) id: IntroductionId,
    pub(crate) coordinator: Oin,
    pub(crate) parties: [Party; 2],
    pub(crate) offered_at: Timestamp,
    /// The two may not meet: nobody is asked, and the coordinator is shown what silence looks like.
    pub(crate) is_void: bool,
    /// When both had said yes.
    pub(crate) introduced_at: Option<Timestamp>,
    /// When it was last looked at.
    pub(crate) reviewed_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
}

impl Introduction {
    /// Until when it can be answered.
    pub(crate) fn answer_by(&self) -> Timestamp {
        self.offered_at.plus(ANSWER_LIFE)
    }

    /// Which side an organisation speaks for; none where nobody was asked.
    pub(crate) fn side_of(&self, organisation: Oin) -> Option<usize> {
        self.side_where(|party| party.person.organisation == organisation)
    }

    /// Which side stands on a grant; none where nobody was asked.
    pub(crate) fn side_under(&self, grant: GrantId) -> Option<usize> {
        self.side_where(|party| party.grant == grant)
    }

    fn side_where(&self, is: impl Fn(&Party) -> bool) -> Option<usize> {
        self.parties.iter().position(is).filter(|_| !self.is_void)
    }

    /// What a viewer may know. `both_live`: whether both people's consent is live.
    pub(crate) fn shown_to(&self, viewer: Viewer, both_live: bool, now: Timestamp) -> State {
        if let Some(introduced_at) = self.introduced_at {
            return if self.ended_at.is_some() || !both_live {
                State::Ended
            } else if now < introduced_at.plus(TRIAL_LIFE) {
                State::Trial
            } else {
                State::Active
            };
        }
        let own = match viewer {
            Viewer::Side(side) => self.parties[side].answer,
            Viewer::Coordinator => Answer::None,
        };
        match own {
            Answer::No => State::Declined,
            _ if now >= self.answer_by() => State::Closed,
            Answer::Yes => State::Waiting,
            Answer::None => State::Offered,
        }
    }

    /// A side answers. With the second yes the two are introduced, if both people's consent is live.
    ///
    /// # Errors
    /// [`Illegal`] when that side has answered, or the time is over.
    pub(crate) fn answer(
        &mut self,
        side: usize,
        answer: Answer,
        both_live: bool,
        now: Timestamp,
    ) -> Result<(), Illegal> {
        let state = self.shown_to(Viewer::Side(side), both_live, now);
        if state != State::Offered {
            return Err(illegal(state));
        }
        self.parties[side].answer = answer;
        if both_live && self.parties.iter().all(|party| party.answer == Answer::Yes) {
            self.introduced_at = Some(now);
        }
        Ok(())
    }

    /// It was looked at, and goes on.
    ///
    /// # Errors
    /// [`Illegal`] when the two are not introduced.
    pub(crate) fn review(&mut self, viewer: Viewer, both_live: bool, now: Timestamp) -> Result<(), Illegal> {
        match self.shown_to(viewer, both_live, now) {
            State::Trial | State::Active => {
                self.reviewed_at = Some(now);
                Ok(())
            }
            state => Err(illegal(state)),
        }
    }

    /// It ends.
    ///
    /// # Errors
    /// [`Illegal`] when the two are not introduced.
    pub(crate) fn end(&mut self, viewer: Viewer, both_live: bool, now: Timestamp) -> Result<(), Illegal> {
        match self.shown_to(viewer, both_live, now) {
            State::Trial | State::Active => {
                self.ended_at = Some(now);
                Ok(())
            }
            state => Err(illegal(state)),
        }
    }

    /// When it is to be looked at again; none before the two are introduced.
    pub(crate) fn review_by(&self) -> Option<Timestamp> {
        let from = self.reviewed_at.or(self.introduced_at)?;
        Some(from.plus(REVIEW_EVERY))
    }
}

fn illegal(state: State) -> Illegal {
    Illegal {
        state: state.name(),
        allowed: state.allowed(),
    }
}

/// What is remembered of two people, whichever came first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pair {
    /// One of them wants never to meet the other. It is not kept which.
    pub(crate) excluded: bool,
    /// Until then they are not put before each other again.
    pub(crate) cools_until: Option<Timestamp>,
}

impl Pair {
    /// Whether they may be put before each other.
    pub(crate) fn may_meet(self, now: Timestamp) -> bool {
        !self.excluded && self.cools_until.is_none_or(|until| now >= until)
    }
}

#[cfg(test)]
#[path = "introduction_tests.rs"]
mod tests;
