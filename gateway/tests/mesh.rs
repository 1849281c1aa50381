//! A gateway with two organisations in its directory and services behind it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use sluis_envelope::{KeyKind, SigningKey};
use sluis_gateway::{Channels, Config, Gateway, Parts, public_keys};
use sluis_keyring::ServiceKeys;
use sluis_proto::consent::v1::resident_session_service_server::ResidentSessionServiceServer;
use sluis_serve::{
    CallerTokenVerifier, Directory, DirectoryFeed, Drain, InMemory, MeshRole, MethodTable, ServiceHost, Stop,
    Timer, TlsIdentity, TlsRoots, TokioTimer, client_tls, install_crypto_provider, tls_channel,
};
use sluis_types::{Clock, ManualClock, SeededRandomness, Timestamp};
use tokio::net::TcpListener;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::authority::Authority;
use crate::organisation::Organisation;
use crate::raw::RawCodec;
use crate::services::{
    Echo, ReceiptKeys, Records, Registry, ResidentAssisted, ResidentCircle, ResidentConsent,
    ResidentLegalBasis, ResidentMatching, ResidentMeeting, ResidentNotice, ResidentPlace, ResidentReceipt,
    ResidentReferral, ResidentRepresentation, ResidentSignalling, ServiceDirectory, Sessions,
};

pub(crate) const MESH_ID: &str = "mesh.example";
/// 15 January 2027.
pub(crate) const START: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub(crate) const GATEWAY_NAME: &str = "gateway.example";
pub(crate) const GET_ORGANISATION: &str = "/sluis.registry.v1.RegistryService/GetOrganisation";

pub(crate) fn after(seconds: u64) -> Timestamp {
    START.plus(Duration::from_secs(seconds))
}

pub(crate) struct Mesh {
    pub(crate) authority: Authority,
    pub(crate) one: Organisation,
    pub(crate) other: Organisation,
    pub(crate) feed: DirectoryFeed,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) records: Records,
    pub(crate) sessions: Sessions,
    pub(crate) gateway: Gateway,
    pub(crate) address: SocketAddr,
    pub(crate) stop: Stop,
    /// Ends the services, so that what leads to them breaks.
    pub(crate) services_stop: Stop,
    pub(crate) services: Vec<InMemory>,
    _keys: tempfile::TempDir,
}

/// Who signs the service directory.
pub(crate) fn offers_signer() -> SigningKey {
    SigningKey::from_seed(KeyKind::Directory, &[9; 32])
}

/// A mesh without logins, with the machine's own timer.
pub(crate) async fn mesh() -> Mesh {
    mesh_with("", Arc::new(TokioTimer::new())).await
}

fn as_consent(host: ServiceHost, records: &Records) -> ServiceHost {
    host.add_service(ResidentConsent(records.clone()))
        .add_service(ResidentCircle(records.clone()))
        .add_service(ResidentLegalBasis(records.clone()))
        .add_service(ResidentRepresentation(records.clone()))
        .add_service(ResidentNotice(records.clone()))
        .add_service(ResidentReceipt(records.clone()))
        .add_service(ResidentAssisted(records.clone()))
        .add_service(ReceiptKeys(records.clone()))
}

fn as_matching(host: ServiceHost, records: &Records) -> ServiceHost {
    host.add_service(ServiceDirectory(records.clone()))
        .add_service(ResidentMatching(records.clone()))
        .add_service(ResidentPlace(records.clone()))
}

/// `settings` are added to the gateway's configuration.
pub(crate) async fn mesh_with(settings: &str, timer: Arc<dyn Timer>) -> Mesh {
    install_crypto_provider();
    let clock = Arc::new(ManualClock::new(START));
    let authority = Authority::new();
    let (one, other) = (Organisation::new(&authority, 1), Organisation::new(&authority, 2));
    let entries =
        [&one, &other].map(|organisation| organisation.entry(&[organisation.certificate.fingerprint]));
    let (directory, feed) = Directory::fed(entries);
    let randomness = Arc::new(SeededRandomness::new(1));
    let key_dir = tempfile::tempdir().unwrap();
    let keys = ServiceKeys::load_or_create(&key_dir.path().join("gateway"), randomness.clone()).unwrap();
    let public = public_keys(&keys).unwrap();
    let table = MethodTable::of_mesh().unwrap();
    let (records, services_stop, stop) = (Records::default(), Stop::new(), Stop::new());
    let host = |role| {
        let verifier = CallerTokenVerifier::new(role, public.issuers(), clock.clone());
        ServiceHost::new(table.clone(), verifier, Arc::new(TokioTimer::new()))
    };
    let sessions = Sessions::until(after(3600));
    let services = [
        host(MeshRole::Registry).add_service(Registry(records.clone())),
        as_consent(host(MeshRole::Consent), &records)
            .add_service(ResidentSessionServiceServer::new(sessions.clone())),
        host(MeshRole::Referral)
            .add_service(Echo(records.clone()))
            .add_service(ResidentReferral(records.clone())),
        host(MeshRole::Signalling)
            .add_service(ResidentMeeting(records.clone()))
            .add_service(ResidentSignalling(records.clone())),
        as_matching(host(MeshRole::Matching), &records),
    ]
    .map(|host| host.in_memory(services_stop.clone()));
    let [registry, consent, referral, signalling, matching] = services.each_ref().map(InMemory::channel);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = configuration(settings);
    let pages = if config.resident.as_ref().is_some_and(|it| it.pages.is_some()) {
        Some(TcpListener::bind("127.0.0.1:0").await.unwrap())
    } else {
        None
    };
    let parts = Parts {
        listener,
        pages,
        identity: authority.server(GATEWAY_NAME),
        partner_roots: authority.roots(),
        directory,
        offers_key: Some(offers_signer().verifying_key().clone()),
        channels: Channels {
            registry,
            consent,
            referral,
            matching,
            signalling,
        },
        keys,
        table,
        clock: clock.clone(),
        randomness,
        timer,
        stop: stop.clone(),
    };
    let gateway = Gateway::start(config, parts).unwrap();
    assert_eq!(gateway.address(), Some(address));
    Mesh {
        sessions,
        authority,
        one,
        other,
        feed,
        clock,
        records,
        gateway,
        address,
        stop,
        services_stop,
        services: services.into(),
        _keys: key_dir,
    }
}

fn configuration(settings: &str) -> Config {
    let text = format!("mesh_id = \"{MESH_ID}\"\n{settings}");
    let file = ::config::File::from_str(&text, ::config::FileFormat::Toml);
    let source = ::config::Config::builder().add_source(file).build().unwrap();
    source.try_deserialize().unwrap()
}

impl Mesh {
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// A connection of its own, with this certificate.
    pub(crate) fn connect(&self, identity: Option<&TlsIdentity>) -> Client {
        self.connect_trusting(&self.authority.roots(), identity)
    }

    pub(crate) fn connect_trusting(&self, roots: &TlsRoots, identity: Option<&TlsIdentity>) -> Client {
        let tls = client_tls(roots, identity, self.clock()).unwrap();
        Client(tls_channel(&self.address.to_string(), GATEWAY_NAME, tls).unwrap())
    }

    /// A connection with the first organisation's certificate.
    pub(crate) fn as_one(&self) -> Client {
        self.connect(Some(&self.one.certificate.identity))
    }

    /// Stops the gateway and waits for its end.
    pub(crate) async fn end(self) -> Drain {
        self.stop.request();
        self.gateway.ended().await
    }
}

/// What must come at once; a test whose subject is broken ends here instead of waiting for some other end.
pub(crate) async fn soon<T>(coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), coming)
        .await
        .expect("it comes at once")
}

/// A client of the gateway.
#[derive(Clone)]
pub(crate) struct Client(pub(crate) Channel);

pub(crate) fn request<T>(token: Option<&str>, message: T) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(token) = token {
        request
            .metadata_mut()
            .insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    request
}

impl Client {
    pub(crate) async fn send(
        &self,
        path: &'static str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Status> {
        let mut grpc = Grpc::new(self.0.clone());
        grpc.ready()
            .await
            .map_err(|error| Status::unavailable(error.to_string()))?;
        grpc.unary(request, PathAndQuery::from_static(path), RawCodec)
            .await
    }

    /// One call with a token; gives the bytes of the reply.
    pub(crate) async fn call(
        &self,
        path: &'static str,
        token: Option<&str>,
        message: impl Into<Bytes>,
    ) -> Result<Bytes, Status> {
        self.send(path, request(token, message.into()))
            .await
            .map(Response::into_inner)
    }

    /// `GetOrganisation`, which every role but one may call.
    pub(crate) async fn get(&self, token: &str) -> Result<Bytes, Status> {
        self.call(GET_ORGANISATION, Some(token), Bytes::new()).await
    }
}
