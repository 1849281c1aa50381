//! Stopping a circle: one page that says what stops and what cannot be recalled, and one confirmation.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use prost::Message as _;
use sluis_proto::consent::v1::{Circle, WithdrawGrantRequest};

use super::circle::{find, grant_of, organisations, terms_of, together};
use super::form::{Fields, REFERENCE, Submitted};
use super::frame::{Frame, Place, html};
use super::names::Names;
use super::problem::Problem;
use super::reference::Kind;
use super::site::Site;
use super::visit::Visit;

#[derive(Template)]
#[template(path = "circle-stop.html")]
struct Stop {
    frame: Frame,
    name: String,
    reference: String,
    request_id: String,
}

#[derive(Template)]
#[template(path = "circle-stopped.html")]
struct Stopped {
    frame: Frame,
    name: String,
}

async fn name_of(visit: &Visit, circle: &Circle) -> Result<String, Problem> {
    let terms = terms_of(circle);
    let names = Names::of(visit.session(), organisations([&terms])).await?;
    Ok(together(&terms.members, &names, visit.t()))
}

pub(super) async fn page(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::of_query(query.as_deref());
    let circle = find(&site, &visit, query.one(REFERENCE).unwrap_or_default()).await?;
    Ok(html(&Stop {
        name: name_of(&visit, &circle).await?,
        frame: visit.frame(&site, Place::Circles),
        reference: site
            .references()
            .seal(Kind::CircleChange, visit.key(), &[circle.encode_to_vec()]),
        request_id: site.fresh_request_id().to_string(),
    }))
}

pub(super) async fn send(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let parts = site
        .references()
        .open(Kind::CircleChange, visit.key(), form.reference()?)
        .ok_or(Problem::NotFound)?;
    let circle = parts.first().ok_or(Problem::NotFound)?;
    let circle = Circle::decode(circle.as_slice()).map_err(|_| Problem::NotFound)?;
    let message = WithdrawGrantRequest {
        request_id: form.request_id()?.to_string(),
        grant_id: grant_of(&circle).grant_id,
    };
    visit.session().withdraw_grant(message).await?;
    Ok(html(&Stopped {
        name: name_of(&visit, &circle).await?,
        frame: visit.answer_frame(&site, Place::Circles),
    }))
}
