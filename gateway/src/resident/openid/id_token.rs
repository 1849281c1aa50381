//! The ID token (OpenID Connect Core §2 and §3.1.3.7): who logged in, in the provider's signed words.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sluis_types::Timestamp;
use subtle::ConstantTimeEq as _;

use crate::{Level, VerifiedLogin};

/// How far ahead of ours the provider's clock may be, in seconds.
const CLOCK_AHEAD_SECONDS_MAX: i64 = 60;
/// How old an ID token may be that was asked for a moment ago, in seconds.
const AGE_SECONDS_MAX: i64 = 600;
/// Longest `sub`, in bytes (OpenID Connect Core §2: 255 ASCII characters).
const SUBJECT_BYTES_MAX: usize = 255;

/// Why an ID token is no login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenFault {
    /// It does not parse, or lacks a claim that it must have.
    #[error("malformed ID token")]
    Malformed,
    /// The provider does not publish the key that it names.
    #[error("ID token by an unknown key")]
    UnknownKey,
    /// Its algorithm is not its key's.
    #[error("ID token with another algorithm than its key's")]
    Algorithm,
    /// The signature is not by the key.
    #[error("ID token with a bad signature")]
    Signature,
    /// Another provider issued it.
    #[error("ID token of another issuer")]
    Issuer,
    /// It is not for this gateway, or not for it alone.
    #[error("ID token for another client")]
    Audience,
    /// It ended.
    #[error("expired ID token")]
    Expired,
    /// It is too old, or from the future.
    #[error("ID token that was not issued just now")]
    IssuedAt,
    /// It answers another attempt.
    #[error("ID token for another attempt")]
    Nonce,
    /// Its `acr` has no configured meaning.
    #[error("ID token with an unknown level of assurance")]
    LevelOfAssurance,
    /// Its level of assurance is below the one that a login must have here.
    #[error("ID token with too low a level of assurance")]
    LevelTooLow,
    /// It represents somebody in a way that is not understood: of another provider, or through somebody else.
    #[error("ID token with a representation that is not understood")]
    Representation,
}

/// The keys that a provider publishes and that may sign ID tokens.
#[derive(Default)]
pub(super) struct ProviderKeys(Vec<ProviderKey>);

struct ProviderKey {
    id: Option<String>,
    /// The one algorithm that the key is for.
    algorithm: Algorithm,
    key: DecodingKey,
}

#[derive(Deserialize)]
struct PublishedKeys {
    keys: Vec<serde_json::Value>,
}

impl ProviderKeys {
    /// The usable keys of a JWK set (RFC 7517 §5): what is not understood is left out.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        let published: PublishedKeys = serde_json::from_slice(json).ok()?;
        let usable = published.keys.into_iter().filter_map(|key| {
            let key: Jwk = serde_json::from_value(key).ok()?;
            let algorithm = algorithm_of(&key)?;
            let decoding_key = DecodingKey::from_jwk(&key).ok()?;
            Some(ProviderKey {
                id: key.common.key_id,
                algorithm,
                key: decoding_key,
            })
        });
        Some(Self(usable.collect()))
    }

    /// The key that a header names, or the only one where it names none.
    fn find(&self, id: Option<&str>) -> Option<&ProviderKey> {
        match (id, self.0.as_slice()) {
            (Some(id), keys) => keys.iter().find(|key| key.id.as_deref() == Some(id)),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

/// The algorithm of a signature key: what its form says, and for RSA what it states, RS256 where it states none (the
/// default of OpenID Connect Dynamic Client Registration §2). Symmetric keys are none.
fn algorithm_of(key: &Jwk) -> Option<Algorithm> {
    if !matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let stated = match key.common.key_algorithm {
        Some(stated) => Some(stated.to_string().parse::<Algorithm>().ok()?),
        None => None,
    };
    let possible: &[Algorithm] = match &key.algorithm {
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => &[Algorithm::ES256],
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => &[Algorithm::ES384],
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
        AlgorithmParameters::RSA(_) => &[
            Algorithm::RS256,
            Algorithm::PS256,
            Algorithm::RS384,
            Algorithm::PS384,
            Algorithm::RS512,
            Algorithm::PS512,
        ],
        _ => &[],
    };
    match stated {
        Some(stated) => possible.iter().copied().find(|it| *it == stated),
        None => possible.first().copied(),
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: String,
    acr: Option<String>,
    represents: Option<Represents>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    List(Vec<String>),
}

/// Whom the subject represents (OIDC NL GOV: claims about the represented party, nested for chains).
#[derive(Deserialize)]
struct Represents {
    sub: String,
    iss: Option<String>,
    #[serde(rename = "represents")]
    further: Option<IgnoredAny>,
}

/// What an ID token is verified against.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) levels: &'a BTreeMap<String, Level>,
    pub(super) required_level: Level,
    pub(super) now: Timestamp,
}

impl Expected<'_> {
    /// Who logged in, if the token says so to this client, now, in answer to this attempt.
    pub(super) fn verify(&self, token: &str, keys: &ProviderKeys) -> Result<VerifiedLogin, IdTokenFault> {
        let claims = verified_claims(token, keys)?;
        if claims.iss != self.issuer {
            return Err(IdTokenFault::Issuer);
        }
        self.check_audience(&claims)?;
        self.check_times(&claims)?;
        if !bool::from(claims.nonce.as_bytes().ct_eq(self.nonce.as_bytes())) {
            return Err(IdTokenFault::Nonce);
        }
        let level = claims.acr.as_ref().and_then(|acr| self.levels.get(acr));
        let level = level.ok_or(IdTokenFault::LevelOfAssurance)?;
        if *level < self.required_level {
            return Err(IdTokenFault::LevelTooLow);
        }
        let represents = match claims.represents {
            None => None,
            Some(represents) => Some(self.represented(represents)?),
        };
        if !is_subject(&claims.sub) {
            return Err(IdTokenFault::Malformed);
        }
        Ok(VerifiedLogin {
            issuer: claims.iss,
            subject: claims.sub,
            represents,
            level_of_assurance: level.to_proto(),
        })
    }

    fn check_audience(&self, claims: &Claims) -> Result<(), IdTokenFault> {
        let for_us = match &claims.aud {
            Audience::One(audience) => audience == self.client_id,
            // With others beside us, the token must have been issued to us (§3.1.3.7, 3 to 5).
            Audience::List(list) => {
                list.iter().any(|it| it == self.client_id) && (list.len() == 1 || claims.azp.is_some())
            }
        };
        let issued_to_us = claims.azp.as_ref().is_none_or(|azp| azp == self.client_id);
        if for_us && issued_to_us {
            Ok(())
        } else {
            Err(IdTokenFault::Audience)
        }
    }

    fn check_times(&self, claims: &Claims) -> Result<(), IdTokenFault> {
        let now = self.now.seconds();
        if now >= claims.exp {
            return Err(IdTokenFault::Expired);
        }
        let age = now.saturating_sub(claims.iat);
        if (-CLOCK_AHEAD_SECONDS_MAX..=AGE_SECONDS_MAX).contains(&age) {
            Ok(())
        } else {
            Err(IdTokenFault::IssuedAt)
        }
    }

    /// The represented resident's identifier. Somebody who represents through somebody else is not taken for either.
    fn represented(&self, represents: Represents) -> Result<String, IdTokenFault> {
        let of_this_provider = represents.iss.as_ref().is_none_or(|iss| iss == self.issuer);
        if of_this_provider && represents.further.is_none() && is_subject(&represents.sub) {
            Ok(represents.sub)
        } else {
            Err(IdTokenFault::Representation)
        }
    }
}

fn is_subject(subject: &str) -> bool {
    (1..=SUBJECT_BYTES_MAX).contains(&subject.len()) && !subject.chars().any(char::is_control)
}

/// The claims, once the signature is by the key that the header names, with the algorithm of that key.
fn verified_claims(token: &str, keys: &ProviderKeys) -> Result<Claims, IdTokenFault> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| IdTokenFault::Malformed)?;
    // A critical extension must not be ignored (RFC 7515 §4.1.11), and none is known here.
    if header.crit.is_some() {
        return Err(IdTokenFault::Malformed);
    }
    let key = keys.find(header.kid.as_deref()).ok_or(IdTokenFault::UnknownKey)?;
    if header.alg != key.algorithm {
        return Err(IdTokenFault::Algorithm);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(IdTokenFault::Malformed)?;
    match jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key.key, key.algorithm) {
        Ok(true) => {}
        Ok(false) | Err(_) => return Err(IdTokenFault::Signature),
    }
    let (_, payload) = signed.split_once('.').ok_or(IdTokenFault::Malformed)?;
    let claims = URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(|_| IdTokenFault::Malformed)?;
    serde_json::from_slice(&claims).map_err(|_| IdTokenFault::Malformed)
}
