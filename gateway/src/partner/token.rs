//! The JWT of a professional (RFC 7519), bound to its organisation's certificate (RFC 8705).
//!
//! Header: `alg` EdDSA or ES256, exactly that of the registered key; `kid`, the key's id in hexadecimal. Claims: `iss`
//! = OIN, `aud` = mesh id, `sub`, `role`, `iat`, `exp` ≤ `iat` + 300 s, `cnf` = `{"x5t#S256": …}`; `nbf` may be there.
//! Times are whole seconds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use sluis_envelope::{JwtAlgorithm, JwtKey, PublicKey};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Hash, OrganisationEntry, PartnerCaller, Refusal, professional_pseudonym};
use sluis_types::{KeyId, ProfessionalRole, Timestamp};
use subtle::ConstantTimeEq as _;

use super::connection::VerifiedToken;

/// Longest token, in bytes.
pub(super) const TOKEN_BYTES_MAX: usize = 4096;
/// How long a token may live, in seconds.
const LIFETIME_SECONDS_MAX: i64 = 300;
/// How far ahead of ours a partner's clock may be, in seconds. Behind costs it lifetime only.
const CLOCK_AHEAD_SECONDS_MAX: i64 = 60;
/// Longest local id of a professional, in characters.
const SUBJECT_CHARACTERS_MAX: usize = 255;

/// Why a token is refused. The partner hears which check failed: it is about its own token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TokenFault {
    #[error("no token, or more than one")]
    Missing,
    #[error("malformed token")]
    Malformed,
    #[error("token of another organisation")]
    OtherOrganisation,
    #[error("token by a key that its organisation does not list as valid")]
    UnknownKey,
    #[error("token with another algorithm than its key's")]
    Algorithm,
    #[error("token with a bad signature")]
    Signature,
    #[error("token for another mesh")]
    Audience,
    #[error("token from the future")]
    NotYetValid,
    #[error("expired token")]
    Expired,
    #[error("token that lives too long")]
    Lifetime,
    #[error("token bound to another certificate")]
    OtherCertificate,
    #[error("token without a usable subject")]
    Subject,
    #[error("token without a known role")]
    Role,
}

impl TokenFault {
    /// The claim or header that the failed check was about.
    fn check(self) -> &'static str {
        match self {
            Self::Missing => "authorization",
            Self::Malformed => "format",
            Self::OtherOrganisation => "iss",
            Self::UnknownKey => "kid",
            Self::Algorithm => "alg",
            Self::Signature => "signature",
            Self::Audience => "aud",
            Self::NotYetValid => "iat",
            Self::Expired | Self::Lifetime => "exp",
            Self::OtherCertificate => "cnf",
            Self::Subject => "sub",
            Self::Role => "role",
        }
    }

    pub(super) fn refusal(self) -> Refusal {
        let reason = match self {
            Self::OtherOrganisation | Self::OtherCertificate => ErrorReason::TokenNotBound,
            _ => ErrorReason::TokenRefused,
        };
        Refusal::new(reason).with("check", self.check())
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    sub: String,
    role: String,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    cnf: Confirmation,
}

/// One audience, as a text or as a list of one (RFC 7519 §4.1.3). More than one is not for us alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    List([String; 1]),
}

#[derive(Deserialize)]
struct Confirmation {
    #[serde(rename = "x5t#S256")]
    certificate: String,
}

/// What a token is verified against.
#[derive(Clone, Copy)]
pub(super) struct TokenRules<'a> {
    pub(super) mesh_id: &'a str,
    /// The organisation of the connection's certificate.
    pub(super) organisation: &'a OrganisationEntry,
    /// SHA-256 of the connection's certificate.
    pub(super) certificate: &'a Hash,
    pub(super) now: Timestamp,
}

impl TokenRules<'_> {
    /// Verifies a token; `jwt_hash` is its hash.
    pub(super) fn verify(&self, token: &str, jwt_hash: Hash) -> Result<VerifiedToken, TokenFault> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenFault::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (_, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenFault::Malformed)?;
        let usual_type = header
            .typ
            .as_deref()
            .is_none_or(|typ| typ.eq_ignore_ascii_case("jwt"));
        // A critical extension that we do not know must not be ignored (RFC 7515 §4.1.11), and we know none.
        if !usual_type || header.crit.is_some() {
            return Err(TokenFault::Malformed);
        }
        let claims = URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(|_| TokenFault::Malformed)?;
        let claims: Claims = serde_json::from_slice(&claims).map_err(|_| TokenFault::Malformed)?;
        // Not verified yet, and believed only for saying no.
        if claims.iss != self.organisation.oin.as_str() {
            return Err(TokenFault::OtherOrganisation);
        }
        let kid = header.kid.ok_or(TokenFault::UnknownKey)?;
        let (key, key_end) = self.key(kid.parse().map_err(|_| TokenFault::UnknownKey)?)?;
        let (algorithm, decoding_key) = pinned(key);
        if header.alg != algorithm {
            return Err(TokenFault::Algorithm);
        }
        match jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &decoding_key, algorithm) {
            Ok(true) => {}
            Ok(false) | Err(_) => return Err(TokenFault::Signature),
        }
        let expires = self.check_claims(&claims)?;
        let caller = PartnerCaller {
            organisation: self.organisation.oin,
            professional: professional_pseudonym(self.organisation.oin, &claims.sub),
            role: ProfessionalRole::from_name(&claims.role).map_err(|_| TokenFault::Role)?,
            jwt_hash,
        };
        Ok(VerifiedToken {
            caller,
            not_after: expires.min(key_end),
        })
    }

    /// The organisation's key of this id, if it is valid now, and its end.
    fn key(&self, kid: KeyId) -> Result<(&JwtKey, Timestamp), TokenFault> {
        self.organisation
            .keys
            .entries()
            .iter()
            .filter(|entry| entry.valid_at(self.now))
            .find_map(|entry| match &entry.key {
                PublicKey::Jwt(key) if key.id() == kid => Some((key, entry.end())),
                _ => None,
            })
            .ok_or(TokenFault::UnknownKey)
    }

    /// The claims of a token whose signature is good; gives its end.
    fn check_claims(&self, claims: &Claims) -> Result<Timestamp, TokenFault> {
        let (Audience::One(audience) | Audience::List([audience])) = &claims.aud;
        if audience != self.mesh_id {
            return Err(TokenFault::Audience);
        }
        let now = self.now.seconds();
        let ahead = now.saturating_add(CLOCK_AHEAD_SECONDS_MAX);
        if claims.iat > ahead || claims.nbf.is_some_and(|nbf| nbf > ahead) {
            return Err(TokenFault::NotYetValid);
        }
        if now >= claims.exp {
            return Err(TokenFault::Expired);
        }
        if claims.exp.saturating_sub(claims.iat) > LIFETIME_SECONDS_MAX {
            return Err(TokenFault::Lifetime);
        }
        let bound_to = URL_SAFE_NO_PAD
            .decode(&claims.cnf.certificate)
            .unwrap_or_default();
        if !bool::from(bound_to.as_slice().ct_eq(self.certificate)) {
            return Err(TokenFault::OtherCertificate);
        }
        let subject = &claims.sub;
        if subject.is_empty() || subject.chars().count() > SUBJECT_CHARACTERS_MAX {
            return Err(TokenFault::Subject);
        }
        Ok(Timestamp::from_seconds(claims.exp))
    }
}

/// The one algorithm of a key. The token's header has no say in it.
fn pinned(key: &JwtKey) -> (Algorithm, DecodingKey) {
    match key.algorithm() {
        JwtAlgorithm::EdDsa => (Algorithm::EdDSA, DecodingKey::from_ed_der(key.public())),
        JwtAlgorithm::Es256 => (Algorithm::ES256, DecodingKey::from_ec_der(key.public())),
    }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
