//! What a professional declares before a relative speaks for somebody: that the resident cannot decide about a matter
//! themself (wilsonbekwaam ter zake), and who the relative is (BW 7:465 lid 3).

use std::time::Duration;

use sluis_types::Timestamp;

/// How old an assessment may be when it is recorded: whether somebody can decide is of the moment.
pub(crate) const ASSESSMENT_AGE_MAX: Duration = Duration::from_hours(30 * 24);

/// Who a relative is, nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Partner = 1,
    Parent = 2,
    Child = 3,
    Sibling = 4,
}

impl Relation {
    pub(crate) const ALL: [Self; 4] = [Self::Partner, Self::Parent, Self::Child, Self::Sibling];

    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.number() == number)
    }

    /// Whether this one goes before another: the law puts a partner before a parent, child, brother or sister, and
    /// makes no order among those.
    pub(crate) const fn goes_before(self, other: Self) -> bool {
        matches!(self, Self::Partner) && !matches!(other, Self::Partner)
    }
}

/// Who declared it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assessor {
    Physician = 1,
    Psychologist = 2,
    NurseSpecialist = 3,
    ResponsibleProfessional = 4,
}

impl Assessor {
    pub(crate) const ALL: [Self; 4] = [
        Self::Physician,
        Self::Psychologist,
        Self::NurseSpecialist,
        Self::ResponsibleProfessional,
    ];

    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|assessor| assessor.number() == number)
    }
}

/// A declaration, but for the matters that it is about: those are the mandate's scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Declaration {
    pub(crate) relation: Relation,
    pub(crate) assessed_by: Assessor,
    pub(crate) assessed_at: Timestamp,
}

impl Declaration {
    /// Whether it is of now: not from the future, and not older than [`ASSESSMENT_AGE_MAX`].
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        self.assessed_at <= now && now <= self.assessed_at.plus(ASSESSMENT_AGE_MAX)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn example() -> Declaration {
        Declaration {
            relation: Relation::Child,
            assessed_by: Assessor::Physician,
            assessed_at: Timestamp::from_seconds(5),
        }
    }

    #[test]
    fn only_a_partner_goes_before_other_relatives() {
        for one in Relation::ALL {
            for other in Relation::ALL {
                let expected = one == Relation::Partner && other != Relation::Partner;
                assert_eq!(one.goes_before(other), expected, "{one:?} {other:?}");
            }
            assert_eq!(Relation::from_number(one.number()), Some(one));
        }
        for assessor in Assessor::ALL {
            assert_eq!(Assessor::from_number(assessor.number()), Some(assessor));
        }
    }

    #[test]
    fn an_assessment_is_of_the_last_thirty_days() {
        let declaration = example();
        let end = declaration.assessed_at.plus(ASSESSMENT_AGE_MAX);
        assert!(declaration.is_fresh(declaration.assessed_at) && declaration.is_fresh(end));
        assert!(!declaration.is_fresh(end.plus(Duration::from_secs(1))));
        assert!(!declaration.is_fresh(Timestamp::from_seconds(4)));
    }
}
