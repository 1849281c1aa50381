//! The code lists of the domain. Wire numbers never change and are never used again.

use crate::code::code_list;

code_list! {
    /// What an organisation is to the mesh.
    OrganisationKind {
        /// Municipality (gemeente).
        Municipality = 1 "MUNICIPALITY",
        /// District team (wijkteam), whose rights follow its mandate.
        DistrictTeam = 2 "DISTRICT_TEAM",
        /// Mental health care (GGZ).
        MentalHealth = 3 "MENTAL_HEALTH",
        /// General practitioner (huisarts).
        Gp = 4 "GP",
        /// Welfare organisation (welzijnswerk).
        Welfare = 5 "WELFARE",
        /// Housing corporation (woningcorporatie).
        Housing = 6 "HOUSING",
        /// Self-direction centre (zelfregiecentrum).
        SelfDirection = 7 "SELF_DIRECTION",
        /// Organisation of peers and volunteers.
        Peer = 8 "PEER",
    }
}

code_list! {
    /// What a professional may do, as its organisation states in the JWT.
    ProfessionalRole {
        /// Care or welfare professional (hulpverlener, consulent).
        Professional = 1 "PROFESSIONAL",
        /// Triage or intake worker: sees the inbox of its own service.
        Intaker = 2 "INTAKER",
        /// Expert by experience (ervaringsdeskundige).
        ExpertByExperience = 3 "EXPERT_BY_EXPERIENCE",
        /// Volunteer or buddy.
        Volunteer = 4 "VOLUNTEER",
        /// Coordinator of the signaleringsoverleg or of a district.
        Coordinator = 5 "COORDINATOR",
        /// Housing officer.
        HousingOfficer = 6 "HOUSING_OFFICER",
        /// Data protection officer (FG).
        PrivacyOfficer = 7 "PRIVACY_OFFICER",
        /// Administrator of the organisation: keys and directory, never content.
        OrganisationAdmin = 8 "ORGANISATION_ADMIN",
        /// The organisation's own system, acting without a person (fetching, acknowledging).
        System = 9 "SYSTEM",
    }
}

code_list! {
    /// What information may be shared for.
    Purpose {
        /// Handing a question to another organisation.
        Referral = 1 "REFERRAL",
        /// Telling the referrer how it went.
        Feedback = 2 "FEEDBACK",
        /// Bringing worries of several organisations together.
        SignalCombine = 3 "SIGNAL_COMBINE",
        /// Talking about the resident in a meeting.
        CaseMeeting = 4 "CASE_MEETING",
        /// Finding an offer that fits.
        MatchingOffer = 5 "MATCHING_OFFER",
        /// Finding a buddy or expert by experience.
        MatchingPeer = 6 "MATCHING_PEER",
        /// Finding a home.
        Housing = 7 "HOUSING",
        /// Visiting at home.
        HomeVisit = 8 "HOME_VISIT",
        /// Measuring whether help helps.
        Monitoring = 9 "MONITORING",
        /// Passing a worry on to the one organisation that can do something about it.
        Signal = 10 "SIGNAL",
    }
}

code_list! {
    /// The five rules of thumb (vuistregels) for a soft landing, as life domains.
    LifeDomain {
        /// Goed wonen en veilig thuis.
        LivingSafeHome = 1 "LIVING_SAFE_HOME",
        /// Gezonde financiën.
        Finances = 2 "FINANCES",
        /// Waardevolle daginvulling.
        MeaningfulDay = 3 "MEANINGFUL_DAY",
        /// Passende ondersteuning.
        FittingSupport = 4 "FITTING_SUPPORT",
        /// Fijne leefomgeving.
        Surroundings = 5 "SURROUNDINGS",
    }
}

code_list! {
    /// Which kind of data a message carries.
    DataKind {
        /// Name, address, how to reach.
        Contact = 1 "CONTACT",
        /// How someone is doing.
        Situation = 2 "SITUATION",
        /// The resident's own plan.
        Plan = 3 "PLAN",
        /// Summary of the care received.
        CareSummary = 4 "CARE_SUMMARY",
        /// Medical data.
        Medical = 5 "MEDICAL",
        /// Money and debts.
        Financial = 6 "FINANCIAL",
        /// Home and tenancy.
        Housing = 7 "HOUSING",
        /// Family, friends, neighbours.
        Network = 8 "NETWORK",
        /// Safety of the resident and of visitors.
        Safety = 9 "SAFETY",
        /// Documents as they are.
        Document = 10 "DOCUMENT",
    }
}

code_list! {
    /// What a sealed message is to its thread: all that the mesh learns of its meaning.
    MessageKind {
        /// Opens a thread.
        Referral = 1 "REFERRAL",
        /// A newer version of an earlier message of the sender.
        Amendment = 2 "AMENDMENT",
        /// A remark within a thread.
        Note = 3 "NOTE",
        /// How it went, from the recipient of the referral to its sender.
        Feedback = 4 "FEEDBACK",
        /// A worry on a legal basis of its own.
        Signal = 5 "SIGNAL",
        /// An item on the agenda of a meeting.
        AgendaItem = 6 "AGENDA_ITEM",
        /// The contact details behind a signal, opened by a match.
        ContactBox = 7 "CONTACT_BOX",
    }
}

code_list! {
    /// How soon an answer is needed (FHIR request-priority). Not for acute crisis: call 112 or the crisis service.
    Priority {
        /// Decision within 10 working days.
        Routine = 1 "ROUTINE",
        /// Decision within 3 working days.
        Soon = 2 "SOON",
        /// Decision within 1 working day, and a phone call.
        Urgent = 3 "URGENT",
    }
}

code_list! {
    /// A service of the mesh, as the audience of a ticket or a caller token.
    Service {
        /// Who is in the mesh, with which keys.
        Registry = 1 "REGISTRY",
        /// Grants, decisions, the second gate, who is who.
        Consent = 2 "CONSENT",
        /// Sealed mailboxes and the closed loop.
        Referral = 3 "REFERRAL",
        /// Circles, signals, signaleringsoverleg.
        Signalling = 4 "SIGNALLING",
        /// Sociale kaart, capacity, introductions.
        Matching = 5 "MATCHING",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CodeSet;

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
            OrganisationKind,
            ProfessionalRole,
            Purpose,
            LifeDomain,
            DataKind,
            MessageKind,
            Priority,
            Service
        );
    }

    #[test]
    fn a_set_refuses_bits_that_mean_nothing() {
        let set: CodeSet<Purpose> = [Purpose::Referral, Purpose::Feedback].into_iter().collect();
        assert_eq!(CodeSet::from_bits(set.bits()), Ok(set));
        assert!(CodeSet::<Purpose>::from_bits(1).is_err());
        assert!(CodeSet::<Purpose>::from_bits(1 << 31).is_err());
        assert!(set.is_subset_of(CodeSet::all()) && !set.contains(Purpose::Housing));
        assert_eq!(set.without(Purpose::Referral).with(Purpose::Referral), set);
    }
}
