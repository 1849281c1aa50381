//! Signals: the closed list of worries, who may send which, and which of them may meet in a circle.
//!
//! There is no free type, no score and no type of a type. A worry that is not here is not for this mesh.

use crate::code::{CodeSet, code_list};
use crate::{OrganisationKind, Timestamp};

code_list! {
    /// A worry (or good news) about a resident.
    SignalType {
        /// Rent not paid, after the social collection steps (huurachterstand).
        RentArrears = 1 "RENT_ARREARS",
        /// An eviction threatens.
        EvictionRisk = 2 "EVICTION_RISK",
        /// Neighbours hear too much (geluidsoverlast).
        NoiseNuisance = 3 "NOISE_NUISANCE",
        /// Neighbours do not get along.
        NeighbourConflict = 4 "NEIGHBOUR_CONFLICT",
        /// The home is neglected (vervuiling, verzameling).
        DwellingNeglect = 5 "DWELLING_NEGLECT",
        /// The home may catch fire.
        FireRisk = 6 "FIRE_RISK",
        /// Nobody can reach the resident.
        NoContact = 7 "NO_CONTACT",
        /// The resident sees hardly anybody.
        Isolation = 8 "ISOLATION",
        /// The resident does not come to appointments.
        MissedAppointments = 9 "MISSED_APPOINTMENTS",
        /// The resident does not seem well.
        WorryMentalHealth = 10 "WORRY_MENTAL_HEALTH",
        /// An early sign from the resident's own plan (signaleringsplan).
        RelapseEarlySign = 11 "RELAPSE_EARLY_SIGN",
        /// An informal carer carries too much. The carer is the one it is about.
        CarerOverload = 12 "CARER_OVERLOAD",
        /// Something a neighbour said: stays at the welfare organisation until it is weighed.
        NeighbourWorry = 13 "NEIGHBOUR_WORRY",
        /// It goes well, or a step was made.
        Positive = 14 "POSITIVE",
    }
}

code_list! {
    /// Which worries meet: any two signals of one class from different organisations of a circle. The resident agrees to
    /// each class by itself.
    MatchClass {
        /// The home is at risk: money, an eviction, or nobody can reach the resident.
        HomeAtRisk = 1 "HOME_AT_RISK",
        /// The state of the home.
        StateOfHome = 2 "STATE_OF_HOME",
        /// Trouble between neighbours.
        Neighbours = 3 "NEIGHBOURS",
        /// The home is neglected and the resident is out of sight.
        NeglectAndSilence = 4 "NEGLECT_AND_SILENCE",
        /// The resident is out of sight.
        OutOfSight = 5 "OUT_OF_SIGHT",
        /// Early signs that the resident is not well.
        EarlySigns = 6 "EARLY_SIGNS",
        /// The informal carer carries too much.
        Carer = 7 "CARER",
    }
}

/// The table of match classes: which types meet in which class. Types that are not here never meet.
const CLASS_TYPES: &[(MatchClass, &[SignalType])] = &[
    (
        MatchClass::HomeAtRisk,
        &[
            SignalType::RentArrears,
            SignalType::EvictionRisk,
            SignalType::NoContact,
            SignalType::MissedAppointments,
        ],
    ),
    (
        MatchClass::StateOfHome,
        &[SignalType::DwellingNeglect, SignalType::FireRisk],
    ),
    (
        MatchClass::Neighbours,
        &[SignalType::NoiseNuisance, SignalType::NeighbourConflict],
    ),
    (
        MatchClass::NeglectAndSilence,
        &[
            SignalType::DwellingNeglect,
            SignalType::NoContact,
            SignalType::Isolation,
        ],
    ),
    (
        MatchClass::OutOfSight,
        &[
            SignalType::NoContact,
            SignalType::Isolation,
            SignalType::MissedAppointments,
        ],
    ),
    (
        MatchClass::EarlySigns,
        &[
            SignalType::WorryMentalHealth,
            SignalType::RelapseEarlySign,
            SignalType::MissedAppointments,
        ],
    ),
    (MatchClass::Carer, &[SignalType::CarerOverload]),
];

/// The table of senders: which kinds of organisation may send a type. Nobody else may.
const SENDERS: &[(SignalType, &[OrganisationKind])] = &[
    (SignalType::RentArrears, &[OrganisationKind::Housing]),
    (SignalType::EvictionRisk, &[OrganisationKind::Housing]),
    (
        SignalType::NoiseNuisance,
        &[OrganisationKind::Housing, OrganisationKind::Welfare],
    ),
    (
        SignalType::NeighbourConflict,
        &[OrganisationKind::Housing, OrganisationKind::Welfare],
    ),
    (SignalType::DwellingNeglect, NEGLECT_SENDERS),
    (SignalType::FireRisk, NEGLECT_SENDERS),
    (SignalType::NoContact, CONTACT_SENDERS),
    (SignalType::Isolation, CONTACT_SENDERS),
    (SignalType::MissedAppointments, CONTACT_SENDERS),
    (SignalType::WorryMentalHealth, EARLY_SENDERS),
    (SignalType::RelapseEarlySign, EARLY_SENDERS),
    (
        SignalType::CarerOverload,
        &[OrganisationKind::Gp, OrganisationKind::Welfare],
    ),
    (SignalType::NeighbourWorry, &[OrganisationKind::Welfare]),
    (SignalType::Positive, OrganisationKind::ALL),
];
const NEGLECT_SENDERS: &[OrganisationKind] = &[
    OrganisationKind::Housing,
    OrganisationKind::Welfare,
    OrganisationKind::Gp,
];
const CONTACT_SENDERS: &[OrganisationKind] = &[
    OrganisationKind::Welfare,
    OrganisationKind::SelfDirection,
    OrganisationKind::Gp,
    OrganisationKind::MentalHealth,
];
const EARLY_SENDERS: &[OrganisationKind] = &[OrganisationKind::MentalHealth, OrganisationKind::Peer];

/// Most members of a circle.
pub const CIRCLE_MEMBERS_MAX: usize = 8;
/// Fewest members of a circle: nothing meets with less.
pub const CIRCLE_MEMBERS_MIN: usize = 2;
/// Longest life of a circle in days: 52 weeks, which touch no more than [`CIRCLE_EPOCHS_MAX`] epochs.
pub const CIRCLE_DAYS_MAX: u32 = 52 * crate::EPOCH_DAYS;
/// Most epochs that a circle lives in.
pub const CIRCLE_EPOCHS_MAX: u8 = 53;

impl SignalType {
    /// Which kinds of organisation may send it.
    pub fn senders(self) -> CodeSet<OrganisationKind> {
        let listed = SENDERS.iter().find(|(kind, _)| *kind == self);
        listed
            .into_iter()
            .flat_map(|(_, kinds)| kinds.iter().copied())
            .collect()
    }

    /// The classes in which it may meet others.
    pub fn match_classes(self) -> CodeSet<MatchClass> {
        MatchClass::ALL
            .iter()
            .copied()
            .filter(|class| class.types().contains(self))
            .collect()
    }
}

impl MatchClass {
    /// The types that meet in this class.
    pub fn types(self) -> CodeSet<SignalType> {
        let listed = CLASS_TYPES.iter().find(|(class, _)| *class == self);
        listed
            .into_iter()
            .flat_map(|(_, types)| types.iter().copied())
            .collect()
    }

    /// Whether an organisation of this kind may post in this class: it may send one of its types.
    pub fn may_post(self, kind: OrganisationKind) -> bool {
        self.types().iter().any(|signal| signal.senders().contains(kind))
    }
}

/// The epochs that a circle lives in, from `now` until its end; none when that is in the past.
///
/// At most [`CIRCLE_EPOCHS_MAX`] for a circle that lives no longer than [`CIRCLE_DAYS_MAX`].
pub fn circle_epochs(now: Timestamp, until: Timestamp) -> Vec<crate::Epoch> {
    let first = crate::Epoch::of(now);
    (0..u32::from(CIRCLE_EPOCHS_MAX))
        .map(|count| first.later(count))
        .take_while(|epoch| epoch.starts() < until && now < until)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_type_and_every_class_has_its_line() {
        for signal in SignalType::ALL {
            assert!(!signal.senders().is_empty(), "{signal:?}");
        }
        for class in MatchClass::ALL {
            assert!(!class.types().is_empty(), "{class:?}");
            let kinds = OrganisationKind::ALL.iter().filter(|kind| class.may_post(**kind));
            assert!(
                kinds.count() >= 2,
                "{class:?} could never bring two kinds together"
            );
        }
        assert_eq!(SENDERS.len(), SignalType::ALL.len());
        assert_eq!(CLASS_TYPES.len(), MatchClass::ALL.len());
    }

    /// What is not weighed, good news, and nothing else stay out of every class.
    #[test]
    fn only_worries_that_were_weighed_meet() {
        let never: Vec<_> = SignalType::ALL
            .iter()
            .filter(|signal| signal.match_classes().is_empty())
            .collect();
        assert_eq!(never, [&SignalType::NeighbourWorry, &SignalType::Positive]);
    }

    #[test]
    fn a_municipality_posts_nothing_and_housing_only_what_it_sees() {
        for class in MatchClass::ALL {
            assert!(!class.may_post(OrganisationKind::Municipality));
        }
        let housing: Vec<_> = MatchClass::ALL
            .iter()
            .filter(|class| class.may_post(OrganisationKind::Housing))
            .collect();
        assert_eq!(
            housing,
            [
                &MatchClass::HomeAtRisk,
                &MatchClass::StateOfHome,
                &MatchClass::Neighbours,
                &MatchClass::NeglectAndSilence
            ]
        );
    }

    #[test]
    fn a_circle_of_a_year_lives_in_53_epochs_at_most() {
        let day = Duration::from_hours(24);
        for offset in 0..7 {
            let now = Timestamp::from_seconds(1_795_435_200).plus(day * offset);
            let until = now.plus(day * CIRCLE_DAYS_MAX);
            let epochs = circle_epochs(now, until);
            assert!(epochs.len() <= usize::from(CIRCLE_EPOCHS_MAX));
            assert_eq!(epochs.first(), Some(&crate::Epoch::of(now)));
            let last = Timestamp::from_micros(until.micros() - 1);
            assert_eq!(epochs.last(), Some(&crate::Epoch::of(last)));
            assert!(circle_epochs(until, until).is_empty());
        }
    }
}
