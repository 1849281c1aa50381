//! Introductions: who was put before the resident, in a card that tells enough to choose and not who it is; answering,
//! and ending. A no looks like silence, to everybody.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use sluis_proto::consent::v1::{Grant, ListGrantsRequest, Purpose};
use sluis_proto::matching::v1::{Introduction, IntroductionAnswer, IntroductionState};
use sluis_types::{GrantId, IntroductionId};

use super::dates::{day, moment};
use super::form::{Fields, REFERENCE, Submitted};
use super::frame::{Frame, Place, html};
use super::introduction_card::lines;
use super::looking::{Reach, look_under};
use super::names::Names;
use super::problem::Problem;
use super::reference::Kind;
use super::referring::{FromHere, refer, referred};
use super::site::Site;
use super::text::Language;
use super::visit::Visit;

/// The page's address.
const PATH: &str = "/kennismaken";
/// The field of the two buttons, and the box.
const ANSWER: &str = "antwoord";
const EXCLUDE: &str = "nooit-meer";

#[derive(Template)]
#[template(path = "introductions.html")]
struct Page {
    frame: Frame,
    introductions: Vec<Entry>,
    reach: Reach,
}

struct Entry {
    title: String,
    lines: Vec<String>,
    now: Vec<String>,
    /// Stands only with what can be answered.
    answer: Option<String>,
    /// Stands only with what can be ended.
    end: Option<String>,
}

#[derive(Template)]
#[template(path = "introduction-answer.html")]
struct Ask {
    frame: Frame,
    lines: Vec<String>,
    reference: String,
    request_id: String,
}

#[derive(Template)]
#[template(path = "introduction-end.html")]
struct AskToEnd {
    frame: Frame,
    lines: Vec<String>,
    reference: String,
    request_id: String,
}

#[derive(Template)]
#[template(path = "introduction-done.html")]
struct Done {
    frame: Frame,
    title: &'static str,
    now: Vec<String>,
}

/// Whether introductions can stand on a grant.
fn is_for_peers(grant: &Grant) -> bool {
    let peers = i32::from(Purpose::MatchingPeer);
    grant
        .provisions
        .iter()
        .any(|it| it.purpose == peers && !it.objection)
}

pub(super) async fn page(
    State(site): State<Site>,
    visit: Visit,
    _: FromHere,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let session = visit.session();
    let mut grants = session.list_grants(ListGrantsRequest {}).await?.grants;
    grants.retain(is_for_peers);
    let here = (PATH, query.as_deref());
    let looked = look_under((&site, &visit), here, grants, Grant::clone, async |id| {
        Ok(session.list_introductions(id).await?.introductions)
    })
    .await?;
    let mut found = Vec::new();
    for (_, id, introductions) in looked.found {
        found.extend(introductions.into_iter().map(|it| (id, it)));
    }
    // The newest first: they can be answered longest.
    found.sort_by_key(|(_, it)| std::cmp::Reverse(moment(it.answer_by.as_ref())));
    let oins = found.iter().map(|(_, it)| it.other_organisation.as_str());
    let names = Names::of(session, oins.collect()).await?;
    let who = visit.whoever_acted().await?;
    let is_several = found.len() > 1;
    let entry = |(number, (id, it)): (usize, &(GrantId, Introduction))| {
        let number = is_several.then_some(number + 1);
        entry(&site, &visit, (&names, who), number, *id, it)
    };
    Ok(html(&Page {
        introductions: found.iter().enumerate().map(entry).collect(),
        reach: looked.reach,
        frame: visit.frame(&site, Place::Offers),
    }))
}

fn entry(
    site: &Site,
    visit: &Visit,
    (names, who): (&Names, &str),
    number: Option<usize>,
    grant: GrantId,
    it: &Introduction,
) -> Entry {
    let t = visit.t();
    let reference = || refer(site, visit, Kind::Introduction, grant, it);
    let card = it.other.clone().unwrap_or_default();
    let title = super::introduction_card::title(&card, t);
    Entry {
        // A number tells cards apart that say the same.
        title: number.map_or_else(|| title.to_owned(), |number| t.introduction_number(number, title)),
        lines: lines(site.areas(), &card, t),
        now: now(site, it, names, who, t),
        answer: (it.state() == IntroductionState::Offered).then(reference),
        end: can_end(it.state()).then(reference),
    }
}

/// Whether there is anything to end.
fn can_end(state: IntroductionState) -> bool {
    match state {
        IntroductionState::Trial | IntroductionState::Active => true,
        IntroductionState::Unspecified
        | IntroductionState::Offered
        | IntroductionState::Waiting
        | IntroductionState::Declined
        | IntroductionState::Closed
        | IntroductionState::Ended => false,
    }
}

/// Where it is, one sentence a line. `who` is what the page calls who answered.
fn now(site: &Site, it: &Introduction, names: &Names, who: &str, t: Language) -> Vec<String> {
    let day = |at: Option<&prost_types::Timestamp>| day(moment(at), site.zone(), t);
    let state = match it.state() {
        IntroductionState::Unspecified => t.something_else().to_owned(),
        IntroductionState::Offered => t.introduction_offered(day(it.answer_by.as_ref())),
        IntroductionState::Waiting => t.introduction_waiting(who),
        IntroductionState::Declined => t.introduction_declined(who),
        IntroductionState::Trial => t.introduction_trial(day(it.trial_until.as_ref())),
        IntroductionState::Active => t.introduction_active().to_owned(),
        IntroductionState::Closed => t.introduction_closed().to_owned(),
        IntroductionState::Ended => t.introduction_ended().to_owned(),
    };
    let other = it.other_organisation.as_str();
    let reached =
        (can_end(it.state()) && !other.is_empty()).then(|| t.introduction_contact(names.get(other)));
    std::iter::once(state).chain(reached).collect()
}

/// An introduction, as its reference names it.
struct Named {
    grant: GrantId,
    id: IntroductionId,
    introduction: Introduction,
}

fn named(site: &Site, visit: &Visit, reference: &str) -> Result<Named, Problem> {
    let (grant, introduction): (_, Introduction) = referred(site, visit, Kind::Introduction, reference)?;
    Ok(Named {
        grant,
        id: introduction
            .introduction_id
            .parse()
            .map_err(|_| Problem::NotFound)?,
        introduction,
    })
}

/// The reference in an address, and the card of what it names.
fn asked(site: &Site, visit: &Visit, query: Option<&str>) -> Result<(String, Vec<String>), Problem> {
    let query = Fields::of_query(query);
    let reference = query.one(REFERENCE).unwrap_or_default();
    let card = named(site, visit, reference)?.introduction.other;
    let lines = lines(site.areas(), &card.unwrap_or_default(), visit.t());
    Ok((reference.to_owned(), lines))
}

pub(super) async fn ask(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (reference, lines) = asked(&site, &visit, query.as_deref())?;
    Ok(html(&Ask {
        frame: visit.frame(&site, Place::Offers),
        lines,
        reference,
        request_id: site.fresh_request_id().to_string(),
    }))
}

pub(super) async fn answer(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let t = visit.t();
    let (title, answer) = match form.one(ANSWER) {
        Some("ja") => (t.introduction_said_yes(), IntroductionAnswer::Yes),
        Some("nee") => (t.introduction_said_no(), IntroductionAnswer::No),
        Some(_) | None => return Err(Problem::BadForm),
    };
    let named = named(&site, &visit, form.reference()?)?;
    let exclude = answer == IntroductionAnswer::No && form.one(EXCLUDE).is_some();
    let session = visit.session();
    let answered = session.answer_introduction(form.request_id()?, named.grant, named.id, answer, exclude);
    let changed = answered.await?.introduction.ok_or(Problem::Fault)?;
    done(&site, &visit, title, &changed).await
}

pub(super) async fn ask_to_end(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (reference, lines) = asked(&site, &visit, query.as_deref())?;
    Ok(html(&AskToEnd {
        frame: visit.frame(&site, Place::Offers),
        lines,
        reference,
        request_id: site.fresh_request_id().to_string(),
    }))
}

pub(super) async fn end(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let named = named(&site, &visit, form.reference()?)?;
    let exclude = form.one(EXCLUDE).is_some();
    let session = visit.session();
    let ended = session.end_introduction(form.request_id()?, named.grant, named.id, exclude);
    let changed = ended.await?.introduction.ok_or(Problem::Fault)?;
    done(&site, &visit, visit.t().introduction_has_ended(), &changed).await
}

async fn done(
    site: &Site,
    visit: &Visit,
    title: &'static str,
    changed: &Introduction,
) -> Result<Response, Problem> {
    let oins = std::iter::once(changed.other_organisation.as_str());
    let names = Names::of(visit.session(), oins.collect()).await?;
    Ok(html(&Done {
        frame: visit.answer_frame(site, Place::Offers),
        title,
        now: now(site, changed, &names, visit.t().who_you(), visit.t()),
    }))
}
