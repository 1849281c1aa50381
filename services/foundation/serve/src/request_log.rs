//! One log line per request: which method, from which side and organisation, how it ended, how long it took.
//!
//! Never in it: identifiers of grants, threads, messages or handles, names, tokens, addresses.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::Frame;
use sluis_types::Oin;
use tonic::body::Body;
use tonic::{Code, Status};
use tracing::Span;

use crate::{Caller, Side, Timer};

/// Follows one request until its reply has ended.
pub(crate) struct RequestLog {
    service: String,
    method: String,
    side: Option<Side>,
    organisation: Option<Oin>,
    started: Duration,
    timer: Arc<dyn Timer>,
    span: Span,
    written: bool,
}

impl RequestLog {
    /// Begins with a request of the method with this path, which must be one of ours: a path that a client made up
    /// could hold anything.
    pub(crate) fn begin(known_path: &str, timer: Arc<dyn Timer>) -> Self {
        let (service, method) = known_path
            .trim_start_matches('/')
            .split_once('/')
            .unwrap_or((known_path, ""));
        let span = tracing::info_span!("request", service, method, organisation = tracing::field::Empty);
        Self {
            service: service.to_owned(),
            method: method.to_owned(),
            side: None,
            organisation: None,
            started: timer.now(),
            timer,
            span,
            written: false,
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    pub(crate) fn note_caller(&mut self, caller: &Caller) {
        self.side = Some(caller.side());
        self.organisation = caller.organisation();
        if let Some(organisation) = self.organisation {
            self.span.record("organisation", organisation.as_str());
        }
    }

    /// The response, whose end will write the line.
    pub(crate) fn follow(mut self, response: Response<Body>) -> Response<Body> {
        if let Some(code) = code_in(response.headers()) {
            self.write(code);
            return response;
        }
        response.map(|inner| Body::new(LoggedBody { inner, log: self }))
    }

    fn write(&mut self, code: Code) {
        if std::mem::replace(&mut self.written, true) {
            return;
        }
        let duration_ms = self.timer.now().saturating_sub(self.started).as_millis();
        let duration_ms = u64::try_from(duration_ms).unwrap_or(u64::MAX);
        tracing::info!(
            service = self.service,
            method = self.method,
            side = self.side.map(Side::name),
            organisation = self.organisation.as_ref().map(Oin::as_str),
            outcome = ?code,
            duration_ms,
            "request"
        );
    }
}

impl Drop for RequestLog {
    /// A request whose client went away, or whose work was given up, leaves its line too.
    fn drop(&mut self) {
        self.write(Code::Cancelled);
    }
}

fn code_in(headers: &HeaderMap) -> Option<Code> {
    headers
        .get(Status::GRPC_STATUS)
        .map(|value| Code::from_bytes(value.as_bytes()))
}

struct LoggedBody {
    inner: Body,
    log: RequestLog,
}

impl http_body::Body for LoggedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(code) = frame.trailers_ref().and_then(code_in) {
                    self.log.write(code);
                }
            }
            Poll::Ready(Some(Err(status))) => self.log.write(status.code()),
            // A body that ends without a status is a fault of whoever made it.
            Poll::Ready(None) => self.log.write(Code::Unknown),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.inner.size_hint()
    }
}
