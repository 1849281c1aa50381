//! The way of every request through a part of the mesh: rules, deadline, admission, service, tick, one log line.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use tonic::body::Body;
use tower::{Service, ServiceExt as _};
use tracing::Instrument as _;

use crate::refusal::deadline_exceeded;
use crate::request_log::RequestLog;
use crate::silence::SilenceBody;
use crate::{Admit, Caller, MethodRules, MethodTable, Timer, next_tick, read_first_message, refuse};

/// Services without rules that answer without a caller: they say nothing of anybody.
const OPEN_SERVICES: [&str; 2] = ["/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/"];
/// Longest silence of a client of those.
const OPEN_SILENCE_MAX: Duration = Duration::from_mins(1);
/// Largest request to those, in bytes.
const OPEN_REQUEST_BYTES_MAX: usize = 16 * 1024;

/// Wraps a service, so that each of its methods is called by its rules only.
pub struct Chassis<A, S> {
    parts: Arc<Parts<A>>,
    inner: S,
}

struct Parts<A> {
    table: MethodTable,
    timer: Arc<dyn Timer>,
    admission: A,
    tick: Tick,
}

/// Who holds the replies of ticked methods until the tick.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tick {
    Here,
    Behind,
}

impl<A, S: Clone> Clone for Chassis<A, S> {
    fn clone(&self) -> Self {
        Self {
            parts: Arc::clone(&self.parts),
            inner: self.inner.clone(),
        }
    }
}

impl<A, S> fmt::Debug for Chassis<A, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chassis({:?})", self.parts.table)
    }
}

impl<A, S> Chassis<A, S> {
    /// `inner`, to be reached through `admission` only.
    pub fn new(table: MethodTable, timer: Arc<dyn Timer>, admission: A, inner: S) -> Self {
        Self {
            parts: Arc::new(Parts {
                table,
                timer,
                admission,
                tick: Tick::Here,
            }),
            inner,
        }
    }

    /// This chassis before another one, which holds the replies of ticked methods already: holding them twice would
    /// only cost time. For an admission whose own refusals say nothing of anybody but the caller.
    ///
    /// # Panics
    /// When it was cloned before: whoever put it to use has decided.
    #[must_use]
    pub fn leaving_the_tick_to_the_service(mut self) -> Self {
        let parts = Arc::get_mut(&mut self.parts).expect("a chassis is set up before it is cloned");
        parts.tick = Tick::Behind;
        self
    }
}

impl<A, S> Service<Request<Body>> for Chassis<A, S>
where
    A: Admit,
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The inner service is asked when the request was admitted, not before.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (parts, inner) = (Arc::clone(&self.parts), self.inner.clone());
        Box::pin(async move {
            let path = request.uri().path();
            match parts.table.get(path) {
                Some(rules) => {
                    let rules = Arc::clone(rules);
                    Ok(parts.by_rules(&rules, inner, request).await)
                }
                None if OPEN_SERVICES.iter().any(|service| path.starts_with(service)) => {
                    Ok(parts.open(inner, request).await)
                }
                None => Ok(tonic::Status::unimplemented("there is no such method").into_http()),
            }
        })
    }
}

impl<A: Admit> Parts<A> {
    /// Open to everybody, so bounded all the more.
    async fn open<S>(&self, inner: S, request: Request<Body>) -> Response<Body>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    {
        let (parts, body) = request.into_parts();
        let body = SilenceBody::wrap(body, Arc::clone(&self.timer), OPEN_SILENCE_MAX);
        match read_first_message(body, OPEN_REQUEST_BYTES_MAX).await {
            Ok((_, body)) => {
                let Ok(response) = inner.oneshot(Request::from_parts(parts, body)).await;
                response
            }
            Err(refusal) => refuse(refusal),
        }
    }

    async fn by_rules<S>(&self, rules: &MethodRules, inner: S, request: Request<Body>) -> Response<Body>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    {
        let mut log = RequestLog::begin(&rules.path, Arc::clone(&self.timer));
        let span = log.span();
        let response = self
            .within_deadline(rules, inner, request, &mut log)
            .instrument(span)
            .await;
        if rules.ticked && self.tick == Tick::Here {
            self.timer.sleep_until(next_tick(self.timer.now())).await;
        }
        log.follow(response)
    }

    async fn within_deadline<S>(
        &self,
        rules: &MethodRules,
        inner: S,
        request: Request<Body>,
        log: &mut RequestLog,
    ) -> Response<Body>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    {
        if rules.streams_requests {
            let request =
                request.map(|body| SilenceBody::wrap(body, Arc::clone(&self.timer), rules.deadline));
            return self.admitted(rules, inner, request, log).await;
        }
        // A watch answers at once and then stays open: its deadline is for the beginning of the answer. Where the
        // answer waits for the tick, the client's own limit counts for nothing: by trying limits it could measure
        // how long the work takes.
        let asked = asked_timeout(request.headers()).filter(|_| !rules.ticked);
        let allowed = asked.map_or(rules.deadline, |asked| asked.min(rules.deadline));
        let deadline = self.timer.sleep_until(self.timer.now() + allowed);
        tokio::select! {
            biased;
            response = self.admitted(rules, inner, request, log) => response,
            () = deadline => deadline_exceeded().into_http(),
        }
    }

    async fn admitted<S>(
        &self,
        rules: &MethodRules,
        inner: S,
        request: Request<Body>,
        log: &mut RequestLog,
    ) -> Response<Body>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    {
        match self.admission.admit(request, rules).await {
            Ok(request) => {
                if let Some(caller) = request.extensions().get::<Caller>() {
                    log.note_caller(caller);
                }
                let Ok(response) = inner.oneshot(request).await;
                response
            }
            Err(refusal) => refuse(refusal),
        }
    }
}

/// The client's own limit (gRPC over HTTP/2, "Timeout": at most eight digits and a unit).
fn asked_timeout(headers: &http::HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (unit_at, unit) = text.char_indices().next_back()?;
    let digits = &text[..unit_at];
    if digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    match unit {
        'H' => Some(Duration::from_secs(number * 3600)),
        'M' => Some(Duration::from_secs(number * 60)),
        'S' => Some(Duration::from_secs(number)),
        'm' => Some(Duration::from_millis(number)),
        'u' => Some(Duration::from_micros(number)),
        'n' => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_that_is_none_is_ignored() {
        let asked = |text: &str| {
            let mut headers = http::HeaderMap::new();
            headers.insert("grpc-timeout", text.parse().unwrap());
            asked_timeout(&headers)
        };
        assert_eq!(asked("5S"), Some(Duration::from_secs(5)));
        assert_eq!(asked("250m"), Some(Duration::from_millis(250)));
        assert_eq!(asked("99999999H"), Some(Duration::from_hours(99_999_999)));
        for text in ["", "S", "5", "-1S", "123456789S", "5 S", "5é"] {
            if let Ok(_value) = text.parse::<http::HeaderValue>() {
                assert_eq!(asked(text), None, "{text:?}");
            }
        }
    }
}
