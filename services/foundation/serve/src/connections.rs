//! Connections: a bound listener, TLS, HTTP/2 with limits that have names, and an orderly end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Extensions, Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::body::Body;
use tower::{Service, ServiceExt as _};

use crate::{Hash, Stop, Timer};

/// How long calls that are under way may take once a stop was requested.
pub const DRAIN_MAX: Duration = Duration::from_secs(10);
/// How long a TLS handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// How long to wait after the operating system refused to accept (out of file descriptors, mostly).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// A connection on which nothing arrives is asked for a sign of life this often.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(20);
/// How long the sign of life may take.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Largest HTTP/2 frame that is accepted.
const FRAME_BYTES_MAX: u32 = 64 * 1024;
/// Largest set of headers that is accepted.
const HEADERS_BYTES_MAX: u32 = 16 * 1024;
/// Bytes of a stream's replies that may wait to be sent.
const SEND_BUFFER_BYTES_MAX: usize = 256 * 1024;
/// Streams that a client may reset before they were answered; more is an attack (CVE-2023-44487).
const RESETS_PENDING_MAX: usize = 64;

/// How much one listener takes on.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Connections at a time; further ones wait in the operating system's queue.
    pub connections_max: usize,
    /// Streams at a time on one connection.
    pub streams_max: u32,
    /// Bytes of a stream's request that may be under way, unread.
    pub stream_window_bytes: u32,
    /// Bytes of all streams of a connection that may be under way, unread.
    pub connection_window_bytes: u32,
}

impl ConnectionLimits {
    /// Of a listener that strangers reach.
    pub const PUBLIC: Self = Self {
        connections_max: 4096,
        streams_max: 256,
        stream_window_bytes: 256 * 1024,
        connection_window_bytes: 1024 * 1024,
    };
    /// Of a listener that only other parts of the mesh reach: the calls and watches of all partners come over the
    /// gateway's few connections.
    pub const MESH: Self = Self {
        connections_max: 1024,
        streams_max: 16_384,
        stream_window_bytes: 1024 * 1024,
        connection_window_bytes: 16 * 1024 * 1024,
    };
}

/// The other end of a connection; stands in the extensions of each of its requests.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its address; absent within one process.
    pub address: Option<SocketAddr>,
    /// The certificates it showed in the handshake, its own first; empty when it showed none.
    ///
    /// A resumed connection shows those of the first handshake, unverified anew: whoever admits a peer checks the
    /// dates again.
    pub certificates: Arc<[CertificateDer<'static>]>,
}

impl Peer {
    /// Its own certificate.
    pub fn leaf(&self) -> Option<&CertificateDer<'static>> {
        self.certificates.first()
    }

    /// SHA-256 of its own certificate in DER (`x5t#S256`, RFC 8705, before base64url).
    pub fn leaf_sha256(&self) -> Option<Hash> {
        self.leaf().map(|leaf| Sha256::digest(leaf).into())
    }
}

/// Why a peer was not let in, in fixed words for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PeerRefused(pub &'static str);

/// How serving came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drain {
    /// Everything that was under way finished.
    Finished,
    /// So many connections and calls were still under way after [`DRAIN_MAX`], and were cut off.
    CutOff {
        /// Connections and calls.
        tasks: usize,
    },
}

/// Accepts connections until `stop`, then lets the calls under way finish within [`DRAIN_MAX`].
///
/// `admit` decides on each connection after its handshake; what it returns stands in the extensions of each request,
/// beside [`Peer`].
pub async fn serve_connections<S>(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    limits: ConnectionLimits,
    admit: impl Fn(&Peer) -> Result<Extensions, PeerRefused> + Send + Sync + 'static,
    service: S,
    timer: Arc<dyn Timer>,
    stop: Stop,
) -> Drain
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let serving = Serving::new(limits, timer, stop);
    let acceptor = TlsAcceptor::from(tls);
    let admit = Arc::new(admit);
    let room = Arc::new(Semaphore::new(limits.connections_max));
    loop {
        let accepted = tokio::select! {
            biased;
            () = serving.stop.requested() => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let (stream, address, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(kind = %error.kind(), "a connection could not be accepted");
                serving.pause(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let (acceptor, admit) = (acceptor.clone(), Arc::clone(&admit));
        let (this, service) = (serving.clone(), service.clone());
        serving.tasks.spawn(async move {
            let _permit = permit;
            let Some((io, peer)) = this.handshake(&acceptor, stream, address).await else {
                return;
            };
            match admit(&peer) {
                Ok(mut extensions) => {
                    extensions.insert(peer);
                    this.connection(io, extensions, service).await;
                }
                Err(refused) => tracing::warn!(fault = %refused, "a connection was refused"),
            }
        });
    }
    // Closed before the drain, so that a balancer sends newcomers elsewhere at once.
    drop(listener);
    serving.drain().await
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    // Small frames must not wait for one another.
    stream.set_nodelay(true)?;
    Ok((stream, address, permit))
}

/// What the connections of one listener share.
#[derive(Clone)]
pub(crate) struct Serving {
    limits: ConnectionLimits,
    timer: Arc<dyn Timer>,
    pub(crate) stop: Stop,
    pub(crate) tasks: TaskTracker,
    cut: CancellationToken,
}

impl Serving {
    pub(crate) fn new(limits: ConnectionLimits, timer: Arc<dyn Timer>, stop: Stop) -> Self {
        Self {
            limits,
            timer,
            stop,
            tasks: TaskTracker::new(),
            cut: CancellationToken::new(),
        }
    }

    async fn pause(&self, duration: Duration) {
        self.timer.sleep_until(self.timer.now() + duration).await;
    }

    async fn handshake(
        &self,
        acceptor: &TlsAcceptor,
        stream: TcpStream,
        address: SocketAddr,
    ) -> Option<(tokio_rustls::server::TlsStream<TcpStream>, Peer)> {
        let shaken = tokio::select! {
            shaken = acceptor.accept(stream) => shaken,
            () = self.pause(HANDSHAKE_MAX) => Err(io::ErrorKind::TimedOut.into()),
            () = self.stop.requested() => return None,
        };
        match shaken {
            Ok(io) => {
                let certificates = io.get_ref().1.peer_certificates().unwrap_or_default().to_vec();
                let peer = Peer {
                    address: Some(address),
                    certificates: certificates.into(),
                };
                Some((io, peer))
            }
            Err(error) => {
                // Scanners and health probes of balancers do this all day.
                tracing::debug!(kind = %error.kind(), "a TLS handshake failed");
                None
            }
        }
    }

    /// Serves one connection until it ends or is cut off.
    pub(crate) async fn connection<I, S>(&self, io: I, extensions: Extensions, service: S)
    where
        I: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send,
    {
        let answer = hyper::service::service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().extend(extensions.clone());
            service.clone().oneshot(request)
        });
        let connection = self.http2().serve_connection(TokioIo::new(io), answer);
        tokio::pin!(connection);
        let mut leaving = false;
        loop {
            tokio::select! {
                // How a connection broke is the client's affair; each call left its own line.
                _ended = connection.as_mut() => return,
                () = self.cut.cancelled() => return,
                () = self.stop.requested(), if !leaving => {
                    leaving = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }

    fn http2(&self) -> hyper::server::conn::http2::Builder<TrackedExecutor> {
        let executor = TrackedExecutor {
            tasks: self.tasks.clone(),
            cut: self.cut.clone(),
        };
        let mut builder = hyper::server::conn::http2::Builder::new(executor);
        builder
            .timer(hyper_util::rt::TokioTimer::new())
            .max_concurrent_streams(self.limits.streams_max)
            .initial_stream_window_size(self.limits.stream_window_bytes)
            .initial_connection_window_size(self.limits.connection_window_bytes)
            .max_frame_size(FRAME_BYTES_MAX)
            .max_header_list_size(HEADERS_BYTES_MAX)
            .max_send_buf_size(SEND_BUFFER_BYTES_MAX)
            .max_pending_accept_reset_streams(RESETS_PENDING_MAX)
            .keep_alive_interval(KEEPALIVE_EVERY)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT);
        builder
    }

    /// Waits for everything under way, no longer than [`DRAIN_MAX`].
    pub(crate) async fn drain(&self) -> Drain {
        self.tasks.close();
        tokio::select! {
            biased;
            () = self.tasks.wait() => return Drain::Finished,
            () = self.pause(DRAIN_MAX) => {}
        }
        let tasks = self.tasks.len();
        self.cut.cancel();
        self.tasks.wait().await;
        Drain::CutOff { tasks }
    }
}

/// Runs the calls of a connection where the drain can see and end them.
#[derive(Clone)]
struct TrackedExecutor {
    tasks: TaskTracker,
    cut: CancellationToken,
}

impl<F> hyper::rt::Executor<F> for TrackedExecutor
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, call: F) {
        let cut = self.cut.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                _done = call => {}
                () = cut.cancelled() => {}
            }
        });
    }
}
