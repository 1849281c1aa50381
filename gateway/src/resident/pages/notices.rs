//! *Berichten*: an address to which mail goes that something changed, and never what.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sluis_proto::consent::v1::{
    ConfirmNoticeAddressRequest, GetNoticeAddressRequest, NoticeLanguage, RemoveNoticeAddressRequest,
    SetNoticeAddressRequest,
};

use super::dates::{moment, time};
use super::faults::{Fault, Faults};
use super::form::Submitted;
use super::frame::{Frame, Place, html};
use super::problem::Problem;
use super::site::Site;
use super::text::Language;
use super::visit::Visit;

/// The field with the address.
const ADDRESS: &str = "adres";
/// The field with the code that was mailed.
const CODE: &str = "code";

#[derive(Template)]
#[template(path = "notices.html")]
struct Page {
    frame: Frame,
    /// Whether this mesh sends notices, and the visitor may have them.
    offered: bool,
    /// Where notices go, masked; empty when they go nowhere.
    address: String,
    /// The language of notices, in words.
    language: &'static str,
    /// The address that waits for its code, masked; empty when none does.
    waiting: String,
    /// Until when the code works: a time of day.
    until: String,
    request_id: String,
    /// The code that was filled in and does not work.
    code: String,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "notices-changed.html")]
struct Changed {
    frame: Frame,
    title: &'static str,
}

pub(super) async fn page(State(site): State<Site>, visit: Visit) -> Result<Response, Problem> {
    let frame = visit.frame(&site, Place::Notices);
    form_page(&site, &visit, frame, "", Faults::none()).await
}

async fn form_page(
    site: &Site,
    visit: &Visit,
    frame: Frame,
    code: &str,
    faults: Faults,
) -> Result<Response, Problem> {
    let t = visit.t();
    // Whoever speaks for somebody has no business with that one's mail.
    let kept = if visit.session().represents_somebody() {
        None
    } else {
        Some(
            visit
                .session()
                .get_notice_address(GetNoticeAddressRequest {})
                .await?,
        )
    };
    let kept = kept.unwrap_or_default();
    let until = if kept.waiting_address.is_empty() {
        String::new()
    } else {
        time(moment(kept.code_expires_at.as_ref()), site.zone())
    };
    // After too many wrong codes the field is gone: then the address is where to begin.
    let faults = match faults.on(CODE) {
        Some(text) if kept.waiting_address.is_empty() => Fault::in_field(ADDRESS, text).into(),
        _ => faults,
    };
    Ok(html(&Page {
        offered: kept.sends_notices,
        language: match kept.language() {
            NoticeLanguage::English => t.notice_in_english(),
            NoticeLanguage::Dutch | NoticeLanguage::Unspecified => t.notice_in_dutch(),
        },
        address: kept.address,
        waiting: kept.waiting_address,
        until,
        code: code.to_owned(),
        request_id: site.fresh_request_id().to_string(),
        faults,
        frame,
    }))
}

/// Gives an address, or another one. It stands in the form only, in no address of a page and in no answer.
pub(super) async fn set(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let (t, frame) = (visit.t(), visit.answer_frame(&site, Place::Notices));
    let language = match t {
        Language::Dutch => NoticeLanguage::Dutch,
        Language::English => NoticeLanguage::English,
    };
    let message = SetNoticeAddressRequest {
        request_id: form.request_id()?.to_string(),
        address: form.one(ADDRESS).unwrap_or_default().trim().to_owned(),
        language: language.into(),
    };
    let faults = match visit
        .session()
        .set_notice_address(message)
        .await
        .map_err(Problem::from)
    {
        Ok(_) => Faults::none(),
        Err(Problem::BadForm) => Fault::in_field(ADDRESS, t.notice_address_wrong()).into(),
        Err(Problem::TooOften) => Fault::in_field(ADDRESS, t.notice_address_too_often()).into(),
        Err(problem) => return Err(problem),
    };
    form_page(&site, &visit, frame, "", faults).await
}

/// Enters the code that was mailed.
pub(super) async fn confirm(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let (t, frame) = (visit.t(), visit.answer_frame(&site, Place::Notices));
    let code = form.one(CODE).unwrap_or_default().trim();
    let message = ConfirmNoticeAddressRequest {
        request_id: form.request_id()?.to_string(),
        code: code.to_owned(),
    };
    match visit
        .session()
        .confirm_notice_address(message)
        .await
        .map_err(Problem::from)
    {
        Ok(_) => Ok(html(&Changed {
            frame,
            title: t.notices_confirmed(),
        })),
        Err(Problem::CodeRefused | Problem::BadForm) => {
            let fault = Fault::in_field(CODE, t.notice_code_refused());
            form_page(&site, &visit, frame, code, fault.into()).await
        }
        Err(problem) => Err(problem),
    }
}

/// Takes the address away.
pub(super) async fn remove(
    State(site): State<Site>,
    visit: Visit,
    Submitted(form): Submitted,
) -> Result<Response, Problem> {
    let message = RemoveNoticeAddressRequest {
        request_id: form.request_id()?.to_string(),
    };
    visit.session().remove_notice_address(message).await?;
    Ok(html(&Changed {
        frame: visit.answer_frame(&site, Place::Notices),
        title: visit.t().notices_removed(),
    }))
}
