//! The few HTTP requests that a relying party makes: one per connection, bounded in time and size, never redirected.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONNECTION, HOST};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use sluis_serve::{Timer, TlsError, TlsRoots, client_tls};
use sluis_types::Clock;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::config::{Endpoint, Transport};

/// Longest answer, in bytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How long one request may take, connecting included.
const EXCHANGE_MAX: Duration = Duration::from_secs(10);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No connection.
    #[error("no connection")]
    Connect(#[source] std::io::Error),
    /// The connection broke, or what came over it is no HTTP.
    #[error("no HTTP answer")]
    Exchange(#[source] hyper::Error),
    /// The answer broke off or is too long.
    #[error("the answer could not be read")]
    Answer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is too long.
    #[error("the answer is too long")]
    TooLong,
    /// It took too long.
    #[error("no answer in time")]
    TimedOut,
    /// The host's name cannot stand in a certificate, or nobody may vouch for it.
    #[error("no TLS to this host")]
    Name,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// Makes requests.
pub(super) struct Http {
    tls: Option<TlsConnector>,
    timer: Arc<dyn Timer>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Http(TLS: {})", self.tls.is_some())
    }
}

impl Http {
    /// Over TLS 1.3 to hosts that `roots` vouch for; without roots on the loopback address only.
    pub(super) fn new(
        roots: Option<&TlsRoots>,
        clock: Arc<dyn Clock>,
        timer: Arc<dyn Timer>,
    ) -> Result<Self, TlsError> {
        let tls = match roots {
            None => None,
            Some(roots) => {
                let mut config = ClientConfig::clone(&*client_tls(roots, None, clock)?);
                config.alpn_protocols = vec![b"http/1.1".to_vec()];
                Some(TlsConnector::from(Arc::new(config)))
            }
        };
        Ok(Self { tls, timer })
    }

    /// Sends a request to an address. `request` has method, own headers and body; the rest is added here.
    pub(super) async fn send(
        &self,
        to: &Endpoint,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Answer, HttpError> {
        let path = to
            .uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str);
        *request.uri_mut() = path.parse().expect("it is part of a URI that parsed");
        let authority = to.uri.authority().map_or("", http::uri::Authority::as_str);
        let host = HeaderValue::from_str(authority).expect("an authority is visible ASCII");
        request.headers_mut().insert(HOST, host);
        request
            .headers_mut()
            .insert(ACCEPT, HeaderValue::from_static("application/json"));
        request
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
        let too_late = self.timer.sleep_until(self.timer.now() + EXCHANGE_MAX);
        tokio::select! {
            biased;
            answer = self.connect_and_exchange(to, request) => answer,
            () = too_late => Err(HttpError::TimedOut),
        }
    }

    async fn connect_and_exchange(
        &self,
        to: &Endpoint,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, HttpError> {
        let connect = TcpStream::connect((to.host.as_str(), to.port));
        match (to.transport, &self.tls) {
            (Transport::Loopback, _) => exchange(connect.await.map_err(HttpError::Connect)?, request).await,
            (Transport::Tls, Some(tls)) => {
                let name = ServerName::try_from(to.host.clone()).map_err(|_| HttpError::Name)?;
                let stream = connect.await.map_err(HttpError::Connect)?;
                exchange(
                    tls.connect(name, stream).await.map_err(HttpError::Connect)?,
                    request,
                )
                .await
            }
            (Transport::Tls, None) => Err(HttpError::Name),
        }
    }
}

async fn exchange<I>(io: I, request: Request<Full<Bytes>>) -> Result<Answer, HttpError>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(io));
    let (mut sender, connection) = handshake.await.map_err(HttpError::Exchange)?;
    let answer = async move {
        let response = sender.send_request(request).await.map_err(HttpError::Exchange)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX)
            .collect()
            .await;
        let body = body.map_err(|error| match error.downcast::<LengthLimitError>() {
            Ok(_) => HttpError::TooLong,
            Err(error) => HttpError::Answer(error),
        })?;
        Ok(Answer {
            status,
            body: body.to_bytes(),
        })
    };
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => return answer,
        // Over, in good order or not: what came until now is read below, or the error that it left.
        _ended = connection => {}
    }
    answer.await
}
