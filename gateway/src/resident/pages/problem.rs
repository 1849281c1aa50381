//! What a visitor hears when something does not go: a few pages that say what to do, and nothing of what went wrong.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use tonic::Status;

use super::frame::Frame;
use super::text::Language;

/// When to try again after it was too often: what the page says.
const TOO_OFTEN_RETRY_SECONDS: &str = "60";

/// Why a page is not shown. What a service said of it goes no further than the choice between these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// It is not there, or is somebody else's: one page.
    NotFound,
    /// Nobody is logged in.
    LoggedOut,
    /// It does not come from a form of this session.
    Forged,
    /// A form that no browser sends.
    BadForm,
    /// More than a form holds.
    TooLarge,
    /// It is not as it was when the page was shown.
    Changed,
    /// A code that is wrong, used or too old: one page.
    CodeRefused,
    /// Too often in a short time.
    TooOften,
    /// The way of logging in is not sure enough for this.
    NotSure,
    /// The mandate of who speaks for a resident does not allow it.
    NotMandated,
    /// Leaving could not be told to consent: the browser forgets the session, which ends by itself.
    LeftHereOnly,
    /// A part of the mesh does not answer.
    Closed,
    /// A fault of ours.
    Fault,
}

impl Problem {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::NotFound | Self::CodeRefused => StatusCode::NOT_FOUND,
            Self::LoggedOut => StatusCode::UNAUTHORIZED,
            Self::Forged | Self::NotSure | Self::NotMandated => StatusCode::FORBIDDEN,
            Self::BadForm => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Changed => StatusCode::CONFLICT,
            Self::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Self::Closed | Self::LeftHereOnly => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The problem behind an answer that no page of ours gave.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Self::NotFound,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            status if status.is_client_error() => Self::BadForm,
            _ => Self::Fault,
        }
    }

    fn words(self, t: Language) -> (&'static str, &'static str) {
        match self {
            Self::NotFound => (t.not_found_title(), t.not_found()),
            Self::LoggedOut => (t.logged_out_title(), t.logged_out()),
            Self::Forged => (t.forged_title(), t.forged()),
            Self::BadForm | Self::TooLarge => (t.bad_form_title(), t.bad_form()),
            Self::Changed => (t.changed_title(), t.changed()),
            Self::CodeRefused => (t.code_refused_title(), t.code_refused_what()),
            Self::TooOften => (t.too_often_title(), t.too_often()),
            Self::NotSure => (t.not_sure_title(), t.not_sure()),
            Self::NotMandated => (t.not_mandated_title(), t.not_mandated()),
            Self::LeftHereOnly => (t.left_title(), t.left_here_only()),
            Self::Closed | Self::Fault => (t.closed_title(), t.closed()),
        }
    }

    /// The page that says so.
    pub(super) fn page(self, frame: Frame) -> Response {
        let (title, text) = self.words(frame.t);
        let represents = frame.inside.as_ref().is_some_and(|inside| inside.represents);
        let page = ProblemPage {
            title,
            text,
            asks_to_log_in: self == Self::LoggedOut,
            asks_for_code: represents && self == Self::NotFound,
            frame,
        };
        let mut response = (self.status(), super::frame::html(&page)).into_response();
        if self == Self::TooOften {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static(TOO_OFTEN_RETRY_SECONDS));
        }
        response
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    title: &'static str,
    text: &'static str,
    asks_to_log_in: bool,
    /// Somebody speaks for a resident, and what they asked for is not there: perhaps they brought no code yet.
    asks_for_code: bool,
}

/// The answer stands in the extensions: whoever knows the visitor's language makes the page of it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        match Refusal::reason_of(&status) {
            Some(ErrorReason::NotAvailable | ErrorReason::BadPageToken) => Self::NotFound,
            Some(ErrorReason::CodeRefused) => Self::CodeRefused,
            Some(ErrorReason::SessionEnded) => Self::LoggedOut,
            Some(ErrorReason::RateLimited) => Self::TooOften,
            Some(ErrorReason::RoleRefused) => Self::NotSure,
            Some(ErrorReason::MandateRefused) => Self::NotMandated,
            Some(ErrorReason::InvalidField) => Self::BadForm,
            Some(
                ErrorReason::VersionConflict | ErrorReason::IllegalTransition | ErrorReason::RequestIdReused,
            ) => Self::Changed,
            Some(ErrorReason::TemporarilyClosed) => Self::Closed,
            _ => Self::Fault,
        }
    }
}
