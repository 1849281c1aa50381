//! As much of a browser as the pages need: cookies, forms, and where it says it comes from.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use http::{HeaderMap, HeaderName, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

pub(crate) const PUBLIC_URL: &str = "https://mijn.example";
const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Clone)]
pub(crate) struct Browser {
    address: SocketAddr,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Headers that this browser adds to what it sends.
    pub(crate) extra: Vec<(HeaderName, &'static str)>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            cookies: BTreeMap::new(),
            extra: vec![],
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = Request::builder().method(Method::GET).uri(path);
        self.send(request, String::new()).await
    }

    /// Sends a form as a browser sends it that shows one of our pages.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::builder()
            .header(ORIGIN, PUBLIC_URL)
            .header("sec-fetch-site", "same-origin");
        self.post_as(request, path, fields).await
    }

    /// Sends a form with these headers.
    pub(crate) async fn post_as(
        &mut self,
        request: http::request::Builder,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let request = request.method(Method::POST).uri(path).header(CONTENT_TYPE, FORM);
        self.send(request, encoded(fields)).await
    }

    pub(crate) async fn send(&mut self, mut request: http::request::Builder, body: String) -> Answer {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        for (name, value) in &self.extra {
            request = request.header(name, *value);
        }
        let request = request
            .header(HOST, "mijn.example")
            .body(Full::new(Bytes::from(body)));
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        let answer = sender.send_request(request.unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        self.keep(&parts.headers);
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (pair, attributes) = line.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers[LOCATION].to_str().unwrap()
    }

    /// The lines that set cookies.
    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        let lines = self.headers.get_all(SET_COOKIE).iter();
        lines.map(|line| line.to_str().unwrap()).collect()
    }

    /// The value of the first hidden field of this name after `mark`.
    pub(crate) fn hidden_after(&self, mark: &str, name: &str) -> String {
        let from = self
            .body
            .find(mark)
            .unwrap_or_else(|| panic!("{mark} in {}", self.body));
        let start = format!("name=\"{name}\" value=\"");
        let rest = &self.body[from..];
        let at = rest.find(&start).unwrap_or_else(|| panic!("{name} in {rest}"));
        let value = &rest[at + start.len()..];
        value[..value.find('"').unwrap()].to_owned()
    }

    /// The three hidden fields of the form that goes to this address.
    pub(crate) fn form(&self, action: &str) -> [(&'static str, String); 3] {
        let mark = format!("action=\"{action}\"");
        ["formulier", "poging", "waarover"].map(|name| (name, self.hidden_after(&mark, name)))
    }

    /// The address of the first link that begins so.
    pub(crate) fn link(&self, start: &str) -> String {
        let mark = format!("href=\"{start}");
        let at = self
            .body
            .find(&mark)
            .unwrap_or_else(|| panic!("{start} in {}", self.body));
        let rest = &self.body[at + "href=\"".len()..];
        rest[..rest.find('"').unwrap()].to_owned()
    }

    #[track_caller]
    pub(crate) fn says(&self, text: &str) {
        assert!(self.body.contains(text), "{text:?} in {}", self.body);
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        if !body.is_empty() {
            body.push('&');
        }
        body.push_str(name);
        body.push('=');
        for byte in value.bytes() {
            write!(body, "%{byte:02X}").unwrap();
        }
    }
    body
}
