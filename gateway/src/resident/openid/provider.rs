//! What a provider says of itself: its discovery document (OpenID Connect Discovery) and its keys.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sluis_types::{Clock, Timestamp};
use tokio::sync::Mutex;

use super::OpenIdError;
use super::http::{Answer, Http};
use super::id_token::ProviderKeys;
use crate::config::{Endpoint, Transport, endpoint};

/// How long a discovery document and keys are believed without asking again.
const BELIEVED_FOR: Duration = Duration::from_hours(1);
/// How soon keys are asked for again when a token names one that is not known: once, not for every bad token.
const KEYS_AGAIN_AFTER: Duration = Duration::from_mins(1);
const WELL_KNOWN: &str = "/.well-known/openid-configuration";
const FORM: &str = "application/x-www-form-urlencoded";

/// One provider.
#[derive(Debug)]
pub(super) struct Provider {
    issuer: String,
    http: Http,
    clock: Arc<dyn Clock>,
    /// Held while asking, so that many who log in at once ask once.
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    document: Option<(Timestamp, Arc<Document>)>,
    keys: Option<(Timestamp, Arc<ProviderKeys>)>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Known(document: {}, keys: {})",
            self.document.is_some(),
            self.keys.is_some()
        )
    }
}

/// What counts of a discovery document.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) authorization: Endpoint,
    token: Endpoint,
    keys: Endpoint,
    /// Where people log out (RP-Initiated Logout §2.1), if the provider has such a page.
    pub(super) end_session: Option<Endpoint>,
    /// Whether the provider names itself in its answers (RFC 9207).
    pub(super) names_itself: bool,
}

#[derive(Deserialize)]
struct StatedDocument {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: Option<String>,
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
    token_type: String,
}

#[derive(Deserialize)]
struct TokenRefusal {
    error: String,
}

/// Which keys are good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    Believed,
    /// A token names a key that the believed ones do not hold.
    Newer,
}

impl Provider {
    pub(super) fn new(issuer: String, http: Http, clock: Arc<dyn Clock>) -> Self {
        Self {
            issuer,
            http,
            clock,
            known: Mutex::default(),
        }
    }

    pub(super) async fn document(&self) -> Result<Arc<Document>, OpenIdError> {
        let mut known = self.known.lock().await;
        self.document_in(&mut known).await
    }

    pub(super) async fn keys(&self, want: Want) -> Result<Arc<ProviderKeys>, OpenIdError> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        let good_for = match want {
            Want::Believed => BELIEVED_FOR,
            Want::Newer => KEYS_AGAIN_AFTER,
        };
        if let Some((at, keys)) = &known.keys
            && now.distance(*at) < good_for
        {
            return Ok(Arc::clone(keys));
        }
        let document = self.document_in(&mut known).await?;
        let answer = self.get(&document.keys).await?;
        let keys = ProviderKeys::parse(&answer.body).ok_or(OpenIdError::Provider("its keys do not parse"))?;
        let keys = Arc::new(keys);
        known.keys = Some((now, Arc::clone(&keys)));
        Ok(keys)
    }

    async fn document_in(&self, known: &mut Known) -> Result<Arc<Document>, OpenIdError> {
        let now = self.clock.now();
        if let Some((at, document)) = &known.document
            && now.distance(*at) < BELIEVED_FOR
        {
            return Ok(Arc::clone(document));
        }
        let address = format!("{}{WELL_KNOWN}", self.issuer.trim_end_matches('/'));
        let address = endpoint(&address).map_err(OpenIdError::Provider)?;
        let stated: StatedDocument = json(&self.get(&address).await?)?;
        let document = Arc::new(self.checked(&stated)?);
        known.document = Some((now, Arc::clone(&document)));
        Ok(document)
    }

    fn checked(&self, stated: &StatedDocument) -> Result<Document, OpenIdError> {
        // Exactly the same (Discovery §4.3): else one provider could speak for another.
        if stated.issuer != self.issuer {
            return Err(OpenIdError::Provider(
                "its discovery document names another issuer",
            ));
        }
        let methods = stated.code_challenge_methods_supported.as_deref();
        if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
            return Err(OpenIdError::Provider("it does not support PKCE with S256"));
        }
        let issuer = endpoint(&self.issuer).map_err(OpenIdError::Provider)?;
        let address = |text: &str| {
            let address = endpoint(text).map_err(OpenIdError::Provider)?;
            if issuer.transport == Transport::Tls && address.transport != Transport::Tls {
                return Err(OpenIdError::Provider("an https issuer names an address in clear"));
            }
            Ok(address)
        };
        Ok(Document {
            authorization: address(&stated.authorization_endpoint)?,
            token: address(&stated.token_endpoint)?,
            keys: address(&stated.jwks_uri)?,
            end_session: stated.end_session_endpoint.as_deref().map(address).transpose()?,
            names_itself: stated.authorization_response_iss_parameter_supported,
        })
    }

    /// Exchanges a code for the ID token. `client` is the value of the Authorization header, for a client with a
    /// secret.
    pub(super) async fn id_token(
        &self,
        form: String,
        client: Option<HeaderValue>,
    ) -> Result<String, OpenIdError> {
        let document = self.document().await?;
        let mut request = Request::new(Full::new(Bytes::from(form)));
        *request.method_mut() = Method::POST;
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
        if let Some(client) = client {
            request.headers_mut().insert(AUTHORIZATION, client);
        }
        let answer = self.http.send(&document.token, request).await?;
        if answer.status != StatusCode::OK {
            // RFC 6749 §5.2: this one is about the code, every other about this client or the provider.
            let refusal = serde_json::from_slice::<TokenRefusal>(&answer.body);
            return Err(match refusal {
                Ok(refusal) if refusal.error == "invalid_grant" => OpenIdError::CodeRefused,
                Ok(_) | Err(_) => OpenIdError::Provider("it did not take the request for a token"),
            });
        }
        let tokens: TokenAnswer = json(&answer)?;
        if !tokens.token_type.eq_ignore_ascii_case("bearer") {
            return Err(OpenIdError::Provider("its tokens are of an unknown type"));
        }
        Ok(tokens.id_token)
    }

    async fn get(&self, address: &Endpoint) -> Result<Answer, OpenIdError> {
        let answer = self.http.send(address, Request::new(Full::default())).await?;
        if answer.status == StatusCode::OK {
            Ok(answer)
        } else {
            Err(OpenIdError::Provider("it answered with an error"))
        }
    }
}

fn json<T: DeserializeOwned>(answer: &Answer) -> Result<T, OpenIdError> {
    // The error could quote the answer, which can hold a token.
    serde_json::from_slice(&answer.body).map_err(|_| OpenIdError::Provider("its answer does not parse"))
}
