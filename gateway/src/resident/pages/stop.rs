//! Withdrawing: one page that says what stops and what cannot be recalled, and one confirmation.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use prost::Message as _;
use sluis_envelope::hash;
use sluis_proto::consent::v1::{Grant, WithdrawGrantRequest};
use sluis_types::RequestId;

use super::form::{Fields, REFERENCE, Submitted};
use super::frame::{Frame, Place, html};
use super::grants::{Live, describe, find, is_live, organisations};
use super::names::Names;
use super::problem::Problem;
use super::reference::Kind;
use super::site::Site;
use super::visit::Visit;

/// The box that also ends the other direction.
const OTHER_TOO: &str = "andersom";

#[derive(Template)]
#[template(path = "stop.html")]
struct Stop {
    frame: Frame,
    grant: Live,
    has_other: bool,
    reference: String,
    request_id: String,
}

#[derive(Template)]
#[template(path = "stopped.html")]
struct Stopped {
    frame: Frame,
    /// Who shared with whom.
    ended: Vec<(String, String)>,
}

pub(super) async fn page(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::of_query(query.as_deref());
    let reference = query.one(REFERENCE).unwrap_or_default();
    let (grant, all) = find(&site, &visit, reference).await?;
    let names = Names::of(visit.session(), organisations(std::slice::from_ref(&grant))).await?;
    let is_other =
        |it: &&Grant| is_live(it) && it.discloser == grant.recipient && it.recipient == grant.discloser;
    let other = all.iter().find(is_other);
    let parts: Vec<_> = std::iter::once(&grant)
        .chain(other)
        .map(prost::Message::encode_to_vec)
        .collect();
    Ok(html(&Stop {
        frame: visit.frame(&site, Place::Grants),
        grant: describe(&site, &visit, &grant, &names),
        has_other: other.is_some(),
        reference: site.references().seal(Kind::Change, visit.key(), &parts),
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
        .open(Kind::Change, visit.key(), form.reference()?)
        .ok_or(Problem::NotFound)?;
    let grants: Result<Vec<_>, _> = parts.iter().map(|part| Grant::decode(part.as_slice())).collect();
    let mut grants = grants.map_err(|_| Problem::NotFound)?;
    if form.one(OTHER_TOO).is_none() {
        grants.truncate(1);
    }
    let request_id = form.request_id()?;
    for grant in &grants {
        let message = WithdrawGrantRequest {
            request_id: act_of(request_id, grant).to_string(),
            grant_id: grant.grant_id.clone(),
        };
        visit.session().withdraw_grant(message).await?;
    }
    let names = Names::of(visit.session(), organisations(&grants)).await?;
    let pair = |grant: &Grant| {
        let name = |oin: &str| names.get(oin).to_owned();
        (name(&grant.discloser), name(&grant.recipient))
    };
    Ok(html(&Stopped {
        frame: visit.answer_frame(&site, Place::Grants),
        ended: grants.iter().map(pair).collect(),
    }))
}

/// The id of the act on one grant: the same each time that the form is sent.
fn act_of(form: RequestId, grant: &Grant) -> RequestId {
    let id = hash(
        "sluis/v1/pages-stop",
        &[form.as_bytes(), grant.grant_id.as_bytes()],
    );
    RequestId::from_slice(&id[..16]).expect("16 bytes are a request id")
}
