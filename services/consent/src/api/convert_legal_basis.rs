//! Between the messages about other legal bases and the words of the domain.

use sluis_proto::consent::v1 as proto;
use sluis_serve::{Refusal, bytes32, timestamp, to_proto_timestamp};
use sluis_types::{
    BasisCheck, Code, CodeSet, DataKind, DeferralReason, LegalArticle, LegalBasis, LifeDomain,
    OrganisationKind, ReviewOutcome, Timestamp, UnknownCode,
};

use super::convert;
use crate::domain::grant::Grant;
use crate::domain::legal_basis::{Deferral, NoStep, Stated, Unfit};
use crate::domain::life::Stage;
use crate::error::Denial;

/// A code that must be there.
fn code<C>(
    field: &'static str,
    value: i32,
    code: impl Fn(u8) -> Result<C, UnknownCode>,
) -> Result<C, Refusal> {
    let number = u8::try_from(value).unwrap_or_default();
    code(number).map_err(|_| Refusal::invalid_field(field, "must be a known value"))
}

/// Which basis is asked for.
pub(super) fn legal_basis(value: i32) -> Result<LegalBasis, Refusal> {
    code("basis", value, LegalBasis::from_number)
}

/// What a review found.
pub(super) fn outcome(value: i32) -> Result<ReviewOutcome, Refusal> {
    code("outcome", value, ReviewOutcome::from_number)
}

/// What is asked to be recorded, between these kinds of organisation.
pub(super) fn stated(
    asked: &proto::RecordLegalBasisRequest,
    legal: LegalBasis,
    [discloser, recipient]: [OrganisationKind; 2],
) -> Result<Stated, Refusal> {
    let article = match asked.article {
        0 => None,
        value => Some(code("article", value, LegalArticle::from_number)?),
    };
    let ask_again_at = match &asked.ask_again_at {
        None => None,
        at => Some(timestamp("ask_again_at", at.as_ref())?),
    };
    Ok(Stated {
        legal,
        article,
        discloser,
        recipient,
        life_domains: convert::set("life_domains", &asked.life_domains, LifeDomain::from_number)?,
        data_kinds: convert::set("data_kinds", &asked.data_kinds, DataKind::from_number)?,
        checks: convert::set("checks", &asked.checks, BasisCheck::from_number)?,
        document_sha256: bytes32("document_sha256", &asked.document_sha256)?,
        valid_days: asked.valid_days,
        deferral: asked.deferral.as_ref().map(deferral).transpose()?,
        ask_again_at,
    })
}

fn deferral(stated: &proto::Deferral) -> Result<Deferral, Refusal> {
    Ok(Deferral {
        until: timestamp("deferral.until", stated.until.as_ref())?,
        reason: code("deferral.reason", stated.reason, DeferralReason::from_number)?,
    })
}

impl From<Unfit> for Refusal {
    fn from(Unfit(field, why): Unfit) -> Self {
        Self::invalid_field(field, why)
    }
}

impl From<NoStep> for Denial {
    fn from(why: NoStep) -> Self {
        match why {
            NoStep::SamePerson => Self::SamePerson,
            NoStep::Illegal(stage) => Self::Illegal(stage),
        }
    }
}

/// A record as it stands at `now`: past its end it is expired, whether a timer came by or not. None for another grant.
pub(super) fn record(grant: &Grant, now: Timestamp) -> Option<proto::LegalBasisRecord> {
    let basis = grant.basis.as_ref()?;
    let over = grant.state.ended_at().is_none() && now >= grant.valid_until;
    let state = match grant.state.stage() {
        _ if over => proto::LegalBasisState::Expired,
        Stage::Recorded => proto::LegalBasisState::Recorded,
        Stage::Active => proto::LegalBasisState::Active,
        Stage::Suspended | Stage::Restored => proto::LegalBasisState::Suspended,
        Stage::Withdrawn => proto::LegalBasisState::Ended,
        Stage::Expired => proto::LegalBasisState::Expired,
    };
    let ended_at = if over {
        Some(grant.valid_until)
    } else {
        grant.state.ended_at()
    };
    let at = |time: Option<Timestamp>| time.map(to_proto_timestamp);
    let provisions = grant.allowed.provisions();
    let domains: CodeSet<LifeDomain> = provisions.iter().flat_map(|it| it.life_domains.iter()).collect();
    let kinds: CodeSet<DataKind> = provisions.iter().flat_map(|it| it.data_kinds.iter()).collect();
    Some(proto::LegalBasisRecord {
        legal_basis_id: grant.id.to_string(),
        basis: number(basis.legal),
        article: basis.article.map_or(0, number),
        discloser: grant.discloser.to_string(),
        recipient: grant.recipient.to_string(),
        life_domains: convert::numbers(domains),
        data_kinds: convert::numbers(kinds),
        checks: convert::numbers(basis.checks),
        state: state.into(),
        recorded_at: at(Some(basis.recorded.at)),
        confirmed_at: at(basis.confirmed.map(|act| act.at)),
        valid_until: at(Some(grant.valid_until)),
        ended_at: at(ended_at),
        deferral: basis.deferral.map(|deferral| proto::Deferral {
            until: at(Some(deferral.until)),
            reason: number(deferral.reason),
        }),
        ask_again_at: at(basis.ask_again_at),
        objected_at: at(basis.objected_at),
        reviewed_at: at(basis.reviewed.map(|(act, _)| act.at)),
        review_outcome: basis.reviewed.map_or(0, |(_, outcome)| number(outcome)),
        review_waits: basis.review_waits(),
    })
}

fn number<C: Code>(code: C) -> i32 {
    i32::from(code.number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_proto() {
        macro_rules! same {
            ($($list:ident $prefix:literal;)+) => {$(
                for code in $list::ALL {
                    let theirs = proto::$list::try_from(i32::from(code.number())).unwrap();
                    assert_eq!(theirs.as_str_name(), format!(concat!($prefix, "_{}"), code.name()));
                }
                let next = 1 + i32::try_from($list::ALL.len()).unwrap();
                assert!(proto::$list::try_from(next).is_err());
            )+};
        }
        same! {
            LegalBasis "LEGAL_BASIS";
            LegalArticle "LEGAL_ARTICLE";
            BasisCheck "BASIS_CHECK";
            DeferralReason "DEFERRAL_REASON";
            ReviewOutcome "REVIEW_OUTCOME";
        }
    }
}
