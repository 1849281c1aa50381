//! *Signalen over mij*: every match of signals under the resident's circles, in plain words.
//!
//! Of what a signal says nothing is known here; nor of which sort of worry it is, where a circle has several.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use sluis_proto::consent::v1::{Circle, ListCirclesRequest};
use sluis_proto::signalling::v1::{Match, Outcome, SignalState};
use sluis_types::GrantId;

use super::circle::{classes, grant_of, terms_of, together};
use super::dates::{day, moment};
use super::frame::{Frame, Place, html};
use super::looking::{Reach, look_under};
use super::names::Names;
use super::problem::Problem;
use super::reference::Kind;
use super::referring::{FromHere, refer};
use super::site::Site;
use super::text::Language;
use super::visit::Visit;

#[derive(Template)]
#[template(path = "signals.html")]
struct Page {
    frame: Frame,
    signals: Vec<Entry>,
    reach: Reach,
}

struct Entry {
    /// All organisations in it, as one name.
    parties: String,
    since: String,
    classes: Vec<&'static str>,
    now: Vec<String>,
    /// Whether it is the resident's turn.
    calls: bool,
    /// Stands only with what can be answered.
    answer: Option<String>,
    /// Stands only with what can be objected to.
    objection: Option<String>,
}

pub(super) async fn page(
    State(site): State<Site>,
    visit: Visit,
    _: FromHere,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let session = visit.session();
    let circles = session.list_circles(ListCirclesRequest {}).await?.circles;
    let here = (Place::Signals.path(), query.as_deref());
    let looked = look_under((&site, &visit), here, circles, grant_of, async |id| {
        Ok(session.list_matches(id).await?.matches)
    })
    .await?;
    let mut found: Vec<(GrantId, &Circle, &Match)> = Vec::new();
    for (circle, id, matches) in &looked.found {
        found.extend(matches.iter().map(|it| (*id, circle, it)));
    }
    found.sort_by_key(|(_, _, it)| std::cmp::Reverse(moment(it.matched_at.as_ref())));
    let oins = found.iter().flat_map(|(_, _, it)| organisations(it)).collect();
    let names = Names::of(session, oins).await?;
    let who = visit.whoever_acted().await?;
    Ok(html(&Page {
        signals: found
            .iter()
            .map(|(id, circle, it)| entry(&site, &visit, &names, who, (*id, circle), it))
            .collect(),
        reach: looked.reach,
        frame: visit.frame(&site, Place::Signals),
    }))
}

/// Every organisation in a match.
pub(super) fn organisations(it: &Match) -> impl Iterator<Item = &str> {
    it.parties.iter().map(|party| party.organisation.as_str())
}

/// The organisations in a match, as one name.
pub(super) fn parties(it: &Match, names: &Names, t: Language) -> String {
    let oins: Vec<_> = organisations(it).map(ToOwned::to_owned).collect();
    together(&oins, names, t)
}

fn entry(
    site: &Site,
    visit: &Visit,
    names: &Names,
    who: &str,
    (circle_id, circle): (GrantId, &Circle),
    it: &Match,
) -> Entry {
    let t = visit.t();
    let reference = || refer(site, visit, Kind::Match, circle_id, it);
    let answerable = it.state() == SignalState::ResidentContacted;
    Entry {
        parties: parties(it, names, t),
        since: day(moment(it.matched_at.as_ref()), site.zone(), t),
        classes: classes(&terms_of(circle), t),
        now: now(site, it, names, who, t),
        calls: answerable,
        answer: answerable.then(reference),
        objection: can_object(it.state()).then(reference),
    }
}

/// Whether there is anything to object to.
fn can_object(state: SignalState) -> bool {
    match state {
        SignalState::Matched
        | SignalState::Acknowledged
        | SignalState::ResidentContacted
        | SignalState::OnAgenda
        | SignalState::FollowUp => true,
        SignalState::Unspecified
        | SignalState::Draft
        | SignalState::Registered
        | SignalState::Closed
        | SignalState::Withdrawn
        | SignalState::Disputed
        | SignalState::Expired => false,
    }
}

/// What happens now: one sentence a line. `who` is what the page calls who answered or objected.
pub(super) fn now(site: &Site, it: &Match, names: &Names, who: &str, t: Language) -> Vec<String> {
    let state = match it.state() {
        SignalState::Matched if it.overdue => t.signal_overdue().to_owned(),
        SignalState::Matched => t.signal_matched(day(moment(it.acknowledge_by.as_ref()), site.zone(), t)),
        SignalState::Acknowledged => t.signal_acknowledged().to_owned(),
        SignalState::ResidentContacted => t.signal_contacted().to_owned(),
        SignalState::OnAgenda => t.signal_on_agenda().to_owned(),
        SignalState::FollowUp => t.signal_follow_up().to_owned(),
        SignalState::Closed => outcome(it.outcome(), who, t),
        SignalState::Withdrawn => t.signal_withdrawn().to_owned(),
        SignalState::Disputed => t.signal_disputed(who),
        SignalState::Expired => t.signal_expired().to_owned(),
        SignalState::Unspecified | SignalState::Draft | SignalState::Registered => {
            t.something_else().to_owned()
        }
    };
    let mut lines = vec![state];
    match it.state() {
        SignalState::Matched | SignalState::Acknowledged => {
            lines.extend(it.parties.iter().map(|party| {
                let name = names.get(&party.organisation);
                if party.acknowledged {
                    t.signal_seen_by(name)
                } else {
                    t.signal_not_seen_by(name)
                }
            }));
            lines.push(lead(it, names, t));
        }
        SignalState::ResidentContacted | SignalState::OnAgenda | SignalState::FollowUp => {
            lines.push(lead(it, names, t));
        }
        SignalState::Disputed => lines.push(t.signal_who_decides().to_owned()),
        _ => {}
    }
    lines
}

fn lead(it: &Match, names: &Names, t: Language) -> String {
    if it.lead.is_empty() {
        t.signal_no_lead().to_owned()
    } else {
        t.signal_lead(names.get(&it.lead))
    }
}

/// How it ended.
fn outcome(outcome: Outcome, who: &str, t: Language) -> String {
    let words = match outcome {
        Outcome::Unspecified => t.signal_closed(),
        Outcome::Declined => return t.signal_declined(who),
        Outcome::Referred => t.signal_referred(),
        Outcome::Resolved => t.signal_resolved(),
        Outcome::NoAction => t.signal_no_action(),
        Outcome::Unfounded => t.signal_unfounded(),
        Outcome::Moved => t.signal_moved(),
        Outcome::ObjectionUpheld => t.signal_objection_upheld(),
        Outcome::CircleEnded => t.signal_circle_ended(),
    };
    words.to_owned()
}
