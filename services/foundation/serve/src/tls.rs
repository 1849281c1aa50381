//! TLS 1.3 and nothing older, X25519MLKEM768 first, HTTP/2 by ALPN: one place makes every configuration.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use sluis_types::Clock;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};

const ALPN_HTTP2: &[u8] = b"h2";
const ALPN_HTTP1: &[u8] = b"http/1.1";
/// Sessions that a server remembers for resumption, in memory.
const SESSIONS_MAX: usize = 4096;
/// How long connecting may take, handshake included.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// A connection on which nothing arrives is asked for a sign of life this often.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(20);
/// How long the sign of life may take.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Windows of the client's end: replies of all callers come over one connection.
const STREAM_WINDOW_BYTES: u32 = 1024 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 16 * 1024 * 1024;

/// What stands in the way of a TLS configuration. Holds no key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{what} cannot be read")]
    Io {
        /// Which file.
        what: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A text is no PEM of the expected kind, or holds nothing.
    #[error("{0} is not PEM of the expected kind")]
    Pem(&'static str),
    /// Certificates and keys do not go together.
    #[error("the TLS configuration is refused")]
    Config(#[from] rustls::Error),
    /// The trusted certificates cannot be used.
    #[error("the trusted certificates cannot be used")]
    Roots(#[source] rustls::server::VerifierBuilderError),
    /// An address or name has no valid form.
    #[error("{0} is not valid")]
    Name(&'static str),
}

/// Makes aws-lc-rs the process's provider, first thing in every `main`. Repeating it changes nothing.
pub fn install_crypto_provider() {
    // An error says that there is one already; configurations made here name their provider anyway.
    let _already = aws_lc_rs::default_provider().install_default();
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// A certificate chain and its private key.
pub struct TlsIdentity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TlsIdentity({} certificates)", self.chain.len())
    }
}

impl TlsIdentity {
    /// From PEM: the chain with the leaf first, and a PKCS#8, PKCS#1 or SEC1 key.
    ///
    /// # Errors
    /// [`TlsError::Pem`] when a part is missing or malformed.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = certificates(chain, "the certificate chain")?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Pem("the private key"))?;
        Ok(Self { chain, key })
    }

    /// From two PEM files.
    ///
    /// # Errors
    /// [`TlsError::Io`] and [`TlsError::Pem`].
    pub fn load(chain: &Path, key: &Path) -> Result<Self, TlsError> {
        Self::from_pem(
            &read(chain, "the certificate chain")?,
            &read(key, "the private key")?,
        )
    }
}

/// The certificates that one end trusts to sign the other's.
#[derive(Clone)]
pub struct TlsRoots(Arc<RootCertStore>);

impl fmt::Debug for TlsRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TlsRoots({} certificates)", self.0.len())
    }
}

impl TlsRoots {
    /// From PEM, one certificate or several.
    ///
    /// # Errors
    /// [`TlsError::Pem`] when there is none; [`TlsError::Config`] when one cannot sign others.
    pub fn from_pem(pem: &[u8]) -> Result<Self, TlsError> {
        let mut store = RootCertStore::empty();
        for certificate in certificates(pem, "the trusted certificates")? {
            store.add(certificate)?;
        }
        Ok(Self(Arc::new(store)))
    }

    /// From a PEM file.
    ///
    /// # Errors
    /// [`TlsError::Io`], [`TlsError::Pem`] and [`TlsError::Config`].
    pub fn load(path: &Path) -> Result<Self, TlsError> {
        Self::from_pem(&read(path, "the trusted certificates")?)
    }
}

fn read(path: &Path, what: &'static str) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Io { what, source })
}

fn certificates(pem: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| TlsError::Pem(what))?;
    if found.is_empty() {
        Err(TlsError::Pem(what))
    } else {
        Ok(found)
    }
}

/// Certificates are valid by the mesh's clock.
#[derive(Debug)]
struct ClockTime(Arc<dyn Clock>);

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().seconds()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// Whether clients must show a certificate. One that is shown must be valid in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificate {
    /// No certificate, no connection.
    Required,
    /// Newcomers that enrol have none yet.
    Optional,
}

/// Accepts client certificates signed under these roots.
///
/// # Errors
/// [`TlsError::Roots`] when there are none.
pub fn client_verifier(
    roots: &TlsRoots,
    presence: ClientCertificate,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots.0), provider());
    let builder = match presence {
        ClientCertificate::Required => builder,
        ClientCertificate::Optional => builder.allow_unauthenticated(),
    };
    builder.build().map_err(TlsError::Roots)
}

/// A server that asks clients for certificates through `verifier`.
///
/// # Errors
/// [`TlsError::Config`] when chain and key do not go together.
pub fn server_tls(
    identity: &TlsIdentity,
    verifier: Arc<dyn ClientCertVerifier>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain.clone(), identity.key.clone_key())?;
    config.alpn_protocols = vec![ALPN_HTTP2.to_vec()];
    config.session_storage = ServerSessionMemoryCache::new(SESSIONS_MAX);
    Ok(Arc::new(config))
}

/// A server for browsers: no client certificates, HTTP/2 or HTTP/1.1.
///
/// # Errors
/// [`TlsError::Config`] when chain and key do not go together.
pub fn browser_tls(identity: &TlsIdentity, clock: Arc<dyn Clock>) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_single_cert(identity.chain.clone(), identity.key.clone_key())?;
    config.alpn_protocols = vec![ALPN_HTTP2.to_vec(), ALPN_HTTP1.to_vec()];
    config.session_storage = ServerSessionMemoryCache::new(SESSIONS_MAX);
    Ok(Arc::new(config))
}

/// A service inside the mesh: clients must show a role certificate signed by `role_ca`.
///
/// # Errors
/// [`TlsError::Config`] and [`TlsError::Roots`].
pub fn mesh_server_tls(
    identity: &TlsIdentity,
    role_ca: &TlsRoots,
    clock: Arc<dyn Clock>,
) -> Result<Arc<ServerConfig>, TlsError> {
    server_tls(
        identity,
        client_verifier(role_ca, ClientCertificate::Required)?,
        clock,
    )
}

/// A client that trusts servers under these roots, and shows a certificate if it has one.
///
/// # Errors
/// [`TlsError::Config`] when chain and key do not go together.
pub fn client_tls(
    roots: &TlsRoots,
    identity: Option<&TlsIdentity>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<ClientConfig>, TlsError> {
    let builder = ClientConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(Arc::clone(&roots.0));
    finish_client(builder, identity)
}

/// A client that asks `verifier` about the server: for pins instead of roots.
///
/// # Errors
/// [`TlsError::Config`] when chain and key do not go together.
pub fn client_tls_with_verifier(
    verifier: Arc<dyn ServerCertVerifier>,
    identity: Option<&TlsIdentity>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<ClientConfig>, TlsError> {
    let builder = ClientConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    finish_client(builder, identity)
}

fn finish_client(
    builder: rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>,
    identity: Option<&TlsIdentity>,
) -> Result<Arc<ClientConfig>, TlsError> {
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(own) => builder.with_client_auth_cert(own.chain.clone(), own.key.clone_key())?,
    };
    config.alpn_protocols = vec![ALPN_HTTP2.to_vec()];
    Ok(Arc::new(config))
}

/// A channel over TLS to `address` (host:port), whose certificate must name `server_name`. It connects when it is
/// first used, and again when the connection ended.
///
/// # Errors
/// [`TlsError::Name`] when the address or the name has no valid form.
pub fn tls_channel(address: &str, server_name: &str, config: Arc<ClientConfig>) -> Result<Channel, TlsError> {
    let name =
        ServerName::try_from(server_name.to_owned()).map_err(|_| TlsError::Name("the server's name"))?;
    let origin = format!("https://{server_name}")
        .parse()
        .map_err(|_| TlsError::Name("the server's name"))?;
    // `http` towards tonic, because TLS is ours; `https` towards the server.
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .map_err(|_| TlsError::Name("the address"))?
        .origin(origin)
        .connect_timeout(CONNECT_MAX)
        .http2_keep_alive_interval(KEEPALIVE_EVERY)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES);
    let (address, connector) = (address.to_owned(), TlsConnector::from(config));
    let connect = tower::service_fn(move |_| {
        let (address, connector, name) = (address.clone(), connector.clone(), name.clone());
        async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok::<_, io::Error>(TokioIo::new(connector.connect(name, stream).await?))
        }
    });
    Ok(endpoint.connect_with_connector_lazy(connect))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hybrid_key_exchange_comes_first() {
        let first = provider().kx_groups.first().map(|group| group.name());
        assert_eq!(first, Some(rustls::NamedGroup::X25519MLKEM768));
    }

    #[test]
    fn what_is_no_pem_is_refused() {
        assert!(matches!(TlsRoots::from_pem(b"nothing"), Err(TlsError::Pem(_))));
        assert!(matches!(TlsIdentity::from_pem(b"", b""), Err(TlsError::Pem(_))));
        let missing = Path::new("does-not-exist.pem");
        assert!(matches!(TlsRoots::load(missing), Err(TlsError::Io { .. })));
    }
}
