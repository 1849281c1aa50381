//! A service and all that stands around it, ready to be served.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use http::{Extensions, Request, Response};
use sluis_types::{Clock, Timestamp};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tower::Service;
use x509_parser::prelude::{ASN1Time, FromDer as _, GeneralName, X509Certificate};

use crate::connections::Serving;
use crate::{
    Arrival, CallerTokenVerifier, Chassis, ConnectionLimits, Drain, InMemory, MeshAdmission, MeshRole,
    MethodTable, Peer, PeerRefused, Stop, Timer, serve_connections,
};

/// One service of the mesh: its gRPC services behind the chassis, with health and reflection beside them.
///
/// Generated servers limit messages to 4 MiB by themselves; raise that with `max_decoding_message_size(usize::MAX)`:
/// the chassis bounds every message by its method's rules before.
pub struct ServiceHost {
    table: MethodTable,
    verifier: CallerTokenVerifier,
    timer: Arc<dyn Timer>,
    routes: Routes,
    health: Health,
}

/// Which services say that they serve, until they say that they do not.
#[derive(Clone)]
struct Health {
    reporter: HealthReporter,
    names: Vec<&'static str>,
}

impl Health {
    async fn begin(&self) {
        for name in &self.names {
            self.reporter
                .set_service_status(name, ServingStatus::Serving)
                .await;
        }
    }

    async fn end(mut self) {
        for name in std::mem::take(&mut self.names) {
            self.reporter
                .set_service_status(name, ServingStatus::NotServing)
                .await;
            // Whoever watches sees the status and then the end of the stream, instead of holding up the drain.
            self.reporter.clear_service_status(name).await;
        }
    }
}

impl fmt::Debug for ServiceHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceHost")
            .field("services", &self.health.names)
            .finish_non_exhaustive()
    }
}

impl ServiceHost {
    /// A host without services yet, for callers that `verifier` accepts.
    ///
    /// # Panics
    /// Never for a [`MethodTable`] that was read: the descriptor set that reflection shows is the one it was read
    /// from.
    pub fn new(table: MethodTable, verifier: CallerTokenVerifier, timer: Arc<dyn Timer>) -> Self {
        let reporter = HealthReporter::new();
        let health = tonic_health::server::HealthService::from_health_reporter(reporter.clone());
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(sluis_proto::FILE_DESCRIPTOR_SET)
            .build_v1()
            .expect("the committed descriptor set decodes: a test of the rules reads it");
        let routes =
            Routes::new(tonic_health::pb::health_server::HealthServer::new(health)).add_service(reflection);
        Self {
            table,
            verifier,
            timer,
            routes,
            health: Health {
                reporter,
                names: vec![""],
            },
        }
    }

    /// This host with one more generated server.
    #[must_use]
    pub fn add_service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        self.routes = self.routes.add_service(service);
        self.health.names.push(S::NAME);
        self
    }

    /// Serves on a bound listener, to parts of the mesh with a role certificate, until `stop`; then drains. `tls` is
    /// made by [`crate::mesh_server_tls`].
    pub async fn serve(
        self,
        listener: TcpListener,
        tls: Arc<rustls::ServerConfig>,
        clock: Arc<dyn Clock>,
        stop: Stop,
    ) -> Drain {
        let Self {
            table,
            verifier,
            timer,
            routes,
            health,
        } = self;
        let serving = serve_connections(
            listener,
            tls,
            ConnectionLimits::MESH,
            move |peer| {
                let mut extensions = Extensions::new();
                extensions.insert(Arrival::Role(role_of(peer, clock.now())?));
                Ok(extensions)
            },
            Chassis::new(
                table,
                Arc::clone(&timer),
                MeshAdmission::new(verifier),
                routes.prepare(),
            ),
            timer,
            stop.clone(),
        );
        health.begin().await;
        let farewell = async {
            stop.requested().await;
            health.end().await;
        };
        tokio::join!(serving, farewell).0
    }

    /// Serves within this process until `stop`; then drains. Must be called within a Tokio runtime.
    pub fn in_memory(self, stop: Stop) -> InMemory {
        let Self {
            table,
            verifier,
            timer,
            routes,
            health,
        } = self;
        let serving = Serving::new(ConnectionLimits::MESH, Arc::clone(&timer), stop);
        let chassis = Chassis::new(table, timer, MeshAdmission::new(verifier), routes.prepare());
        let (begin, end) = (health.clone(), health);
        InMemory::start(serving, chassis, async move { begin.begin().await }, async move {
            end.end().await;
        })
    }
}

/// The role that a peer's certificate names, checked anew against the clock: a resumed handshake checks no dates.
fn role_of(peer: &Peer, now: Timestamp) -> Result<MeshRole, PeerRefused> {
    let leaf = peer.leaf().ok_or(PeerRefused("no client certificate"))?;
    let (_, leaf) =
        X509Certificate::from_der(leaf).map_err(|_| PeerRefused("the client certificate cannot be read"))?;
    let now = ASN1Time::from_timestamp(now.seconds())
        .map_err(|_| PeerRefused("the clock shows no time that a certificate could name"))?;
    if !leaf.validity().is_valid_at(now) {
        return Err(PeerRefused("the client certificate is not valid at this time"));
    }
    let names = leaf
        .subject_alternative_name()
        .map_err(|_| PeerRefused("the client certificate cannot be read"))?
        .ok_or(PeerRefused("the client certificate names no role"))?;
    match names.value.general_names.as_slice() {
        [GeneralName::DNSName(name)] => MeshRole::from_server_name(name),
        _ => None,
    }
    .ok_or(PeerRefused(
        "the client certificate does not name exactly one role",
    ))
}
