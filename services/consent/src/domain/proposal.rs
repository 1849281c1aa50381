//! A proposal: a question to a resident, and its short life.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sluis_types::{GrantId, Oin, ParseIdError, Randomness, Timestamp};

use super::Allowance;
use super::assisted::Record;
use super::circle::CircleQuestion;

/// How long a question waits. Silence is never consent.
pub(crate) const PROPOSAL_LIFE: Duration = Duration::from_hours(14 * 24);
/// How long nobody may ask the same between the same organisations after a refusal.
pub(crate) const REFUSAL_REST: Duration = Duration::from_hours(30 * 24);
/// Questions that wait for one resident at most; more are answered like the others and never shown.
pub(crate) const WAITING_MAX: u64 = 64;
/// Days that a grant lasts when nothing else was asked: half a year.
pub(crate) const VALID_DAYS_DEFAULT: u32 = 183;
/// Days that a grant lasts at most.
pub(crate) const VALID_DAYS_MAX: u32 = 366;

/// Id of a proposal: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProposalId(GrantId);

impl ProposalId {
    pub(crate) fn random(randomness: &dyn Randomness) -> Self {
        Self(GrantId::random(randomness))
    }

    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(GrantId::from_bytes(bytes))
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for ProposalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ProposalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ProposalId {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        text.parse().map(Self)
    }
}

/// Where a proposal is. Granted, refused and lapsed are not here: such a row is emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// It waits for an answer.
    Asked,
    /// The resident put it aside.
    Deferred,
}

/// What can happen to a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Grant,
    Refuse,
    Defer,
    /// Nobody answered in time.
    Lapse,
}

/// Every transition: `None` is the end of the row.
pub(crate) const ANSWERS: &[(Waiting, Answer, Option<Waiting>)] = &[
    (Waiting::Asked, Answer::Grant, None),
    (Waiting::Asked, Answer::Refuse, None),
    (Waiting::Asked, Answer::Defer, Some(Waiting::Deferred)),
    (Waiting::Asked, Answer::Lapse, None),
    (Waiting::Deferred, Answer::Grant, None),
    (Waiting::Deferred, Answer::Refuse, None),
    (Waiting::Deferred, Answer::Defer, Some(Waiting::Deferred)),
    (Waiting::Deferred, Answer::Lapse, None),
];

/// What is asked of a resident, in one direction or for a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// Who would share; of a circle its first member.
    pub(crate) discloser: Oin,
    /// Who would receive; of a circle its last member.
    pub(crate) recipient: Oin,
    pub(crate) circle: Option<CircleQuestion>,
    pub(crate) allowed: Allowance,
    pub(crate) valid_days: u32,
}

/// A proposal that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proposal {
    pub(crate) id: ProposalId,
    pub(crate) asked_by: Oin,
    pub(crate) question: Question,
    pub(crate) asked_at: Timestamp,
    pub(crate) waiting: Waiting,
    /// Set when a worker recorded that the resident agreed.
    pub(crate) record: Option<Record>,
}

impl Proposal {
    pub(crate) fn lapses_at(&self) -> Timestamp {
        self.asked_at.plus(PROPOSAL_LIFE)
    }

    /// Whether it still waits: evaluated at every reading, whether a timer came by or not.
    pub(crate) fn waits(&self, now: Timestamp) -> bool {
        now < self.lapses_at()
    }

    /// Takes an answer. `None`: the proposal ends.
    pub(crate) fn answer(self, answer: Answer) -> Option<Self> {
        let (_, _, next) = ANSWERS
            .iter()
            .find(|(from, by, _)| *from == self.waiting && *by == answer)
            .expect("every pair stands in the table; a test says so");
        next.map(|waiting| Self { waiting, ..self })
    }
}

/// Whether a refusal at `refused_at` still keeps others from asking the same.
pub(crate) fn rests(refused_at: Timestamp, now: Timestamp) -> bool {
    now < refused_at.plus(REFUSAL_REST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_to_every_waiting_proposal_is_in_the_table_once() {
        for from in [Waiting::Asked, Waiting::Deferred] {
            for answer in [Answer::Grant, Answer::Refuse, Answer::Defer, Answer::Lapse] {
                let rows: Vec<_> = ANSWERS
                    .iter()
                    .filter(|(waiting, by, _)| *waiting == from && *by == answer)
                    .collect();
                assert_eq!(rows.len(), 1);
                assert_eq!(
                    rows[0].2.is_some(),
                    answer == Answer::Defer,
                    "only putting aside keeps it"
                );
            }
        }
    }

    #[test]
    fn silence_ends_a_proposal_and_a_refusal_rests() {
        let asked_at = Timestamp::from_seconds(0);
        let proposal = Proposal {
            id: ProposalId::from_bytes([1; 16]),
            asked_by: "00000099000000001000".parse().unwrap(),
            question: Question {
                discloser: "00000099000000001000".parse().unwrap(),
                recipient: "00000099000000002000".parse().unwrap(),
                circle: None,
                allowed: Allowance::EMPTY,
                valid_days: VALID_DAYS_DEFAULT,
            },
            asked_at,
            waiting: Waiting::Asked,
            record: None,
        };
        assert!(proposal.waits(Timestamp::from_micros(proposal.lapses_at().micros() - 1)));
        assert!(!proposal.waits(proposal.lapses_at()));
        assert!(rests(asked_at, Timestamp::from_seconds(30 * 86400 - 1)));
        assert!(!rests(asked_at, Timestamp::from_seconds(30 * 86400)));
    }
}
