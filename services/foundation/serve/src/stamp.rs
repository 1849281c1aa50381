//! Calling another part of the mesh: each request gets a caller token, its bytes go on unchanged.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tonic::transport::Channel;
use tower::Service;

use crate::admission::token_metadata;
use crate::caller_token::METADATA_KEY;
use crate::{
    Caller, CallerTokenSigner, FirstMessage, MeshRole, MethodTable, Refusal, read_first_message, refuse,
};

/// A channel to another part of the mesh, for generated clients.
pub type MeshClient = Stamped<Channel>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Stamps every request with a caller token, bound to its method and its first message, and passes it on.
///
/// Used by services for calls in their own name, and by the gateway for the calls that it forwards, with the signer
/// of the side that they came from.
pub struct Stamped<S> {
    inner: S,
    stamp: Arc<Stamp>,
    caller: Arc<Caller>,
}

struct Stamp {
    table: MethodTable,
    signer: CallerTokenSigner,
    audience: MeshRole,
}

impl<S: Clone> Clone for Stamped<S> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            stamp: Arc::clone(&self.stamp),
            caller: Arc::clone(&self.caller),
        }
    }
}

impl<S> fmt::Debug for Stamped<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stamped(to {}, {:?})", self.stamp.audience.name(), self.caller)
    }
}

impl<S: Clone> Stamped<S> {
    /// `inner`, which leads to `audience`, for calls on behalf of `caller`.
    pub fn new(
        inner: S,
        table: MethodTable,
        signer: CallerTokenSigner,
        caller: Caller,
        audience: MeshRole,
    ) -> Self {
        let stamp = Arc::new(Stamp {
            table,
            signer,
            audience,
        });
        Self {
            inner,
            stamp,
            caller: Arc::new(caller),
        }
    }

    /// The same way and the same key, for calls on behalf of another caller.
    #[must_use]
    pub fn speaking_as(&self, caller: Caller) -> Self {
        Self {
            caller: Arc::new(caller),
            ..self.clone()
        }
    }
}

/// A call of something that no service of the mesh has, or that the signer cannot speak for: a fault in the calling
/// program.
#[derive(Debug, thiserror::Error)]
enum StampError {
    #[error("no method of the mesh has this path")]
    UnknownMethod,
    #[error("the caller token could not be made")]
    Token(#[from] crate::CallerTokenError),
}

impl Stamp {
    /// The stamped request; the inner refusal is an answer to the caller, the outer error a fault of ours.
    async fn put(
        &self,
        caller: &Caller,
        request: Request<Body>,
    ) -> Result<Result<(Request<Body>, crate::BodyFault), Refusal>, StampError> {
        let path = request.uri().path();
        let rules = Arc::clone(self.table.get(path).ok_or(StampError::UnknownMethod)?);
        let (mut parts, body) = request.into_parts();
        // Whoever admitted the request, and bounds its body, has read the first message already.
        let (first, body) = match parts.extensions.remove::<FirstMessage>() {
            Some(first) => (first, body),
            None => match read_first_message(body, rules.request_bytes_max).await {
                Ok(read) => read,
                Err(refusal) => return Ok(Err(refusal)),
            },
        };
        let token = self
            .signer
            .sign(caller, self.audience, &rules.path, &first.hash())?;
        // `insert` replaces: a token that the caller brought along never gets further.
        parts.headers.insert(METADATA_KEY, token_metadata(&token));
        Ok(Ok((Request::from_parts(parts, body), first.fault().clone())))
    }
}

impl<S> Service<Request<Body>> for Stamped<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The clone that is ready takes the call; the fresh one is asked again.
        let fresh = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, fresh);
        let (stamp, caller) = (Arc::clone(&self.stamp), Arc::clone(&self.caller));
        Box::pin(async move {
            let (request, fault) = match stamp.put(&caller, request).await? {
                Ok(stamped) => stamped,
                Err(refusal) => return Ok(refuse(refusal)),
            };
            match ready.call(request).await {
                Ok(response) => Ok(response),
                // A body that we cut off ourselves looks like a broken connection from here.
                Err(error) => fault.get().map(refuse).ok_or_else(|| error.into()),
            }
        })
    }
}
