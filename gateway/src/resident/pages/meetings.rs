//! *Overleg over mij*: the items about the resident on agendas of meetings, now and before; saying whether they come,
//! and objecting. What was told about them is not here: it is sealed to who is in the room.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use sluis_proto::consent::v1::{Grant, ListCirclesRequest, ListGrantsRequest, Purpose};
use sluis_proto::signalling::v1::{
    ActionKind, AgendaItemState, Decision, QuestionKind, ResidentAgendaItem, ResidentPresence, TakenOffReason,
};
use sluis_types::{AgendaItemId, GrantId};

use super::circle::{grant_of, together};
use super::dates::{day, moment, time};
use super::form::{Fields, REFERENCE, Submitted};
use super::frame::{Frame, Place, html};
use super::looking::{Reach, look_under};
use super::names::Names;
use super::problem::Problem;
use super::reference::Kind;
use super::referring::{FromHere, refer, referred};
use super::site::Site;
use super::text::Language;
use super::visit::Visit;

/// The page's address.
const PATH: &str = "/overleg";
/// The field of the buttons.
const ANSWER: &str = "antwoord";

#[derive(Template)]
#[template(path = "meetings.html")]
struct Page {
    frame: Frame,
    items: Vec<Entry>,
    reach: Reach,
}

/// An item in words.
struct Entry {
    title: String,
    area: String,
    presenter: String,
    invited: String,
    question: &'static str,
    /// Whether it names nobody.
    deidentified: bool,
    now: Vec<String>,
    calls: bool,
    answer: Option<String>,
    objection: Option<String>,
}

#[derive(Template)]
#[template(path = "meeting-answer.html")]
struct Ask {
    frame: Frame,
    item: Entry,
    reference: String,
    request_id: String,
}

#[derive(Template)]
#[template(path = "meeting-object.html")]
struct Objection {
    frame: Frame,
    item: Entry,
    reference: String,
    request_id: String,
}

#[derive(Template)]
#[template(path = "meeting-done.html")]
struct Done {
    frame: Frame,
    title: &'static str,
    item: Entry,
}

/// Whether an item can stand on a grant: one that lets organisations talk about the resident together.
fn is_for_meetings(grant: &Grant) -> bool {
    let together = i32::from(Purpose::CaseMeeting);
    grant
        .provisions
        .iter()
        .any(|it| it.purpose == together && !it.objection)
}

pub(super) async fn page(
    State(site): State<Site>,
    visit: Visit,
    _: FromHere,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let session = visit.session();
    let mut grants = session.list_grants(ListGrantsRequest {}).await?.grants;
    grants.retain(is_for_meetings);
    let circles = session.list_circles(ListCirclesRequest {}).await?.circles;
    let grants = circles.iter().map(grant_of).chain(grants).collect();
    let here = (PATH, query.as_deref());
    let looked = look_under((&site, &visit), here, grants, Grant::clone, async |id| {
        Ok(session.list_agenda_items(id).await?.items)
    })
    .await?;
    let (mut found, mut known) = (Vec::new(), BTreeSet::new());
    for (_, id, items) in looked.found {
        // An item to which several are invited rests on a consent for each, and is one item.
        let new = items.into_iter().filter(|it| known.insert(it.item_id.clone()));
        found.extend(new.map(|item| (id, item)));
    }
    found.sort_by_key(|(_, item)| std::cmp::Reverse(moment(item.meets_at.as_ref())));
    let oins = found.iter().flat_map(|(_, item)| organisations(item)).collect();
    let names = Names::of(session, oins).await?;
    let called = (&names, visit.whoever_acted().await?);
    let entry = |(grant, item): &(GrantId, ResidentAgendaItem)| entry(&site, &visit, called, *grant, item);
    Ok(html(&Page {
        items: found.iter().map(entry).collect(),
        reach: looked.reach,
        frame: visit.frame(&site, Place::Signals),
    }))
}

/// Every organisation that an item names.
fn organisations(item: &ResidentAgendaItem) -> impl Iterator<Item = &str> {
    let owners = item.actions.iter().map(|action| action.owner.as_str());
    std::iter::once(item.presenter.as_str())
        .chain(item.invited.iter().map(String::as_str))
        .chain(owners)
}

fn entry(
    site: &Site,
    visit: &Visit,
    (names, who): (&Names, &str),
    grant: GrantId,
    item: &ResidentAgendaItem,
) -> Entry {
    let t = visit.t();
    let reference = || refer(site, visit, Kind::AgendaItem, grant, item);
    let at = moment(item.meets_at.as_ref());
    let area = sluis_ranking::Area::parse(&item.area).ok();
    let is_to_come = matches!(item.state(), AgendaItemState::OnAgenda);
    Entry {
        title: t.meeting_on(day(at, site.zone(), t), time(at, site.zone())),
        area: area
            .and_then(|area| site.areas().name(area))
            .unwrap_or_default()
            .to_owned(),
        presenter: names.get(&item.presenter).to_owned(),
        invited: together(&item.invited, names, t),
        question: question(item.question(), t),
        deidentified: item.deidentified,
        now: now(site, item, names, who, t),
        calls: calls(item),
        answer: is_to_come.then(reference),
        objection: can_object(item.state()).then(reference),
    }
}

/// Whether somebody asked the resident to come and waits for the answer.
fn calls(item: &ResidentAgendaItem) -> bool {
    let is_to_come = matches!(item.state(), AgendaItemState::OnAgenda);
    is_to_come && item.presence() == ResidentPresence::Silent && item.invited_to_come
}

/// Whether there is anything to object to.
fn can_object(state: AgendaItemState) -> bool {
    match state {
        AgendaItemState::OnAgenda | AgendaItemState::InTreatment | AgendaItemState::Decided => true,
        AgendaItemState::Unspecified
        | AgendaItemState::Done
        | AgendaItemState::TakenOff
        | AgendaItemState::Objected => false,
    }
}

fn question(question: QuestionKind, t: Language) -> &'static str {
    match question {
        QuestionKind::Unspecified => t.something_else(),
        QuestionKind::WhoTakesItUp => t.meeting_who_takes_it_up(),
        QuestionKind::WhichHelpFits => t.meeting_which_help_fits(),
        QuestionKind::HowToReach => t.meeting_how_to_reach(),
        QuestionKind::HowToKeepTheHome => t.meeting_how_to_keep_the_home(),
        QuestionKind::HowToWorkTogether => t.meeting_how_to_work_together(),
    }
}

/// Where it is, one sentence a line. `who` is what the page calls who answered or objected.
fn now(site: &Site, item: &ResidentAgendaItem, names: &Names, who: &str, t: Language) -> Vec<String> {
    let state = match item.state() {
        AgendaItemState::Unspecified => t.something_else().to_owned(),
        AgendaItemState::OnAgenda if calls(item) => t.meeting_you_are_invited().to_owned(),
        AgendaItemState::OnAgenda => t.meeting_to_come().to_owned(),
        AgendaItemState::InTreatment => t.meeting_in_treatment().to_owned(),
        AgendaItemState::Decided | AgendaItemState::Done => decision(item.decision(), t).to_owned(),
        AgendaItemState::TakenOff => taken_off(item.taken_off_reason(), t).to_owned(),
        AgendaItemState::Objected => t.meeting_objected(who),
    };
    let mut lines = vec![state];
    if item.state() == AgendaItemState::OnAgenda {
        lines.extend(presence(item.presence(), who, t));
    }
    lines.extend(item.actions.iter().map(|action| {
        let due = day(moment(action.due.as_ref()), site.zone(), t);
        t.meeting_action(names.get(&action.owner), act(action.kind(), t), due)
    }));
    lines
}

fn presence(presence: ResidentPresence, who: &str, t: Language) -> Option<String> {
    match presence {
        ResidentPresence::Unspecified | ResidentPresence::Silent => None,
        ResidentPresence::Comes => Some(t.meeting_you_come(who)),
        ResidentPresence::SendsSomebody => Some(t.meeting_you_send(who)),
        ResidentPresence::DoesNotCome => Some(t.meeting_you_do_not_come(who)),
    }
}

fn decision(decision: Decision, t: Language) -> &'static str {
    match decision {
        Decision::Unspecified | Decision::Act => t.meeting_act(),
        Decision::NoAction => t.meeting_no_action(),
        Decision::Unfounded => t.meeting_unfounded(),
        Decision::Postponed => t.meeting_postponed(),
    }
}

fn taken_off(reason: TakenOffReason, t: Language) -> &'static str {
    match reason {
        TakenOffReason::Unspecified | TakenOffReason::Withdrawn => t.meeting_withdrawn(),
        TakenOffReason::ConsentEnded => t.meeting_consent_ended(),
        TakenOffReason::ConsentChanged => t.meeting_consent_changed(),
        TakenOffReason::NotTreated => t.meeting_not_treated(),
    }
}

/// What somebody does, after who does it.
fn act(kind: ActionKind, t: Language) -> &'static str {
    match kind {
        ActionKind::Unspecified => t.something_else(),
        ActionKind::ContactResident => t.meeting_do_contact(),
        ActionKind::HomeVisit => t.meeting_do_visit(),
        ActionKind::TakeLead => t.meeting_do_lead(),
        ActionKind::ArrangeHelp => t.meeting_do_help(),
        ActionKind::Refer => t.meeting_do_refer(),
    }
}

/// An item, as its reference names it.
struct Named {
    grant: GrantId,
    id: AgendaItemId,
    item: ResidentAgendaItem,
    names: Names,
}

async fn named(site: &Site, visit: &Visit, reference: &str) -> Result<Named, Problem> {
    let (grant, item): (_, ResidentAgendaItem) = referred(site, visit, Kind::AgendaItem, reference)?;
    Ok(Named {
        grant,
        id: item.item_id.parse().map_err(|_| Problem::NotFound)?,
        names: Names::of(visit.session(), organisations(&item).collect()).await?,
        item,
    })
}

async fn asked(site: &Site, visit: &Visit, query: Option<&str>) -> Result<(Entry, String), Problem> {
    let query = Fields::of_query(query);
    let reference = query.one(REFERENCE).unwrap_or_default();
    let named = named(site, visit, reference).await?;
    let entry = entry(
        site,
        visit,
        (&named.names, visit.t().who_you()),
        named.grant,
        &named.item,
    );
    Ok((entry, reference.to_owned()))
}

pub(super) async fn ask(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (item, reference) = asked(&site, &visit, query.as_deref()).await?;
    Ok(html(&Ask {
        frame: visit.frame(&site, Place::Signals),
        item,
        reference,
        request_id: site.fresh_request_id().to_string(),
    }))
}

pub(super) async fn answer(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let presence = match form.one(ANSWER) {
        Some("kom") => ResidentPresence::Comes,
        Some("stuur") => ResidentPresence::SendsSomebody,
        Some("nee") => ResidentPresence::DoesNotCome,
        Some(_) | None => return Err(Problem::BadForm),
    };
    let named = named(&site, &visit, form.reference()?).await?;
    let (request_id, session) = (form.request_id()?, visit.session());
    let answered = session.answer_agenda_item(request_id, named.grant, named.id, presence);
    let changed = answered.await?.item.ok_or(Problem::Fault)?;
    Ok(done(
        &site,
        &visit,
        visit.t().meeting_answered(),
        &named,
        &changed,
    ))
}

pub(super) async fn ask_to_object(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (item, reference) = asked(&site, &visit, query.as_deref()).await?;
    Ok(html(&Objection {
        frame: visit.frame(&site, Place::Signals),
        item,
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
    let objected = session.object_to_agenda_item(request_id, named.grant, named.id);
    let changed = objected.await?.item.ok_or(Problem::Fault)?;
    Ok(done(&site, &visit, visit.t().signal_objected(), &named, &changed))
}

fn done(
    site: &Site,
    visit: &Visit,
    title: &'static str,
    named: &Named,
    changed: &ResidentAgendaItem,
) -> Response {
    html(&Done {
        frame: visit.answer_frame(site, Place::Signals),
        title,
        item: entry(
            site,
            visit,
            (&named.names, visit.t().who_you()),
            named.grant,
            changed,
        ),
    })
}
