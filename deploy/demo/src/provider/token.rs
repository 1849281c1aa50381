//! ID tokens (OpenID Connect Core §2), signed with EdDSA (RFC 8037).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sluis_envelope::SigningKey;
use sluis_types::Timestamp;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How long an ID token counts, in seconds.
const LIFE_SECONDS: i64 = 300;
/// PKCS#8 (RFC 8410) of an Ed25519 private key, up to its 32-byte seed.
const ED25519_PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// What an ID token says.
#[derive(Serialize)]
pub(super) struct Claims<'a> {
    pub(super) iss: &'a str,
    pub(super) sub: &'a str,
    pub(super) aud: &'a str,
    pub(super) nonce: &'a str,
    pub(super) acr: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) represents: Option<Represents>,
}

/// Whom the subject represents (OIDC NL GOV).
#[derive(Serialize)]
pub(super) struct Represents {
    pub(super) sub: String,
}

#[derive(Serialize)]
struct Timed<'a> {
    #[serde(flatten)]
    claims: &'a Claims<'a>,
    iat: i64,
    exp: i64,
}

/// The set of public keys (RFC 7517).
pub(super) fn published_keys(key: &SigningKey) -> Value {
    json!({ "keys": [{
        "kty": "OKP",
        "crv": "Ed25519",
        "use": "sig",
        "alg": "EdDSA",
        "kid": key.id().to_string(),
        "x": URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes()),
    }] })
}

/// Signs an ID token.
pub(super) fn sign(key: &SigningKey, claims: &Claims<'_>, now: Timestamp) -> Option<String> {
    let mut der = Zeroizing::new(ED25519_PKCS8.to_vec());
    der.extend_from_slice(key.seed().as_slice());
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(key.id().to_string());
    let timed = Timed {
        claims,
        iat: now.seconds(),
        exp: now.seconds() + LIFE_SECONDS,
    };
    jsonwebtoken::encode(&header, &timed, &EncodingKey::from_ed_der(&der)).ok()
}

/// Whether a verifier answers an S256 challenge (RFC 7636 §4.6).
pub(super) fn answers_challenge(verifier: &str, challenge: &str) -> bool {
    let computed = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    computed.as_bytes().ct_eq(challenge.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_of_rfc_7636_is_answered_by_its_verifier_only() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(answers_challenge(
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            challenge
        ));
        assert!(!answers_challenge(
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl",
            challenge
        ));
    }
}
