//! What every request on the public side meets first: it must be gRPC at all.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::{ALLOW, CONTENT_TYPE, HeaderName};
use http::{Method, Request, Response, StatusCode};
use sluis_serve::caller_token::METADATA_KEY;
use tonic::body::Body;
use tower::Service;

const CONTENT_TYPE_GRPC: &str = "application/grpc";

/// Refuses what is no gRPC with an HTTP status, which is all that such a client understands, and drops a caller
/// token from outside before anything else sees the request.
#[derive(Clone, Debug)]
pub(crate) struct Front<S>(S);

impl<S> Front<S> {
    pub(crate) fn new(inner: S) -> Self {
        Self(inner)
    }
}

impl<S> Service<Request<Body>> for Front<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        if let Some(answer) = not_grpc(&request) {
            return Box::pin(std::future::ready(Ok(answer)));
        }
        request
            .headers_mut()
            .remove(HeaderName::from_static(METADATA_KEY));
        Box::pin(self.0.call(request))
    }
}

fn not_grpc(request: &Request<Body>) -> Option<Response<Body>> {
    let mut answer = Response::new(Body::empty());
    if *request.method() != Method::POST {
        *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        answer
            .headers_mut()
            .insert(ALLOW, http::HeaderValue::from_static("POST"));
        return Some(answer);
    }
    if !is_grpc(
        request
            .headers()
            .get(CONTENT_TYPE)
            .map(http::HeaderValue::as_bytes),
    ) {
        // gRPC over HTTP/2, "Requests": a server must answer so.
        *answer.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Some(answer);
    }
    None
}

/// `application/grpc`, perhaps with a message format or parameters; `application/grpc-web` is another protocol.
fn is_grpc(content_type: Option<&[u8]>) -> bool {
    let rest = content_type.and_then(|value| value.strip_prefix(CONTENT_TYPE_GRPC.as_bytes()));
    matches!(rest, Some([] | [b'+' | b';', ..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_protocols_are_not_taken_for_grpc() {
        for good in [
            "application/grpc",
            "application/grpc+proto",
            "application/grpc;x=y",
        ] {
            assert!(is_grpc(Some(good.as_bytes())), "{good}");
        }
        for bad in [
            "application/grpc-web",
            "application/json",
            "",
            "application/grpcx",
        ] {
            assert!(!is_grpc(Some(bad.as_bytes())), "{bad}");
        }
        assert!(!is_grpc(None));
    }
}
