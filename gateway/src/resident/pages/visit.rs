//! Who visits: found out before any page runs. Afterwards every answer is made safe.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT_LANGUAGE, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Hash, Refusal, session_hash};
use sluis_types::Timestamp;

use super::assets;
use super::cookies::IDLE_MAX;
use super::dates;
use super::frame::{Frame, Inside, IsPage, Place};
use super::headers;
use super::login::LEAVE_PATH;
use super::problem::Problem;
use super::site::Site;
use super::text::Language;
use crate::{Session, SessionToken};

/// How long a page may take, its form included.
pub(super) const REQUEST_MAX: Duration = Duration::from_secs(30);

/// Somebody who visits, logged in or not.
#[derive(Clone)]
pub(super) struct Visitor {
    pub(super) language: Language,
    /// Path and query, to come back to.
    back: String,
    presence: Presence,
}

#[derive(Clone)]
enum Presence {
    Nobody,
    /// Was logged in, and is not any more.
    Gone,
    Here(Arc<Present>),
}

/// A session that lives.
struct Present {
    session: Session,
    token: SessionToken,
    key: Hash,
    now: Timestamp,
}

/// A resident or representative who is logged in. A page that takes one is shown to nobody else.
#[derive(Clone)]
pub(super) struct Visit {
    visitor: Visitor,
    present: Arc<Present>,
}

impl Visit {
    /// What the visitor may do.
    pub(super) fn session(&self) -> &Session {
        &self.present.session
    }

    /// What binds references and forms to the session.
    pub(super) fn key(&self) -> &Hash {
        &self.present.key
    }

    pub(super) fn t(&self) -> Language {
        self.visitor.language
    }

    pub(super) fn frame(&self, site: &Site, place: Place) -> Frame {
        self.visitor.frame(site, Some(place))
    }

    /// The frame of a page that answers a form: in another language one gets the page that the form stood on.
    pub(super) fn answer_frame(&self, site: &Site, place: Place) -> Frame {
        Frame {
            back: place.path().to_owned(),
            ..self.frame(site, place)
        }
    }
}

impl Visitor {
    pub(super) fn frame(&self, site: &Site, place: Option<Place>) -> Frame {
        let inside = self.present().map(|present| {
            let ends = present.session.expires_at();
            let idle_until = present.now.plus(IDLE_MAX).min(ends);
            Inside {
                token: site.references().form_token(&present.key),
                idle_until: dates::time(idle_until, site.zone()),
                ends: dates::time(ends, site.zone()),
                represents: present.session.represents_somebody(),
            }
        });
        Frame {
            style: assets::style_path(),
            icon: assets::icon_path(),
            t: self.language,
            place,
            back: self.back.clone(),
            inside,
        }
    }

    /// The session token, of whoever is logged in.
    pub(super) fn token(&self) -> Option<&SessionToken> {
        self.present().map(|present| &present.token)
    }

    /// What binds references and forms to the session, of whoever is logged in.
    pub(super) fn key(&self) -> Option<&Hash> {
        self.present().map(|present| &present.key)
    }

    pub(super) fn visit(&self) -> Option<Visit> {
        let Presence::Here(present) = &self.presence else {
            return None;
        };
        Some(Visit {
            visitor: self.clone(),
            present: Arc::clone(present),
        })
    }

    fn present(&self) -> Option<&Present> {
        match &self.presence {
            Presence::Here(present) => Some(present),
            Presence::Nobody | Presence::Gone => None,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or(Problem::Fault)
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        visitor.visit().ok_or(Problem::LoggedOut)
    }
}

/// The cookie that a page sets or takes away itself: the session is then not kept again by [`enter`].
#[derive(Clone, Copy, Debug)]
pub(super) struct SessionDecided;

/// Finds out who visits, lets the page answer in time, and makes the answer safe.
pub(super) async fn enter(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let started = site.timer().now();
    let (method, page) = (request.method().clone(), page_of(&request));
    let (mut visitor, refused) = arrive(&site, &method, request.headers().clone(), back_of(&request)).await;
    request.extensions_mut().insert(visitor.clone());
    let answered = async {
        match refused {
            Some(problem) => problem.into_response(),
            None => next.run(request).await,
        }
    };
    let mut response = tokio::select! {
        response = answered => response,
        () = site.timer().sleep_until(started + REQUEST_MAX) => Problem::Closed.into_response(),
    };
    let mut problem = problem_of(&mut response);
    let leaves = method == Method::POST && page == LEAVE_PATH;
    let is_ours = !matches!(
        problem,
        Some(Problem::Forged | Problem::BadForm | Problem::TooLarge | Problem::LoggedOut)
    );
    if leaves && is_ours && problem.is_some() {
        // Whoever uses this browser next must not be in, whatever consent heard of it.
        visitor.presence = Presence::Gone;
        problem = Some(Problem::LeftHereOnly);
    }
    if let Some(problem) = problem {
        response = problem.page(visitor.frame(&site, None));
    }
    if response.extensions_mut().remove::<SessionDecided>().is_none() {
        match &visitor.presence {
            Presence::Here(present) => {
                site.cookies()
                    .keep_session(response.headers_mut(), &present.token, present.now);
            }
            Presence::Gone => site.cookies().forget_session(response.headers_mut()),
            Presence::Nobody => {}
        }
    }
    headers::protect(&site, response.headers_mut());
    let duration_ms = u64::try_from((site.timer().now().saturating_sub(started)).as_millis());
    tracing::info!(
        %method,
        page,
        status = response.status().as_u16(),
        duration_ms = duration_ms.unwrap_or(u64::MAX),
        "page"
    );
    response
}

/// The page's path as it stands in our table: what a browser made up could hold anything.
fn page_of(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or("none", MatchedPath::as_str).to_owned()
}

/// Who it is, and why they get no page at all.
async fn arrive(
    site: &Site,
    method: &Method,
    headers: HeaderMap,
    back: String,
) -> (Visitor, Option<Problem>) {
    let mut visitor = Visitor {
        language: language(site, &headers),
        back,
        presence: Presence::Nobody,
    };
    if !is_from_here(site, method, &headers) {
        return (visitor, Some(Problem::Forged));
    }
    let now = site.now();
    let Some(cookie) = site.cookies().session(&headers, now) else {
        if site.cookies().has_session(&headers) {
            visitor.presence = Presence::Gone;
        }
        return (visitor, None);
    };
    match site.side().session(&cookie.token).await {
        Ok(session) => {
            visitor.presence = Presence::Here(Arc::new(Present {
                session,
                key: session_hash(cookie.token.expose()),
                token: cookie.token,
                now,
            }));
            (visitor, None)
        }
        Err(status) if Refusal::reason_of(&status) == Some(ErrorReason::SessionEnded) => {
            visitor.presence = Presence::Gone;
            (visitor, None)
        }
        Err(status) => (visitor, Some(status.into())),
    }
}

/// The language that was chosen; else the first of ours that the browser asks for; else Dutch.
fn language(site: &Site, headers: &HeaderMap) -> Language {
    let asked = || {
        let line = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
        line.split(',').find_map(|range| {
            let tag = range.split([';', '-']).next()?;
            Language::from_code(&tag.trim().to_ascii_lowercase())
        })
    };
    site.cookies()
        .language(headers)
        .or_else(asked)
        .unwrap_or(Language::Dutch)
}

/// What can be asked for again without changing anything: the address itself, for pages that are only read.
fn back_of(request: &Request) -> String {
    let uri = request.uri();
    match (request.method(), uri.path_and_query()) {
        (&Method::GET, Some(address)) => address.as_str().to_owned(),
        _ => uri.path().to_owned(),
    }
}

/// Whether what changes something comes from a page of ours. Browsers say so in `Sec-Fetch-Site`, older ones in
/// `Origin` only.
fn is_from_here(site: &Site, method: &Method, headers: &HeaderMap) -> bool {
    if method == Method::GET || method == Method::HEAD {
        return true;
    }
    let one = |name: &str| {
        let mut values = headers.get_all(name).iter();
        let value = values.next().map(|value| value.to_str().unwrap_or_default());
        (value, values.next().is_some())
    };
    let (fetch_site, fetch_site_again) = one("sec-fetch-site");
    let (origin, origin_again) = one(ORIGIN.as_str());
    let told = fetch_site.is_some() || origin.is_some();
    told && !fetch_site_again
        && !origin_again
        && fetch_site.is_none_or(|value| value == "same-origin")
        && origin.is_none_or(|value| value == site.public_url())
}

/// Whether somebody came by a link on another site. What costs a leaf in the resident's log is not shown then.
pub(super) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let from = headers.get("sec-fetch-site");
    from.is_some_and(|from| from == "cross-site" || from == "same-site")
}

/// The problem behind an answer, said by a page or given by the router.
fn problem_of(response: &mut Response) -> Option<Problem> {
    let said = response.extensions_mut().remove::<Problem>();
    let status = response.status();
    let is_page = response.extensions().get::<IsPage>().is_some();
    let is_error = status.is_client_error() || status.is_server_error();
    said.or_else(|| (is_error && !is_page).then(|| Problem::of_status(status)))
}
