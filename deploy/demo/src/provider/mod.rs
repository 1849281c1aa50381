//! A login for development: an OpenID Connect provider that asks for a name and no password.
//!
//! It listens on this machine's loopback address only and says loudly what it is. The same name is the same resident:
//! `sub` is HMAC(secret, client, name), another one for each client (pairwise, OpenID Connect Core §8.1). Whoever logs in
//! for somebody else gives both names.

mod page;
mod token;

pub(crate) use page::escaped;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper_util::rt::TokioIo;
use sha2::Sha256;
use sluis_envelope::{KeyKind, SigningKey};
use sluis_gateway::{Level, OpenIdConfig, ResidentConfig};
use sluis_keyring::{Key32, ServiceKeys};
use sluis_serve::Stop;
use sluis_types::{Clock, Randomness, Timestamp};
use tokio::net::{TcpListener, TcpStream};

use crate::DemoError;

/// Where the provider is when nothing else was said.
pub const DEFAULT_PORT: u16 = 7447;
/// What the gateway is to the provider.
const CLIENT_ID: &str = "sluis-development";
/// Path of the issuer: by it one sees that it is this provider.
const ISSUER_PATH: &str = "/development-login";
/// Level of assurance that a login here counts as. Nothing was checked; it is for trying things.
const ACR: &str = "urn:sluis:development";
/// Where the browser would go back to. Nobody listens there: commands read the address and go no further.
const REDIRECT_URI: &str = "http://127.0.0.1/callback";
/// How long a code may wait.
const CODE_LIFE: Duration = Duration::from_mins(1);
/// Codes that may wait at a time.
const CODES_MAX: usize = 1000;
/// Folder of the provider's secrets in the keys directory.
const KEYS_FOLDER: &str = "development-login";

/// What the provider says of itself, to be printed wherever it starts.
pub const BANNER: &str =
    "DEVELOPMENT LOGIN: anybody who knows a name is that person. Never for real residents.";

/// A running provider; it ends with its [`Stop`].
#[derive(Debug)]
pub struct Provider {
    issuer: String,
}

/// What a code stands for until it is exchanged.
struct Pending {
    name: String,
    /// Whom the person represents.
    represents: Option<String>,
    client_id: String,
    redirect_uri: String,
    nonce: String,
    challenge: String,
    ends: Timestamp,
}

/// What all connections share.
struct Shared {
    issuer: String,
    key: SigningKey,
    pairwise: Key32,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    codes: Mutex<HashMap<String, Pending>>,
}

/// The issuer of the provider on a port.
pub fn issuer(port: u16) -> String {
    format!("http://127.0.0.1:{port}{ISSUER_PATH}")
}

/// The port in an issuer, if it is one of this provider's.
pub fn port_of(issuer_text: &str) -> Option<u16> {
    let port = issuer_text
        .strip_prefix("http://127.0.0.1:")?
        .strip_suffix(ISSUER_PATH)?
        .parse()
        .ok()?;
    (issuer(port) == issuer_text).then_some(port)
}

/// What a gateway must be configured with to use the provider on a port.
pub fn resident_config(port: u16) -> ResidentConfig {
    ResidentConfig {
        openid: OpenIdConfig {
            issuer: issuer(port),
            client_id: CLIENT_ID.to_owned(),
            client_secret_file: None,
            redirect_uri: REDIRECT_URI.to_owned(),
            scope: "openid".to_owned(),
            acr_values: Some(ACR.to_owned()),
            levels_of_assurance: [(ACR.to_owned(), Level::Substantial)].into(),
            required_level: Level::Substantial,
            post_logout_redirect_uri: None,
            roots_file: None,
        },
        pages: None,
    }
}

impl Provider {
    /// Starts the provider on a loopback port (0 for any); its secrets are made in the mesh's keys directory when they
    /// are not there, so that names stay the same people.
    ///
    /// # Errors
    /// [`DemoError::Io`] when the port is taken, [`DemoError::Keys`] when the secrets can be neither read nor made.
    pub async fn start(
        port: u16,
        keys_dir: &Path,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        stop: Stop,
    ) -> Result<Self, DemoError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let failed = |source| DemoError::Io {
            what: format!("the development login cannot listen on {address}"),
            source,
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let keys = ServiceKeys::load_or_create(&keys_dir.join(KEYS_FOLDER), Arc::clone(&randomness))?;
        let shared = Arc::new(Shared {
            issuer: issuer(port),
            key: SigningKey::from_seed(KeyKind::Jwt, keys.secret("id-token")?.expose()),
            pairwise: keys.secret("pairwise")?,
            clock,
            randomness,
            codes: Mutex::default(),
        });
        let issuer = shared.issuer.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.requested() => return,
                    accepted = listener.accept() => {
                        if let Ok((stream, _)) = accepted {
                            tokio::spawn(serve(stream, Arc::clone(&shared)));
                        }
                    }
                }
            }
        });
        Ok(Self { issuer })
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The port.
    pub fn port(&self) -> u16 {
        port_of(&self.issuer).expect("issuer() made it")
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let answer = hyper::service::service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, std::convert::Infallible>(page::answer(&shared, request).await) }
    });
    // How a browser leaves is its own affair.
    let _ended = hyper::server::conn::http1::Builder::new()
        .timer(hyper_util::rt::TokioTimer::new())
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

impl Shared {
    /// The name of a person towards one client.
    fn subject(&self, client_id: &str, name: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.pairwise.expose()).expect("HMAC takes any key");
        mac.update(client_id.as_bytes());
        mac.update(&[0]);
        mac.update(name.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    fn fresh_code(&self) -> String {
        let mut bytes = [0; 32];
        self.randomness.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Remembers a login until its code is exchanged; none when too many wait.
    fn remember(&self, pending: Pending) -> Option<String> {
        let now = self.clock.now();
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, pending| now < pending.ends);
        if codes.len() >= CODES_MAX {
            return None;
        }
        let code = self.fresh_code();
        codes.insert(code.clone(), pending);
        Some(code)
    }

    /// What a code stands for, once.
    fn take(&self, code: &str) -> Option<Pending> {
        let pending = self
            .codes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(code)?;
        (self.clock.now() < pending.ends).then_some(pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_issuers_are_known_again() {
        assert_eq!(port_of(&issuer(7447)), Some(7447));
        for other in [
            "https://login.example",
            "http://127.0.0.1:7447",
            "http://127.0.0.1:07447/development-login",
            "http://127.0.0.1.evil.example:7447/development-login",
        ] {
            assert_eq!(port_of(other), None, "{other}");
        }
    }
}
