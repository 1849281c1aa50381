//! Whether a receipt is genuine: for whoever holds one, logged in or not. What is sent is looked at and forgotten.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::Value;
use sluis_proto::consent::v1::{DataKind, LifeDomain, MatchClass, Provision, Purpose, ReceiptEvent};
use sluis_types::{Oin, Timestamp};

use super::circle::class_in_words;
use super::dates::{day, last_day, time};
use super::faults::{Fault, Faults};
use super::form::Uploaded;
use super::frame::{Frame, Place, html};
use super::problem::Problem;
use super::provisions::{Line, lines};
use super::receipt_keys::KeySet;
use super::site::Site;
use super::text::Language;
use super::visit::Visitor;

/// Where a receipt is checked.
pub(super) const PATH: &str = "/bewijzen/controleren";
/// Where the public keys are.
pub(super) const KEYS_PATH: &str = "/bewijzen/sleutels.json";
/// Longest receipt that is looked at, in bytes.
const RECEIPT_BYTES_MAX: usize = 64 * 1024;
/// How long anybody may keep the keys: an hour.
const KEYS_KEPT: &str = "public, max-age=3600";
/// The field with the file.
const FILE: &str = "bestand";
/// The field with the pasted text.
const TEXT: &str = "tekst";

#[derive(Template)]
#[template(path = "check.html")]
struct Page {
    frame: Frame,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "checked.html")]
struct Checked {
    frame: Frame,
    outcome: Outcome,
}

/// What came of looking at a receipt.
enum Outcome {
    Genuine(Says),
    Forged,
    /// It has not even the form of a receipt.
    Unreadable,
}

/// Between whom something is allowed.
enum Between {
    Pair {
        discloser: String,
        recipient: String,
    },
    /// The members of a circle, and the worries that may meet there.
    Circle {
        members: Vec<String>,
        classes: Vec<&'static str>,
    },
}

/// What a receipt says, in words.
struct Says {
    at: String,
    event: &'static str,
    between: Between,
    lines: Vec<Line>,
    until: String,
    by: &'static str,
    assisted: bool,
}

/// The page's address as one types it: without what every browser adds.
pub(super) fn address(site: &Site) -> String {
    let url = site.public_url();
    let host = url.split_once("://").map_or(url, |(_, host)| host);
    format!("{host}{PATH}")
}

pub(super) async fn page(State(site): State<Site>, visitor: Visitor) -> Response {
    form_page(&site, &visitor, Faults::none())
}

fn form_page(site: &Site, visitor: &Visitor, faults: Faults) -> Response {
    html(&Page {
        frame: visitor.frame(site, Some(Place::Receipts)),
        faults,
    })
}

/// Looks at what was sent, and says what it is.
pub(super) async fn send(
    State(site): State<Site>,
    visitor: Visitor,
    sent: Uploaded,
) -> Result<Response, Problem> {
    let t = visitor.language;
    let receipt = match receipt(&sent, t) {
        Ok(receipt) => receipt,
        Err(fault) => return Ok(form_page(&site, &visitor, fault.into())),
    };
    let keys = site.receipt_keys().await?;
    let outcome = match receipt {
        Some(receipt) => look(&site, &keys, &receipt, t),
        None => Outcome::Unreadable,
    };
    Ok(html(&Checked {
        frame: visitor.frame(&site, Some(Place::Receipts)),
        outcome,
    }))
}

/// The receipt in a form; nothing when it is no text. Files end with a line break, and pasted text holds more of them.
fn receipt(sent: &Uploaded, t: Language) -> Result<Option<String>, Fault> {
    let (field, bytes): (&str, &Bytes) = match (sent.one(FILE), sent.one(TEXT)) {
        (Some(file), None) => (FILE, file),
        (None, Some(text)) => (TEXT, text),
        (None, None) => return Err(Fault::in_field(FILE, t.check_missing())),
        (Some(_), Some(_)) => return Err(Fault::in_field(FILE, t.check_both())),
    };
    if bytes.len() > RECEIPT_BYTES_MAX {
        return Err(Fault::in_field(field, t.check_too_large()));
    }
    let text = std::str::from_utf8(bytes).ok();
    Ok(text.map(|text| text.split_ascii_whitespace().collect()))
}

fn look(site: &Site, keys: &KeySet, receipt: &str, t: Language) -> Outcome {
    match keys.verified(receipt) {
        Some(verified) => match serde_json::from_slice::<Value>(&verified.payload) {
            // Whoever got hold of an old key can sign with it; not, though, what happened after it was replaced.
            Ok(payload) if is_of_later(&payload, verified.signed_until) => Outcome::Forged,
            Ok(payload) => Outcome::Genuine(says(site, &payload, t)),
            Err(_) => Outcome::Unreadable,
        },
        None if receipt.split('.').count() == 3 => Outcome::Forged,
        None => Outcome::Unreadable,
    }
}

/// Whether a receipt says that it is of a time at which its key signed no more, or does not say of when it is.
fn is_of_later(payload: &Value, signed_until: Option<Timestamp>) -> bool {
    signed_until.is_some_and(|until| stated(&payload["created_at"]).is_none_or(|at| at > until))
}

/// The payload of a genuine receipt in words. What a newer mesh might say and this one does not know is called something
/// else.
fn says(site: &Site, payload: &Value, t: Language) -> Says {
    let (event, consent) = (&payload["event"], &payload["consent"]);
    let provisions = consent["provisions"].as_array().map_or(&[][..], Vec::as_slice);
    let provisions: Vec<_> = provisions.iter().map(provision).collect();
    let at = moment(&payload["created_at"]);
    Says {
        at: format!("{}, {}", day(at, site.zone(), t), time(at, site.zone())),
        event: happened(
            code(&event["type"], "RECEIPT_EVENT_", ReceiptEvent::from_str_name),
            t,
        ),
        between: between(site, payload, t),
        lines: lines(&provisions, t),
        until: last_day(moment(&consent["valid_until"]), t),
        by: match event["expressed_by"].as_str() {
            Some("RESIDENT") => t.check_by_resident(),
            Some("REPRESENTATIVE") => t.check_by_representative(),
            Some("WORKER") => t.check_by_worker(),
            Some("CLOCK") => t.check_by_clock(),
            _ => t.something_else(),
        },
        assisted: event["assisted"] == true,
    }
}

fn between(site: &Site, payload: &Value, t: Language) -> Between {
    let name = |party: &Value| name(site, party["identifier"].as_str(), t);
    let parties = &payload["parties"];
    let class = |it: &Value| class_in_words(code(it, "MATCH_CLASS_", MatchClass::from_str_name), t);
    let classes = payload["consent"]["match_classes"].as_array();
    match parties["members"].as_array() {
        Some(members) => Between::Circle {
            members: members.iter().map(name).collect(),
            classes: classes.into_iter().flatten().map(class).collect(),
        },
        None => Between::Pair {
            discloser: name(&parties["discloser"]),
            recipient: name(&parties["recipient"]),
        },
    }
}

fn happened(event: ReceiptEvent, t: Language) -> &'static str {
    match event {
        ReceiptEvent::Unspecified => t.something_else(),
        ReceiptEvent::Granted => t.check_granted(),
        ReceiptEvent::Narrowed => t.check_narrowed(),
        ReceiptEvent::Suspended => t.check_suspended(),
        ReceiptEvent::Resumed => t.check_resumed(),
        ReceiptEvent::Withdrawn => t.check_withdrawn(),
        ReceiptEvent::Expired => t.check_expired(),
    }
}

fn provision(value: &Value) -> Provision {
    let domain = |it: &Value| code(it, "LIFE_DOMAIN_", LifeDomain::from_str_name).into();
    let kind = |it: &Value| code(it, "DATA_KIND_", DataKind::from_str_name).into();
    let all = |field: &str, one: &dyn Fn(&Value) -> i32| -> Vec<i32> {
        value[field].as_array().into_iter().flatten().map(one).collect()
    };
    Provision {
        purpose: code(&value["purpose"], "PURPOSE_", Purpose::from_str_name).into(),
        life_domains: all("life_domains", &domain),
        data_kinds: all("data_kinds", &kind),
        objection: value["objection"] == true,
    }
}

fn code<C: Default>(value: &Value, prefix: &str, read: fn(&str) -> Option<C>) -> C {
    let name = value.as_str().unwrap_or_default();
    read(&format!("{prefix}{name}")).unwrap_or_default()
}

fn stated(value: &Value) -> Option<Timestamp> {
    let at = value.as_str()?.parse::<jiff::Timestamp>().ok()?;
    Some(Timestamp::from_seconds(at.as_second()))
}

fn moment(value: &Value) -> Timestamp {
    stated(value).unwrap_or(Timestamp::from_seconds(0))
}

/// An organisation by its name, where it is in the mesh, and by its number.
fn name(site: &Site, identifier: Option<&str>, t: Language) -> String {
    let number = identifier
        .and_then(|it| it.strip_prefix("urn:nld:oin:"))
        .unwrap_or_default();
    let found = number
        .parse::<Oin>()
        .ok()
        .map(|oin| site.directory().organisation(&oin));
    match found {
        Some(Ok(Some(entry))) => format!("{} ({})", entry.display_name, t.check_number(number)),
        _ => t.check_number(number),
    }
}

/// The public keys, for programs.
pub(super) async fn keys(State(site): State<Site>) -> Response {
    match site.receipt_keys().await {
        Ok(keys) => {
            let headers = [
                (CONTENT_TYPE, "application/jwk-set+json"),
                (CACHE_CONTROL, KEYS_KEPT),
            ];
            (headers, keys.jwk_set.clone()).into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
