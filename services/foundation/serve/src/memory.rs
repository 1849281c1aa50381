//! Connections within one process: the same HTTP/2, the same chassis, no socket and no TLS.

use std::convert::Infallible;
use std::io;

use http::{Extensions, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tower::Service;

use crate::connections::Serving;
use crate::{Arrival, Drain};

/// Bytes under way in one direction of one connection.
const DUPLEX_BYTES: usize = 256 * 1024;
/// Connections that wait to be taken on.
const CONNECTIONS_WAITING_MAX: usize = 16;
/// Windows of the client's end: replies of all callers come over one connection.
const CLIENT_STREAM_WINDOW_BYTES: u32 = 1024 * 1024;
const CLIENT_CONNECTION_WINDOW_BYTES: u32 = 16 * 1024 * 1024;

/// A service that runs in this process and is reached without a socket.
#[derive(Debug)]
pub struct InMemory {
    connect: mpsc::Sender<DuplexStream>,
    serving: JoinHandle<Drain>,
}

impl InMemory {
    /// Serves from `begin` on; when the stop is requested, does `end` and drains.
    pub(crate) fn start<S>(
        serving: Serving,
        service: S,
        begin: impl Future<Output = ()> + Send + 'static,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send,
    {
        let (connect, mut connections) = mpsc::channel::<DuplexStream>(CONNECTIONS_WAITING_MAX);
        let serving = tokio::spawn(async move {
            begin.await;
            loop {
                let connected = tokio::select! {
                    biased;
                    () = serving.stop.requested() => break,
                    connected = connections.recv() => connected,
                };
                let Some(io) = connected else {
                    // Nobody can connect any more; who is connected is served to the end.
                    serving.stop.requested().await;
                    break;
                };
                let (this, service) = (serving.clone(), service.clone());
                let mut extensions = Extensions::new();
                extensions.insert(Arrival::InProcess);
                serving
                    .tasks
                    .spawn(async move { this.connection(io, extensions, service).await });
            }
            drop(connections);
            end.await;
            serving.drain().await
        });
        Self { connect, serving }
    }

    /// A channel to the service. It connects when it is first used, and again, over a fresh pair of streams, when
    /// the connection ended.
    pub fn channel(&self) -> Channel {
        let connect = self.connect.clone();
        let connector = tower::service_fn(move |_| {
            let connect = connect.clone();
            async move {
                let (ours, theirs) = tokio::io::duplex(DUPLEX_BYTES);
                connect
                    .send(theirs)
                    .await
                    .map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
                Ok::<_, io::Error>(TokioIo::new(ours))
            }
        });
        Endpoint::from_static("http://in-process.sluis.internal")
            .initial_stream_window_size(CLIENT_STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CLIENT_CONNECTION_WINDOW_BYTES)
            .connect_with_connector_lazy(connector)
    }

    /// Waits until the service has ended after its stop was requested.
    pub async fn drained(self) -> Drain {
        drop(self.connect);
        // A panic of the accepting loop ends with nothing under way that could be waited for.
        self.serving.await.unwrap_or(Drain::CutOff { tasks: 0 })
    }
}
