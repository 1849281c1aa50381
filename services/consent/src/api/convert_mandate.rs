//! Between the messages about mandates and the words of the domain.

use sluis_proto::consent::v1 as proto;
use sluis_serve::{Refusal, id, to_proto_timestamp};
use sluis_types::{Code, DataKind, LifeDomain, Timestamp};

use super::convert::{numbers, set};
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
        .filter(|kind| limit(*kind).recorder == Recorder::Organisation)
        .ok_or_else(|| Refusal::invalid_field("kind", "must be a kind that a court appoints"))
}

/// How an organisation made sure.
pub(super) fn recorded_verification(stated: i32) -> Result<Verification, Refusal> {
    u8::try_from(stated)
        .ok()
        .and_then(Verification::from_number)
        .filter(|verification| *verification != Verification::Resident)
        .ok_or_else(|| Refusal::invalid_field("verification", "must be the register or a court decision"))
}

/// How long a mandate lasts: there is none without an end.
pub(super) fn days(stated: u32, max: u32) -> Result<u32, Refusal> {
    if (1..=max).contains(&stated) {
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
    let scope = &mandate.scope;
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
    }
}

fn state(mandate: &Mandate, now: Timestamp) -> proto::MandateState {
    match mandate.stage {
        MandateStage::Disputed => proto::MandateState::Disputed,
        MandateStage::Ended => proto::MandateState::Ended,
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
        ] {
            assert_eq!(i32::from(ours.number()), i32::from(theirs));
        }
    }

    #[test]
    fn what_only_a_resident_gives_no_organisation_records() {
        assert!(recorded_kind(proto::MandateKind::Mentor.into()).is_ok());
        for wrong in [proto::MandateKind::Proxy.into(), 0, 5, -1, 300] {
            assert!(recorded_kind(wrong).is_err(), "{wrong}");
        }
        assert!(recorded_verification(proto::MandateVerification::Resident.into()).is_err());
        assert!(days(0, 366).is_err() && days(367, 366).is_err() && days(366, 366).is_ok());
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
