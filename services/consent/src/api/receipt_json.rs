//! A receipt as JSON, with the fields of ISO/IEC TS 27560.
//!
//! Canonical by RFC 8785: there are only texts, whole numbers, flags, lists and objects here, names of fields are ASCII
//! and stand in order, and texts are escaped as little as JSON allows, which is how `serde_json` writes them.

use std::collections::BTreeMap;

use serde::Serialize;
use sluis_serve::to_proto_timestamp;
use sluis_types::{Code, CodeSet, DataKind, LifeDomain, MatchClass, Oin, Timestamp};

use crate::domain::Allowance;
use crate::domain::assisted::Evidence;
use crate::domain::assurance::Assurance;
use crate::domain::circle::Circle;
use crate::domain::life::Stage;
use crate::domain::receipt::{Receipt, ReceiptEvent};

const SCHEMA_VERSION: &str = "ISO-IEC-TS-27560-2023";

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Json {
    Text(String),
    Number(u32),
    Flag(bool),
    List(Vec<Self>),
    Object(BTreeMap<&'static str, Self>),
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Timestamp> for Json {
    fn from(at: Timestamp) -> Self {
        Self::Text(to_proto_timestamp(at).to_string())
    }
}

fn object(fields: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    Json::Object(fields.into_iter().collect())
}

/// The payload of a receipt: the same bytes each time.
pub(super) fn payload(receipt: &Receipt) -> String {
    let mut consent = vec![
        ("record_id", Json::Text(receipt.grant_id.to_string())),
        ("version", Json::Number(receipt.version)),
        ("legal_basis", "GDPR 6(1)(a), 9(2)(a)".into()),
        ("provisions", provisions(receipt)),
        ("valid_until", receipt.valid_until.into()),
        (
            "storage_condition",
            "sealed; unreadable after withdrawal unless opened before".into(),
        ),
        (
            "withdrawal_method",
            "on the resident's page, or by any linked organisation".into(),
        ),
        ("jurisdiction", "NL".into()),
        (
            "rights",
            Json::List(vec!["WITHDRAW".into(), "ACCESS".into(), "COMPLAINT_TO_AP".into()]),
        ),
    ];
    let classes = |circle: &Circle| names(circle.classes(), MatchClass::name);
    consent.extend(receipt.circle.map(|circle| ("match_classes", classes(&circle))));
    let notice = object([
        ("id", receipt.notice.id.as_str().into()),
        ("language", receipt.notice.language.as_str().into()),
        ("sha256", Json::Text(hex(&receipt.notice.sha256))),
        ("version", Json::Number(receipt.notice.version)),
    ]);
    let whole = object([
        ("schema_version", SCHEMA_VERSION.into()),
        ("receipt_id", Json::Text(receipt.id.to_string())),
        ("created_at", receipt.at.into()),
        ("consent", object(consent)),
        ("event", event(receipt)),
        ("notice", notice),
        ("parties", parties(receipt)),
    ]);
    serde_json::to_string(&whole).expect("texts, numbers, lists and objects become JSON")
}

fn event(receipt: &Receipt) -> Json {
    let mut fields = vec![
        ("type", receipt.event.name().into()),
        ("state", receipt.stage.name().into()),
        ("at", receipt.at.into()),
        ("expressed_by", receipt.speaker.name().into()),
        ("assisted", Json::Flag(receipt.recorded.is_some())),
        (
            "level_of_assurance",
            match receipt.assurance {
                Assurance::Low => "LOW",
                Assurance::Substantial => "SUBSTANTIAL",
                Assurance::High => "HIGH",
            }
            .into(),
        ),
    ];
    fields.extend(receipt.recorded.map(|it| ("evidence", evidence(&it))));
    fields.extend(dpv_status(receipt).map(|status| ("dpv_status", status.into())));
    object(fields)
}

fn evidence(evidence: &Evidence) -> Json {
    let mut fields = vec![
        ("method", evidence.method.name().into()),
        ("document_sha256", Json::Text(hex(&evidence.document_sha256))),
        (
            "recorded_by",
            Json::Text(format!("urn:nld:oin:{}", evidence.organisation)),
        ),
    ];
    fields.extend(evidence.witness.map(|witness| ("witness", witness.name().into())));
    object(fields)
}

/// The status in the words of the Data Privacy Vocabulary; it has none for a pause.
fn dpv_status(receipt: &Receipt) -> Option<&'static str> {
    match (receipt.stage, receipt.event) {
        (Stage::Active, ReceiptEvent::Granted) if receipt.version > 1 => Some("RenewedConsentGiven"),
        (Stage::Active, _) => Some("ConsentGiven"),
        (Stage::Withdrawn, _) => Some("ConsentWithdrawn"),
        (Stage::Expired, _) => Some("ConsentExpired"),
        // A record of another legal basis has no receipt.
        (Stage::Recorded | Stage::Suspended | Stage::Restored, _) => None,
    }
}

/// Who shares with whom; in a circle every member with each other.
fn parties(receipt: &Receipt) -> Json {
    match receipt.circle {
        Some(circle) => {
            let members = circle.members().map(|member| party(&member)).collect();
            object([("members", Json::List(members))])
        }
        None => object([
            ("discloser", party(&receipt.discloser)),
            ("recipient", party(&receipt.recipient)),
        ]),
    }
}

fn party(oin: &Oin) -> Json {
    object([
        ("identifier", Json::Text(format!("urn:nld:oin:{oin}"))),
        ("role", "CONTROLLER".into()),
    ])
}

fn provisions(receipt: &Receipt) -> Json {
    let lines = |set: &Allowance, objection| -> Vec<Json> {
        let line = |provision: crate::domain::Provision| {
            object([
                ("purpose", provision.purpose.name().into()),
                ("life_domains", names(provision.life_domains, LifeDomain::name)),
                ("data_kinds", names(provision.data_kinds, DataKind::name)),
                ("objection", Json::Flag(objection)),
            ])
        };
        set.provisions().into_iter().map(line).collect()
    };
    let mut all = lines(&receipt.allowed, false);
    all.extend(lines(&receipt.objected, true));
    Json::List(all)
}

fn names<C: Code>(set: CodeSet<C>, name: impl Fn(C) -> &'static str) -> Json {
    Json::List(set.iter().map(|code| name(code).into()).collect())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String does not fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::receipt::tests::example;

    /// What RFC 8785 would write, by another way: fields sorted, nothing between them.
    fn canonical(value: &serde_json::Value) -> String {
        match value {
            serde_json::Value::Object(fields) => {
                let sorted: BTreeMap<_, _> = fields.iter().collect();
                let fields: Vec<String> = sorted
                    .iter()
                    .map(|(name, value)| format!("{name:?}:{}", canonical(value)))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }
            serde_json::Value::Array(values) => {
                let values: Vec<String> = values.iter().map(canonical).collect();
                format!("[{}]", values.join(","))
            }
            other => other.to_string(),
        }
    }

    #[test]
    fn the_payload_is_canonical_and_has_the_fields_of_27560() {
        let payload = payload(&example());
        let read: serde_json::Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(payload, canonical(&read));
        for field in ["schema_version", "receipt_id", "created_at"] {
            assert!(read[field].is_string(), "{field}");
        }
        assert_eq!(read["created_at"], "2027-01-15T08:00:00Z");
        assert_eq!(read["consent"]["provisions"][0]["purpose"], "REFERRAL");
        assert_eq!(read["event"]["dpv_status"], "ConsentGiven");
        assert_eq!(
            read["parties"]["discloser"]["identifier"],
            "urn:nld:oin:00000099000000001000"
        );
    }

    #[test]
    fn a_circle_names_its_members_and_what_may_meet() {
        let members: Vec<Oin> = ["00000099000000001000", "00000099000000002000"]
            .map(|oin| oin.parse().unwrap())
            .to_vec();
        let classes = CodeSet::EMPTY.with(MatchClass::HomeAtRisk);
        let of_circle = Receipt {
            circle: Circle::new(&members, classes),
            ..example()
        };
        let payload = payload(&of_circle);
        let read: serde_json::Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(payload, canonical(&read));
        assert_eq!(
            read["consent"]["match_classes"],
            serde_json::json!(["HOME_AT_RISK"])
        );
        let named = read["parties"]["members"].as_array().unwrap();
        assert_eq!(named.len(), 2);
        assert_eq!(named[1]["identifier"], "urn:nld:oin:00000099000000002000");
        assert!(read["parties"].get("discloser").is_none());
    }

    #[test]
    fn a_pause_has_no_status_of_the_vocabulary() {
        let paused = Receipt {
            stage: Stage::Suspended,
            event: ReceiptEvent::Suspended,
            ..example()
        };
        let read: serde_json::Value = serde_json::from_str(&payload(&paused)).unwrap();
        assert!(read["event"].get("dpv_status").is_none());
        assert_eq!(read["event"]["state"], "SUSPENDED");
    }
}
