//! Changing a circle: leaving somebody or some sort out, pausing, going on.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use prost::Message as _;
use sluis_proto::consent::v1::{Circle, Grant, NarrowCircleRequest, ResumeGrantRequest, SuspendGrantRequest};

use super::circle::{Boxes, Described, boxes, describe, find, grant_of, organisations, terms_of, ticked};
use super::faults::{Fault, Faults};
use super::form::{Fields, REFERENCE, Submitted};
use super::frame::{Frame, Place, html};
use super::names::Names;
use super::problem::Problem;
use super::provisions::Ticked;
use super::reference::Kind;
use super::site::Site;
use super::visit::Visit;

#[derive(Template)]
#[template(path = "circle-change.html")]
struct Change {
    frame: Frame,
    circle: Described,
    boxes: Boxes,
    reference: String,
    request_id: String,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "circle-changed.html")]
struct Changed {
    frame: Frame,
    title: &'static str,
    circle: Described,
}

pub(super) async fn page(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::of_query(query.as_deref());
    let reference = query.one(REFERENCE).unwrap_or_default();
    let circle = find(&site, &visit, reference).await?;
    let frame = visit.frame(&site, Place::Circles);
    form_page(&site, &visit, frame, &circle, None).await
}

/// The page with the forms; `again` is what was sent, and what is missing in it.
async fn form_page(
    site: &Site,
    visit: &Visit,
    frame: Frame,
    circle: &Circle,
    again: Option<(&Fields, Fault)>,
) -> Result<Response, Problem> {
    let terms = terms_of(circle);
    let names = Names::of(visit.session(), organisations([&terms])).await?;
    let (sent, fault) = again.unzip();
    let as_it_is = sent.map_or(Ticked::All, Ticked::AsSent);
    Ok(html(&Change {
        circle: describe(site, visit, circle, &names),
        boxes: boxes(&terms, &names, as_it_is, visit.t()),
        reference: site
            .references()
            .seal(Kind::CircleChange, visit.key(), &[circle.encode_to_vec()]),
        request_id: site.fresh_request_id().to_string(),
        faults: fault.map(Faults::from).unwrap_or_default(),
        frame,
    }))
}

/// The circle as it was shown with the form.
fn shown(site: &Site, visit: &Visit, form: &Fields) -> Result<Circle, Problem> {
    let parts = site
        .references()
        .open(Kind::CircleChange, visit.key(), form.reference()?)
        .ok_or(Problem::NotFound)?;
    let circle = parts.first().ok_or(Problem::NotFound)?;
    Circle::decode(circle.as_slice()).map_err(|_| Problem::NotFound)
}

/// Leaves out whom and what is not ticked any more.
pub(super) async fn narrow(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let (circle, t) = (shown(&site, &visit, &form)?, visit.t());
    let (grant, terms) = (grant_of(&circle), terms_of(&circle));
    match ticked(&terms, &form) {
        Ok(kept) => {
            let message = NarrowCircleRequest {
                request_id: form.request_id()?.to_string(),
                grant_id: grant.grant_id,
                expected_version: grant.version,
                terms: Some(kept),
            };
            let narrowed = visit.session().narrow_circle(message).await?.circle;
            let narrowed = narrowed.ok_or(Problem::Fault)?;
            changed(&site, &visit, &narrowed, t.circle_narrowed()).await
        }
        Err(few) => {
            let frame = visit.answer_frame(&site, Place::Circles);
            let fault = few.fault(&terms, t.circle_narrow_to_nothing());
            form_page(&site, &visit, frame, &circle, Some((&form, fault))).await
        }
    }
}

/// Lets nothing meet until the resident lets it go on.
pub(super) async fn pause(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let circle = shown(&site, &visit, &form)?;
    let message = SuspendGrantRequest {
        request_id: form.request_id()?.to_string(),
        grant_id: grant_of(&circle).grant_id,
    };
    let grant = visit.session().suspend_grant(message).await?.grant;
    let paused = with_grant(circle, grant)?;
    changed(&site, &visit, &paused, visit.t().circle_is_paused()).await
}

/// Lets a paused circle go on.
pub(super) async fn resume(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let circle = shown(&site, &visit, &form)?;
    let message = ResumeGrantRequest {
        request_id: form.request_id()?.to_string(),
        grant_id: grant_of(&circle).grant_id,
    };
    let grant = visit.session().resume_grant(message).await?.grant;
    let resumed = with_grant(circle, grant)?;
    changed(&site, &visit, &resumed, visit.t().circle_goes_on()).await
}

/// The circle with its grant as it now is: pausing changes nothing else of it.
fn with_grant(circle: Circle, grant: Option<Grant>) -> Result<Circle, Problem> {
    let grant = Some(grant.ok_or(Problem::Fault)?);
    Ok(Circle { grant, ..circle })
}

async fn changed(
    site: &Site,
    visit: &Visit,
    circle: &Circle,
    title: &'static str,
) -> Result<Response, Problem> {
    let names = Names::of(visit.session(), organisations([&terms_of(circle)])).await?;
    Ok(html(&Changed {
        frame: visit.answer_frame(site, Place::Circles),
        title,
        circle: describe(site, visit, circle, &names),
    }))
}
