//! A call that carries the same bytes as submitting a message, and does nothing.
//!
//! Once bare (tonic and TLS), once in the chassis that every service of the mesh stands on. What lies between two of
//! these is the cost of what stands between them.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use sluis_proto::referral::v1::referral_service_client::ReferralServiceClient;
use sluis_proto::referral::v1::{SubmitMessageRequest, SubmitMessageResponse};
use sluis_registry::ca::MeshCa;
use sluis_serve::{MeshRole, Stop};
use sluis_types::{OsRandomness, SystemClock};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::metadata::MetadataMap;
use tonic::server::{NamedService, UnaryService};
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status};
use tower::Service;

use crate::connect::Credentials;
use crate::error::{BenchError, failed, refused};
use crate::load::{Load, drive};

/// Bytes of a receipt and of a leaf promise, about.
const REPLY_PART_BYTES: usize = 170;
/// The name in the certificate of the bare echo, and of a proxy before it.
pub(crate) const ECHO_NAME: &str = "localhost";

/// Takes a submission and answers at once, under the name of the service that takes them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "sluis.referral.v1.ReferralService";
}

impl UnaryService<SubmitMessageRequest> for Echo {
    type Response = SubmitMessageResponse;
    type Future = Ready<Result<Response<SubmitMessageResponse>, Status>>;

    fn call(&mut self, _request: Request<SubmitMessageRequest>) -> Self::Future {
        ready(Ok(Response::new(SubmitMessageResponse {
            receipt: vec![1; REPLY_PART_BYTES].into(),
            leaf_promise: vec![2; REPLY_PART_BYTES].into(),
        })))
    }
}

type Reply = Pin<Box<dyn Future<Output = Result<tonic::codegen::http::Response<Body>, Infallible>> + Send>>;

impl Service<tonic::codegen::http::Request<Body>> for Echo {
    type Response = tonic::codegen::http::Response<Body>;
    type Error = Infallible;
    type Future = Reply;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: tonic::codegen::http::Request<Body>) -> Reply {
        Box::pin(async move {
            let codec = tonic_prost::ProstCodec::default();
            Ok(tonic::server::Grpc::new(codec).unary(Self, request).await)
        })
    }
}

/// A bare tonic server with a certificate authority of its own.
pub(crate) struct BareEcho {
    pub(crate) address: SocketAddr,
    /// What its clients show and trust.
    pub(crate) client: Credentials,
    /// What it shows itself; a proxy in front of it shows the same.
    pub(crate) server: Credentials,
}

impl BareEcho {
    pub(crate) async fn start(directory: &Path, stop: &Stop) -> Result<Self, BenchError> {
        let ca = MeshCa::load_or_create(directory, Arc::new(SystemClock), Arc::new(OsRandomness))
            .map_err(failed("the echo's certificate authority"))?;
        let credentials = |issued: sluis_registry::ca::IssuedIdentity| Credentials {
            ca: ca.certificate_pem().to_owned(),
            chain: issued.chain_pem,
            key: issued.key_pem.to_string(),
        };
        let server = credentials(
            ca.issue_gateway_certificate(&[ECHO_NAME])
                .map_err(failed("the echo's certificate"))?,
        );
        let client = credentials(
            ca.issue_role_certificate(MeshRole::Gateway)
                .map_err(failed("the certificate of the echo's client"))?,
        );
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(failed("a port for the echo"))?;
        let address = listener.local_addr().map_err(failed("a port for the echo"))?;
        let tls = ServerTlsConfig::new()
            .identity(Identity::from_pem(&server.chain, &server.key))
            .client_ca_root(Certificate::from_pem(&server.ca));
        let router = Server::builder()
            .tcp_nodelay(true)
            .tls_config(tls)
            .map_err(failed("the echo's TLS"))?
            .add_service(Echo);
        let stop = stop.clone();
        let incoming = tokio_stream::StreamExt::map(TcpListenerStream::new(listener), |stream| {
            stream.and_then(|stream| stream.set_nodelay(true).map(|()| stream))
        });
        tokio::spawn(async move {
            router
                .serve_with_incoming_shutdown(incoming, async move { stop.requested().await })
                .await
        });
        Ok(Self {
            address,
            client,
            server,
        })
    }

    /// Clients with a connection each, to the echo itself or to a proxy before it.
    pub(crate) async fn measure(
        &self,
        address: SocketAddr,
        clients: usize,
        each: usize,
        request: &Arc<SubmitMessageRequest>,
    ) -> Result<Load, BenchError> {
        let mut callers = Vec::with_capacity(clients);
        for _ in 0..clients {
            let channel = self.client.connect(address, ECHO_NAME).await?;
            callers.push(Caller::new(
                ReferralServiceClient::new(channel),
                MetadataMap::new(),
            ));
        }
        call_all(callers, each, request).await
    }
}

/// A connection, and the metadata that its calls carry.
#[derive(Clone)]
pub(crate) struct Caller {
    client: ReferralServiceClient<tonic::transport::Channel>,
    metadata: MetadataMap,
}

impl Caller {
    pub(crate) fn new(
        client: ReferralServiceClient<tonic::transport::Channel>,
        metadata: MetadataMap,
    ) -> Self {
        Self { client, metadata }
    }
}

/// Every caller sends the same request again and again. One call of each comes before the clock starts.
pub(crate) async fn call_all(
    callers: Vec<Caller>,
    each: usize,
    request: &Arc<SubmitMessageRequest>,
) -> Result<Load, BenchError> {
    let clients = callers.len();
    let callers = Arc::new(callers);
    let request = Arc::clone(request);
    let call = move |client: usize, _: usize| {
        let (mut caller, request) = (callers[client].clone(), Arc::clone(&request));
        async move {
            let request = Request::from_parts(caller.metadata, tonic::Extensions::new(), (*request).clone());
            caller
                .client
                .submit_message(request)
                .await
                .map_err(refused("an echo"))?;
            Ok(())
        }
    };
    drive(clients, 1, call.clone()).await?;
    drive(clients, each, call).await
}
