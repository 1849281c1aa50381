//! *Koppelen*: a code to give to a worker, and the organisations that one is linked with.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sluis_proto::consent::v1::{CreateLinkCodeRequest, ListLinksRequest};

use super::dates::{day, moment, time};
use super::form::Submitted;
use super::frame::{Frame, Place, html};
use super::names::{Names, everybody};
use super::picture::Picture;
use super::problem::Problem;
use super::site::Site;
use super::visit::Visit;

/// The field with the organisation that gets the code.
const ORGANISATION: &str = "organisatie";

#[derive(Template)]
#[template(path = "links.html")]
struct Page {
    frame: Frame,
    links: Vec<Link>,
    organisations: Vec<Choice>,
    request_id: String,
    /// Whether the form came back without an organisation.
    unchosen: bool,
}

struct Link {
    name: String,
    since: String,
}

/// An organisation of the mesh: its number there is public, and says nothing of the resident.
struct Choice {
    oin: String,
    name: String,
}

#[derive(Template)]
#[template(path = "link-code.html")]
struct LinkCode {
    frame: Frame,
    name: String,
    code: String,
    picture: Picture,
    until: String,
}

pub(super) async fn page(State(site): State<Site>, visit: Visit) -> Result<Response, Problem> {
    let frame = visit.frame(&site, Place::Links);
    form_page(&site, &visit, frame, false).await
}

async fn form_page(site: &Site, visit: &Visit, frame: Frame, unchosen: bool) -> Result<Response, Problem> {
    let linked = visit.session().list_links(ListLinksRequest {}).await?.links;
    let oins = linked.iter().map(|link| link.oin.as_str()).collect();
    let names = Names::of(visit.session(), oins).await?;
    let everybody = everybody(visit.session()).await?;
    let links = linked.iter().map(|link| Link {
        name: names.get(&link.oin).to_owned(),
        since: day(moment(link.since.as_ref()), site.zone(), visit.t()),
    });
    let is_linked = |oin: &str| linked.iter().any(|link| link.oin == oin);
    let organisations = everybody
        .into_iter()
        .filter(|one| !is_linked(&one.oin))
        .map(|one| Choice {
            oin: one.oin,
            name: one.display_name,
        });
    Ok(html(&Page {
        links: links.collect(),
        organisations: organisations.collect(),
        request_id: site.fresh_request_id().to_string(),
        frame,
        unchosen,
    }))
}

/// Makes a code. It stands in the answer to the form only, in no address.
pub(super) async fn make_code(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let frame = visit.answer_frame(&site, Place::Links);
    let Some(oin) = form.one(ORGANISATION).filter(|oin| !oin.is_empty()) else {
        return form_page(&site, &visit, frame, true).await;
    };
    let names = Names::of(visit.session(), [oin].into()).await?;
    let message = CreateLinkCodeRequest {
        request_id: form.request_id()?.to_string(),
        oin: oin.to_owned(),
    };
    let made = visit.session().create_link_code(message).await?;
    Ok(html(&LinkCode {
        name: names.get(oin).to_owned(),
        picture: Picture::of(&made.qr_code).ok_or(Problem::Fault)?,
        code: made.code,
        until: time(moment(made.expires_at.as_ref()), site.zone()),
        frame,
    }))
}
