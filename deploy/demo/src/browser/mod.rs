//! A resident's browser, as far as pages need one that work without JavaScript: addresses, redirects, cookies, forms.
//!
//! It speaks HTTP in clear and to this machine's loopback address only, and sends what a browser sends: cookies by
//! their path, and the headers by which a site tells its own forms from others'.

mod cookies;
mod form;
mod html;

use std::net::IpAddr;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::DemoError;
use cookies::Cookies;
pub use form::Form;
use html::Html;

/// Longest page that is read, in bytes.
const PAGE_BYTES_MAX: usize = 1024 * 1024;
/// Redirects that are followed one after the other.
const REDIRECTS_MAX: usize = 10;

/// A browser of one person.
#[derive(Debug, Default)]
pub struct Browser {
    cookies: Cookies,
}

/// A page that a browser shows.
#[derive(Debug)]
pub struct Page {
    /// Where it is, after all redirects.
    pub address: Uri,
    /// What it was answered with.
    pub status: StatusCode,
    /// The headers of the answer.
    pub headers: HeaderMap,
    html: Html,
}

impl Page {
    /// Its forms, in order.
    pub fn forms(&self) -> Vec<Form> {
        self.html.forms()
    }

    /// The first form of which this holds.
    ///
    /// # Errors
    /// [`DemoError::Unexpected`] when the page has none; `which` says which was looked for.
    pub fn form(&self, which: &str, wanted: impl Fn(&Form) -> bool) -> Result<Form, DemoError> {
        let found = self.forms().into_iter().find(wanted);
        found.ok_or_else(|| DemoError::unexpected(format!("the page has no form {which}: {}", self.text())))
    }

    /// The address of the first link of which this holds, by what it is called and where it leads.
    ///
    /// # Errors
    /// [`DemoError::Unexpected`] when the page has none; `which` says which was looked for.
    pub fn link(&self, which: &str, wanted: impl Fn(&str, &str) -> bool) -> Result<String, DemoError> {
        let mut links = self.links().into_iter();
        let found = links.find_map(|(called, address)| wanted(&called, &address).then_some(address));
        let missing = || DemoError::unexpected(format!("the page has no link {which}: {}", self.text()));
        resolved(&self.address, &found.ok_or_else(missing)?)
    }

    /// Its links, in order: what they are called and where they lead.
    pub fn links(&self) -> Vec<(String, String)> {
        self.html.links()
    }

    /// What is to be read in the element of this id.
    pub fn text_of(&self, id: &str) -> Option<String> {
        self.html.text_of(id)
    }

    /// What is to be read on it, with single spaces.
    pub fn text(&self) -> String {
        self.html.text()
    }
}

/// What is sent.
struct Visit {
    method: Method,
    address: Uri,
    body: String,
    /// The site whose form or link this is; none for an address that was typed in.
    from: Option<Uri>,
    /// Whether that page keeps to itself where it is, so that its forms do not say whose they are either.
    unnamed: bool,
}

impl Visit {
    fn to(address: Uri) -> Self {
        Self {
            method: Method::GET,
            address,
            body: String::new(),
            from: None,
            unnamed: false,
        }
    }
}

/// Where following an address ends.
enum Arrival {
    Page(Page),
    /// The address leads away from the site that was to be stayed at.
    Away(String),
}

impl Browser {
    /// A browser without a past.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes to an address, and on to wherever it leads.
    ///
    /// # Errors
    /// [`DemoError`] when nobody answers there, or with something that is no page.
    pub async fn open(&mut self, address: &str) -> Result<Page, DemoError> {
        self.arrive(Visit::to(parsed(address)?)).await
    }

    /// Sends a form of a page, and goes on to wherever it leads.
    ///
    /// # Errors
    /// [`DemoError`] when nobody answers there, or with something that is no page.
    pub async fn send(&mut self, page: &Page, form: &Form) -> Result<Page, DemoError> {
        self.arrive(sending(page, form)?).await
    }

    /// Goes to an address that leads away from its site, and gives where to without going there.
    ///
    /// # Errors
    /// [`DemoError`] when nobody answers there, or it does not lead away.
    pub async fn leave(&mut self, address: &str) -> Result<String, DemoError> {
        self.depart(Visit::to(parsed(address)?)).await
    }

    /// Sends a form that leads away from its site, and gives where to without going there.
    ///
    /// # Errors
    /// [`DemoError`] when nobody answers there, or it does not lead away.
    pub async fn send_and_leave(&mut self, page: &Page, form: &Form) -> Result<String, DemoError> {
        self.depart(sending(page, form)?).await
    }

    async fn arrive(&mut self, visit: Visit) -> Result<Page, DemoError> {
        match self.follow(visit, |_| false).await? {
            Arrival::Page(page) => Ok(page),
            Arrival::Away(_) => Err(DemoError::unexpected("no site was to be stayed at")),
        }
    }

    async fn depart(&mut self, visit: Visit) -> Result<String, DemoError> {
        let site = authority(&visit.address)?.to_owned();
        let away = |on: &Uri| on.authority().is_none_or(|other| other.as_str() != site);
        match self.follow(visit, away).await? {
            Arrival::Away(address) => Ok(address),
            Arrival::Page(page) => Err(DemoError::unexpected(format!(
                "{} leads nowhere: {}",
                page.address.path(),
                page.text()
            ))),
        }
    }

    /// Goes on until there is a page, or the address that leads `away`.
    async fn follow(&mut self, mut visit: Visit, away: impl Fn(&Uri) -> bool) -> Result<Arrival, DemoError> {
        for _ in 0..REDIRECTS_MAX {
            let answer = self.visit(&visit).await?;
            let Some(on) = way_on(&answer) else {
                return Ok(Arrival::Page(page(visit.address, answer)?));
            };
            let on = resolved(&visit.address, &on)?;
            let address = parsed(&on)?;
            if away(&address) {
                return Ok(Arrival::Away(on));
            }
            visit = Visit {
                from: visit.from,
                ..Visit::to(address)
            };
        }
        Err(DemoError::unexpected("the address leads in circles"))
    }

    /// One request and its answer.
    async fn visit(&mut self, visit: &Visit) -> Result<Response<Bytes>, DemoError> {
        let authority = authority(&visit.address)?;
        let unreachable = |source| DemoError::Io {
            what: format!("cannot reach {authority}"),
            source,
        };
        let stream = TcpStream::connect(authority).await.map_err(unreachable)?;
        let broken = |_| DemoError::unexpected(format!("no answer from {authority}"));
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.map_err(broken)?;
        tokio::spawn(connection);
        let request = self.request(visit, authority)?;
        let (parts, body) = sender.send_request(request).await.map_err(broken)?.into_parts();
        let body = Limited::new(body, PAGE_BYTES_MAX).collect().await;
        let body = body.map_err(|_| DemoError::unexpected(format!("no whole answer from {authority}")))?;
        for cookie in parts.headers.get_all(SET_COOKIE) {
            self.cookies
                .set(&visit.address, cookie.to_str().unwrap_or_default());
        }
        Ok(Response::from_parts(parts, body.to_bytes()))
    }

    fn request(&self, visit: &Visit, authority: &str) -> Result<Request<Full<Bytes>>, DemoError> {
        let path = visit
            .address
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str);
        let site = visit.from.as_ref().and_then(Uri::authority);
        let fetch_site = match site {
            None => "none",
            Some(site) if site.as_str() == authority => "same-origin",
            Some(_) => "cross-site",
        };
        let mut request = Request::builder()
            .method(visit.method.clone())
            .uri(path)
            .header(HOST, authority)
            .header(CONNECTION, "close")
            .header("sec-fetch-site", fetch_site)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document");
        if let Some(cookies) = self.cookies.header(&visit.address) {
            request = request.header(COOKIE, cookies);
        }
        if visit.method == Method::POST {
            let origin = match site {
                Some(site) if !visit.unnamed => format!("http://{site}"),
                _ => "null".to_owned(),
            };
            request = request
                .header(ORIGIN, origin)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(Full::from(visit.body.clone()));
        request.map_err(|_| DemoError::unexpected("the request is none"))
    }
}

fn sending(page: &Page, form: &Form) -> Result<Visit, DemoError> {
    let address = match form.action() {
        "" => page.address.to_string(),
        action => resolved(&page.address, action)?,
    };
    let pairs = form.encoded();
    let policy = page.headers.get(REFERRER_POLICY);
    let mut visit = Visit::to(parsed(&address)?);
    visit.from = Some(page.address.clone());
    visit.unnamed = policy.is_some_and(|policy| policy == "no-referrer");
    if form.is_post() {
        visit.method = Method::POST;
        visit.body = pairs;
    } else {
        let bare = address.split('?').next().unwrap_or_default();
        visit.address = parsed(&format!("{bare}?{pairs}"))?;
    }
    Ok(visit)
}

fn page(address: Uri, answer: Response<Bytes>) -> Result<Page, DemoError> {
    let (parts, body) = answer.into_parts();
    let html = Html::parse(&String::from_utf8_lossy(&body));
    Ok(Page {
        html: html.map_err(|fault| DemoError::unexpected(format!("the page of {address}: {fault}")))?,
        address,
        status: parts.status,
        headers: parts.headers,
    })
}

/// Where an answer leads, if it does.
fn way_on(answer: &Response<Bytes>) -> Option<String> {
    let location = answer.headers().get(LOCATION).map(HeaderValue::to_str);
    answer
        .status()
        .is_redirection()
        .then_some(location?.ok()?.to_owned())
}

fn parsed(address: &str) -> Result<Uri, DemoError> {
    address
        .parse()
        .map_err(|_| DemoError::unexpected("the address is none"))
}

/// An address as a page says it: whole, or from the root of its site.
fn resolved(page: &Uri, address: &str) -> Result<String, DemoError> {
    if address.starts_with('/') {
        Ok(format!("http://{}{address}", authority(page)?))
    } else if address.starts_with("http://") {
        Ok(address.to_owned())
    } else {
        Err(DemoError::unexpected(format!("a relative address: {address}")))
    }
}

/// Host and port, of this machine.
fn authority(address: &Uri) -> Result<&str, DemoError> {
    let authority = address
        .authority()
        .ok_or_else(|| DemoError::unexpected("an address without a host"))?;
    let host = authority.host();
    let ours = host == "localhost" || host.parse().is_ok_and(|host: IpAddr| host.is_loopback());
    if address.scheme_str() == Some("http") && ours {
        Ok(authority.as_str())
    } else {
        Err(DemoError::unexpected("this browser stays on this machine"))
    }
}
