//! *Koppelen*: a code to give to a worker, and the organisations that one is linked with.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use sluis_proto::consent::v1::{
    CreateLinkCodeRequest, DisconnectOrganisationRequest, ListLinksRequest, RedeemLetterCodeRequest,
};

use super::dates::{day, moment, time};
use super::faults::{Fault, Faults};
use super::form::{Fields, REFERENCE, Submitted};
use super::frame::{Frame, Place, html};
use super::names::{Names, everybody};
use super::picture::Picture;
use super::problem::Problem;
use super::reference::Kind;
use super::site::Site;
use super::visit::Visit;

/// The field with the organisation that gets the code.
const ORGANISATION: &str = "organisatie";
/// The field with the code of a letter.
const CODE: &str = "code";

#[derive(Template)]
#[template(path = "links.html")]
struct Page {
    frame: Frame,
    links: Vec<Link>,
    organisations: Vec<Choice>,
    request_id: String,
    /// The code of a letter that was filled in and does not work.
    code: String,
    faults: Faults,
}

struct Link {
    reference: String,
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
    form_page(&site, &visit, frame, "", Faults::none()).await
}

/// The page with the forms; `code` is what was filled in, and `faults` what is wrong.
async fn form_page(
    site: &Site,
    visit: &Visit,
    frame: Frame,
    code: &str,
    faults: Faults,
) -> Result<Response, Problem> {
    let linked = visit.session().list_links(ListLinksRequest {}).await?.links;
    let oins = linked.iter().map(|link| link.oin.as_str()).collect();
    let names = Names::of(visit.session(), oins).await?;
    let everybody = everybody(visit.session()).await?;
    let reference = |oin: &str| {
        let parts = [oin.as_bytes().to_vec()];
        site.references().seal(Kind::Link, visit.key(), &parts)
    };
    let links = linked.iter().map(|link| Link {
        reference: reference(&link.oin),
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
        code: code.to_owned(),
        frame,
        faults,
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
        let fault = Fault::in_field(ORGANISATION, visit.t().new_link_missing());
        return form_page(&site, &visit, frame, "", fault.into()).await;
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

#[derive(Template)]
#[template(path = "disconnect.html")]
struct Disconnect {
    frame: Frame,
    name: String,
    reference: String,
    request_id: String,
}

#[derive(Template)]
#[template(path = "links-changed.html")]
struct Changed {
    frame: Frame,
    title: String,
}

/// Brings what a worker did for the resident behind this login, by the code in the letter.
pub(super) async fn take_over(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let (t, frame) = (visit.t(), visit.answer_frame(&site, Place::Links));
    let code = form.one(CODE).unwrap_or_default().trim();
    let wrong = |text: &str| Faults::from(Fault::in_field(CODE, text));
    if code.is_empty() {
        return form_page(&site, &visit, frame, code, wrong(t.code_missing())).await;
    }
    let message = RedeemLetterCodeRequest {
        request_id: form.request_id()?.to_string(),
        code: code.to_owned(),
    };
    match visit
        .session()
        .redeem_letter_code(message)
        .await
        .map_err(Problem::from)
    {
        Ok(_) => Ok(html(&Changed {
            frame,
            title: t.letter_done().to_owned(),
        })),
        Err(Problem::CodeRefused | Problem::BadForm) => {
            form_page(&site, &visit, frame, code, wrong(t.code_refused())).await
        }
        Err(problem) => Err(problem),
    }
}

pub(super) async fn ask_to_disconnect(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::of_query(query.as_deref());
    let reference = query.one(REFERENCE).unwrap_or_default();
    let oin = linked_oin(&site, &visit, reference)?;
    let names = Names::of(visit.session(), [oin.as_str()].into()).await?;
    Ok(html(&Disconnect {
        frame: visit.frame(&site, Place::Links),
        name: names.get(&oin).to_owned(),
        reference: reference.to_owned(),
        request_id: site.fresh_request_id().to_string(),
    }))
}

/// Breaks with an organisation: every grant to it or from it ends.
pub(super) async fn disconnect(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let oin = linked_oin(&site, &visit, form.reference()?)?;
    let names = Names::of(visit.session(), [oin.as_str()].into()).await?;
    let message = DisconnectOrganisationRequest {
        request_id: form.request_id()?.to_string(),
        oin: oin.clone(),
    };
    visit.session().disconnect_organisation(message).await?;
    Ok(html(&Changed {
        frame: visit.answer_frame(&site, Place::Links),
        title: visit.t().disconnected(names.get(&oin)),
    }))
}

fn linked_oin(site: &Site, visit: &Visit, reference: &str) -> Result<String, Problem> {
    let parts = site.references().open(Kind::Link, visit.key(), reference);
    let oin = parts.and_then(|parts| parts.into_iter().next());
    String::from_utf8(oin.ok_or(Problem::NotFound)?).map_err(|_| Problem::NotFound)
}
