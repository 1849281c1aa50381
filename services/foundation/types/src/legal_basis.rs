//! Legal bases other than consent: the closed lists of what may be recorded.
//!
//! None of them is a state of consent. What each demands, and between whom it may be used, is a table of the consent
//! service; which signals may travel on which is [`SignalType::may_travel`](crate::SignalType::may_travel).

use crate::code::code_list;

code_list! {
    /// On what something may be shared without the resident's consent (grondslag).
    LegalBasis {
        /// The law orders it, to whom and which data (wettelijke plicht).
        StatutoryDuty = 1 "STATUTORY_DUTY",
        /// The recipient needs it for a task that the law gives it (publieke taak).
        PublicTask = 2 "PUBLIC_TASK",
        /// Both are directly involved in the same treatment.
        TreatmentTeam = 3 "TREATMENT_TEAM",
        /// Secrecy is broken to avert serious harm (conflict van plichten).
        ConflictOfDuties = 4 "CONFLICT_OF_DUTIES",
        /// Life or health is in danger and the resident cannot be asked (vitaal belang): emergency access.
        VitalInterest = 5 "VITAL_INTEREST",
        /// The right to report to Veilig Thuis (meldrecht). Does not go through the mesh: call.
        ReportingRight = 6 "REPORTING_RIGHT",
        /// A coordinated approach under the Wams. Not in force: always refused.
        WamsCoordination = 7 "WAMS_COORDINATION",
    }
}

code_list! {
    /// By which law. Which article of it applies in a case stands in the organisation's own record.
    LegalArticle {
        /// Arrears of rent, Besluit gemeentelijke schuldhulpverlening.
        BgsRentArrears = 1 "BGS_RENT_ARREARS",
        /// Support under the Wet maatschappelijke ondersteuning 2015.
        Wmo2015 = 2 "WMO_2015",
        /// Help under the Jeugdwet.
        Jeugdwet = 3 "JEUGDWET",
        /// Work and income under the Participatiewet.
        Participatiewet = 4 "PARTICIPATIEWET",
    }
}

code_list! {
    /// What whoever records a basis states to be so. The grounds themselves stay with the organisation.
    BasisCheck {
        /// The recipient has the task, or was mandated to carry it out.
        TaskHolder = 1 "TASK_HOLDER",
        /// It is needed for that task, and why is written down.
        Necessary = 2 "NECESSARY",
        /// No more data than needed.
        MinimalData = 3 "MINIMAL_DATA",
        /// Social collection: personal contact with the tenant was sought.
        ContactSought = 4 "CONTACT_SOUGHT",
        /// Social collection: the tenant was told of help with debts.
        HelpPointedOut = 5 "HELP_POINTED_OUT",
        /// Social collection: the tenant was reminded in writing, and told of this step.
        RemindedInWriting = 6 "REMINDED_IN_WRITING",
        /// The recipient is directly involved in the same treatment, and needs to know.
        SameTreatment = 7 "SAME_TREATMENT",
        /// Serious harm threatens, and which is written down.
        SeriousHarm = 8 "SERIOUS_HARM",
        /// There is no other, lighter way to avert it.
        NoOtherWay = 9 "NO_OTHER_WAY",
        /// Consent was asked, or why that could not be is written down.
        ConsentTried = 10 "CONSENT_TRIED",
        /// A peer was consulted.
        PeerConsulted = 11 "PEER_CONSULTED",
        /// The resident cannot be asked, and why is written down.
        CannotBeAsked = 12 "CANNOT_BE_ASKED",
    }
}

code_list! {
    /// Why a resident is told later. There is no other reason.
    DeferralReason {
        /// Telling now would put the resident in danger.
        ResidentAtRisk = 1 "RESIDENT_AT_RISK",
        /// Telling now would put somebody else in danger.
        OthersAtRisk = 2 "OTHERS_AT_RISK",
    }
}

code_list! {
    /// What a privacy officer finds of a basis.
    ReviewOutcome {
        /// It was right.
        Upheld = 1 "UPHELD",
        /// It was not: it ends.
        Unfounded = 2 "UNFOUNDED",
    }
}

impl LegalBasis {
    /// Whether the mesh records it at all: the others leave the mesh, or are not in force.
    pub const fn is_recorded(self) -> bool {
        !matches!(self, Self::ReportingRight | Self::WamsCoordination)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_number_and_its_name() {
        macro_rules! numbers_and_names_round_trip {
            ($($list:ident),+) => {$(
                for value in $list::ALL.iter().copied() {
                    assert_eq!($list::from_number(value.number()), Ok(value));
                    assert_eq!($list::from_name(value.name()), Ok(value));
                }
                assert!($list::from_number(0).is_err() && $list::from_name("").is_err());
            )+};
        }
        numbers_and_names_round_trip!(
            LegalBasis,
            LegalArticle,
            BasisCheck,
            DeferralReason,
            ReviewOutcome
        );
    }

    #[test]
    fn what_leaves_the_mesh_or_is_not_in_force_is_never_recorded() {
        let recorded: Vec<_> = LegalBasis::ALL
            .iter()
            .filter(|basis| basis.is_recorded())
            .collect();
        assert_eq!(recorded.len(), 5);
        assert!(!LegalBasis::ReportingRight.is_recorded() && !LegalBasis::WamsCoordination.is_recorded());
    }
}
