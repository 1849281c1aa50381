//! Kinds of mandates: as what somebody speaks for a resident, and about what at most.

use sluis_types::{Code, CodeSet, DataKind, LifeDomain};

/// As what somebody speaks for a resident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MandateKind {
    /// Curator.
    Guardian = 1,
    /// Mentor.
    Mentor = 2,
    /// Bewindvoerder.
    Administrator = 3,
    /// Schriftelijk gemachtigde.
    Proxy = 4,
    /// Partner, ouder, kind, broer of zus, not appointed.
    Relative = 5,
}

impl MandateKind {
    pub(crate) const ALL: [Self; 5] = [
        Self::Guardian,
        Self::Mentor,
        Self::Administrator,
        Self::Proxy,
        Self::Relative,
    ];

    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// What a mandate lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MandateAct {
    See = 1,
    Decide = 2,
    Stop = 3,
}

impl Code for MandateAct {
    const ALL: &'static [Self] = &[Self::See, Self::Decide, Self::Stop];

    fn number(self) -> u8 {
        self as u8
    }
}

/// Who records a mandate of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recorder {
    /// The resident, with their own login.
    Resident,
    /// Two persons of an organisation that is linked with the resident, who saw the court's decision.
    Organisation,
    /// Two persons likewise, on the declaration of a professional that the resident cannot decide themself.
    Declaration,
}

/// What a kind of mandate reaches at most, whatever it says.
#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) kind: MandateKind,
    pub(crate) recorder: Recorder,
    pub(crate) life_domains: &'static [LifeDomain],
    pub(crate) data_kinds: &'static [DataKind],
    /// Whether relatives give way to it.
    pub(crate) goes_before_relatives: bool,
    /// Days that it lasts at most: then it is looked at again.
    pub(crate) days_max: u32,
}

/// Days that a mandate of the resident's own lasts at most.
const PROXY_DAYS_MAX: u32 = 366;
/// Days that a mandate lasts at most that a court gave.
const APPOINTED_DAYS_MAX: u32 = 731;
/// Days that a relative speaks at most on one declaration: whether somebody can decide themself is soon another matter.
const RELATIVE_DAYS_MAX: u32 = 92;

/// Care and support, and nothing that is money.
const CARE_DOMAINS: &[LifeDomain] = &[
    LifeDomain::LivingSafeHome,
    LifeDomain::MeaningfulDay,
    LifeDomain::FittingSupport,
    LifeDomain::Surroundings,
];
/// What is known of care and support, and nothing that is money.
const CARE_KINDS: &[DataKind] = &[
    DataKind::Contact,
    DataKind::Situation,
    DataKind::Plan,
    DataKind::CareSummary,
    DataKind::Medical,
    DataKind::Housing,
    DataKind::Network,
    DataKind::Safety,
    DataKind::Document,
];

/// The kinds (BW 1:378, 1:450, 1:431; 3:60; 7:465): a guardian decides about money and care, a mentor about care and
/// never money, an administrator about money and never care, a proxy about what the resident wrote down, a relative
/// about the care that the resident cannot decide about themself, and only where nobody goes before.
pub(crate) const LIMITS: &[Limit] = &[
    Limit {
        kind: MandateKind::Guardian,
        recorder: Recorder::Organisation,
        life_domains: LifeDomain::ALL,
        data_kinds: DataKind::ALL,
        goes_before_relatives: true,
        days_max: APPOINTED_DAYS_MAX,
    },
    Limit {
        kind: MandateKind::Mentor,
        recorder: Recorder::Organisation,
        life_domains: CARE_DOMAINS,
        data_kinds: CARE_KINDS,
        goes_before_relatives: true,
        days_max: APPOINTED_DAYS_MAX,
    },
    Limit {
        kind: MandateKind::Administrator,
        recorder: Recorder::Organisation,
        life_domains: &[LifeDomain::Finances],
        data_kinds: &[DataKind::Contact, DataKind::Financial],
        goes_before_relatives: false,
        days_max: APPOINTED_DAYS_MAX,
    },
    Limit {
        kind: MandateKind::Proxy,
        recorder: Recorder::Resident,
        life_domains: LifeDomain::ALL,
        data_kinds: DataKind::ALL,
        goes_before_relatives: true,
        days_max: PROXY_DAYS_MAX,
    },
    Limit {
        kind: MandateKind::Relative,
        recorder: Recorder::Declaration,
        life_domains: CARE_DOMAINS,
        data_kinds: CARE_KINDS,
        goes_before_relatives: false,
        days_max: RELATIVE_DAYS_MAX,
    },
];

/// The limit of a kind.
pub(crate) fn limit(kind: MandateKind) -> &'static Limit {
    LIMITS
        .iter()
        .find(|limit| limit.kind == kind)
        .expect("every kind stands in the table; a test says so")
}

/// What a mandate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MandateScope {
    pub(crate) acts: CodeSet<MandateAct>,
    pub(crate) life_domains: CodeSet<LifeDomain>,
    pub(crate) data_kinds: CodeSet<DataKind>,
}

impl MandateScope {
    /// Everything that a kind reaches.
    pub(crate) fn whole(kind: MandateKind) -> Self {
        let limit = limit(kind);
        Self {
            acts: CodeSet::all(),
            life_domains: limit.life_domains.iter().copied().collect(),
            data_kinds: limit.data_kinds.iter().copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mandate::Mandate;
    use crate::domain::mandate::tests::example;
    use crate::domain::{Allowance, Provision};
    use proptest::prelude::*;
    use sluis_types::Purpose;

    /// The domain's own table, written out: kind, life domain, kind of data, whether it may be decided about.
    fn legal(kind: MandateKind, life_domain: LifeDomain, data_kind: DataKind) -> bool {
        let is_money = life_domain == LifeDomain::Finances || data_kind == DataKind::Financial;
        match kind {
            MandateKind::Guardian | MandateKind::Proxy => true,
            MandateKind::Mentor | MandateKind::Relative => !is_money,
            MandateKind::Administrator => {
                life_domain == LifeDomain::Finances
                    && matches!(data_kind, DataKind::Financial | DataKind::Contact)
            }
        }
    }

    fn one(purpose: Purpose, life_domain: LifeDomain, data_kind: DataKind) -> Allowance {
        Allowance::of([Provision {
            purpose,
            life_domains: CodeSet::EMPTY.with(life_domain),
            data_kinds: CodeSet::EMPTY.with(data_kind),
        }])
    }

    #[test]
    fn every_kind_reaches_what_the_domain_says_and_no_more() {
        for kind in MandateKind::ALL {
            let mandate = example(kind);
            for &purpose in Purpose::ALL {
                for &life_domain in LifeDomain::ALL {
                    for &data_kind in DataKind::ALL {
                        let about = one(purpose, life_domain, data_kind);
                        let expected = legal(kind, life_domain, data_kind);
                        for &act in MandateAct::ALL {
                            assert_eq!(
                                mandate.lets(act, &about),
                                expected,
                                "{kind:?} {life_domain:?} {data_kind:?}"
                            );
                        }
                    }
                }
            }
            assert_eq!(MandateKind::from_number(kind.number()), Some(kind));
        }
        assert_eq!(LIMITS.len(), MandateKind::ALL.len(), "no kind stands twice");
    }

    proptest! {
        /// Whatever a mandate says, it never lets its holder do what its kind or its words do not.
        #[test]
        fn no_mandate_reaches_beyond_its_kind_and_its_words(
            kind in 0..MandateKind::ALL.len(),
            acts in 0..MandateAct::ALL.len(),
            domains in proptest::collection::vec(0..LifeDomain::ALL.len(), 1..4),
            kinds in proptest::collection::vec(0..DataKind::ALL.len(), 1..5),
            asked in (0..Purpose::ALL.len(), 0..LifeDomain::ALL.len(), 0..DataKind::ALL.len(), 0..MandateAct::ALL.len()),
        ) {
            let kind = MandateKind::ALL[kind];
            let scope = MandateScope {
                acts: CodeSet::EMPTY.with(MandateAct::ALL[acts]),
                life_domains: domains.into_iter().map(|it| LifeDomain::ALL[it]).collect(),
                data_kinds: kinds.into_iter().map(|it| DataKind::ALL[it]).collect(),
            };
            let mandate = Mandate { scope, ..example(kind) };
            let (life_domain, data_kind) = (LifeDomain::ALL[asked.1], DataKind::ALL[asked.2]);
            let about = one(Purpose::ALL[asked.0], life_domain, data_kind);
            let act = MandateAct::ALL[asked.3];
            let expected = legal(kind, life_domain, data_kind)
                && scope.acts.contains(act)
                && scope.life_domains.contains(life_domain)
                && scope.data_kinds.contains(data_kind);
            prop_assert_eq!(mandate.lets(act, &about), expected);
        }
    }
}
