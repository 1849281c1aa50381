//! Browsers' connections: TLS or the machine's own loopback, HTTP/2 and HTTP/1.1, limits that have names, and an
//! orderly end.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use sluis_serve::{DRAIN_MAX, Stop, Timer, TlsIdentity, browser_tls};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::router::router;
use super::site::Site;
use super::source::{Neighbours, Peer};
use crate::gateway::Parts;
use crate::{PagesConfig, StartError};

/// Connections at a time; further ones wait in the operating system's queue.
const CONNECTIONS_MAX: usize = 1024;
/// How long a TLS handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// How long a browser may take to send the headers of a request, and to begin with a next one.
const HEADERS_MAX: Duration = Duration::from_secs(20);
/// How long a connection is used; then its last answer ends it.
const CONNECTION_MAX: Duration = Duration::from_mins(10);
/// Largest set of headers that is accepted, in bytes.
const HEADERS_BYTES_MAX: usize = 32 * 1024;
/// Headers of a request at most.
const HEADERS_COUNT_MAX: usize = 64;
/// Connections at a time from one client's address, so that nobody holds them all. A proxy's or a balancer's address is
/// everybody's: those are not counted.
const CONNECTIONS_PER_ADDRESS_MAX: usize = 64;
/// Requests at a time on one connection.
const STREAMS_MAX: u32 = 32;
/// How long to wait after the operating system refused to accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Pages that are being served.
#[derive(Debug)]
pub(crate) struct RunningPages {
    address: Option<SocketAddr>,
    serving: JoinHandle<()>,
}

impl RunningPages {
    /// Serves the pages on a bound listener.
    ///
    /// # Errors
    /// [`StartError::Tls`] when the certificate cannot be used.
    pub(crate) fn start(
        config: &PagesConfig,
        listener: TcpListener,
        site: &Site,
        parts: &Parts,
    ) -> Result<Self, StartError> {
        let tls = match &config.tls {
            Some(files) => {
                let identity = TlsIdentity::load(&files.certificate_file, &files.key_file)?;
                Some(browser_tls(&identity, Arc::clone(&parts.clock))?)
            }
            None => None,
        };
        let address = listener.local_addr().ok();
        let server = Server {
            tls,
            router: router(site),
            timer: Arc::clone(&parts.timer),
            stop: parts.stop.clone(),
            tasks: TaskTracker::new(),
            guests: Guests::of(site.neighbours().clone()),
        };
        let serving = tokio::spawn(server.serve(listener));
        Ok(Self { address, serving })
    }

    /// Where the listener is bound, if the operating system says.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Waits until what was under way at the stop is done, or cut off.
    pub(crate) async fn ended(self) {
        // A panic of the accepting loop ends with nothing under way that could be waited for.
        let _ended = self.serving.await;
    }
}

#[derive(Clone)]
struct Server {
    tls: Option<Arc<ServerConfig>>,
    router: Router,
    timer: Arc<dyn Timer>,
    stop: Stop,
    tasks: TaskTracker,
    guests: Guests,
}

/// How many connections each client's address has.
#[derive(Clone, Debug)]
struct Guests {
    neighbours: Arc<Neighbours>,
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection's place among those of its address; gives it back when dropped.
struct Seat {
    guests: Guests,
    /// None where the address is not one client's own.
    address: Option<IpAddr>,
}

impl Guests {
    fn of(neighbours: Neighbours) -> Self {
        Self {
            neighbours: Arc::new(neighbours),
            counts: Arc::default(),
        }
    }

    /// A place; none when the address is a client's that has as many as it may.
    fn seat(&self, address: IpAddr) -> Option<Seat> {
        let address = Some(address).filter(|address| self.neighbours.is_client(*address));
        if let Some(address) = address {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(address).or_default();
            if *count >= CONNECTIONS_PER_ADDRESS_MAX {
                return None;
            }
            *count += 1;
        }
        let guests = self.clone();
        Some(Seat { guests, address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(address) = self.address else {
            return;
        };
        let counts = &self.guests.counts;
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&address);
            }
        }
    }
}

impl Server {
    async fn serve(self, listener: TcpListener) {
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let accepted = tokio::select! {
                biased;
                () = self.stop.requested() => break,
                accepted = accept(&listener, &room) => accepted,
            };
            match accepted {
                Ok((stream, peer, permit)) => {
                    let Some(seat) = self.guests.seat(peer.ip()) else {
                        continue;
                    };
                    let server = self.clone();
                    self.tasks.spawn(async move {
                        server.connection(stream, peer.ip()).await;
                        drop((permit, seat));
                    });
                }
                Err(error) => {
                    tracing::warn!(kind = %error.kind(), "a connection could not be accepted");
                    self.pause(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(listener);
        self.tasks.close();
        tokio::select! {
            () = self.tasks.wait() => {}
            () = self.pause(DRAIN_MAX) => {}
        }
    }

    async fn pause(&self, duration: Duration) {
        self.timer.sleep_until(self.timer.now() + duration).await;
    }

    async fn connection(&self, stream: TcpStream, peer: IpAddr) {
        let Some(tls) = &self.tls else {
            return self.requests(stream, peer).await;
        };
        let shaken = tokio::select! {
            shaken = TlsAcceptor::from(Arc::clone(tls)).accept(stream) => shaken,
            () = self.pause(HANDSHAKE_MAX) => return,
            () = self.stop.requested() => return,
        };
        // Scanners and health probes of balancers break off all day.
        if let Ok(stream) = shaken {
            self.requests(stream, peer).await;
        }
    }

    async fn requests(&self, io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: IpAddr) {
        let router = self.router.clone().map_request(move |mut request: Request<_>| {
            request.extensions_mut().insert(Peer(peer));
            request
        });
        let service = TowerToHyperService::new(router);
        let builder = builder();
        let connection = builder.serve_connection(TokioIo::new(io), service);
        tokio::pin!(connection);
        let mut leaving = false;
        let mut ends = self.timer.sleep_until(self.timer.now() + CONNECTION_MAX);
        loop {
            tokio::select! {
                // How a connection broke is the browser's affair; each page left its own line.
                _ended = connection.as_mut() => return,
                () = self.stop.requested(), if !leaving => {}
                () = &mut ends => {
                    if leaving {
                        return;
                    }
                }
            }
            leaving = true;
            ends = self.timer.sleep_until(self.timer.now() + DRAIN_MAX);
            connection.as_mut().graceful_shutdown();
        }
    }
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room)
        .acquire_owned()
        .await
        .map_err(std::io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, permit))
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(HEADERS_MAX)
        .max_headers(HEADERS_COUNT_MAX)
        .max_buf_size(HEADERS_BYTES_MAX)
        .http2()
        .timer(hyper_util::rt::TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(HEADERS_BYTES_MAX).expect("32 KiB"))
        .keep_alive_interval(HEADERS_MAX)
        .keep_alive_timeout(HEADERS_MAX);
    builder
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn guests(direct: bool) -> Guests {
        let range = |text: &str| vec![text.parse().expect(text)];
        Guests::of(Neighbours {
            trusted: range("10.0.0.0/8"),
            balancers: range("192.0.2.80"),
            direct,
        })
    }

    #[test]
    fn one_address_does_not_take_every_place() {
        let guests = guests(true);
        let (one, other) = (IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from([192, 0, 2, 1]));
        let mut seats: Vec<_> = (0..CONNECTIONS_PER_ADDRESS_MAX)
            .map(|_| guests.seat(one).expect("there is room"))
            .collect();
        assert!(guests.seat(one).is_none() && guests.seat(other).is_some());
        seats.pop();
        assert!(guests.seat(one).is_some(), "a place that was left is free");
        drop(seats);
        assert!(guests.counts.lock().expect("nobody panicked").is_empty());
    }

    #[test]
    fn what_brings_everybody_may_take_more_places_than_one_client() {
        let takes = |guests: &Guests, address: [u8; 4]| {
            let seats = (0..=CONNECTIONS_PER_ADDRESS_MAX).map(|_| guests.seat(address.into()));
            seats.collect::<Option<Vec<_>>>().is_some()
        };
        let direct = guests(true);
        assert!(takes(&direct, [10, 1, 2, 3]), "a proxy");
        assert!(takes(&direct, [192, 0, 2, 80]), "a balancer");
        assert!(!takes(&direct, [192, 0, 2, 81]), "a client");
        assert!(
            takes(&guests(false), [127, 0, 0, 1]),
            "this machine's proxy, in clear"
        );
    }
}
