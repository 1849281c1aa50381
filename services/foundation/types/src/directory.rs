//! The code lists of the service directory (sociale kaart). Wire numbers never change and are never used again.

use crate::code::code_list;

code_list! {
    /// What an offer is.
    OfferKind {
        /// Something to take part in.
        Activity = 1 "ACTIVITY",
        /// A place that is open to all.
        GeneralFacility = 2 "GENERAL_FACILITY",
        /// Care that asks for no heavy indication.
        LightCare = 3 "LIGHT_CARE",
        /// A course or training.
        Training = 4 "TRAINING",
        /// A visit at home, by experts by experience for instance.
        HomeVisit = 5 "HOME_VISIT",
        /// A home.
        Housing = 6 "HOUSING",
        /// A person beside the resident: buddy, maatje.
        Companion = 7 "COMPANION",
    }
}

code_list! {
    /// How an offer stands in the social domain.
    Provision {
        /// Algemene voorziening: free to enter.
        General = 1 "GENERAL",
        /// Voorliggende voorziening: comes before what is tailored.
        Preceding = 2 "PRECEDING",
        /// Maatwerkvoorziening: after a decision.
        Tailored = 3 "TAILORED",
        /// Informeel: by volunteers and neighbours.
        Informal = 4 "INFORMAL",
    }
}

code_list! {
    /// The law that pays for an offer.
    Law {
        /// Wet maatschappelijke ondersteuning.
        Wmo = 1 "WMO",
        /// Zorgverzekeringswet.
        Zvw = 2 "ZVW",
        /// Wet langdurige zorg.
        Wlz = 3 "WLZ",
        /// Jeugdwet.
        YouthAct = 4 "JEUGDWET",
        /// None in particular.
        General = 5 "GENERAL",
    }
}

code_list! {
    /// How one comes in.
    Entrance {
        /// Walk in.
        DropIn = 1 "DROP_IN",
        /// Sign up oneself.
        SignUp = 2 "SIGN_UP",
        /// Somebody refers.
        Referral = 3 "REFERRAL",
    }
}

code_list! {
    /// What makes a place fit for a body or a mind.
    Accessibility {
        /// A wheelchair gets in and turns.
        Wheelchair = 1 "WHEELCHAIR",
        /// An accessible toilet.
        AccessibleToilet = 2 "ACCESSIBLE_TOILET",
        /// An induction loop, or speech to text.
        Hearing = 3 "HEARING",
        /// Guidance for who sees little.
        Sight = 4 "SIGHT",
        /// Little noise, light and crowd.
        LowStimulus = 5 "LOW_STIMULUS",
        /// Reached by public transport without a long walk.
        PublicTransport = 6 "PUBLIC_TRANSPORT",
        /// Can be followed from home.
        Remote = 7 "REMOTE",
        /// Plain language, pictures.
        PlainLanguage = 8 "PLAIN_LANGUAGE",
    }
}

code_list! {
    /// What "kwetsbaarproof" asks of a place.
    ProofCriterion {
        /// A host welcomes who comes in.
        HostPresent = 1 "HOST_PRESENT",
        /// Little noise, light and crowd.
        LowStimulus = 2 "LOW_STIMULUS",
        /// Nobody is registered.
        NoRegistration = 3 "NO_REGISTRATION",
        /// Volunteers are trained.
        TrainedVolunteers = 4 "TRAINED_VOLUNTEERS",
        /// Open to all.
        OpenToAll = 5 "OPEN_TO_ALL",
    }
}

code_list! {
    /// Whether there is room (Gravity SDOHCC capacity status). Room promises nothing about eligibility.
    CapacityStatus {
        /// There is room.
        Capacity = 1 "CAPACITY",
        /// There is none.
        NoCapacity = 2 "NO_CAPACITY",
        /// There is a waitlist.
        Waitlist = 3 "WAITLIST",
        /// A talk comes first.
        AdditionalAssessmentRequired = 4 "ADDITIONAL_ASSESSMENT_REQUIRED",
    }
}

code_list! {
    /// A column of the resident's plan card.
    Quadrant {
        /// Ik wil.
        Wish = 1 "WISH",
        /// Ik kan.
        Strength = 2 "STRENGTH",
        /// Ik heb nodig.
        Need = 3 "NEED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CardRole, DistanceBand, Gender, HomeAccess, HousingMove, HousingState, IntroductionState, LeaseKind,
        SizeBand, SupportBand,
    };

    macro_rules! numbers_and_names_round_trip {
        ($($list:ident),+) => {$(
            for value in $list::ALL.iter().copied() {
                assert_eq!($list::from_number(value.number()), Ok(value));
                assert_eq!($list::from_name(value.name()), Ok(value));
                assert!((1..=31).contains(&value.number()), "fits a bit field");
            }
            assert!($list::from_number(0).is_err() && $list::from_number(32).is_err());
        )+};
    }

    #[test]
    fn every_code_is_found_by_its_number_and_its_name() {
        numbers_and_names_round_trip!(
            OfferKind,
            Provision,
            Law,
            Entrance,
            Accessibility,
            ProofCriterion,
            CapacityStatus,
            Quadrant,
            CardRole,
            DistanceBand,
            Gender,
            IntroductionState,
            SizeBand,
            SupportBand,
            LeaseKind,
            HomeAccess,
            HousingState,
            HousingMove
        );
    }
}
