//! *Mijn kringen*: who is in each circle, which worries may meet there, until when; and the circles that are asked for.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sluis_proto::consent::v1::{
    Circle, CircleTerms, GrantState, ListCircleProposalsRequest, ListCirclesRequest, PendingCircle,
};

use super::circle::{Described, describe, grant_of, organisations, terms_of, together};
use super::dates::{day, moment};
use super::frame::{Frame, Place, html};
use super::grants::is_live;
use super::names::Names;
use super::problem::Problem;
use super::reference::Kind;
use super::site::Site;
use super::visit::Visit;

/// Ended circles that are shown, newest first.
const ENDED_MAX: usize = 20;

#[derive(Template)]
#[template(path = "circles.html")]
struct Page {
    frame: Frame,
    questions: Vec<Question>,
    live: Vec<Described>,
    ended: Vec<Ended>,
}

struct Question {
    reference: String,
    asked_by: String,
    /// All members, as one name.
    name: String,
    asked_at: String,
    lapses_at: String,
    deferred: bool,
}

struct Ended {
    name: String,
    at: String,
    expired: bool,
}

pub(super) async fn page(State(site): State<Site>, visit: Visit) -> Result<Response, Problem> {
    let session = visit.session();
    let asked = session
        .list_circle_proposals(ListCircleProposalsRequest {})
        .await?
        .proposals;
    let circles = session.list_circles(ListCirclesRequest {}).await?.circles;
    let terms: Vec<CircleTerms> = circles.iter().map(terms_of).collect();
    let mut oins = organisations(asked.iter().filter_map(|it| it.terms.as_ref()).chain(&terms));
    oins.extend(asked.iter().map(|it| it.asked_by.as_str()));
    let names = Names::of(session, oins).await?;
    let (live, over): (Vec<_>, Vec<_>) = circles.into_iter().partition(|circle| is_live(&grant_of(circle)));
    let ended = over.iter().take(ENDED_MAX);
    Ok(html(&Page {
        frame: visit.frame(&site, Place::Circles),
        questions: asked
            .iter()
            .map(|pending| question(&site, &visit, &names, pending))
            .collect(),
        live: live
            .iter()
            .map(|circle| describe(&site, &visit, circle, &names))
            .collect(),
        ended: ended
            .map(|circle| ended_in_words(&site, &visit, &names, circle))
            .collect(),
    }))
}

fn question(site: &Site, visit: &Visit, names: &Names, pending: &PendingCircle) -> Question {
    let t = visit.t();
    let members = pending.terms.as_ref().map_or(&[][..], |terms| &terms.members);
    let id = pending.proposal_id.clone().into_bytes();
    Question {
        reference: site.references().seal(Kind::CircleQuestion, visit.key(), &[id]),
        asked_by: names.get(&pending.asked_by).to_owned(),
        name: together(members, names, t),
        asked_at: day(moment(pending.asked_at.as_ref()), site.zone(), t),
        lapses_at: day(moment(pending.lapses_at.as_ref()), site.zone(), t),
        deferred: pending.deferred,
    }
}

fn ended_in_words(site: &Site, visit: &Visit, names: &Names, circle: &Circle) -> Ended {
    let grant = grant_of(circle);
    Ended {
        name: together(&terms_of(circle).members, names, visit.t()),
        at: day(moment(grant.ended_at.as_ref()), site.zone(), visit.t()),
        expired: grant.state() == GrantState::Expired,
    }
}
