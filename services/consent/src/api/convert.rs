//! Between the messages of the proto and the words of the domain.

use bytes::Bytes;
use sluis_envelope::Scope;
use sluis_proto::consent::v1 as proto;
use sluis_serve::{Refusal, optional_text, text, to_proto_timestamp};
use sluis_types::{CodeSet, DataKind, Handle, LifeDomain, Oin, Purpose, Timestamp, UnknownCode};

use crate::domain::grant::{Grant, Notice, Ticked};
use crate::domain::life::Stage;
use crate::domain::proposal::{Question, VALID_DAYS_DEFAULT};
use crate::domain::{Allowance, Provision};
use crate::store::NOTICE_TEXT_BYTES_MAX;

/// Provisions in one list at most.
const PROVISIONS_MAX: usize = 32;

fn number(value: i32) -> Result<u8, UnknownCode> {
    u8::try_from(value).map_err(|_| UnknownCode { list: "code list" })
}

/// A list of codes that must not be empty.
pub(super) fn set<C: sluis_types::Code>(
    field: &'static str,
    values: &[i32],
    code: impl Fn(u8) -> Result<C, UnknownCode>,
) -> Result<CodeSet<C>, Refusal> {
    let refused = || Refusal::invalid_field(field, "must be one or more known values");
    let codes: Result<CodeSet<C>, UnknownCode> = values.iter().map(|value| code(number(*value)?)).collect();
    codes.ok().filter(|set| !set.is_empty()).ok_or_else(refused)
}

/// What a list of provisions ticks: what it allows, and what it objects to.
pub(super) fn ticked(provisions: &[proto::Provision]) -> Result<Ticked, Refusal> {
    if provisions.is_empty() || provisions.len() > PROVISIONS_MAX {
        return Err(Refusal::invalid_field("provisions", "must be 1 to 32"));
    }
    let mut ticked = Ticked::default();
    for stated in provisions {
        let purpose = number(stated.purpose).and_then(Purpose::from_number);
        let provision = Provision {
            purpose: purpose
                .map_err(|_| Refusal::invalid_field("provisions.purpose", "must be a known value"))?,
            life_domains: set(
                "provisions.life_domains",
                &stated.life_domains,
                LifeDomain::from_number,
            )?,
            data_kinds: set("provisions.data_kinds", &stated.data_kinds, DataKind::from_number)?,
        };
        let side = if stated.objection {
            &mut ticked.objected
        } else {
            &mut ticked.allowed
        };
        *side = side.union(&Allowance::of([provision]));
    }
    if ticked.allowed.is_empty() {
        return Err(Refusal::invalid_field(
            "provisions",
            "must have one that is no objection",
        ));
    }
    Ok(ticked)
}

/// The scope that a message declares.
pub(super) fn scope(stated: Option<&proto::Scope>) -> Result<Scope, Refusal> {
    let stated = stated.ok_or_else(|| Refusal::invalid_field("scope", "must not be empty"))?;
    Scope::new(
        set("scope.purposes", &stated.purposes, Purpose::from_number)?,
        set(
            "scope.life_domains",
            &stated.life_domains,
            LifeDomain::from_number,
        )?,
        set("scope.data_kinds", &stated.data_kinds, DataKind::from_number)?,
    )
    .map_err(|_| Refusal::invalid_field("scope", "must name one value of each list at least"))
}

/// A handle in its text form.
pub(super) fn handle(stated: &str) -> Result<Handle, Refusal> {
    Handle::parse(stated)
        .map_err(|_| Refusal::invalid_field("handle", "must be an identifier in canonical form"))
}

/// The notice that a resident read.
pub(super) fn notice(stated: Option<&proto::Notice>) -> Result<Notice, Refusal> {
    let stated = stated.ok_or_else(|| Refusal::invalid_field("notice", "must not be empty"))?;
    let fits = |field: &'static str, text: &str| {
        if text.len() <= NOTICE_TEXT_BYTES_MAX {
            Ok(text.to_owned())
        } else {
            Err(Refusal::invalid_field(field, "is too long"))
        }
    };
    Ok(Notice {
        id: fits(
            "notice.notice_id",
            text("notice.notice_id", &stated.notice_id, NOTICE_TEXT_BYTES_MAX)?,
        )?,
        version: stated.version,
        language: fits("notice.language", text("notice.language", &stated.language, 35)?)?,
        sha256: sluis_serve::bytes32("notice.sha256", &stated.sha256)?,
    })
}

/// A text of a login that may be absent; `bytes_max` is what a caller token can carry.
pub(super) fn login_text(
    field: &'static str,
    stated: &str,
    bytes_max: usize,
) -> Result<Option<String>, Refusal> {
    let text = optional_text(field, stated, 255)?;
    match text {
        Some(text) if text.len() > bytes_max => Err(Refusal::invalid_field(field, "is too long")),
        text => Ok(text.map(str::to_owned)),
    }
}

/// The numbers of a set of codes.
pub(super) fn numbers<C: sluis_types::Code>(set: CodeSet<C>) -> Vec<i32> {
    set.iter().map(|code| i32::from(code.number())).collect()
}

fn provision(provision: Provision, objection: bool) -> proto::Provision {
    proto::Provision {
        purpose: i32::from(provision.purpose.number()),
        life_domains: numbers(provision.life_domains),
        data_kinds: numbers(provision.data_kinds),
        objection,
    }
}

/// What is allowed now, as a partner reads it.
pub(super) fn allowed(grant: &Grant) -> Vec<proto::Provision> {
    grant
        .effective()
        .provisions()
        .into_iter()
        .map(|line| provision(line, false))
        .collect()
}

/// A scope as the resident reads it.
pub(super) fn scope_to_proto(scope: &Scope) -> proto::Scope {
    proto::Scope {
        purposes: numbers(scope.purposes()),
        life_domains: numbers(scope.life_domains()),
        data_kinds: numbers(scope.data_kinds()),
    }
}

/// The scope that an allowance spans, for the log.
pub(crate) fn spanned(allowed: &Allowance) -> Option<Scope> {
    let lines = allowed.provisions();
    Scope::new(
        lines.iter().map(|line| line.purpose).collect(),
        lines.iter().flat_map(|line| line.life_domains.iter()).collect(),
        lines.iter().flat_map(|line| line.data_kinds.iter()).collect(),
    )
    .ok()
}

/// A grant as its resident sees it at `now`: past its end it is expired, whether a timer came by or not.
pub(super) fn grant(grant: &Grant, now: Timestamp) -> proto::Grant {
    let over = grant.state.ended_at().is_none() && now >= grant.valid_until;
    let state = match grant.state.stage() {
        _ if over => proto::GrantState::Expired,
        // A record of another legal basis is never shown as a grant.
        Stage::Recorded => proto::GrantState::Unspecified,
        Stage::Active => proto::GrantState::Active,
        Stage::Suspended | Stage::Restored => proto::GrantState::Suspended,
        Stage::Withdrawn => proto::GrantState::Withdrawn,
        Stage::Expired => proto::GrantState::Expired,
    };
    let ended_at = if over {
        Some(grant.valid_until)
    } else {
        grant.state.ended_at()
    };
    let allowed = grant
        .allowed
        .provisions()
        .into_iter()
        .map(|line| provision(line, false));
    let objected = grant
        .objected
        .provisions()
        .into_iter()
        .map(|line| provision(line, true));
    proto::Grant {
        grant_id: grant.id.to_string(),
        version: grant.version,
        discloser: one_of_two(grant, &grant.discloser),
        recipient: one_of_two(grant, &grant.recipient),
        provisions: allowed.chain(objected).collect(),
        state: state.into(),
        since: Some(to_proto_timestamp(grant.since)),
        valid_until: Some(to_proto_timestamp(grant.valid_until)),
        ended_at: ended_at.map(to_proto_timestamp),
        assisted: grant.recorded.is_some(),
    }
}

/// One of the two organisations of a grant; nothing for a circle, whose members are each both.
fn one_of_two(grant: &Grant, organisation: &Oin) -> String {
    if grant.circle.is_some() {
        String::new()
    } else {
        organisation.to_string()
    }
}

/// A question as the resident sees it.
pub(super) fn question(question: &Question) -> proto::Proposal {
    proto::Proposal {
        discloser: question.discloser.to_string(),
        recipient: question.recipient.to_string(),
        provisions: question
            .allowed
            .provisions()
            .into_iter()
            .map(|line| provision(line, false))
            .collect(),
        valid_days: question.valid_days,
    }
}

/// How long something is to last: 0 means the default.
pub(super) const fn days_or(days: u32, default: u32) -> u32 {
    if days == 0 { default } else { days }
}

/// Days that a proposal asks for.
pub(super) const fn proposed_days(days: u32) -> u32 {
    days_or(days, VALID_DAYS_DEFAULT)
}

/// Bytes of an identifier.
pub(super) fn id_bytes(bytes: &[u8; 16]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access_kind::Happening;
    use sluis_proto::consent::v1::AccessKind;

    #[test]
    fn numbers_are_those_of_the_proto() {
        for (ours, theirs) in [
            (Happening::Linked, AccessKind::Linked),
            (Happening::Proposed, AccessKind::Proposed),
            (Happening::StatusAsked, AccessKind::StatusAsked),
            (Happening::Authorized, AccessKind::Authorized),
            (Happening::Opened, AccessKind::Opened),
            (Happening::Granted, AccessKind::Granted),
            (Happening::ProposalRefused, AccessKind::ProposalRefused),
            (Happening::ProposalDeferred, AccessKind::ProposalDeferred),
            (Happening::Narrowed, AccessKind::Narrowed),
            (Happening::Suspended, AccessKind::Suspended),
            (Happening::Resumed, AccessKind::Resumed),
            (Happening::Withdrawn, AccessKind::Withdrawn),
            (Happening::Expired, AccessKind::Expired),
            (Happening::NoticeAddressSet, AccessKind::NoticeAddressSet),
            (
                Happening::NoticeAddressConfirmed,
                AccessKind::NoticeAddressConfirmed,
            ),
            (Happening::NoticeAddressRemoved, AccessKind::NoticeAddressRemoved),
            (Happening::NoticeSent, AccessKind::NoticeSent),
            (Happening::CodeCreated, AccessKind::CodeCreated),
            (Happening::TicketIssued, AccessKind::TicketIssued),
            (Happening::ProxyCreated, AccessKind::ProxyCreated),
            (Happening::MandateRecorded, AccessKind::MandateRecorded),
            (Happening::MandateConfirmed, AccessKind::MandateConfirmed),
            (Happening::MandateRedeemed, AccessKind::MandateRedeemed),
            (Happening::MandateEnded, AccessKind::MandateEnded),
            (Happening::MandateDisputed, AccessKind::MandateDisputed),
            (Happening::Disconnected, AccessKind::Disconnected),
            (Happening::LoginDisconnected, AccessKind::LoginDisconnected),
            (Happening::AssistedStarted, AccessKind::AssistedStarted),
            (Happening::ConsentRecorded, AccessKind::ConsentRecorded),
            (Happening::WithdrewAll, AccessKind::WithdrewAll),
            (Happening::LetterRedeemed, AccessKind::LetterRedeemed),
            (Happening::BundleFetched, AccessKind::BundleFetched),
            (Happening::BasisRecorded, AccessKind::LegalBasisRecorded),
            (Happening::BasisConfirmed, AccessKind::LegalBasisConfirmed),
            (Happening::BasisEnded, AccessKind::LegalBasisEnded),
            (Happening::BasisObjected, AccessKind::LegalBasisObjected),
            (Happening::BasisReviewed, AccessKind::LegalBasisReviewed),
        ] {
            assert_eq!(i32::from(ours as u16), i32::from(theirs));
        }
        assert!(AccessKind::try_from(i32::from(Happening::SessionStarted as u16)).is_err());
    }

    fn provision(
        purpose: i32,
        life_domains: &[i32],
        data_kinds: &[i32],
        objection: bool,
    ) -> proto::Provision {
        proto::Provision {
            purpose,
            life_domains: life_domains.to_vec(),
            data_kinds: data_kinds.to_vec(),
            objection,
        }
    }

    #[test]
    fn lists_that_say_nothing_or_something_unknown_are_refused() {
        let good = provision(1, &[1], &[1], false);
        assert!(ticked(std::slice::from_ref(&good)).is_ok());
        for bad in [
            vec![],
            vec![good; 33],
            vec![provision(0, &[1], &[1], false)],
            vec![provision(99, &[1], &[1], false)],
            vec![provision(-1, &[1], &[1], false)],
            vec![provision(1, &[], &[1], false)],
            vec![provision(1, &[6], &[1], false)],
            vec![provision(1, &[1], &[11], false)],
            vec![provision(1, &[1], &[1], true)],
        ] {
            assert!(ticked(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_scope_names_something_of_each_list() {
        let full = proto::Scope {
            purposes: vec![1],
            life_domains: vec![2],
            data_kinds: vec![3],
        };
        let read = scope(Some(&full)).unwrap();
        assert_eq!(scope_to_proto(&read), full);
        assert!(scope(None).is_err());
        assert!(
            scope(Some(&proto::Scope {
                purposes: vec![],
                ..full
            }))
            .is_err()
        );
    }
}
