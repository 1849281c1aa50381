//! Services behind the gateway: they answer what the tests need and remember what reached them.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use sluis_proto::consent::v1 as consent;
use sluis_proto::consent::v1::resident_session_service_server::ResidentSessionService;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, FirstMessage, Hash, Refusal};
use sluis_types::Timestamp;
use tokio::sync::Notify;
use tonic::Status;
use tonic::body::Body;
use tonic::server::NamedService;
use tower::Service;

/// One request as a service saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) caller: Caller,
    pub(crate) first: Hash,
    pub(crate) headers: HeaderMap,
    /// Whole, for services that answer once.
    pub(crate) body: Bytes,
}

/// What all services of a test share.
#[derive(Clone, Default)]
pub(crate) struct Records {
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
    /// Replies by path; an empty message where there is none.
    pub(crate) replies: Arc<Mutex<HashMap<&'static str, Vec<u8>>>>,
    /// Refusals by path, instead of a reply.
    pub(crate) refusals: Arc<Mutex<HashMap<&'static str, ErrorReason>>>,
    pub(crate) arrived: Arc<Notify>,
    pub(crate) let_go: Arc<Notify>,
    pub(crate) given_up: Arc<Notify>,
}

const SYNC_DIRECTORY: &str = "/sluis.matching.v1.DirectoryService/SyncDirectory";

impl Records {
    pub(crate) fn last(&self) -> Seen {
        let seen = self.seen.lock().unwrap();
        let mut asked = seen.iter().rev().filter(|it| it.path != SYNC_DIRECTORY);
        asked.next().expect("something reached a service").clone()
    }

    /// How many requests came; the directory of offers, which a gateway with pages fetches by its clock, not counted.
    pub(crate) fn count(&self) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|it| it.path != SYNC_DIRECTORY).count()
    }

    fn note(&self, request: &Request<Body>, body: Bytes) {
        let extensions = request.extensions();
        let first = extensions.get::<FirstMessage>().expect("admitted").hash();
        let caller = extensions.get::<Caller>().expect("admitted").clone();
        let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
        self.seen.lock().unwrap().push(Seen {
            path,
            caller,
            first,
            headers,
            body,
        });
    }
}

/// The paths on which [`Echo`] does something else.
pub(crate) const HELD: &str = "/sluis.referral.v1.ReferralService/GetMessage";
pub(crate) const BREAKS_OFF: &str = "/sluis.referral.v1.ReferralService/DownloadBlob";

/// Tells when the work on a held call is dropped.
struct Work(Arc<Notify>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Sends the frames of the request back as they come, then trailers of its own.
#[derive(Clone)]
pub(crate) struct Echo(pub(crate) Records);

impl NamedService for Echo {
    const NAME: &'static str = "sluis.referral.v1.ReferralService";
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

impl Service<Request<Body>> for Echo {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Answer {
        let records = self.0.clone();
        Box::pin(async move {
            records.note(&request, Bytes::new());
            match request.uri().path() {
                HELD => {
                    let work = Work(Arc::clone(&records.given_up));
                    records.arrived.notify_one();
                    records.let_go.notified().await;
                    std::mem::forget(work);
                    Ok(grpc(echo(request.into_body())))
                }
                BREAKS_OFF => Ok(grpc(broken_off(Arc::clone(&records.let_go)))),
                _ => Ok(grpc(echo(request.into_body()))),
            }
        })
    }
}

fn grpc(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert("content-type", "application/grpc".parse().unwrap());
    headers.insert("x-leading", "kept".parse().unwrap());
    response
}

fn echo(body: Body) -> Body {
    let frames = futures_util::stream::unfold(Some(body), async |body| {
        let mut body = body?;
        match body.frame().await {
            Some(Ok(frame)) => Some((Ok(frame), Some(body))),
            Some(Err(status)) => Some((Err(status), None)),
            None => Some((Ok::<_, Status>(Frame::trailers(own_trailers())), None)),
        }
    });
    Body::new(StreamBody::new(Box::pin(frames)))
}

fn own_trailers() -> HeaderMap {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    trailers.insert("x-trailing", "kept".parse().unwrap());
    trailers.insert("x-bytes-bin", "AAEC".parse().unwrap());
    trailers
}

/// One message, and no end once it is let go.
fn broken_off(let_go: Arc<Notify>) -> Body {
    let first = Ok(Frame::data(Bytes::from_static(&[0, 0, 0, 0, 1, 7])));
    let broken = futures_util::stream::once(async move {
        let_go.notified().await;
        Err::<Frame<Bytes>, _>(Status::internal("gone"))
    });
    let frames = futures_util::StreamExt::chain(futures_util::stream::iter([first]), broken);
    Body::new(StreamBody::new(Box::pin(frames)))
}

/// Declares a service that remembers requests and answers from [`Records::replies`].
macro_rules! recording {
    ($($name:ident: $service:literal;)+) => { $(
        #[derive(Clone)]
        pub(crate) struct $name(pub(crate) Records);

        impl NamedService for $name {
            const NAME: &'static str = $service;
        }

        impl Service<Request<Body>> for $name {
            type Response = Response<Body>;
            type Error = Infallible;
            type Future = Answer;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: Request<Body>) -> Answer {
                Box::pin(record(self.0.clone(), request))
            }
        }
    )+ };
}

recording! {
    Registry: "sluis.registry.v1.RegistryService";
    ResidentConsent: "sluis.consent.v1.ResidentConsentService";
    ResidentRepresentation: "sluis.consent.v1.ResidentRepresentationService";
    ResidentReceipt: "sluis.consent.v1.ResidentReceiptService";
    ResidentNotice: "sluis.consent.v1.ResidentNoticeService";
    ResidentAssisted: "sluis.consent.v1.ResidentAssistedService";
    ReceiptKeys: "sluis.consent.v1.ReceiptKeyService";
    ResidentReferral: "sluis.referral.v1.ResidentReferralService";
    ResidentMatching: "sluis.matching.v1.ResidentMatchingService";
    ResidentPlace: "sluis.matching.v1.ResidentPlaceService";
    ResidentMeeting: "sluis.signalling.v1.ResidentMeetingService";
    ResidentLegalBasis: "sluis.consent.v1.ResidentLegalBasisService";
    ServiceDirectory: "sluis.matching.v1.DirectoryService";
    ResidentCircle: "sluis.consent.v1.ResidentCircleService";
    ResidentSignalling: "sluis.signalling.v1.ResidentSignallingService";
}

async fn record(records: Records, request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .expect("the gateway sends whole bodies")
        .to_bytes();
    let request = Request::from_parts(parts, Body::empty());
    records.note(&request, body);
    let refused = records
        .refusals
        .lock()
        .unwrap()
        .get(request.uri().path())
        .copied();
    if let Some(reason) = refused {
        return Ok(Status::from(Refusal::new(reason)).into_http());
    }
    let reply = records
        .replies
        .lock()
        .unwrap()
        .get(request.uri().path())
        .cloned()
        .unwrap_or_default();
    let mut framed = vec![0];
    framed.extend_from_slice(&u32::try_from(reply.len()).unwrap().to_be_bytes());
    framed.extend_from_slice(&reply);
    let frames = [
        Ok::<_, Status>(Frame::data(framed.into())),
        Ok(Frame::trailers(own_trailers())),
    ];
    Ok(grpc(Body::new(StreamBody::new(futures_util::stream::iter(
        frames,
    )))))
}

/// Keeps sessions, for the gateway only.
#[derive(Clone, Default)]
pub(crate) struct Sessions {
    kept: Arc<Mutex<HashMap<Bytes, consent::StartSessionRequest>>>,
    /// How many began: no token comes twice.
    begun: Arc<AtomicU8>,
    /// Failed logins by source.
    pub(crate) failed: Arc<Mutex<HashMap<Bytes, usize>>>,
    /// Why no session is ended, if none is.
    pub(crate) ends_none: Arc<Mutex<Option<ErrorReason>>>,
    expires_at: i64,
}

impl Sessions {
    pub(crate) fn until(expires_at: Timestamp) -> Self {
        Self {
            expires_at: expires_at.seconds(),
            ..Self::default()
        }
    }
}

#[tonic::async_trait]
impl ResidentSessionService for Sessions {
    async fn start_session(
        &self,
        request: tonic::Request<consent::StartSessionRequest>,
    ) -> Result<tonic::Response<consent::StartSessionResponse>, Status> {
        Caller::of(&request)?.mesh()?;
        let mut kept = self.kept.lock().unwrap();
        let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        let session_token = Bytes::from(vec![number; 32]);
        kept.insert(session_token.clone(), request.into_inner());
        let expires_at = Some(prost_types::Timestamp {
            seconds: self.expires_at,
            nanos: 0,
        });
        Ok(tonic::Response::new(consent::StartSessionResponse {
            session_token,
            expires_at,
        }))
    }

    async fn get_session(
        &self,
        request: tonic::Request<consent::GetSessionRequest>,
    ) -> Result<tonic::Response<consent::GetSessionResponse>, Status> {
        Caller::of(&request)?.mesh()?;
        let kept = self.kept.lock().unwrap();
        let session = kept.get(&request.into_inner().session_token).cloned();
        let session = session.ok_or_else(|| Refusal::new(ErrorReason::SessionEnded))?;
        Ok(tonic::Response::new(consent::GetSessionResponse {
            issuer: session.issuer,
            subject: session.subject,
            represents: session.represents,
            level_of_assurance: session.level_of_assurance,
            expires_at: Some(prost_types::Timestamp {
                seconds: self.expires_at,
                nanos: 0,
            }),
        }))
    }

    async fn end_session(
        &self,
        request: tonic::Request<consent::EndSessionRequest>,
    ) -> Result<tonic::Response<consent::EndSessionResponse>, Status> {
        Caller::of(&request)?.mesh()?;
        if let Some(reason) = *self.ends_none.lock().unwrap() {
            return Err(Refusal::new(reason).into());
        }
        self.kept
            .lock()
            .unwrap()
            .remove(&request.into_inner().session_token);
        Ok(tonic::Response::new(consent::EndSessionResponse {}))
    }

    async fn check_login_source(
        &self,
        request: tonic::Request<consent::CheckLoginSourceRequest>,
    ) -> Result<tonic::Response<consent::CheckLoginSourceResponse>, Status> {
        Caller::of(&request)?.mesh()?;
        let failed = self.failed.lock().unwrap();
        if failed
            .get(&request.into_inner().source)
            .is_some_and(|count| *count >= 5)
        {
            return Err(Refusal::new(ErrorReason::RateLimited).into());
        }
        Ok(tonic::Response::new(consent::CheckLoginSourceResponse {}))
    }

    async fn count_failed_login(
        &self,
        request: tonic::Request<consent::CountFailedLoginRequest>,
    ) -> Result<tonic::Response<consent::CountFailedLoginResponse>, Status> {
        Caller::of(&request)?.mesh()?;
        let mut failed = self.failed.lock().unwrap();
        *failed.entry(request.into_inner().source).or_default() += 1;
        Ok(tonic::Response::new(consent::CountFailedLoginResponse {}))
    }
}
