//! Which signal may go sealed from one organisation to another, to whom, and on what: the one table of it.
//!
//! It is about signals that travel as a message to their one recipient. What meets in a circle is
//! [`MatchClass`](crate::MatchClass)'s table; who may have a worry at all is [`SignalType::senders`].

use crate::{LegalBasis, OrganisationKind, SignalType};

/// On what a signal travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalBasis {
    /// The resident's live consent between the two organisations.
    Consent,
    /// A record of another legal basis.
    Other(LegalBasis),
}

impl SignalBasis {
    /// The name in a signal's form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consent => "CONSENT",
            Self::Other(basis) => basis.name(),
        }
    }

    /// The basis of a name; none for a name of nothing.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "CONSENT" => Some(Self::Consent),
            _ => LegalBasis::from_name(name).ok().map(Self::Other),
        }
    }
}

/// One line of the table: these types may go to these kinds of organisation on these bases. A type may have several.
struct Route {
    types: &'static [SignalType],
    recipients: &'static [OrganisationKind],
    bases: &'static [SignalBasis],
}

use LegalBasis::{ConflictOfDuties, PublicTask, StatutoryDuty, VitalInterest};
use OrganisationKind::{DistrictTeam, Municipality, Welfare};
use SignalBasis::{Consent, Other};
use SignalType as T;

/// The table. What is not here may not travel: a neighbour's worry stays where it was told until it is weighed.
const ROUTES: &[Route] = &[
    Route {
        types: &[T::RentArrears],
        recipients: &[Municipality],
        bases: &[Other(StatutoryDuty), Consent],
    },
    Route {
        types: &[T::EvictionRisk],
        recipients: &[Municipality],
        bases: &[Other(StatutoryDuty), Consent],
    },
    Route {
        types: &[T::EvictionRisk],
        recipients: &[Welfare],
        bases: &[Consent],
    },
    Route {
        types: &[T::NoiseNuisance, T::NeighbourConflict],
        recipients: &[Municipality],
        bases: &[Other(PublicTask), Consent],
    },
    Route {
        types: &[T::NoiseNuisance, T::NeighbourConflict],
        recipients: &[Welfare],
        bases: &[Consent],
    },
    Route {
        types: &[T::DwellingNeglect, T::FireRisk],
        recipients: &[Municipality, Welfare],
        bases: &[Consent, Other(ConflictOfDuties), Other(VitalInterest)],
    },
    Route {
        types: &[T::NoContact, T::Isolation, T::MissedAppointments],
        recipients: &[Welfare, DistrictTeam],
        bases: &[Consent],
    },
    Route {
        types: &[T::WorryMentalHealth, T::RelapseEarlySign, T::Positive],
        recipients: OrganisationKind::ALL,
        bases: &[Consent],
    },
    Route {
        types: &[T::CarerOverload],
        recipients: &[Welfare],
        bases: &[Consent],
    },
];

impl SignalType {
    /// Whether a signal of this type may go from an organisation of the one kind to one of the other on this basis.
    pub fn may_travel(
        self,
        sender: OrganisationKind,
        recipient: OrganisationKind,
        basis: SignalBasis,
    ) -> bool {
        self.senders().contains(sender)
            && ROUTES.iter().any(|route| {
                route.types.contains(&self)
                    && route.recipients.contains(&recipient)
                    && route.bases.contains(&basis)
            })
    }

    /// Whether only the data that the law lists may be in it, with no room for a reason: money that is owed.
    pub const fn is_of_arrears(self) -> bool {
        matches!(self, Self::RentArrears | Self::EvictionRisk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrganisationKind::{Gp, Housing, MentalHealth, Peer, SelfDirection};

    type Row = (
        SignalType,
        &'static [OrganisationKind],
        &'static [(OrganisationKind, SignalBasis)],
    );

    /// The rows of the domain's own table, written out: type, senders, and recipients with bases.
    const DOMAIN: &[Row] = &[
        (T::RentArrears, &[Housing], ARREARS),
        (T::EvictionRisk, &[Housing], EVICTION),
        (T::NoiseNuisance, &[Housing, Welfare], NUISANCE),
        (T::NeighbourConflict, &[Housing, Welfare], NUISANCE),
        (T::DwellingNeglect, &[Housing, Welfare, Gp], DANGER),
        (T::FireRisk, &[Housing, Welfare, Gp], DANGER),
        (
            T::NoContact,
            &[Welfare, SelfDirection, Gp, MentalHealth],
            OUT_OF_SIGHT,
        ),
        (
            T::Isolation,
            &[Welfare, SelfDirection, Gp, MentalHealth],
            OUT_OF_SIGHT,
        ),
        (
            T::MissedAppointments,
            &[Welfare, SelfDirection, Gp, MentalHealth],
            OUT_OF_SIGHT,
        ),
        (T::WorryMentalHealth, &[MentalHealth, Peer], ANYBODY),
        (T::RelapseEarlySign, &[MentalHealth, Peer], ANYBODY),
        (T::CarerOverload, &[Gp, Welfare], &[(Welfare, Consent)]),
        (T::NeighbourWorry, &[Welfare], &[]),
        (T::Positive, OrganisationKind::ALL, ANYBODY),
    ];
    const ARREARS: &[(OrganisationKind, SignalBasis)] =
        &[(Municipality, Other(StatutoryDuty)), (Municipality, Consent)];
    const EVICTION: &[(OrganisationKind, SignalBasis)] = &[
        (Municipality, Other(StatutoryDuty)),
        (Municipality, Consent),
        (Welfare, Consent),
    ];
    const NUISANCE: &[(OrganisationKind, SignalBasis)] = &[
        (Municipality, Other(PublicTask)),
        (Municipality, Consent),
        (Welfare, Consent),
    ];
    const DANGER: &[(OrganisationKind, SignalBasis)] = &[
        (Municipality, Consent),
        (Municipality, Other(ConflictOfDuties)),
        (Municipality, Other(VitalInterest)),
        (Welfare, Consent),
        (Welfare, Other(ConflictOfDuties)),
        (Welfare, Other(VitalInterest)),
    ];
    const OUT_OF_SIGHT: &[(OrganisationKind, SignalBasis)] = &[(Welfare, Consent), (DistrictTeam, Consent)];
    const ANYBODY: &[(OrganisationKind, SignalBasis)] = &[
        (Municipality, Consent),
        (DistrictTeam, Consent),
        (MentalHealth, Consent),
        (Gp, Consent),
        (Welfare, Consent),
        (Housing, Consent),
        (SelfDirection, Consent),
        (Peer, Consent),
    ];

    #[test]
    fn every_type_goes_where_the_domain_says_and_nowhere_else() {
        assert_eq!(DOMAIN.len(), SignalType::ALL.len());
        let all_bases = LegalBasis::ALL.iter().copied().map(Other).chain([Consent]);
        for &(signal, senders, routes) in DOMAIN {
            for &sender in OrganisationKind::ALL {
                for &recipient in OrganisationKind::ALL {
                    for basis in all_bases.clone() {
                        let allowed = senders.contains(&sender) && routes.contains(&(recipient, basis));
                        assert_eq!(
                            signal.may_travel(sender, recipient, basis),
                            allowed,
                            "{signal:?} {sender:?} {recipient:?} {basis:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn arrears_never_go_to_welfare_without_consent() {
        for basis in LegalBasis::ALL.iter().copied().map(Other) {
            assert!(!T::RentArrears.may_travel(Housing, Welfare, basis));
            assert!(!T::EvictionRisk.may_travel(Housing, Welfare, basis));
        }
    }

    #[test]
    fn bases_have_one_name_each() {
        for basis in LegalBasis::ALL.iter().copied().map(Other).chain([Consent]) {
            assert_eq!(SignalBasis::from_name(basis.name()), Some(basis));
        }
        assert_eq!(
            SignalBasis::from_name("CONVENANT"),
            None,
            "an agreement is no basis"
        );
    }
}
