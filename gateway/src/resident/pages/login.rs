//! Logging in, logging out, and the language.

use std::time::Duration;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use sluis_serve::Hash;

use super::form::{Anybodys, Submitted};
use super::frame::{Frame, Place, html};
use super::patience::{Turn, WAIT};
use super::problem::Problem;
use super::site::Site;
use super::source::Source;
use super::text::Language;
use super::visit::{SessionDecided, Visitor};
use crate::{Callback, OpenIdError};

/// Where leaving is asked for.
pub(super) const LEAVE_PATH: &str = "/uitloggen";

/// The field with the chosen language.
const LANGUAGE: &str = "taal";
/// The field with the address to come back to.
const BACK: &str = "terug";
/// Longest address to come back to, in bytes.
const BACK_BYTES_MAX: usize = 2048;

#[derive(Template)]
#[template(path = "login-failed.html")]
struct Failed {
    frame: Frame,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "left.html")]
struct Left {
    frame: Frame,
    /// Whether the provider says that nobody is logged in there any more either.
    there_too: bool,
}

#[derive(Template)]
#[template(path = "login-slowed.html")]
struct Slowed {
    frame: Frame,
    wait_seconds: u64,
}

/// Sends the browser to the provider of logins; from a source whose logins failed too often, after a wait.
pub(super) async fn begin(
    State(site): State<Site>,
    visitor: Visitor,
    source: Source,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let waited = match slowed(&site, source).await? {
        None => false,
        Some(source) => match site.turn(&source, site.cookies().wait(&headers)) {
            Turn::Now => true,
            Turn::Later(wait) => return Ok(slowed_page(&site, &visitor, wait)),
            Turn::New(sealed) => {
                let mut response = slowed_page(&site, &visitor, WAIT);
                site.cookies().keep_wait(response.headers_mut(), &sealed);
                return Ok(response);
            }
        },
    };
    let mut response = match site.login().begin().await {
        Ok(start) => {
            let mut response = see_other(&start.url);
            site.cookies().keep_attempt(response.headers_mut(), &start.cookie);
            response
        }
        Err(error) => failed(&site, &visitor, &error),
    };
    if waited {
        site.cookies().forget_wait(response.headers_mut());
    }
    Ok(response)
}

/// The source, if it is a slowed one.
async fn slowed(site: &Site, source: Source) -> Result<Option<Hash>, Problem> {
    let Source(Some(source)) = source else {
        return Ok(None);
    };
    match site
        .side()
        .check_login_source(&source)
        .await
        .map_err(Problem::from)
    {
        Ok(()) => Ok(None),
        Err(Problem::TooOften) => Ok(Some(source)),
        Err(problem) => Err(problem),
    }
}

fn slowed_page(site: &Site, visitor: &Visitor, wait: Duration) -> Response {
    let wait_seconds = wait.as_secs().max(1);
    let page = html(&Slowed {
        frame: Frame {
            back: Place::Start.path().to_owned(),
            ..visitor.frame(site, None)
        },
        wait_seconds,
    });
    let headers = [(RETRY_AFTER, wait_seconds)];
    (StatusCode::TOO_MANY_REQUESTS, headers, page).into_response()
}

/// Counts a failed try, by its source or else for the whole mesh only. Where it cannot be counted, it failed all the same.
async fn count(site: &Site, source: Source) {
    let source = source.0.unwrap_or_else(|| site.fresh_source());
    if let Err(status) = site.side().count_failed_login(&source).await {
        tracing::warn!(code = ?status.code(), "a failed login could not be counted");
    }
}

/// The browser comes back from the provider: begins a session, with a token that nobody had before.
pub(super) async fn finish(
    State(site): State<Site>,
    visitor: Visitor,
    source: Source,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let attempt = site.cookies().attempt(&headers).unwrap_or_default();
    let callback = Callback::from_query(&query.unwrap_or_default());
    let login = match site.login().finish(attempt, &callback).await {
        Ok(login) => login,
        Err(error) => {
            if error.is_failed_try() {
                count(&site, source).await;
            }
            return Ok(failed(&site, &visitor, &error));
        }
    };
    if let Some(old) = visitor.token() {
        site.side().log_out(old).await?;
    }
    let started = site.side().log_in(&login).await?;
    let mut response = see_other(Place::Start.path());
    site.cookies().forget_attempt(response.headers_mut());
    site.cookies()
        .keep_session(response.headers_mut(), &started.token, site.now());
    response.extensions_mut().insert(SessionDecided);
    Ok(response)
}

/// Ends the session, in consent: whoever has the cookie has nothing any more. Then, where that can be, at the provider.
pub(super) async fn leave(
    State(site): State<Site>,
    visitor: Visitor,
    _form: Submitted,
) -> Result<Response, Problem> {
    if let Some(token) = visitor.token() {
        site.side().log_out(token).await?;
    }
    let mut response = match site.login().begin_logout().await {
        Ok(Some(start)) => {
            let mut response = see_other(&start.url);
            site.cookies().keep_logout(response.headers_mut(), &start.cookie);
            response
        }
        Ok(None) => left_page(&site, &visitor, false),
        Err(error) => {
            tracing::info!(%error, "a session ended here, and the provider could not be told");
            left_page(&site, &visitor, false)
        }
    };
    site.cookies().forget_session(response.headers_mut());
    response.extensions_mut().insert(SessionDecided);
    Ok(response)
}

/// The browser comes back from logging out at the provider.
pub(super) async fn left(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let cookie = site.cookies().logout(&headers).unwrap_or_default();
    let there_too = site
        .login()
        .is_back_from_logout(cookie, &query.unwrap_or_default());
    let mut response = left_page(&site, &visitor, there_too);
    site.cookies().forget_logout(response.headers_mut());
    response
}

fn left_page(site: &Site, visitor: &Visitor, there_too: bool) -> Response {
    html(&Left {
        frame: Frame {
            inside: None,
            back: Place::Start.path().to_owned(),
            ..visitor.frame(site, None)
        },
        there_too,
    })
}

/// Remembers the language and goes back to where it was chosen.
pub(super) async fn choose_language(
    State(site): State<Site>,
    Anybodys(form): Anybodys,
) -> Result<Response, Problem> {
    let language = form.one(LANGUAGE).and_then(Language::from_code);
    let language = language.ok_or(Problem::BadForm)?;
    let back = form.one(BACK).filter(|back| is_ours(back));
    let mut response = see_other(back.unwrap_or(Place::Start.path()));
    site.cookies().keep_language(response.headers_mut(), language);
    Ok(response)
}

/// Whether an address lies on this site: a path, and nothing that a browser could take for another host.
fn is_ours(back: &str) -> bool {
    back.len() <= BACK_BYTES_MAX
        && back.starts_with('/')
        && !back.starts_with("//")
        && back
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/-_.?=&%~".contains(&byte))
}

fn see_other(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response(),
        Err(_) => Problem::Fault.into_response(),
    }
}

/// Says that nobody logged in. Why stands in the log, without anything of the person or the provider's answer.
fn failed(site: &Site, visitor: &Visitor, error: &OpenIdError) -> Response {
    tracing::info!(%error, "nobody was logged in");
    let t = visitor.language;
    let (status, text) = match error {
        OpenIdError::Refused => (StatusCode::OK, t.login_refused()),
        OpenIdError::AttemptExpired => (StatusCode::BAD_REQUEST, t.login_expired()),
        OpenIdError::AttemptUnknown => (StatusCode::BAD_REQUEST, t.login_unknown()),
        OpenIdError::CodeRefused => (StatusCode::BAD_REQUEST, t.login_not_confirmed()),
        OpenIdError::Unreachable(_) | OpenIdError::Provider(_) => {
            (StatusCode::BAD_GATEWAY, t.login_unreachable())
        }
        OpenIdError::IdToken(_) => (StatusCode::FORBIDDEN, t.login_not_taken()),
    };
    let frame = Frame {
        back: Place::Start.path().to_owned(),
        ..visitor.frame(site, None)
    };
    let mut response = (status, html(&Failed { frame, text })).into_response();
    site.cookies().forget_attempt(response.headers_mut());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_this_site_only() {
        for ours in ["/", "/vragen", "/vragen/antwoord?waarover=AbC_-1"] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a b",
            "/\r\nx",
        ] {
            assert!(!is_ours(other), "{other}");
        }
        assert!(!is_ours(&format!("/{}", "a".repeat(BACK_BYTES_MAX))));
    }
}
