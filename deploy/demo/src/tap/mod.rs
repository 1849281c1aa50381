//! A partner that records all its own traffic: a proxy of its own between its SDK and the gateway.
//!
//! The partner holds its TLS key, so nothing keeps it from ending its own connection where it likes. The tap shows the
//! SDK a certificate of a CA that the partner put into its profile itself, shows the gateway the partner's real one,
//! and passes every frame on as it is.
//!
//! [`Tap::before_role`] does the same before a service, with the role certificates of a mesh of one's own: to see what
//! a service is told.

mod record;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Extensions, Request, Response};
use http_body_util::BodyExt as _;
use sluis_serve::{
    ClientCertificate, ConnectionLimits, MeshRole, Refusal, TlsIdentity, TlsRoots, client_tls,
    client_verifier, refuse, serve_connections, server_tls, tls_channel,
};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::transport::Channel;
use tower::{Service, ServiceExt as _};

pub use record::{Call, Recording};

use crate::DemoError;

/// Name in the certificate that the SDK is shown.
const NAME: &str = "localhost";

/// A running tap; it ends with the stop of the mesh's ambient.
#[derive(Clone, Debug)]
pub struct Tap {
    recording: Recording,
    channel: Channel,
}

impl Tap {
    /// Puts a tap before an enrolled profile: rewrites where the profile finds the gateway and whom it trusts there.
    /// Open the profile afterwards.
    ///
    /// # Errors
    /// [`DemoError`] when the profile cannot be read or written, or the port not bound.
    pub async fn before(profile: &Path, ambient: &sluis_compose::Ambient) -> Result<Self, DemoError> {
        let facts_path = profile.join("profile.json");
        let read = |path: &Path| std::fs::read(path).map_err(DemoError::file("read", path));
        let malformed = || DemoError::unexpected("the profile is not what it should be");
        let mut facts: serde_json::Value =
            serde_json::from_slice(&read(&facts_path)?).map_err(|_| malformed())?;
        let text = |name: &str| facts[name].as_str().map(ToOwned::to_owned).ok_or_else(malformed);
        let (gateway, gateway_name) = (text("gateway")?, text("gateway_name")?);
        let ca_path = profile.join("mesh-ca.pem");
        let mesh_ca = TlsRoots::from_pem(&read(&ca_path)?)?;
        // Key and certificate stand in one file.
        let own = profile.join("keys").join("tls.pem");
        let own = TlsIdentity::load(&own, &own)?;
        let upstream = client_tls(&mesh_ca, Some(&own), Arc::clone(&ambient.clock))?;
        let channel = tls_channel(&gateway, &gateway_name, upstream)?;

        let authority = Authority::make()?;
        let (tap, address) = Self::serve(&authority.identity, &mesh_ca, channel, ambient).await?;
        facts["gateway"] = address.to_string().into();
        facts["gateway_name"] = NAME.into();
        let write =
            |path: &Path, bytes: &[u8]| std::fs::write(path, bytes).map_err(DemoError::file("write", path));
        write(&facts_path, facts.to_string().as_bytes())?;
        write(&ca_path, authority.ca_pem.as_bytes())?;
        Ok(tap)
    }

    /// Puts a tap before a service's listener. `keys_dir` holds the role certificates of the service and of the gateway
    /// (`sluisd keys role NAME`). Gives where to reach the service through it.
    ///
    /// # Errors
    /// [`DemoError`] when the certificates cannot be read, or the port not bound.
    pub async fn before_role(
        keys_dir: &Path,
        role: MeshRole,
        listener: SocketAddr,
        ambient: &sluis_compose::Ambient,
    ) -> Result<(Self, SocketAddr), DemoError> {
        let identity = |role: MeshRole| {
            let folder = keys_dir.join(role.name());
            TlsIdentity::load(&folder.join("role.pem"), &folder.join("role.key"))
        };
        let ca_path = keys_dir.join("ca.pem");
        let roots = TlsRoots::from_pem(&std::fs::read(&ca_path).map_err(DemoError::file("read", &ca_path))?)?;
        let own = identity(MeshRole::Gateway)?;
        let upstream = client_tls(&roots, Some(&own), Arc::clone(&ambient.clock))?;
        let channel = tls_channel(&listener.to_string(), role.server_name(), upstream)?;
        Self::serve(&identity(role)?, &roots, channel, ambient).await
    }

    /// Serves a tap: shows `identity`, asks for certificates under `roots`, and passes on over `channel`.
    async fn serve(
        identity: &TlsIdentity,
        roots: &TlsRoots,
        channel: Channel,
        ambient: &sluis_compose::Ambient,
    ) -> Result<(Self, SocketAddr), DemoError> {
        let verifier = client_verifier(roots, ClientCertificate::Required)?;
        let tls = server_tls(identity, verifier, Arc::clone(&ambient.clock))?;
        let listener = bind().await?;
        let address = local(&listener)?;
        let recording = Recording::default();
        let service = Forward {
            recording: recording.clone(),
            channel: channel.clone(),
        };
        let (timer, stop) = (Arc::clone(&ambient.timer), ambient.stop.clone());
        let admit = |_: &sluis_serve::Peer| Ok(Extensions::new());
        tokio::spawn(serve_connections(
            listener,
            tls,
            ConnectionLimits::PUBLIC,
            admit,
            service,
            timer,
            stop,
        ));
        Ok((Self { recording, channel }, address))
    }

    /// What was recorded.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// The partner's own connection to the gateway, for calls that no SDK would make.
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }
}

async fn bind() -> Result<TcpListener, DemoError> {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let failed = |source| DemoError::Io {
        what: "cannot listen on the loopback address".to_owned(),
        source,
    };
    TcpListener::bind(any).await.map_err(failed)
}

fn local(listener: &TcpListener) -> Result<SocketAddr, DemoError> {
    listener.local_addr().map_err(|source| DemoError::Io {
        what: "the listener has no address".to_owned(),
        source,
    })
}

/// A CA that nobody but the partner itself trusts, and a certificate by it.
struct Authority {
    ca_pem: String,
    identity: TlsIdentity,
}

impl Authority {
    fn make() -> Result<Self, DemoError> {
        let ca_key = rcgen::KeyPair::generate()?;
        let mut parameters = rcgen::CertificateParams::new(Vec::new())?;
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
        let ca = parameters.self_signed(&ca_key)?;
        let issuer = rcgen::Issuer::new(parameters, ca_key);
        let key = rcgen::KeyPair::generate()?;
        let leaf = rcgen::CertificateParams::new(vec![NAME.to_owned()])?.signed_by(&key, &issuer)?;
        Ok(Self {
            ca_pem: ca.pem(),
            identity: TlsIdentity::from_pem(leaf.pem().as_bytes(), key.serialize_pem().as_bytes())?,
        })
    }
}

/// Passes calls on and records both directions.
#[derive(Clone)]
struct Forward {
    recording: Recording,
    channel: Channel,
}

impl Service<Request<Body>> for Forward {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (channel, call) = (self.channel.clone(), self.recording.begin(&request));
        Box::pin(async move {
            let sent = call.clone();
            let request = request.map(|body| Body::new(body.map_frame(move |frame| sent.sent(frame))));
            Ok(match channel.oneshot(request).await {
                Ok(response) => {
                    response.map(|body| Body::new(body.map_frame(move |frame| call.received(frame))))
                }
                Err(error) => refuse(Refusal::closed(&error)),
            })
        })
    }
}
