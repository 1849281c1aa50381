//! The words for codes: purposes, life domains, kinds of data, roles, acts and states.

use sluis_proto::consent::v1::{
    AccessKind, DataKind, LegalBasis, LifeDomain, MandateAct, MandateAssessor, MandateKind, MandateRelation,
    MandateState, Purpose,
};
use sluis_proto::referral::v1::ReferralState;

use super::text::Language;

/// The five life domains, in the order of the vuistregels.
pub(super) const LIFE_DOMAINS: [LifeDomain; 5] = [
    LifeDomain::LivingSafeHome,
    LifeDomain::Finances,
    LifeDomain::MeaningfulDay,
    LifeDomain::FittingSupport,
    LifeDomain::Surroundings,
];

/// What for, after "om".
pub(super) fn purpose(number: i32, t: Language) -> &'static str {
    match Purpose::try_from(number).unwrap_or_default() {
        Purpose::Unspecified => t.something_else(),
        Purpose::Referral => t.purpose_referral(),
        Purpose::Feedback => t.purpose_feedback(),
        Purpose::SignalCombine => t.purpose_signal_combine(),
        Purpose::CaseMeeting => t.purpose_case_meeting(),
        Purpose::MatchingOffer => t.purpose_matching_offer(),
        Purpose::MatchingPeer => t.purpose_matching_peer(),
        Purpose::Housing => t.purpose_housing(),
        Purpose::HomeVisit => t.purpose_home_visit(),
        Purpose::Monitoring => t.purpose_monitoring(),
        Purpose::Signal => t.purpose_signal(),
    }
}

/// The name of a life domain.
pub(super) fn life_domain(number: i32, t: Language) -> &'static str {
    match LifeDomain::try_from(number).unwrap_or_default() {
        LifeDomain::Unspecified => t.something_else(),
        LifeDomain::LivingSafeHome => t.domain_living_safe_home(),
        LifeDomain::Finances => t.domain_finances(),
        LifeDomain::MeaningfulDay => t.domain_meaningful_day(),
        LifeDomain::FittingSupport => t.domain_fitting_support(),
        LifeDomain::Surroundings => t.domain_surroundings(),
    }
}

/// One word for a life domain, for the head of a column.
pub(super) fn life_domain_short(life_domain: LifeDomain, t: Language) -> &'static str {
    match life_domain {
        LifeDomain::Unspecified => t.something_else(),
        LifeDomain::LivingSafeHome => t.domain_living_safe_home_short(),
        LifeDomain::Finances => t.domain_finances_short(),
        LifeDomain::MeaningfulDay => t.domain_meaningful_day_short(),
        LifeDomain::FittingSupport => t.domain_fitting_support_short(),
        LifeDomain::Surroundings => t.domain_surroundings_short(),
    }
}

/// A kind of data.
pub(super) fn data_kind(number: i32, t: Language) -> &'static str {
    match DataKind::try_from(number).unwrap_or_default() {
        DataKind::Unspecified => t.something_else(),
        DataKind::Contact => t.kind_contact(),
        DataKind::Situation => t.kind_situation(),
        DataKind::Plan => t.kind_plan(),
        DataKind::CareSummary => t.kind_care_summary(),
        DataKind::Medical => t.kind_medical(),
        DataKind::Financial => t.kind_financial(),
        DataKind::Housing => t.kind_housing(),
        DataKind::Network => t.kind_network(),
        DataKind::Safety => t.kind_safety(),
        DataKind::Document => t.kind_document(),
    }
}

/// Several words as a list: "een, twee, drie".
pub(super) fn list(numbers: &[i32], t: Language, word: fn(i32, Language) -> &'static str) -> String {
    let words: Vec<_> = numbers.iter().map(|number| word(*number, t)).collect();
    words.join(", ")
}

/// What a professional is, by the name of their role.
pub(super) fn role(name: &str, t: Language) -> &'static str {
    match name {
        "PROFESSIONAL" => t.role_professional(),
        "INTAKER" => t.role_intaker(),
        "EXPERT_BY_EXPERIENCE" => t.role_expert_by_experience(),
        "VOLUNTEER" => t.role_volunteer(),
        "COORDINATOR" => t.role_coordinator(),
        "HOUSING_OFFICER" => t.role_housing_officer(),
        "SYSTEM" => t.role_system(),
        _ => t.role_somebody(),
    }
}

/// On what something is shared without consent, as a sentence; none under consent.
pub(super) fn legal_basis(basis: LegalBasis, t: Language) -> Option<&'static str> {
    match basis {
        LegalBasis::Unspecified => None,
        LegalBasis::StatutoryDuty => Some(t.basis_statutory_duty()),
        LegalBasis::PublicTask => Some(t.basis_public_task()),
        LegalBasis::TreatmentTeam => Some(t.basis_treatment_team()),
        LegalBasis::ConflictOfDuties => Some(t.basis_conflict_of_duties()),
        LegalBasis::VitalInterest => Some(t.basis_vital_interest()),
        // Never recorded.
        LegalBasis::ReportingRight | LegalBasis::WamsCoordination => Some(t.something_else()),
    }
}

/// What an organisation did, or tried and was refused, after its name.
pub(super) fn act(kind: AccessKind, allowed: bool, t: Language) -> &'static str {
    match (kind, allowed) {
        (AccessKind::Linked, true) => t.act_linked(),
        (AccessKind::Linked, false) => t.act_linked_refused(),
        (AccessKind::Proposed, true) => t.act_proposed(),
        (AccessKind::Proposed, false) => t.act_proposed_refused(),
        (AccessKind::StatusAsked, _) => t.act_status_asked(),
        (AccessKind::Authorized, true) => t.act_authorized(),
        (AccessKind::Authorized, false) => t.act_authorized_refused(),
        (AccessKind::Opened, true) => t.act_opened(),
        (AccessKind::Opened, false) => t.act_opened_refused(),
        (AccessKind::AssistedStarted, true) => t.act_assisted_started(),
        (AccessKind::ConsentRecorded, true) => t.act_consent_recorded(),
        (AccessKind::Granted, true) => t.act_consent_confirmed(),
        (AccessKind::Withdrawn, true) => t.act_withdrawn(),
        (AccessKind::WithdrewAll, true) => t.act_withdrew_all(),
        (AccessKind::MandateRecorded, true) => t.act_mandate_recorded(),
        (AccessKind::MandateConfirmed, true) => t.act_mandate_confirmed(),
        (AccessKind::LegalBasisRecorded, true) => t.act_basis_recorded(),
        (AccessKind::LegalBasisConfirmed, true) => t.act_basis_confirmed(),
        (AccessKind::LegalBasisEnded, true) => t.act_basis_ended(),
        (AccessKind::LegalBasisReviewed, true) => t.act_basis_reviewed(),
        (AccessKind::BundleFetched, true) => t.act_bundle_fetched(),
        (_, true) => t.act_other(),
        (_, false) => t.act_other_refused(),
    }
}

/// What the resident, a representative or the clock did; `who` is what the page calls who did it.
pub(super) fn own_act(kind: AccessKind, allowed: bool, who: &str, t: Language) -> String {
    if !allowed {
        return t.own_refused(who);
    }
    match kind {
        AccessKind::Granted => t.own_granted(who),
        AccessKind::ProposalRefused => t.own_refused_proposal(who),
        AccessKind::ProposalDeferred => t.own_deferred(who),
        AccessKind::Narrowed => t.own_narrowed(who),
        AccessKind::Suspended => t.own_suspended(who),
        AccessKind::Resumed => t.own_resumed(who),
        AccessKind::Withdrawn => t.own_withdrawn(who),
        AccessKind::Expired => t.own_expired().to_owned(),
        AccessKind::CodeCreated => t.own_code_created(who),
        AccessKind::LetterRedeemed => t.own_letter_redeemed(who),
        AccessKind::Disconnected => t.own_disconnected(who),
        AccessKind::LoginDisconnected => t.own_login_disconnected(who),
        AccessKind::ProxyCreated => t.own_proxy_created(who),
        AccessKind::MandateRedeemed => t.own_mandate_redeemed().to_owned(),
        AccessKind::MandateEnded => t.own_mandate_ended(who),
        AccessKind::MandateDisputed => t.own_mandate_disputed(who),
        AccessKind::LegalBasisObjected => t.own_basis_objected(who),
        AccessKind::NoticeAddressSet => t.own_notice_address_set().to_owned(),
        AccessKind::NoticeAddressConfirmed => t.own_notice_address_confirmed().to_owned(),
        AccessKind::NoticeAddressRemoved => t.own_notice_address_removed().to_owned(),
        AccessKind::NoticeSent => t.own_notice_sent().to_owned(),
        _ => t.own_other(who),
    }
}

/// What a representative may do.
pub(super) fn mandate_act(number: i32, t: Language) -> &'static str {
    match MandateAct::try_from(number).unwrap_or_default() {
        MandateAct::Unspecified => t.something_else(),
        MandateAct::See => t.act_see(),
        MandateAct::Decide => t.act_decide(),
        MandateAct::Stop => t.act_stop(),
    }
}

/// As what a representative speaks.
pub(super) fn mandate_kind(kind: MandateKind, t: Language) -> &'static str {
    match kind {
        MandateKind::Unspecified => t.something_else(),
        MandateKind::Guardian => t.mandate_guardian(),
        MandateKind::Mentor => t.mandate_mentor(),
        MandateKind::Administrator => t.mandate_administrator(),
        MandateKind::Proxy => t.mandate_proxy(),
        MandateKind::Relative => t.mandate_relative(),
    }
}

/// Where a mandate is in its life; `resident` is what the page calls the resident.
pub(super) fn mandate_state(state: MandateState, resident: &str, t: Language) -> String {
    let words = match state {
        MandateState::Unspecified => t.something_else(),
        MandateState::Recorded => t.mandate_state_recorded(),
        MandateState::Offered => t.mandate_state_offered(),
        MandateState::Active => t.mandate_state_active(),
        MandateState::Disputed => return t.mandate_state_disputed(resident),
        MandateState::Ended => t.mandate_state_ended(),
        MandateState::Expired => t.mandate_state_expired(),
        MandateState::Suspended => t.mandate_state_suspended(),
    };
    words.to_owned()
}

/// Who a relative is.
pub(super) fn relation(relation: MandateRelation, t: Language) -> &'static str {
    match relation {
        MandateRelation::Unspecified => t.something_else(),
        MandateRelation::Partner => t.relation_partner(),
        MandateRelation::Parent => t.relation_parent(),
        MandateRelation::Child => t.relation_child(),
        MandateRelation::Sibling => t.relation_sibling(),
    }
}

/// Who declared that the resident cannot decide themself.
pub(super) fn assessor(assessor: MandateAssessor, t: Language) -> &'static str {
    match assessor {
        MandateAssessor::Unspecified => t.something_else(),
        MandateAssessor::Physician => t.assessor_physician(),
        MandateAssessor::Psychologist => t.assessor_psychologist(),
        MandateAssessor::NurseSpecialist => t.assessor_nurse_specialist(),
        MandateAssessor::ResponsibleProfessional => t.assessor_responsible_professional(),
    }
}

/// Where a referral is, as a sentence.
pub(super) fn referral_state(state: ReferralState, t: Language) -> &'static str {
    match state {
        ReferralState::Unspecified => t.something_else(),
        ReferralState::Submitted => t.referral_submitted(),
        ReferralState::Delivered => t.referral_delivered(),
        ReferralState::InReview => t.referral_in_review(),
        ReferralState::Accepted => t.referral_accepted(),
        ReferralState::Waitlisted => t.referral_waitlisted(),
        ReferralState::Rejected => t.referral_rejected(),
        ReferralState::InProgress => t.referral_in_progress(),
        ReferralState::OnHold => t.referral_on_hold(),
        ReferralState::Completed => t.referral_completed(),
        ReferralState::Cancelled => t.referral_cancelled(),
        ReferralState::Expired => t.referral_expired(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_event_of_the_log_is_something_else() {
        let t = Language::Dutch;
        for kind in (1..=100).filter_map(|number| AccessKind::try_from(number).ok()) {
            let by_organisation = act(kind, true, t) != t.act_other();
            let by_resident = own_act(kind, true, "U", t) != t.own_other("U");
            // That the resident looked themself is in the file only.
            let is_left_out = kind == AccessKind::TicketIssued;
            assert!(by_organisation || by_resident || is_left_out, "{kind:?}");
        }
    }
}
