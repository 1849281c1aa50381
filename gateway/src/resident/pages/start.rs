//! The first page: what Sluis is, for who is not logged in; what waits, for who is.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sluis_proto::consent::v1::{
    GrantState, ListCircleProposalsRequest, ListGrantsRequest, ListProposalsRequest,
};

use super::frame::{Frame, Place, html};
use super::problem::Problem;
use super::questions::together;
use super::site::Site;
use super::visit::{Visit, Visitor};

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "start.html")]
struct Start {
    frame: Frame,
    waiting: usize,
    /// Circles that are asked for.
    circles: usize,
    live: usize,
}

pub(super) async fn page(State(site): State<Site>, visitor: Visitor) -> Result<Response, Problem> {
    match visitor.visit() {
        Some(visit) => inside(&site, &visit).await,
        None => Ok(html(&Welcome {
            frame: visitor.frame(&site, Some(Place::Start)),
        })),
    }
}

/// A representative whom nothing was entrusted yet: what to do now.
#[derive(Template)]
#[template(path = "no-mandate.html")]
struct NoMandate {
    frame: Frame,
}

async fn inside(site: &Site, visit: &Visit) -> Result<Response, Problem> {
    let session = visit.session();
    let listed = session.list_proposals(ListProposalsRequest {}).await;
    let proposals = match listed.map_err(Problem::from) {
        Ok(listed) => listed.proposals,
        // To consent there is nobody behind such a login: it says of everything that it is not there.
        Err(Problem::NotFound) if session.represents_somebody() => {
            return Ok(html(&NoMandate {
                frame: visit.frame(site, Place::Start),
            }));
        }
        Err(problem) => return Err(problem),
    };
    let list = ListCircleProposalsRequest {};
    let circles = session.list_circle_proposals(list).await?.proposals;
    let grants = session.list_grants(ListGrantsRequest {}).await?.grants;
    let is_live = |state: GrantState| matches!(state, GrantState::Active | GrantState::Suspended);
    Ok(html(&Start {
        frame: visit.frame(site, Place::Start),
        waiting: together(proposals).len(),
        circles: circles.len(),
        live: grants.iter().filter(|grant| is_live(grant.state())).count(),
    }))
}
