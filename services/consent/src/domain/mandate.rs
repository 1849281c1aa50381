//! A mandate and its short life.

use std::fmt;
use std::str::FromStr;

use sluis_types::{GrantId, Oin, ParseIdError, Purpose, Timestamp};

use super::declaration::Declaration;
use super::mandate_kind::{MandateAct, MandateKind, MandateScope, Recorder, limit};
use super::{Allowance, Provision};

/// Id of a mandate: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct MandateId(GrantId);

impl MandateId {
    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(GrantId::from_bytes(bytes))
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for MandateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for MandateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for MandateId {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        text.parse().map(Self)
    }
}

/// How it was made sure that a mandate is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verification {
    Register = 1,
    CourtDecision = 2,
    Resident = 3,
    Declaration = 4,
}

impl Verification {
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Register),
            2 => Some(Self::CourtDecision),
            3 => Some(Self::Resident),
            4 => Some(Self::Declaration),
            _ => None,
        }
    }
}

/// Where a mandate is in its life. That its time is over is seen at every reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MandateStage {
    Recorded = 1,
    Offered = 2,
    Active = 3,
    Disputed = 4,
    Ended = 5,
    Suspended = 6,
}

impl MandateStage {
    pub(crate) const ALL: [Self; 6] = [
        Self::Recorded,
        Self::Offered,
        Self::Active,
        Self::Disputed,
        Self::Ended,
        Self::Suspended,
    ];

    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.number() == number)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "RECORDED",
            Self::Offered => "OFFERED",
            Self::Active => "ACTIVE",
            Self::Disputed => "DISPUTED",
            Self::Ended => "ENDED",
            Self::Suspended => "SUSPENDED",
        }
    }

    /// Whether nobody made it theirs yet.
    pub(crate) const fn is_nobodys(self) -> bool {
        matches!(self, Self::Recorded | Self::Offered)
    }

    /// Whether two persons, or the resident, stand for it and nothing came against it.
    const fn stands(self) -> bool {
        matches!(self, Self::Offered | Self::Active)
    }
}

/// What can happen to a mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MandateStep {
    /// A second person of the organisation confirms it.
    Confirm,
    /// Its holder redeems the code.
    Redeem,
    /// The resident ends it.
    End,
    /// The resident disputes it.
    Dispute,
    /// Somebody is there who goes before: a relative gives way.
    GiveWay,
}

/// Every step there is: from, by whom it was recorded, what happens, to. What is not here is illegal.
pub(crate) const STEPS: &[(MandateStage, Recorder, MandateStep, MandateStage)] = {
    use MandateStage::{Active, Disputed, Ended, Offered, Recorded, Suspended};
    use Recorder::{Declaration, Organisation, Resident};
    &[
        (Recorded, Organisation, MandateStep::Confirm, Offered),
        (Offered, Organisation, MandateStep::Redeem, Active),
        (Recorded, Organisation, MandateStep::Dispute, Disputed),
        (Offered, Organisation, MandateStep::Dispute, Disputed),
        (Active, Organisation, MandateStep::Dispute, Disputed),
        (Disputed, Organisation, MandateStep::Dispute, Disputed),
        (Recorded, Declaration, MandateStep::Confirm, Offered),
        (Offered, Declaration, MandateStep::Redeem, Active),
        (Recorded, Declaration, MandateStep::Dispute, Disputed),
        (Offered, Declaration, MandateStep::Dispute, Disputed),
        (Active, Declaration, MandateStep::Dispute, Disputed),
        (Suspended, Declaration, MandateStep::Dispute, Disputed),
        (Disputed, Declaration, MandateStep::Dispute, Disputed),
        (Recorded, Declaration, MandateStep::GiveWay, Suspended),
        (Offered, Declaration, MandateStep::GiveWay, Suspended),
        (Active, Declaration, MandateStep::GiveWay, Suspended),
        (Offered, Resident, MandateStep::Redeem, Active),
        (Offered, Resident, MandateStep::End, Ended),
        (Active, Resident, MandateStep::End, Ended),
        (Ended, Resident, MandateStep::End, Ended),
    ]
};

/// A mandate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mandate {
    pub(crate) id: MandateId,
    pub(crate) kind: MandateKind,
    pub(crate) scope: MandateScope,
    pub(crate) stage: MandateStage,
    /// Which organisation recorded it, and which of its professionals; none when the resident gave it.
    pub(crate) recorded_by: Option<(Oin, [u8; 32])>,
    pub(crate) verification: Verification,
    pub(crate) document_sha256: [u8; 32],
    pub(crate) recorded_at: Timestamp,
    pub(crate) valid_until: Timestamp,
    /// The resident's own words for its holder.
    pub(crate) label: String,
    /// What was declared; of a relative only.
    pub(crate) declaration: Option<Declaration>,
}

impl Mandate {
    /// Takes a step of the table, as long as its time is not over.
    pub(crate) fn step(&mut self, step: MandateStep, now: Timestamp) -> Result<(), MandateStage> {
        let recorder = limit(self.kind).recorder;
        let next = STEPS
            .iter()
            .find(|line| line.0 == self.stage && line.1 == recorder && line.2 == step);
        let gives_power = matches!(step, MandateStep::Confirm | MandateStep::Redeem);
        match next {
            Some(line) if !(gives_power && self.is_over(now)) => {
                self.stage = line.3;
                Ok(())
            }
            _ => Err(self.stage),
        }
    }

    /// Whether its time is over.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        now >= self.valid_until
    }

    /// Whether it lets its holder do this about exactly this: never more than its kind reaches.
    pub(crate) fn lets(&self, act: MandateAct, about: &Allowance) -> bool {
        self.scope.acts.contains(act) && about.is_within(&self.within())
    }

    fn within(&self) -> Allowance {
        let most = MandateScope::whole(self.kind);
        let life_domains = self
            .scope
            .life_domains
            .iter()
            .filter(|it| most.life_domains.contains(*it));
        let data_kinds = self
            .scope
            .data_kinds
            .iter()
            .filter(|it| most.data_kinds.contains(*it));
        let (life_domains, data_kinds) = (life_domains.collect(), data_kinds.collect());
        Allowance::of(Purpose::ALL.iter().map(|purpose| Provision {
            purpose: *purpose,
            life_domains,
            data_kinds,
        }))
    }

    /// Whether this one, as soon as it stands, makes another give way (BW 7:465 lid 3): a relative gives way to a guardian,
    /// a mentor, a proxy, and to a nearer relative.
    pub(crate) fn goes_before(&self, other: &Self) -> bool {
        other.declaration.is_some_and(|theirs| {
            limit(self.kind).goes_before_relatives
                || self
                    .declaration
                    .is_some_and(|own| own.relation.goes_before(theirs.relation))
        })
    }

    /// Whether it stands now: two persons, or the resident, stand for it; its holder may still have to redeem the code.
    pub(crate) fn stands(&self, now: Timestamp) -> bool {
        self.stage.stands() && !self.is_over(now)
    }

    /// Whether its holder can act by it now.
    pub(crate) fn is_live(&self, now: Timestamp) -> bool {
        self.stage == MandateStage::Active && !self.is_over(now)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::declaration::Relation;

    pub(crate) fn example(kind: MandateKind) -> Mandate {
        Mandate {
            id: MandateId::from_bytes([1; 16]),
            kind,
            scope: MandateScope::whole(kind),
            stage: MandateStage::Offered,
            recorded_by: (limit(kind).recorder != Recorder::Resident)
                .then(|| ("00000099000000001000".parse().unwrap(), [2; 32])),
            verification: Verification::Register,
            document_sha256: [3; 32],
            recorded_at: Timestamp::from_seconds(10),
            valid_until: Timestamp::from_seconds(1000),
            label: "mijn zus".into(),
            declaration: (limit(kind).recorder == Recorder::Declaration)
                .then(crate::domain::declaration::tests::example),
        }
    }

    /// Who gives way to whom, written out: curator, mentor and gemachtigde go before every relative, a partner before
    /// other relatives, and nobody before who is no relative.
    #[test]
    fn relatives_give_way_as_the_law_says() {
        for kind in MandateKind::ALL {
            for other in MandateKind::ALL {
                let expected = other == MandateKind::Relative
                    && matches!(
                        kind,
                        MandateKind::Guardian | MandateKind::Mentor | MandateKind::Proxy
                    );
                assert_eq!(
                    example(kind).goes_before(&example(other)),
                    expected,
                    "{kind:?} {other:?}"
                );
            }
        }
        let relative = |relation| Mandate {
            declaration: Some(Declaration {
                relation,
                ..crate::domain::declaration::tests::example()
            }),
            ..example(MandateKind::Relative)
        };
        let (partner, sibling) = (relative(Relation::Partner), relative(Relation::Sibling));
        assert!(partner.goes_before(&sibling) && !sibling.goes_before(&partner));
        assert!(!partner.goes_before(&partner));
    }

    #[test]
    fn steps_lead_only_where_the_table_says() {
        let steps = [
            MandateStep::Confirm,
            MandateStep::Redeem,
            MandateStep::End,
            MandateStep::Dispute,
            MandateStep::GiveWay,
        ];
        for kind in MandateKind::ALL {
            for stage in MandateStage::ALL {
                for step in steps {
                    let mut mandate = Mandate {
                        stage,
                        ..example(kind)
                    };
                    let line = STEPS
                        .iter()
                        .find(|line| line.0 == stage && line.1 == limit(kind).recorder && line.2 == step);
                    let taken = mandate.step(step, Timestamp::from_seconds(20));
                    assert_eq!(taken.is_ok(), line.is_some());
                    assert_eq!(mandate.stage, line.map_or(stage, |line| line.3));
                }
                assert_eq!(MandateStage::from_number(stage.number()), Some(stage));
            }
        }
    }

    #[test]
    fn a_mandate_whose_time_is_over_gives_nothing_and_can_still_be_ended() {
        let late = Timestamp::from_seconds(1000);
        let mut mandate = example(MandateKind::Proxy);
        assert_eq!(
            mandate.step(MandateStep::Redeem, late),
            Err(MandateStage::Offered)
        );
        mandate.stage = MandateStage::Active;
        assert!(mandate.is_live(Timestamp::from_seconds(999)));
        assert!(!mandate.is_live(late));
        assert_eq!(mandate.step(MandateStep::End, late), Ok(()));
    }
}
