//! What was let in goes to its service: stamped with a caller token, otherwise as it came.
//!
//! The messages of both directions pass frame by frame, never decoded and never waited for whole; replies keep their
//! headers and trailers. Of what the client sent beside its messages only what gRPC needs goes on. When either end
//! gives up, the other end is told: dropping a call resets its stream. A service that cannot be reached, or that breaks
//! off without a status, is TEMPORARILY_CLOSED.

mod body;
mod front;

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{CONTENT_TYPE, HeaderName, TE};
use http::{HeaderMap, Method, Request, Response, Uri};
use sluis_serve::{Caller, FirstMessage, MeshClient, MethodTable, Refusal, refuse};
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower::{Service, ServiceExt as _};

use crate::StartError;
use crate::partner::{Standing, StandingWatch};
use body::{ReplyBody, RequestBody, RequestFault};
pub(crate) use front::Front;

/// Headers of a request that its service needs (gRPC over HTTP/2). Whatever else a client sends stays here: its token,
/// its name, and above all a caller token of its own making.
const KEPT_HEADERS: [HeaderName; 3] = [CONTENT_TYPE, TE, HeaderName::from_static(GRPC_TIMEOUT)];
const GRPC_TIMEOUT: &str = "grpc-timeout";

/// Passes requests on, by the package of their method.
#[derive(Clone)]
pub(crate) struct Forward(Arc<Ways>);

struct Ways {
    /// The public methods.
    table: MethodTable,
    /// By package: `sluis.registry.v1`.
    services: HashMap<String, MeshClient>,
    /// Health and reflection of the gateway itself, which need no caller.
    open: Routes,
}

impl fmt::Debug for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Forward({} services)", self.0.services.len())
    }
}

impl Forward {
    /// Ways to the services of `table`.
    ///
    /// # Errors
    /// [`StartError::NoService`] when a method of the table belongs to none of them.
    pub(crate) fn new(
        services: HashMap<String, MeshClient>,
        open: Routes,
        table: MethodTable,
    ) -> Result<Self, StartError> {
        for rules in table.iter() {
            if !package_of(&rules.path).is_some_and(|package| services.contains_key(package)) {
                return Err(StartError::NoService {
                    method: rules.path.clone(),
                });
            }
        }
        Ok(Self(Arc::new(Ways {
            table,
            services,
            open,
        })))
    }

    async fn pass_on(&self, caller: Caller, request: Request<Body>) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path();
        let way = package_of(path).and_then(|package| self.0.services.get(package));
        let (Some(way), Some(rules)) = (way, self.0.table.get(path)) else {
            return unknown_method();
        };
        let standing = parts.extensions.remove::<Standing>();
        let fault = RequestFault::default();
        let watch = || standing.as_ref().map(Standing::watch);
        let body = RequestBody::wrap(body, fault.clone(), watch());
        let Some(mut onward) = onward(&parts, body) else {
            return unknown_method();
        };
        if rules.ticked {
            // By trying limits a client could measure how long the work takes.
            onward.headers_mut().remove(GRPC_TIMEOUT);
        }
        match way.speaking_as(caller).oneshot(onward).await {
            Ok(response) => followed(response, fault, watch()),
            Err(error) => match fault.get() {
                Some(status) => status.into_http(),
                None => refuse(Refusal::closed(error.as_ref())),
            },
        }
    }
}

/// The package in a path `/package.Service/Method`.
fn package_of(path: &str) -> Option<&str> {
    let (service, _method) = path.strip_prefix('/')?.split_once('/')?;
    Some(service.rsplit_once('.')?.0)
}

fn unknown_method() -> Response<Body> {
    Status::new(Code::Unimplemented, "there is no such method").into_http()
}

/// The request as its service gets it.
fn onward(parts: &http::request::Parts, body: Body) -> Option<Request<Body>> {
    let mut onward = Request::new(body);
    *onward.method_mut() = Method::POST;
    *onward.uri_mut() = parts.uri.path().parse::<Uri>().ok()?;
    *onward.headers_mut() = kept(&parts.headers);
    if let Some(first) = parts.extensions.get::<FirstMessage>() {
        onward.extensions_mut().insert(first.clone());
    }
    Some(onward)
}

fn kept(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(KEPT_HEADERS.len() + 2);
    for name in KEPT_HEADERS {
        if let Some(value) = headers.get(&name) {
            kept.insert(name, value.clone());
        }
    }
    kept
}

/// The reply, whose end is looked after until the client has it.
fn followed(response: Response<Body>, fault: RequestFault, watch: Option<StandingWatch>) -> Response<Body> {
    if response.headers().contains_key(Status::GRPC_STATUS) {
        return response;
    }
    response.map(|body| ReplyBody::wrap(body, fault, watch))
}

impl Service<Request<Body>> for Forward {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Each way is asked when it is known which.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            match request.extensions_mut().remove::<Caller>() {
                Some(caller) => Ok(this.pass_on(caller, request).await),
                None => this.0.open.clone().oneshot(request).await,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_what_stands_before_the_service() {
        assert_eq!(
            package_of("/sluis.registry.v1.RegistryService/Enrol"),
            Some("sluis.registry.v1")
        );
        for path in ["", "/", "x", "/a/b", "sluis.registry.v1.S/M"] {
            assert_eq!(package_of(path), None, "{path}");
        }
    }

    #[test]
    fn only_what_grpc_needs_goes_on() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("content-type", "application/grpc"),
            ("te", "trailers"),
            ("grpc-timeout", "1S"),
            ("authorization", "Bearer x"),
            ("sluis-caller-bin", "AAAA"),
            ("grpc-accept-encoding", "gzip"),
            ("x-forwarded-for", "192.0.2.1"),
            ("user-agent", "somebody"),
        ] {
            headers.insert(name, value.parse().expect("ASCII"));
        }
        let kept = kept(&headers);
        let mut names: Vec<&str> = kept.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "grpc-timeout", "te"]);
    }
}
