//! One connection to the gateway, and calls that are repeated with the same id where that is safe.

use std::time::Duration;

use sluis_types::RequestId;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};
use tonic::{Request, Response, Status};

use crate::guard::{GuardedChannel, guarded};
use crate::profile::Profile;
use crate::token::Tokens;
use crate::{Environment, Error, Professional};

/// How long a unary call may take, all in all.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long reaching the gateway may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a call is tried while the mesh is unavailable.
const ATTEMPTS_MAX: u32 = 5;
/// How long to wait before the second try; doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Longest message that is taken from the mesh, in bytes.
pub(crate) const REPLY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A connection of one professional of one organisation.
#[derive(Debug)]
pub(crate) struct Connection {
    channel: GuardedChannel,
    tokens: Tokens,
    environment: Environment,
}

/// A channel to the gateway; with a client certificate once there is one.
pub(crate) fn channel(
    gateway: &str,
    gateway_name: &str,
    ca: &str,
    identity: Option<Identity>,
) -> Result<GuardedChannel, Error> {
    let mut tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(ca))
        .domain_name(gateway_name);
    if let Some(identity) = identity {
        tls = tls.identity(identity);
    }
    let malformed = |error| Error::malformed("the gateway's address or the mesh's CA", error);
    let endpoint = Endpoint::from_shared(format!("https://{gateway}"))
        .map_err(malformed)?
        .tls_config(tls)
        .map_err(malformed)?
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    Ok(guarded(endpoint.connect_lazy()))
}

impl Connection {
    pub(crate) fn new(
        profile: &Profile,
        ca: &str,
        professional: Professional,
        environment: Environment,
    ) -> Result<Self, Error> {
        let identity = Identity::from_pem(&profile.keys.certificate_chain, profile.keys.tls_key.as_bytes());
        Ok(Self {
            channel: channel(
                &profile.facts.gateway,
                &profile.facts.gateway_name,
                ca,
                Some(identity),
            )?,
            tokens: Tokens::new(profile, professional)?,
            environment,
        })
    }

    pub(crate) fn channel(&self) -> GuardedChannel {
        self.channel.clone()
    }

    pub(crate) fn request_id(&self) -> RequestId {
        RequestId::random(&*self.environment.randomness)
    }

    /// The token that calls carry now.
    pub(crate) fn token(&self) -> Result<String, Error> {
        self.tokens.current(self.environment.now())
    }

    /// A request that carries the professional's token.
    pub(crate) fn request<M>(&self, message: M) -> Result<Request<M>, Error> {
        with_token(message, &self.token()?)
    }

    /// Calls, and calls again with the same message while the mesh is unavailable: a write carries its request id.
    pub(crate) async fn call<M, R, F>(
        &self,
        message: M,
        send: impl Fn(GuardedChannel, Request<M>) -> F,
    ) -> Result<R, Error>
    where
        M: Clone,
        F: Future<Output = Result<Response<R>, Status>>,
    {
        repeating(|| {
            let request = self.request(message.clone());
            async {
                let mut request = request?;
                request.set_timeout(CALL_TIMEOUT);
                Ok(send(self.channel(), request).await?.into_inner())
            }
        })
        .await
    }
}

/// A request that carries this token.
pub(crate) fn with_token<M>(message: M, token: &str) -> Result<Request<M>, Error> {
    let mut request = Request::new(message);
    let value = format!("Bearer {token}")
        .parse()
        .map_err(|error| Error::malformed("the token", error))?;
    request.metadata_mut().insert("authorization", value);
    Ok(request)
}

/// Does something up to five times while the mesh is unavailable; the pause doubles each time.
pub(crate) async fn repeating<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..ATTEMPTS_MAX {
        match attempt().await {
            Err(error) if error.is_passing() => tokio::time::sleep(pause).await,
            other => return other,
        }
        pause *= 2;
    }
    attempt().await
}
