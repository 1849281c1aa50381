//! A small OpenID Connect provider with real signatures, on plain HTTP within this machine.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::KeyPair;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::RSAPublicKey;

use crate::mesh::START;

pub(crate) const CLIENT: &str = "sluis";

pub(crate) struct Provider {
    pub(crate) issuer: String,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    discovery: Value,
    published: Vec<Value>,
    codes: HashMap<String, Issued>,
    asked: Vec<String>,
    authorization: Option<String>,
}

struct Issued {
    challenge: String,
    token: String,
}

/// A signing key of the provider.
pub(crate) struct ProviderKey {
    pub(crate) id: &'static str,
    pub(crate) algorithm: Algorithm,
    encoding: EncodingKey,
    published: Value,
}

impl ProviderKey {
    pub(crate) fn new(id: &'static str, algorithm: Algorithm) -> Self {
        let kind = match algorithm {
            Algorithm::ES256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            Algorithm::EdDSA => &rcgen::PKCS_ED25519,
            _ => &rcgen::PKCS_RSA_SHA256,
        };
        let key = KeyPair::generate_for(kind).unwrap();
        let public = key.public_key_raw();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (encoding, published) = match algorithm {
            Algorithm::ES256 => (
                EncodingKey::from_ec_der(&key.serialize_der()),
                json!({"kty": "EC", "crv": "P-256", "x": text(&public[1..33]), "y": text(&public[33..])}),
            ),
            Algorithm::EdDSA => (
                EncodingKey::from_ed_der(&key.serialize_der()),
                json!({"kty": "OKP", "crv": "Ed25519", "x": text(public)}),
            ),
            _ => {
                let (_, public) = RSAPublicKey::from_der(public).unwrap();
                let modulus = public.modulus.strip_prefix(&[0]).unwrap_or(public.modulus);
                (
                    EncodingKey::from_rsa_pem(key.serialize_pem().as_bytes()).unwrap(),
                    json!({"kty": "RSA", "alg": format!("{algorithm:?}"), "n": text(modulus), "e": text(public.exponent)}),
                )
            }
        };
        Self {
            id,
            algorithm,
            encoding,
            published,
        }
    }

    pub(crate) fn published(&self) -> Value {
        let mut key = self.published.clone();
        key["kid"] = json!(self.id);
        key
    }

    /// Signs with any algorithm of the key's family.
    pub(crate) fn sign_as(&self, algorithm: Algorithm, id: &str, claims: &Value) -> String {
        let mut header = Header::new(algorithm);
        header.kid = Some(id.to_owned());
        jsonwebtoken::encode(&header, claims, &self.encoding).unwrap()
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(self.algorithm, self.id, claims)
    }
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let issuer = format!("http://{address}");
        let discovery = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize?theme=plain"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "code_challenge_methods_supported": ["plain", "S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        let shared = Arc::new(Mutex::new(Shared {
            discovery,
            ..Shared::default()
        }));
        let serving = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = serving.clone();
                let answer = hyper::service::service_fn(move |request| answer(shared.clone(), request));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer),
                );
            }
        });
        Self { issuer, shared }
    }

    pub(crate) fn publish(&self, keys: &[&ProviderKey]) {
        self.shared.lock().unwrap().published = keys.iter().map(|key| key.published()).collect();
    }

    pub(crate) fn publish_raw(&self, keys: Vec<Value>) {
        self.shared.lock().unwrap().published = keys;
    }

    pub(crate) fn discovery(&self, name: &str, value: Value) {
        self.shared.lock().unwrap().discovery[name] = value;
    }

    /// Gives out a code for the token, bound to the challenge of the attempt.
    pub(crate) fn issue(&self, code: &str, challenge: &str, token: String) {
        let issued = Issued {
            challenge: challenge.to_owned(),
            token,
        };
        self.shared.lock().unwrap().codes.insert(code.to_owned(), issued);
    }

    /// How often this path was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.shared
            .lock()
            .unwrap()
            .asked
            .iter()
            .filter(|asked| *asked == path)
            .count()
    }

    /// What the client said of itself when it last brought a code.
    pub(crate) fn client_authentication(&self) -> Option<String> {
        let authorization = self.shared.lock().unwrap().authorization.clone()?;
        let pair = STANDARD.decode(authorization.strip_prefix("Basic ")?).unwrap();
        Some(String::from_utf8(pair).unwrap())
    }

    /// Claims of a good ID token for this attempt.
    pub(crate) fn claims(&self, nonce: &str) -> Value {
        json!({
            "iss": self.issuer, "sub": "pairwise-noor", "aud": CLIENT, "nonce": nonce,
            "iat": START.seconds(), "exp": START.seconds() + 120, "acr": "urn:example:loa3",
        })
    }
}

async fn answer(
    shared: Arc<Mutex<Shared>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let mut shared = shared.lock().unwrap();
    shared.asked.push(parts.uri.path().to_owned());
    let answer = match parts.uri.path() {
        "/.well-known/openid-configuration" => Some(shared.discovery.clone()),
        "/keys" => Some(json!({"keys": shared.published})),
        "/token" => {
            shared.authorization = parts
                .headers
                .get("authorization")
                .map(|value| value.to_str().unwrap().to_owned());
            shared.exchange(std::str::from_utf8(&body).unwrap())
        }
        _ => None,
    };
    // RFC 6749 §5.2.
    let refused = || json!({"error": "invalid_grant"}).to_string();
    let mut response = Response::new(Full::from(answer.as_ref().map_or_else(refused, Value::to_string)));
    if answer.is_none() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

impl Shared {
    fn exchange(&mut self, form: &str) -> Option<Value> {
        let field = |name: &str| {
            form.split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let issued = self.codes.remove(field("code")?)?;
        let verifier = field("code_verifier")?;
        let matches = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == issued.challenge;
        let known_client = field("client_id") == Some(CLIENT) || self.authorization.is_some();
        let good = field("grant_type") == Some("authorization_code") && matches && known_client;
        good.then(|| json!({"id_token": issued.token, "token_type": "Bearer", "access_token": "unused"}))
    }
}
