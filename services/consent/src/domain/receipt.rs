//! Receipts: what a resident holds of each decision.

use std::fmt;
use std::str::FromStr;

use sluis_types::{GrantId, Oin, ParseIdError, Randomness, Timestamp};

use super::Allowance;
use super::assisted::Evidence;
use super::assurance::Assurance;
use super::circle::Circle;
use super::grant::{Grant, Notice};
use super::life::Stage;

/// Id of a receipt: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReceiptId(GrantId);

impl ReceiptId {
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

impl fmt::Display for ReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ReceiptId {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        text.parse().map(Self)
    }
}

/// What a receipt is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReceiptEvent {
    Granted = 1,
    Narrowed = 2,
    Suspended = 3,
    Resumed = 4,
    Withdrawn = 5,
    Expired = 6,
}

impl ReceiptEvent {
    pub(crate) const ALL: [Self; 6] = [
        Self::Granted,
        Self::Narrowed,
        Self::Suspended,
        Self::Resumed,
        Self::Withdrawn,
        Self::Expired,
    ];

    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.number() == number)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Granted => "GRANTED",
            Self::Narrowed => "NARROWED",
            Self::Suspended => "SUSPENDED",
            Self::Resumed => "RESUMED",
            Self::Withdrawn => "WITHDRAWN",
            Self::Expired => "EXPIRED",
        }
    }
}

/// Who expressed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaker {
    /// The resident, logged in.
    Resident = 1,
    /// A representative, logged in.
    Representative = 2,
    /// A worker, for a resident without a login.
    Worker = 3,
    /// Nobody: its time was up.
    Clock = 4,
}

impl Speaker {
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Resident),
            2 => Some(Self::Representative),
            3 => Some(Self::Worker),
            4 => Some(Self::Clock),
            _ => None,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Resident => "RESIDENT",
            Self::Representative => "REPRESENTATIVE",
            Self::Worker => "WORKER",
            Self::Clock => "CLOCK",
        }
    }
}

/// A receipt: a grant as it was when something was decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) id: ReceiptId,
    pub(crate) event: ReceiptEvent,
    pub(crate) at: Timestamp,
    pub(crate) speaker: Speaker,
    pub(crate) grant_id: GrantId,
    pub(crate) version: u32,
    /// Who shares; of a circle its first member.
    pub(crate) discloser: Oin,
    /// Who receives; of a circle its last member.
    pub(crate) recipient: Oin,
    pub(crate) allowed: Allowance,
    pub(crate) objected: Allowance,
    pub(crate) stage: Stage,
    pub(crate) valid_until: Timestamp,
    pub(crate) notice: Notice,
    pub(crate) assurance: Assurance,
    /// Set when a worker recorded the grant for the resident.
    pub(crate) recorded: Option<Evidence>,
    /// Set when it is of a circle: who is in it, and which worries may meet there.
    pub(crate) circle: Option<Circle>,
}

impl Receipt {
    /// The receipt of a grant as it now is.
    pub(crate) fn of(
        grant: &Grant,
        id: ReceiptId,
        event: ReceiptEvent,
        speaker: Speaker,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            event,
            at,
            speaker,
            grant_id: grant.id,
            version: grant.version,
            discloser: grant.discloser,
            recipient: grant.recipient,
            allowed: grant.allowed,
            objected: grant.objected,
            stage: grant.state.stage(),
            valid_until: grant.valid_until,
            notice: grant.notice.clone(),
            assurance: grant.assurance,
            recorded: grant.recorded,
            circle: grant.circle,
        }
    }

    /// All that it speaks of: what was allowed, and what was objected to.
    pub(crate) fn whole(&self) -> Allowance {
        self.allowed.union(&self.objected)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::grant::tests::example as grant;

    pub(crate) fn example() -> Receipt {
        Receipt::of(
            &grant(),
            ReceiptId::from_bytes([6; 16]),
            ReceiptEvent::Granted,
            Speaker::Resident,
            Timestamp::from_seconds(1_800_000_000),
        )
    }

    #[test]
    fn events_and_speakers_have_one_number_each() {
        for event in ReceiptEvent::ALL {
            assert_eq!(ReceiptEvent::from_number(event.number()), Some(event));
        }
        for speaker in [
            Speaker::Resident,
            Speaker::Representative,
            Speaker::Worker,
            Speaker::Clock,
        ] {
            assert_eq!(Speaker::from_number(speaker.number()), Some(speaker));
        }
        assert_eq!(
            (ReceiptEvent::from_number(0), Speaker::from_number(0)),
            (None, None)
        );
    }
}
