//! What a browser sends in a form.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use sluis_types::RequestId;

use super::problem::Problem;
use super::site::Site;
use super::visit::Visitor;
use crate::resident::openid::form::decode;

/// Longest form, in bytes: the answer to the largest question.
const FORM_BYTES_MAX: usize = 96 * 1024;
/// Fields of a form at most.
const FIELDS_MAX: usize = 1024;
const FORM: &str = "application/x-www-form-urlencoded";

/// The field that carries the session's token.
pub(super) const TOKEN: &str = "formulier";
/// The field that carries the id of the act.
const REQUEST_ID: &str = "poging";
/// The field that carries what the form is about.
pub(super) const REFERENCE: &str = "waarover";

/// The fields of a form, in order.
#[derive(Debug)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The fields of a query.
    pub(super) fn of_query(query: Option<&str>) -> Self {
        Self(decode(query.unwrap_or_default()).take(FIELDS_MAX).collect())
    }

    /// The value of a field that stands in the form once.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        let mut values = self.all(name);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// The values of a field.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let of_name = move |(field, value): &'a (String, String)| (field == name).then_some(value.as_str());
        self.0.iter().filter_map(of_name)
    }

    /// What the form is about, still sealed.
    pub(super) fn reference(&self) -> Result<&str, Problem> {
        self.one(REFERENCE).ok_or(Problem::NotFound)
    }

    /// The id of the act, as the form was given it.
    pub(super) fn request_id(&self) -> Result<RequestId, Problem> {
        let text = self.one(REQUEST_ID).ok_or(Problem::BadForm)?;
        text.parse().map_err(|_| Problem::BadForm)
    }
}

/// A form of this very session.
pub(super) struct Submitted(pub(super) Fields);

impl FromRequest<Site> for Submitted {
    type Rejection = Problem;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, site).await?;
        let fields = read(&parts.headers, body).await?;
        let key = visitor.key().ok_or(Problem::LoggedOut)?;
        match fields.one(TOKEN) {
            Some(token) if site.references().is_form_token(key, token) => Ok(Self(fields)),
            Some(_) | None => Err(Problem::Forged),
        }
    }
}

/// A form that needs no session: it changes nothing of anybody's.
pub(super) struct Anybodys(pub(super) Fields);

impl FromRequest<Site> for Anybodys {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Site) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        Ok(Self(read(&parts.headers, body).await?))
    }
}

async fn read(headers: &http::HeaderMap, body: Body) -> Result<Fields, Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if kind.is_none_or(|kind| !kind.eq_ignore_ascii_case(FORM)) {
        return Err(Problem::BadForm);
    }
    let body = Limited::new(body, FORM_BYTES_MAX).collect().await;
    let body = body.map_err(|error| {
        if error.is::<LengthLimitError>() {
            Problem::TooLarge
        } else {
            Problem::BadForm
        }
    })?;
    let body = body.to_bytes();
    let text = std::str::from_utf8(&body).map_err(|_| Problem::BadForm)?;
    let fields: Vec<_> = decode(text).take(FIELDS_MAX + 1).collect();
    if fields.len() > FIELDS_MAX {
        return Err(Problem::TooLarge);
    }
    Ok(Fields(fields))
}
