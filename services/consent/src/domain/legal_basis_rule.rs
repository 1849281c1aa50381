//! The table of legal bases other than consent: between whom, about what, with which statements, and for how long.
//!
//! What the law says in detail is for a jurist, and changes; what is here is the outer limit that the mesh holds
//! everybody to. An organisation's own rules can only be narrower.

use std::time::Duration;

use sluis_types::{
    BasisCheck, CodeSet, DataKind, LegalArticle, LegalBasis, LifeDomain, MessageKind, OrganisationKind,
    Purpose,
};

use BasisCheck as C;
use DataKind as D;
use LifeDomain as L;
use MessageKind as M;
use OrganisationKind as O;

/// How long a basis that is active at once lasts without a second person, and emergency access in any case.
pub(crate) const AT_ONCE: Duration = Duration::from_hours(24);

/// When a second person must look at a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecondEyes {
    /// Before anything can be sent on it.
    Before,
    /// Within [`AT_ONCE`] after; it lapses otherwise.
    After,
    /// Nobody needs to: it ends by itself before long, and a privacy officer looks at it.
    Never,
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) basis: LegalBasis,
    /// By which law; none where the basis asks for none.
    pub(crate) article: Option<LegalArticle>,
    /// Which kinds of organisation may share on it.
    pub(crate) disclosers: &'static [OrganisationKind],
    /// Which kinds may receive.
    pub(crate) recipients: &'static [OrganisationKind],
    /// What for.
    pub(crate) purpose: Purpose,
    /// Which kinds of message may travel on it.
    pub(crate) message_kinds: &'static [MessageKind],
    /// On which life domains at most.
    life_domains: &'static [LifeDomain],
    /// Which kinds of data at most.
    data_kinds: &'static [DataKind],
    /// What must be stated to be so: all of it.
    checks: &'static [BasisCheck],
    pub(crate) second_eyes: SecondEyes,
    /// For how many days at most; 0 for what ends within [`AT_ONCE`].
    pub(crate) days_max: u32,
    /// Whether the resident may be told later.
    pub(crate) may_defer: bool,
    /// Whether a privacy officer looks at each.
    pub(crate) always_reviewed: bool,
    /// Whether it must say when the resident is asked for consent again.
    pub(crate) asks_again: bool,
}

impl Rule {
    pub(crate) fn life_domains(&self) -> CodeSet<LifeDomain> {
        self.life_domains.iter().copied().collect()
    }

    pub(crate) fn data_kinds(&self) -> CodeSet<DataKind> {
        self.data_kinds.iter().copied().collect()
    }

    pub(crate) fn checks(&self) -> CodeSet<BasisCheck> {
        self.checks.iter().copied().collect()
    }
}

/// A public task of the municipality under one law. GPs and mental health care are nobody's silent source of data.
const fn public_task(article: LegalArticle) -> Rule {
    Rule {
        basis: LegalBasis::PublicTask,
        article: Some(article),
        disclosers: &[O::Municipality, O::DistrictTeam, O::Welfare, O::Housing],
        recipients: &[O::Municipality, O::DistrictTeam],
        purpose: Purpose::Signal,
        message_kinds: &[M::Signal],
        life_domains: L::ALL,
        data_kinds: &[D::Contact, D::Situation, D::Housing, D::Safety],
        checks: &[C::TaskHolder, C::Necessary, C::MinimalData],
        second_eyes: SecondEyes::Before,
        days_max: 92,
        may_defer: false,
        always_reviewed: false,
        asks_again: false,
    }
}

/// The table. What is not here is refused.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        basis: LegalBasis::StatutoryDuty,
        article: Some(LegalArticle::BgsRentArrears),
        disclosers: &[O::Housing],
        recipients: &[O::Municipality],
        purpose: Purpose::Signal,
        message_kinds: &[M::Signal],
        life_domains: &[L::LivingSafeHome, L::Finances],
        data_kinds: &[D::Contact, D::Financial],
        checks: &[
            C::ContactSought,
            C::HelpPointedOut,
            C::RemindedInWriting,
            C::MinimalData,
        ],
        second_eyes: SecondEyes::Before,
        days_max: 92,
        may_defer: false,
        always_reviewed: false,
        asks_again: false,
    },
    public_task(LegalArticle::Wmo2015),
    public_task(LegalArticle::Jeugdwet),
    public_task(LegalArticle::Participatiewet),
    Rule {
        basis: LegalBasis::TreatmentTeam,
        article: None,
        disclosers: &[O::MentalHealth, O::Gp],
        recipients: &[O::MentalHealth, O::Gp],
        purpose: Purpose::Referral,
        message_kinds: &[M::Referral, M::Amendment, M::Note],
        life_domains: &[L::FittingSupport],
        data_kinds: &[
            D::Contact,
            D::Situation,
            D::Plan,
            D::CareSummary,
            D::Medical,
            D::Safety,
        ],
        checks: &[C::SameTreatment, C::MinimalData],
        second_eyes: SecondEyes::Before,
        days_max: 183,
        may_defer: false,
        always_reviewed: false,
        asks_again: false,
    },
    Rule {
        basis: LegalBasis::ConflictOfDuties,
        article: None,
        disclosers: &[O::DistrictTeam, O::MentalHealth, O::Gp, O::Welfare, O::Housing],
        recipients: &[
            O::Municipality,
            O::DistrictTeam,
            O::MentalHealth,
            O::Gp,
            O::Welfare,
        ],
        purpose: Purpose::Signal,
        message_kinds: &[M::Signal],
        life_domains: L::ALL,
        data_kinds: &[D::Contact, D::Situation, D::Housing, D::Safety],
        checks: &[
            C::SeriousHarm,
            C::NoOtherWay,
            C::ConsentTried,
            C::PeerConsulted,
            C::MinimalData,
        ],
        second_eyes: SecondEyes::After,
        days_max: 14,
        may_defer: true,
        always_reviewed: false,
        asks_again: false,
    },
    Rule {
        basis: LegalBasis::VitalInterest,
        article: None,
        disclosers: &[O::DistrictTeam, O::MentalHealth, O::Gp, O::Welfare, O::Housing],
        recipients: &[
            O::Municipality,
            O::DistrictTeam,
            O::MentalHealth,
            O::Gp,
            O::Welfare,
        ],
        purpose: Purpose::Signal,
        message_kinds: &[M::Signal],
        life_domains: L::ALL,
        data_kinds: &[D::Contact, D::Situation, D::Medical, D::Housing, D::Safety],
        checks: &[C::CannotBeAsked, C::SeriousHarm, C::MinimalData],
        second_eyes: SecondEyes::Never,
        days_max: 0,
        may_defer: true,
        always_reviewed: true,
        asks_again: true,
    },
];

/// The line for a basis by a law.
pub(crate) fn rule(basis: LegalBasis, article: Option<LegalArticle>) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|rule| rule.basis == basis && rule.article == article)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The brakes of the domain's own table, written out: basis, laws, needed statements, second eyes, days, telling later,
    /// review.
    #[expect(clippy::type_complexity, reason = "a table with the columns of the domain's")]
    const DOMAIN: &[(
        LegalBasis,
        &[Option<LegalArticle>],
        &[BasisCheck],
        SecondEyes,
        u32,
        bool,
        bool,
    )] = &[
        (
            LegalBasis::StatutoryDuty,
            &[Some(LegalArticle::BgsRentArrears)],
            &[C::ContactSought, C::HelpPointedOut, C::RemindedInWriting],
            SecondEyes::Before,
            92,
            false,
            false,
        ),
        (
            LegalBasis::PublicTask,
            &[
                Some(LegalArticle::Wmo2015),
                Some(LegalArticle::Jeugdwet),
                Some(LegalArticle::Participatiewet),
            ],
            &[C::TaskHolder, C::Necessary],
            SecondEyes::Before,
            92,
            false,
            false,
        ),
        (
            LegalBasis::TreatmentTeam,
            &[None],
            &[C::SameTreatment],
            SecondEyes::Before,
            183,
            false,
            false,
        ),
        (
            LegalBasis::ConflictOfDuties,
            &[None],
            &[
                C::SeriousHarm,
                C::NoOtherWay,
                C::ConsentTried,
                C::PeerConsulted,
                C::MinimalData,
            ],
            SecondEyes::After,
            14,
            true,
            false,
        ),
        (
            LegalBasis::VitalInterest,
            &[None],
            &[C::CannotBeAsked],
            SecondEyes::Never,
            0,
            true,
            true,
        ),
    ];

    #[test]
    fn every_basis_has_the_brakes_of_the_domain() {
        let mut lines = 0;
        for &(basis, articles, checks, eyes, days, may_defer, reviewed) in DOMAIN {
            for article in articles {
                let rule = rule(basis, *article).unwrap_or_else(|| panic!("{basis:?} {article:?}"));
                assert!(
                    checks.iter().all(|check| rule.checks().contains(*check)),
                    "{basis:?}"
                );
                assert!(rule.checks().contains(C::MinimalData), "{basis:?}");
                assert_eq!(
                    (
                        rule.second_eyes,
                        rule.days_max,
                        rule.may_defer,
                        rule.always_reviewed
                    ),
                    (eyes, days, may_defer, reviewed),
                    "{basis:?}"
                );
                assert_eq!(rule.asks_again, basis == LegalBasis::VitalInterest);
                lines += 1;
            }
        }
        assert_eq!(
            lines,
            RULES.len(),
            "no basis stands there twice, and none beside these"
        );
    }

    #[test]
    fn what_leaves_the_mesh_or_is_not_in_force_has_no_line() {
        for basis in LegalBasis::ALL.iter().filter(|basis| !basis.is_recorded()) {
            assert!(RULES.iter().all(|rule| rule.basis != *basis), "{basis:?}");
        }
    }

    #[test]
    fn arrears_are_contact_and_money_and_go_to_the_municipality_only() {
        let rule = rule(LegalBasis::StatutoryDuty, Some(LegalArticle::BgsRentArrears)).unwrap();
        assert_eq!(
            (rule.disclosers, rule.recipients),
            (&[O::Housing][..], &[O::Municipality][..])
        );
        assert_eq!(
            rule.data_kinds(),
            CodeSet::EMPTY.with(D::Contact).with(D::Financial)
        );
    }

    #[test]
    fn nothing_of_a_basis_is_for_a_match_and_care_stays_in_the_treatment() {
        for rule in RULES {
            assert_ne!(rule.purpose, Purpose::SignalCombine);
            assert!(!rule.message_kinds.contains(&M::ContactBox));
            let tells_care = rule.data_kinds().contains(D::CareSummary);
            assert_eq!(tells_care, rule.basis == LegalBasis::TreatmentTeam);
            if rule.basis == LegalBasis::PublicTask {
                assert!(!rule.disclosers.contains(&O::Gp) && !rule.disclosers.contains(&O::MentalHealth));
            }
        }
    }

    /// Whatever signal may travel on a basis, somebody can record that basis between those two.
    #[test]
    fn every_signal_that_may_travel_on_a_basis_has_a_line_that_lets_it() {
        use sluis_types::{SignalBasis, SignalType};
        for signal in SignalType::ALL {
            for sender in O::ALL {
                for recipient in O::ALL {
                    for basis in LegalBasis::ALL {
                        if signal.may_travel(*sender, *recipient, SignalBasis::Other(*basis)) {
                            let fits = |rule: &&Rule| {
                                rule.basis == *basis
                                    && rule.disclosers.contains(sender)
                                    && rule.recipients.contains(recipient)
                                    && rule.message_kinds.contains(&M::Signal)
                            };
                            assert!(
                                RULES.iter().any(|rule| fits(&rule)),
                                "{signal:?} {sender:?} {basis:?}"
                            );
                        }
                    }
                }
            }
        }
    }
}
