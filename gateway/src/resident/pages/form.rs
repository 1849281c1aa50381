//! What a browser sends in a form.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use sluis_types::RequestId;

use super::problem::Problem;
use super::site::Site;
use super::visit::Visitor;
use crate::resident::openid::form::decode;

/// Longest form, in bytes: the answer to the largest question.
const FORM_BYTES_MAX: usize = 96 * 1024;
/// Longest form with a file, in bytes: a receipt, pasted and as a file too, with room to say kindly that it is too long.
const UPLOAD_BYTES_MAX: usize = 256 * 1024;
/// Fields of a form with a file at most.
const UPLOADED_FIELDS_MAX: usize = 8;
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

/// A form with a file, by anybody: its fields as bytes, each no longer than the form may be. A field that comes twice is
/// as good as absent.
#[derive(Debug)]
pub(super) struct Uploaded(Vec<(String, Bytes)>);

impl Uploaded {
    /// What stands in a field; nothing where it was left empty.
    pub(super) fn one(&self, name: &str) -> Option<&Bytes> {
        let mut values = self.0.iter().filter(|(field, _)| field == name);
        let (_, value) = values.next()?;
        (values.next().is_none() && !value.is_empty()).then_some(value)
    }
}

impl FromRequest<Site> for Uploaded {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Site) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let kind = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        let boundary = multer::parse_boundary(kind.unwrap_or_default()).map_err(|_| Problem::BadForm)?;
        // Read to its end before it is taken apart: a browser that is cut off while it sends shows no page.
        let body = collected(body, UPLOAD_BYTES_MAX).await?;
        let mut form = multer::Multipart::new(Body::from(body).into_data_stream(), boundary);
        let mut fields = Vec::new();
        while let Some(field) = form.next_field().await.map_err(|_| Problem::BadForm)? {
            if fields.len() == UPLOADED_FIELDS_MAX {
                return Err(Problem::TooLarge);
            }
            let name = field.name().unwrap_or_default().to_owned();
            fields.push((name, field.bytes().await.map_err(|_| Problem::BadForm)?));
        }
        Ok(Self(fields))
    }
}

async fn collected(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let body = Limited::new(body, bytes_max).collect().await;
    let body = body.map_err(|error| {
        if error.is::<LengthLimitError>() {
            Problem::TooLarge
        } else {
            Problem::BadForm
        }
    })?;
    Ok(body.to_bytes())
}

async fn read(headers: &http::HeaderMap, body: Body) -> Result<Fields, Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if kind.is_none_or(|kind| !kind.eq_ignore_ascii_case(FORM)) {
        return Err(Problem::BadForm);
    }
    let body = collected(body, FORM_BYTES_MAX).await?;
    let text = std::str::from_utf8(&body).map_err(|_| Problem::BadForm)?;
    let fields: Vec<_> = decode(text).take(FIELDS_MAX + 1).collect();
    if fields.len() > FIELDS_MAX {
        return Err(Problem::TooLarge);
    }
    Ok(Fields(fields))
}
