//! *Bewijzen*: what one has in hand of each choice, to print, to keep, and to show to others.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use sluis_proto::consent::v1::{
    GetReceiptRequest, GetReceiptResponse, ListReceiptsRequest, ReceiptEvent, ReceiptSpeaker, ReceiptSummary,
};

use super::check;
use super::circle::together;
use super::dates::{day, moment, time};
use super::form::{Fields, REFERENCE};
use super::frame::{Frame, Place, html};
use super::names::Names;
use super::problem::Problem;
use super::reference::Kind;
use super::site::Site;
use super::text::Language;
use super::visit::Visit;
use super::who::Actor;

#[derive(Template)]
#[template(path = "receipts.html")]
struct Page {
    frame: Frame,
    receipts: Vec<Line>,
}

/// A receipt in words.
struct Line {
    reference: String,
    at: String,
    event: String,
    /// Between whom.
    title: String,
    /// Whether a worker recorded the consent for the resident.
    assisted: bool,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct One {
    frame: Frame,
    line: Line,
    payload: String,
    /// Where anybody can check it, as one types it.
    check_address: String,
}

pub(super) async fn page(State(site): State<Site>, visit: Visit) -> Result<Response, Problem> {
    let receipts = visit
        .session()
        .list_receipts(ListReceiptsRequest {})
        .await?
        .receipts;
    let oins = receipts.iter().flat_map(organisations);
    let names = Names::of(visit.session(), oins.collect()).await?;
    let receipts = receipts.iter().map(|it| line(&site, &visit, it, &names));
    Ok(html(&Page {
        receipts: receipts.collect(),
        frame: visit.frame(&site, Place::Receipts),
    }))
}

fn line(site: &Site, visit: &Visit, receipt: &ReceiptSummary, names: &Names) -> Line {
    let at = moment(receipt.at.as_ref());
    let (day, time) = (day(at, site.zone(), visit.t()), time(at, site.zone()));
    let parts = [receipt.receipt_id.clone().into_bytes()];
    Line {
        reference: site.references().seal(Kind::Receipt, visit.key(), &parts),
        at: format!("{day}, {time}"),
        event: event(visit, receipt),
        title: title(receipt, names, visit.t()),
        assisted: receipt.assisted,
    }
}

/// Every organisation that a receipt names.
fn organisations(receipt: &ReceiptSummary) -> impl Iterator<Item = &str> {
    let pair = [receipt.discloser.as_str(), receipt.recipient.as_str()];
    let members = receipt.members.iter().map(String::as_str);
    pair.into_iter().chain(members).filter(|oin| !oin.is_empty())
}

fn title(receipt: &ReceiptSummary, names: &Names, t: Language) -> String {
    if receipt.members.is_empty() {
        t.direction_title(names.get(&receipt.discloser), names.get(&receipt.recipient))
    } else {
        t.circle_title(together(&receipt.members, names, t))
    }
}

/// What happened, and by whom.
fn event(visit: &Visit, receipt: &ReceiptSummary) -> String {
    let t = visit.t();
    let by_worker = receipt.expressed_by() == ReceiptSpeaker::Worker;
    let who = visit.called(Actor::of(
        receipt.expressed_by() == ReceiptSpeaker::Representative,
    ));
    match receipt.event() {
        ReceiptEvent::Unspecified => t.something_else().to_owned(),
        ReceiptEvent::Granted => t.own_granted(who),
        ReceiptEvent::Narrowed => t.own_narrowed(who),
        ReceiptEvent::Suspended => t.own_suspended(who),
        ReceiptEvent::Resumed => t.own_resumed(who),
        ReceiptEvent::Withdrawn if by_worker => t.worker_withdrew().to_owned(),
        ReceiptEvent::Withdrawn => t.own_withdrawn(who),
        ReceiptEvent::Expired => t.own_expired().to_owned(),
    }
}

/// One receipt, to read and to print.
pub(super) async fn one(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let receipt = find(&site, &visit, query).await?;
    let summary = receipt.summary.unwrap_or_default();
    let names = Names::of(visit.session(), organisations(&summary).collect()).await?;
    Ok(html(&One {
        line: line(&site, &visit, &summary, &names),
        payload: indented(&receipt.payload),
        check_address: check::address(&site),
        frame: visit.frame(&site, Place::Receipts),
    }))
}

/// One receipt as it was signed, for programs.
pub(super) async fn as_file(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let receipt = find(&site, &visit, query).await?;
    let headers = [
        (CONTENT_TYPE, "application/jose"),
        (CONTENT_DISPOSITION, "attachment; filename=\"bewijs.jws\""),
    ];
    Ok((headers, receipt.signed_receipt).into_response())
}

async fn find(site: &Site, visit: &Visit, query: Option<String>) -> Result<GetReceiptResponse, Problem> {
    let query = Fields::of_query(query.as_deref());
    let reference = query.one(REFERENCE).unwrap_or_default();
    let parts = site.references().open(Kind::Receipt, visit.key(), reference);
    let id = parts.and_then(|parts| String::from_utf8(parts.into_iter().next()?).ok());
    let message = GetReceiptRequest {
        receipt_id: id.ok_or(Problem::NotFound)?,
    };
    Ok(visit.session().get_receipt(message).await?)
}

/// The receipt's JSON in lines that one can read; what is signed has no spaces.
pub(super) fn indented(payload: &str) -> String {
    serde_json::from_str::<serde_json::Value>(payload)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| payload.to_owned())
}
