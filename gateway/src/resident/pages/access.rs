//! *Wie heeft gekeken*: what organisations and the resident did or tried, per day; on paper and as a file too.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::{Value, json};
use sluis_proto::consent::v1::{AccessEntry, AccessKind, LegalBasis, ListAccessRequest};

use super::dates::{day, moment, time};
use super::form::{Fields, REFERENCE};
use super::frame::{Frame, Place, html};
use super::names::Names;
use super::problem::Problem;
use super::reference::Kind;
use super::site::Site;
use super::visit::Visit;
use super::who::Actor;
use super::words;

/// Entries on one page.
const PAGE_SIZE: i32 = 50;
/// Entries that are read in one go for paper and file.
const BATCH_SIZE: i32 = 200;
/// Entries on paper and in a file at most: years of a busy life.
const EXPORT_MAX: usize = 10_000;

#[derive(Template)]
#[template(path = "access.html")]
struct Access {
    frame: Frame,
    days: Vec<Day>,
    next: Option<String>,
    on_paper: bool,
    is_whole: bool,
}

struct Day {
    name: String,
    events: Vec<Event>,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a mark that an entry has or has not"
)]
struct Event {
    time: String,
    /// What happened, as a sentence.
    what: String,
    /// Which kinds of data, and over what; absent where the act declared nothing.
    about: Option<(String, String)>,
    /// What for.
    purposes: Option<String>,
    refused: bool,
    assisted: bool,
    /// Whether an organisation wrote down that the resident stops all consents.
    ended_all: bool,
    /// On what it was without consent; absent under consent.
    basis: Option<&'static str>,
    emergency: bool,
}

pub(super) async fn page(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let page_token = match Fields::of_query(query.as_deref()).one(REFERENCE) {
        Some(reference) => page_token(&site, &visit, reference).ok_or(Problem::NotFound)?,
        None => String::new(),
    };
    let message = ListAccessRequest {
        page_size: PAGE_SIZE,
        page_token,
    };
    let listed = visit.session().list_access(message).await?;
    let next = (!listed.next_page_token.is_empty()).then(|| {
        let parts = [listed.next_page_token.into_bytes()];
        site.references().seal(Kind::AccessPage, visit.key(), &parts)
    });
    Ok(html(&Access {
        days: days(&site, &visit, &listed.entries).await?,
        frame: visit.frame(&site, Place::Access),
        is_whole: next.is_none(),
        next,
        on_paper: false,
    }))
}

fn page_token(site: &Site, visit: &Visit, reference: &str) -> Option<String> {
    let parts = site.references().open(Kind::AccessPage, visit.key(), reference)?;
    String::from_utf8(parts.into_iter().next()?).ok()
}

/// Everything on one page, to print.
pub(super) async fn on_paper(State(site): State<Site>, visit: Visit) -> Result<Response, Problem> {
    let (entries, is_whole) = everything(&visit).await?;
    Ok(html(&Access {
        days: days(&site, &visit, &entries).await?,
        frame: visit.frame(&site, Place::Access),
        next: None,
        on_paper: true,
        is_whole,
    }))
}

/// Everything as a file for programs.
pub(super) async fn as_file(visit: Visit) -> Result<Response, Problem> {
    let (entries, is_whole) = everything(&visit).await?;
    let names = Names::of(visit.session(), organisations(&entries)).await?;
    let entries: Vec<Value> = entries.iter().map(|entry| to_json(entry, &names)).collect();
    let file = json!({ "format": "sluis-access-1", "whole": is_whole, "entries": entries });
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (
            CONTENT_DISPOSITION,
            "attachment; filename=\"wie-heeft-gekeken.json\"",
        ),
    ];
    Ok((headers, file.to_string()).into_response())
}

fn to_json(entry: &AccessEntry, names: &Names) -> Value {
    let scope = entry.scope.clone().unwrap_or_default();
    let purposes: Vec<_> = scope.purposes().map(|it| it.as_str_name()).collect();
    let life_domains: Vec<_> = scope.life_domains().map(|it| it.as_str_name()).collect();
    let data_kinds: Vec<_> = scope.data_kinds().map(|it| it.as_str_name()).collect();
    let at = jiff::Timestamp::from_second(moment(entry.at.as_ref()).seconds()).unwrap_or_default();
    let mut leaf = String::new();
    for byte in &entry.leaf_hash {
        write!(leaf, "{byte:02x}").expect("writing to a String does not fail");
    }
    json!({
        "at": at.to_string(),
        "kind": entry.kind().as_str_name(),
        "allowed": entry.allowed,
        "organisation": entry.organisation,
        "organisation_name": names.get(&entry.organisation),
        "role": entry.role,
        "grant_id": entry.grant_id,
        "grant_version": entry.grant_version,
        "by_representative": entry.by_representative,
        "assisted": entry.assisted,
        "legal_basis": entry.legal_basis().as_str_name(),
        "purposes": purposes,
        "life_domains": life_domains,
        "data_kinds": data_kinds,
        "leaf_hash": leaf,
    })
}

/// All entries, newest first, and whether that is all there is.
async fn everything(visit: &Visit) -> Result<(Vec<AccessEntry>, bool), Problem> {
    let (mut entries, mut page_token) = (Vec::new(), String::new());
    loop {
        let message = ListAccessRequest {
            page_size: BATCH_SIZE,
            page_token,
        };
        let listed = visit.session().list_access(message).await?;
        entries.extend(listed.entries);
        if listed.next_page_token.is_empty() {
            return Ok((entries, true));
        }
        if entries.len() >= EXPORT_MAX {
            return Ok((entries, false));
        }
        page_token = listed.next_page_token;
    }
}

fn organisations(entries: &[AccessEntry]) -> BTreeSet<&str> {
    entries.iter().map(|entry| entry.organisation.as_str()).collect()
}

/// The entries by day. That the resident looked themself is in the file, and not among those who looked.
async fn days(site: &Site, visit: &Visit, entries: &[AccessEntry]) -> Result<Vec<Day>, Problem> {
    let names = Names::of(visit.session(), organisations(entries)).await?;
    let mut days: Vec<Day> = Vec::new();
    for entry in entries.iter().filter(|it| it.kind() != AccessKind::TicketIssued) {
        let name = day(moment(entry.at.as_ref()), site.zone(), visit.t());
        let event = event(site, visit, entry, &names);
        match days.last_mut() {
            Some(last) if last.name == name => last.events.push(event),
            _ => days.push(Day {
                name,
                events: vec![event],
            }),
        }
    }
    Ok(days)
}

fn event(site: &Site, visit: &Visit, entry: &AccessEntry, names: &Names) -> Event {
    let t = visit.t();
    let scope = entry.scope.clone().unwrap_or_default();
    let about = (!scope.data_kinds.is_empty()).then(|| {
        (
            words::list(&scope.data_kinds, t, words::data_kind),
            words::list(&scope.life_domains, t, words::life_domain),
        )
    });
    Event {
        time: time(moment(entry.at.as_ref()), site.zone()),
        what: what(visit, entry, names),
        about,
        purposes: (!scope.purposes.is_empty()).then(|| words::list(&scope.purposes, t, words::purpose)),
        refused: !entry.allowed,
        assisted: entry.assisted,
        ended_all: entry.kind() == AccessKind::WithdrewAll && entry.allowed,
        basis: words::legal_basis(entry.legal_basis(), t),
        emergency: entry.legal_basis() == LegalBasis::VitalInterest,
    }
}

/// Who did what: "iemand van GGZ De Vaart (hulpverlener) opende een bericht over u".
fn what(visit: &Visit, entry: &AccessEntry, names: &Names) -> String {
    let t = visit.t();
    if entry.organisation.is_empty() {
        let who = visit.called(Actor::of(entry.by_representative));
        return words::own_act(entry.kind(), entry.allowed, who, t);
    }
    let act = words::act(entry.kind(), entry.allowed, t);
    t.somebody_did(words::role(&entry.role, t), names.get(&entry.organisation), act)
}
