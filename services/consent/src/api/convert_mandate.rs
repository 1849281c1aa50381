//! Between the messages about mandates and the words of the domain.

use sluis_proto::consent::v1 as proto;
use sluis_serve::{Refusal, id, timestamp, to_proto_timestamp};
use sluis_types::{Code, DataKind, LifeDomain, Timestamp};

use super::convert::{numbers, set};
use crate::domain::declaration::{Assessor, Declaration, Relation};
use crate::domain::mandate::{Mandate, MandateId, MandateStage, Verification};
use crate::domain::mandate_kind::{MandateAct, MandateKind, MandateScope, Recorder, limit};

/// A mandate's id in its text form.
pub(super) fn mandate_id(stated: &str) -> Result<MandateId, Refusal> {
    id("mandate_id", stated)
}

fn act(number: u8) -> Result<MandateAct, sluis_types::UnknownCode> {
    MandateAct::ALL
        .iter()
        .copied()
        .find(|act| act.number() == number)
        .ok_or(sluis_types::UnknownCode { list: "mandate act" })
}

/// What a resident writes down for a proxy.
pub(super) fn scope(asked: &proto::CreateProxyRequest) -> Result<MandateScope, Refusal> {
    Ok(MandateScope {
        acts: set("acts", &asked.acts, act)?,
        life_domains: set("life_domains", &asked.life_domains, LifeDomain::from_number)?,
        data_kinds: set("data_kinds", &asked.data_kinds, DataKind::from_number)?,
    })
}

/// A kind that an organisation may record.
pub(super) fn recorded_kind(stated: i32) -> Result<MandateKind, Refusal> {
    u8::try_from(stated)
        .ok()
        .and_then(MandateKind::from_number)
        .filter(|kind| limit(*kind).recorder != Recorder::Resident)
        .ok_or_else(|| Refusal::invalid_field("kind", "must be a kind that an organisation records"))
}

/// How an organisation made sure.
pub(super) fn recorded_verification(stated: i32, kind: MandateKind) -> Result<Verification, Refusal> {
    let fits = |verification: &Verification| match limit(kind).recorder {
        Recorder::Resident => *verification == Verification::Resident,
        Recorder::Organisation => {
            matches!(verification, Verification::Register | Verification::CourtDecision)
        }
        Recorder::Declaration => *verification == Verification::Declaration,
    };
    u8::try_from(stated)
        .ok()
        .and_then(Verification::from_number)
        .filter(fits)
        .ok_or_else(|| {
            let fault = "must be the register or a court decision; for a relative a declaration";
            Refusal::invalid_field("verification", fault)
        })
}

/// What was declared of a resident for whom a relative is to speak, and about which matters; none for other kinds.
pub(super) fn declared(
    kind: MandateKind,
    stated: Option<&proto::MandateDeclaration>,
    now: Timestamp,
) -> Result<Option<(MandateScope, Declaration)>, Refusal> {
    let refused = |field, fault| Err(Refusal::invalid_field(field, fault));
    let stated = match (limit(kind).recorder, stated) {
        (Recorder::Declaration, Some(stated)) => stated,
        (Recorder::Declaration, None) => return refused("declaration", "must not be empty for a relative"),
        (Recorder::Resident | Recorder::Organisation, None) => return Ok(None),
        (Recorder::Resident | Recorder::Organisation, Some(_)) => {
            return refused("declaration", "must be empty but for a relative");
        }
    };
    let number = |value: i32| u8::try_from(value).unwrap_or(u8::MAX);
    let Some(relation) = Relation::from_number(number(stated.relation)) else {
        return refused("declaration.relation", "must be a known value");
    };
    let Some(assessed_by) = Assessor::from_number(number(stated.assessed_by)) else {
        return refused("declaration.assessed_by", "must be a known value");
    };
    let declaration = Declaration {
        relation,
        assessed_by,
        assessed_at: timestamp("declaration.assessed_at", stated.assessed_at.as_ref())?,
    };
    if !declaration.is_fresh(now) {
        return refused("declaration.assessed_at", "must be in the last 30 days");
    }
    if !stated.nobody_before {
        return refused("declaration.nobody_before", "must be true");
    }
    let most = MandateScope::whole(kind);
    let (domains, kinds) = ("declaration.life_domains", "declaration.data_kinds");
    let life_domains = set(domains, &stated.life_domains, LifeDomain::from_number)?;
    let data_kinds = set(kinds, &stated.data_kinds, DataKind::from_number)?;
    if !life_domains.iter().all(|it| most.life_domains.contains(it)) {
        return refused(domains, "must not be money");
    }
    if !data_kinds.iter().all(|it| most.data_kinds.contains(it)) {
        return refused(kinds, "must not be money");
    }
    let scope = MandateScope {
        life_domains,
        data_kinds,
        ..most
    };
    Ok(Some((scope, declaration)))
}

/// How long a mandate of a kind lasts: there is none without an end.
pub(super) fn days(stated: u32, kind: MandateKind) -> Result<u32, Refusal> {
    if (1..=limit(kind).days_max).contains(&stated) {
        Ok(stated)
    } else {
        Err(Refusal::invalid_field(
            "valid_days",
            "must be at least 1 and not too many",
        ))
    }
}

/// A mandate as the resident sees it at `now`; a representative does not see the resident's words for them.
pub(super) fn mandate(mandate: &Mandate, is_representative: bool, now: Timestamp) -> proto::Mandate {
    let (scope, declaration) = (&mandate.scope, mandate.declaration.as_ref());
    proto::Mandate {
        mandate_id: mandate.id.to_string(),
        kind: i32::from(mandate.kind.number()),
        acts: numbers(scope.acts),
        life_domains: numbers(scope.life_domains),
        data_kinds: numbers(scope.data_kinds),
        state: state(mandate, now).into(),
        recorded_by: mandate
            .recorded_by
            .map(|(oin, _)| oin.to_string())
            .unwrap_or_default(),
        verification: i32::from(mandate.verification.number()),
        recorded_at: Some(to_proto_timestamp(mandate.recorded_at)),
        valid_until: Some(to_proto_timestamp(mandate.valid_until)),
        label: if is_representative {
            String::new()
        } else {
            mandate.label.clone()
        },
        relation: declaration.map_or(0, |it| i32::from(it.relation.number())),
        assessed_by: declaration.map_or(0, |it| i32::from(it.assessed_by.number())),
        assessed_at: declaration.map(|it| to_proto_timestamp(it.assessed_at)),
    }
}

fn state(mandate: &Mandate, now: Timestamp) -> proto::MandateState {
    match mandate.stage {
        MandateStage::Disputed => proto::MandateState::Disputed,
        MandateStage::Ended => proto::MandateState::Ended,
        MandateStage::Suspended => proto::MandateState::Suspended,
        _ if mandate.is_over(now) => proto::MandateState::Expired,
        MandateStage::Recorded => proto::MandateState::Recorded,
        MandateStage::Offered => proto::MandateState::Offered,
        MandateStage::Active => proto::MandateState::Active,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mandate::tests::example;

    #[test]
    fn numbers_are_those_of_the_proto() {
        for (ours, theirs) in [
            (MandateKind::Guardian, proto::MandateKind::Guardian),
            (MandateKind::Mentor, proto::MandateKind::Mentor),
            (MandateKind::Administrator, proto::MandateKind::Administrator),
            (MandateKind::Proxy, proto::MandateKind::Proxy),
            (MandateKind::Relative, proto::MandateKind::Relative),
        ] {
            assert_eq!(i32::from(ours.number()), i32::from(theirs));
        }
        for (ours, theirs) in [
            (MandateAct::See, proto::MandateAct::See),
            (MandateAct::Decide, proto::MandateAct::Decide),
            (MandateAct::Stop, proto::MandateAct::Stop),
        ] {
            assert_eq!(i32::from(ours.number()), i32::from(theirs));
        }
        for (ours, theirs) in [
            (Verification::Register, proto::MandateVerification::Register),
            (
                Verification::CourtDecision,
                proto::MandateVerification::CourtDecision,
            ),
            (Verification::Resident, proto::MandateVerification::Resident),
            (Verification::Declaration, proto::MandateVerification::Declaration),
        ] {
            assert_eq!(i32::from(ours.number()), i32::from(theirs));
        }
        for (ours, theirs) in [
            (Relation::Partner, proto::MandateRelation::Partner),
            (Relation::Parent, proto::MandateRelation::Parent),
            (Relation::Child, proto::MandateRelation::Child),
            (Relation::Sibling, proto::MandateRelation::Sibling),
        ] {
            assert_eq!(i32::from(ours.number()), i32::from(theirs));
        }
        for (ours, theirs) in [
            (Assessor::Physician, proto::MandateAssessor::Physician),
            (Assessor::Psychologist, proto::MandateAssessor::Psychologist),
            (Assessor::NurseSpecialist, proto::MandateAssessor::NurseSpecialist),
            (
                Assessor::ResponsibleProfessional,
                proto::MandateAssessor::ResponsibleProfessional,
            ),
        ] {
            assert_eq!(i32::from(ours.number()), i32::from(theirs));
        }
    }

    #[test]
    fn what_only_a_resident_gives_no_organisation_records() {
        assert!(recorded_kind(proto::MandateKind::Mentor.into()).is_ok());
        for wrong in [proto::MandateKind::Proxy.into(), 0, 6, -1, 300] {
            assert!(recorded_kind(wrong).is_err(), "{wrong}");
        }
        for (verification, mentor, relative) in [
            (proto::MandateVerification::Unspecified, false, false),
            (proto::MandateVerification::Register, true, false),
            (proto::MandateVerification::CourtDecision, true, false),
            (proto::MandateVerification::Resident, false, false),
            (proto::MandateVerification::Declaration, false, true),
        ] {
            let fits = |kind| recorded_verification(verification.into(), kind).is_ok();
            assert_eq!(fits(MandateKind::Mentor), mentor, "{verification:?}");
            assert_eq!(fits(MandateKind::Relative), relative, "{verification:?}");
        }
        for (kind, max) in [
            (MandateKind::Proxy, 366),
            (MandateKind::Mentor, 731),
            (MandateKind::Relative, 92),
        ] {
            assert!(days(0, kind).is_err() && days(max + 1, kind).is_err() && days(max, kind).is_ok());
        }
    }

    #[test]
    fn a_representative_does_not_read_how_the_resident_calls_them() {
        let mandate_row = example(MandateKind::Proxy);
        let now = Timestamp::from_seconds(20);
        assert_eq!(mandate(&mandate_row, false, now).label, "mijn zus");
        assert_eq!(mandate(&mandate_row, true, now).label, "");
        let late = mandate(&mandate_row, false, mandate_row.valid_until);
        assert_eq!(late.state(), proto::MandateState::Expired);
    }
}
