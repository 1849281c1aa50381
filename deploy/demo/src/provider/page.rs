//! The provider's few pages: discovery, the name, the exchange of a code, the keys.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};

use super::{ACR, BANNER, CODE_LIFE, ISSUER_PATH, Pending, Shared, token};

type Answer = Response<Full<Bytes>>;

/// Longest body that is read, in bytes.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// Longest name, in characters.
const NAME_CHARACTERS_MAX: usize = 80;

/// Answers one request.
pub(super) async fn answer(shared: &Shared, request: Request<Incoming>) -> Answer {
    let Some(path) = request
        .uri()
        .path()
        .strip_prefix(ISSUER_PATH)
        .map(ToOwned::to_owned)
    else {
        return text(StatusCode::NOT_FOUND, "not here");
    };
    let query = fields(request.uri().query().unwrap_or_default());
    match (request.method().clone(), path.as_str()) {
        (Method::GET, "/.well-known/openid-configuration") => {
            json_answer(StatusCode::OK, &discovery(&shared.issuer))
        }
        (Method::GET, "/keys") => json_answer(StatusCode::OK, &token::published_keys(&shared.key)),
        (Method::GET, "/authorize") => authorize(shared, &query),
        (Method::POST, "/token") => {
            let body = Limited::new(request.into_body(), BODY_BYTES_MAX).collect().await;
            let Ok(body) = body.map(http_body_util::Collected::to_bytes) else {
                return refused("invalid_request");
            };
            exchange(shared, &fields(&String::from_utf8_lossy(&body)))
        }
        _ => text(StatusCode::NOT_FOUND, "not here"),
    }
}

fn discovery(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "acr_values_supported": [ACR],
        "authorization_response_iss_parameter_supported": true,
    })
}

type Fields = BTreeMap<String, String>;

/// Asks for a name; with one, sends the browser back with a code.
fn authorize(shared: &Shared, query: &Fields) -> Answer {
    let get = |name: &str| query.get(name).cloned().unwrap_or_default();
    let sound = get("response_type") == "code"
        && get("code_challenge_method") == "S256"
        && [
            get("client_id"),
            get("redirect_uri"),
            get("code_challenge"),
            get("state"),
            get("nonce"),
        ]
        .iter()
        .all(|value| !value.is_empty());
    // The address to go back to is loopback too: a code never leaves this machine.
    if !sound || !get("redirect_uri").starts_with("http://127.0.0.1") {
        return text(
            StatusCode::BAD_REQUEST,
            "not an authorization request of a client on this machine",
        );
    }
    let (name, represents) = (get("name"), get("represents"));
    if !is_name(&name) || !(represents.is_empty() || is_name(&represents)) {
        return ask_for_a_name(query);
    }
    let pending = Pending {
        name,
        represents: Some(represents).filter(|represents| !represents.is_empty()),
        client_id: get("client_id"),
        redirect_uri: get("redirect_uri"),
        nonce: get("nonce"),
        challenge: get("code_challenge"),
        ends: shared.clock.now().plus(CODE_LIFE),
    };
    let Some(code) = shared.remember(pending) else {
        return text(StatusCode::SERVICE_UNAVAILABLE, "too many logins at a time");
    };
    let back = format!(
        "{}?code={code}&state={}&iss={}",
        get("redirect_uri"),
        escaped(&get("state")),
        escaped(&shared.issuer)
    );
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::FOUND;
    match HeaderValue::from_str(&back) {
        Ok(back) => answer.headers_mut().insert(LOCATION, back),
        Err(_) => return text(StatusCode::BAD_REQUEST, "the address to go back to is none"),
    };
    answer
}

fn is_name(text: &str) -> bool {
    (1..=NAME_CHARACTERS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

fn ask_for_a_name(query: &Fields) -> Answer {
    let mut hidden = String::new();
    for (name, value) in query
        .iter()
        .filter(|(name, _)| !["name", "represents"].contains(&name.as_str()))
    {
        let (name, value) = (html(name), html(value));
        let _ = writeln!(
            hidden,
            "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"
        );
    }
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Development login</title>\n\
         <p><strong>{BANNER}</strong></p>\n<form method=\"get\">\n{hidden}\
         <p><label>Name of a fictional resident <input name=\"name\" autofocus></label></p>\n\
         <p><label>Logs in for (empty: for themself) <input name=\"represents\"></label></p>\n\
         <p><button>Log in</button></p></form>\n"
    );
    let mut answer = Response::new(Full::from(page));
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    answer
}

/// Exchanges a code for an ID token (RFC 6749 §4.1.3, RFC 7636 §4.6).
fn exchange(shared: &Shared, form: &Fields) -> Answer {
    let get = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if get("grant_type") != "authorization_code" {
        return refused("unsupported_grant_type");
    }
    let Some(pending) = shared.take(get("code")) else {
        return refused("invalid_grant");
    };
    let fits = get("client_id") == pending.client_id
        && get("redirect_uri") == pending.redirect_uri
        && token::answers_challenge(get("code_verifier"), &pending.challenge);
    if !fits {
        return refused("invalid_grant");
    }
    let claims = token::Claims {
        iss: &shared.issuer,
        sub: &shared.subject(&pending.client_id, &pending.name),
        aud: &pending.client_id,
        nonce: &pending.nonce,
        acr: ACR,
        represents: pending.represents.as_deref().map(|name| token::Represents {
            sub: shared.subject(&pending.client_id, name),
        }),
    };
    match token::sign(&shared.key, &claims, shared.clock.now()) {
        Some(id_token) => {
            let answer =
                json!({ "id_token": id_token, "token_type": "Bearer", "access_token": shared.fresh_code() });
            json_answer(StatusCode::OK, &answer)
        }
        None => text(StatusCode::INTERNAL_SERVER_ERROR, "the token cannot be signed"),
    }
}

fn refused(error: &str) -> Answer {
    json_answer(StatusCode::BAD_REQUEST, &json!({ "error": error }))
}

fn json_answer(status: StatusCode, value: &Value) -> Answer {
    let mut answer = Response::new(Full::from(value.to_string()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn text(status: StatusCode, what: &'static str) -> Answer {
    let mut answer = Response::new(Full::from(what));
    *answer.status_mut() = status;
    answer
}

fn html(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The pairs of `application/x-www-form-urlencoded`; of a name that comes twice, the last.
fn fields(encoded: &str) -> Fields {
    encoded
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (unescaped(name), unescaped(value)))
        .collect()
}

/// Writes a value so that it can stand in a query.
pub(crate) fn escaped(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn unescaped(value: &str) -> String {
    let mut out = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = &after[2..];
            }
            (b'+', _) => {
                out.push(b' ');
                rest = after;
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_a_query() {
        for value in ["Ans", "Ans & Bea", "Zoë + 50%", "=?/:"] {
            let pairs = fields(&format!("name={}&other=x", escaped(value)));
            assert_eq!(pairs["name"], value);
            assert_eq!(pairs["other"], "x");
        }
        assert_eq!(
            fields("a=%zz&&b"),
            [
                ("a".to_owned(), "%zz".to_owned()),
                ("b".to_owned(), String::new())
            ]
            .into()
        );
    }
}
