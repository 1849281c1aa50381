//! Changing what an organisation may know: taking something away, pausing, going on.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use prost::Message as _;
use sluis_proto::consent::v1::{Grant, NarrowGrantRequest, ResumeGrantRequest, SuspendGrantRequest};

use super::faults::{Fault, Faults};
use super::form::{Fields, REFERENCE, Submitted};
use super::frame::{Frame, Place, html};
use super::grants::{Live, describe, find, organisations};
use super::names::Names;
use super::problem::Problem;
use super::provisions::{Boxes, Ticked, boxes, ticked};
use super::reference::Kind;
use super::site::Site;
use super::text::Language;
use super::visit::Visit;

/// Keeps the boxes apart from other fields.
const PREFIX: &str = "t";

#[derive(Template)]
#[template(path = "change.html")]
struct Change {
    frame: Frame,
    grant: Live,
    boxes: Vec<Boxes>,
    reference: String,
    request_id: String,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "changed.html")]
struct Changed {
    frame: Frame,
    title: &'static str,
    grant: Live,
}

pub(super) async fn page(
    State(site): State<Site>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Fields::of_query(query.as_deref());
    let reference = query.one(REFERENCE).unwrap_or_default();
    let (grant, _) = find(&site, &visit, reference).await?;
    let frame = visit.frame(&site, Place::Grants);
    form_page(&site, &visit, frame, &grant, None).await
}

/// The page with the forms; `again` is what was sent and where something is missing.
async fn form_page(
    site: &Site,
    visit: &Visit,
    frame: Frame,
    grant: &Grant,
    again: Option<(&Fields, Fault)>,
) -> Result<Response, Problem> {
    let names = Names::of(visit.session(), organisations(std::slice::from_ref(grant))).await?;
    let (sent, fault) = again.unzip();
    let as_it_is = sent.map_or(Ticked::All, Ticked::AsSent);
    Ok(html(&Change {
        grant: describe(site, visit, grant, &names),
        boxes: boxes(&grant.provisions, PREFIX, as_it_is, visit.t()),
        reference: site
            .references()
            .seal(Kind::Change, visit.key(), &[grant.encode_to_vec()]),
        request_id: site.fresh_request_id().to_string(),
        faults: fault.map(Faults::from).unwrap_or_default(),
        frame,
    }))
}

/// The grant as it was shown with the form.
fn shown(site: &Site, visit: &Visit, form: &Fields) -> Result<Grant, Problem> {
    let parts = site
        .references()
        .open(Kind::Change, visit.key(), form.reference()?)
        .ok_or(Problem::NotFound)?;
    let grant = parts.first().ok_or(Problem::NotFound)?;
    Grant::decode(grant.as_slice()).map_err(|_| Problem::NotFound)
}

/// Takes away what is not ticked any more.
pub(super) async fn narrow(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let (grant, t) = (shown(&site, &visit, &form)?, visit.t());
    let fault = match ticked(&grant.provisions, PREFIX, &form) {
        Ok(kept) if kept.is_empty() => nothing_left(&grant, t),
        Err(half) => half.fault(t),
        Ok(mut kept) => {
            kept.extend(grant.provisions.iter().filter(|it| it.objection).cloned());
            let message = NarrowGrantRequest {
                request_id: form.request_id()?.to_string(),
                grant_id: grant.grant_id,
                expected_version: grant.version,
                provisions: kept,
            };
            let narrowed = visit.session().narrow_grant(message).await?.grant;
            return changed(&site, &visit, narrowed, t.narrowed_title()).await;
        }
    };
    let frame = visit.answer_frame(&site, Place::Grants);
    form_page(&site, &visit, frame, &grant, Some((&form, fault))).await
}

/// What to do when nothing stays ticked: said at the first boxes of the form.
fn nothing_left(grant: &Grant, t: Language) -> Fault {
    let boxes = boxes(&grant.provisions, PREFIX, Ticked::All, t);
    let group = boxes.into_iter().next();
    let (field, first) = group.map_or_else(Default::default, |group| {
        let first = group.life_domains.into_iter().next();
        (
            group.domain_field,
            first.map_or_else(String::new, |choice| choice.id),
        )
    });
    Fault::in_group(&field, first, t.narrow_to_nothing())
}

/// Refuses everything until the resident lets it go on.
pub(super) async fn pause(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let message = SuspendGrantRequest {
        request_id: form.request_id()?.to_string(),
        grant_id: shown(&site, &visit, &form)?.grant_id,
    };
    let paused = visit.session().suspend_grant(message).await?.grant;
    changed(&site, &visit, paused, visit.t().paused_title()).await
}

/// Lets a paused grant go on.
pub(super) async fn resume(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let message = ResumeGrantRequest {
        request_id: form.request_id()?.to_string(),
        grant_id: shown(&site, &visit, &form)?.grant_id,
    };
    let resumed = visit.session().resume_grant(message).await?.grant;
    changed(&site, &visit, resumed, visit.t().resumed_title()).await
}

async fn changed(
    site: &Site,
    visit: &Visit,
    grant: Option<Grant>,
    title: &'static str,
) -> Result<Response, Problem> {
    let grant = grant.ok_or(Problem::Fault)?;
    let names = Names::of(visit.session(), organisations(std::slice::from_ref(&grant))).await?;
    Ok(html(&Changed {
        frame: visit.answer_frame(site, Place::Grants),
        title,
        grant: describe(site, visit, &grant, &names),
    }))
}
