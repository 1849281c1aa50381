//! Answering the offer of help after a match, or objecting to the match.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use sluis_proto::signalling::v1::Match;
use sluis_types::{GrantId, MatchId};

use super::form::{Fields, REFERENCE, Submitted};
use super::frame::{Frame, Place, html};
use super::names::Names;
use super::problem::Problem;
use super::reference::Kind;
use super::referring::referred;
use super::signals::{now, organisations, parties};
use super::site::Site;
use super::visit::Visit;

/// The field of the two buttons.
const ANSWER: &str = "antwoord";

#[derive(Template)]
#[template(path = "signal-answer.html")]
struct Answer {
    frame: Frame,
    parties: String,
    lead: String,
    reference: String,
    request_id: String,
}

#[derive(Template)]
#[template(path = "signal-object.html")]
struct Objection {
    frame: Frame,
    parties: String,
    reference: String,
    request_id: String,
}

#[derive(Template)]
#[template(path = "signal-done.html")]
struct Done {
    frame: Frame,
    title: &'static str,
    parties: String,
    now: Vec<String>,
}

/// A match, as its reference names it.
struct Named {
    circle: GrantId,
    id: MatchId,
    r#match: Match,
    names: Names,
}

async fn named(site: &Site, visit: &Visit, reference: &str) -> Result<Named, Problem> {
    let (circle, shown): (_, Match) = referred(site, visit, Kind::Match, reference)?;
    Ok(Named {
        circle,
        id: shown.match_id.parse().map_err(|_| Problem::NotFound)?,
        names: Names::of(visit.session(), organisations(&shown).collect()).await?,
        r#match: shown,
    })
}

async fn asked(site: &Site, visit: &Visit, query: Option<&str>) -> Result<(Named, String), Problem> {
    let query = Fields::of_query(query);
    let reference = query.one(REFERENCE).unwrap_or_default();
    Ok((named(site, visit, reference).await?, reference.to_owned()))
}

pub(super) async fn ask(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (named, reference) = asked(&site, &visit, query.as_deref()).await?;
    Ok(html(&Answer {
        frame: visit.frame(&site, Place::Signals),
        parties: parties(&named.r#match, &named.names, visit.t()),
        lead: named.names.get(&named.r#match.lead).to_owned(),
        reference,
        request_id: site.fresh_request_id().to_string(),
    }))
}

pub(super) async fn answer(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let (title, agree) = match form.one(ANSWER) {
        Some("ja") => (visit.t().signal_yes_done(), true),
        Some("nee") => (visit.t().signal_no_done(), false),
        Some(_) | None => return Err(Problem::BadForm),
    };
    let named = named(&site, &visit, form.reference()?).await?;
    let (request_id, session) = (form.request_id()?, visit.session());
    let answered = session.answer_match(request_id, named.circle, named.id, agree);
    let changed = answered.await?.r#match.ok_or(Problem::Fault)?;
    Ok(done(&site, &visit, title, &named.names, &changed))
}

pub(super) async fn ask_to_object(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (named, reference) = asked(&site, &visit, query.as_deref()).await?;
    Ok(html(&Objection {
        frame: visit.frame(&site, Place::Signals),
        parties: parties(&named.r#match, &named.names, visit.t()),
        reference,
        request_id: site.fresh_request_id().to_string(),
    }))
}

pub(super) async fn object(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let named = named(&site, &visit, form.reference()?).await?;
    let (request_id, session) = (form.request_id()?, visit.session());
    let objected = session.object_to_match(request_id, named.circle, named.id);
    let changed = objected.await?.r#match.ok_or(Problem::Fault)?;
    let title = visit.t().signal_objected();
    Ok(done(&site, &visit, title, &named.names, &changed))
}

fn done(site: &Site, visit: &Visit, title: &'static str, names: &Names, changed: &Match) -> Response {
    html(&Done {
        frame: visit.answer_frame(site, Place::Signals),
        title,
        parties: parties(changed, names, visit.t()),
        now: now(site, changed, names, visit.t().who_you(), visit.t()),
    })
}
