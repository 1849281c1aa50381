//! The public keys of receipts: published as consent gives them, and what a receipt is checked with.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sluis_envelope::{KeyKind, VerifyingKey, verify_consent_receipt};
use sluis_types::Timestamp;

use super::problem::Problem;
use crate::ResidentSide;

/// How long they are believed before consent is asked again, so that a page for everybody costs consent nothing.
const BELIEVED_MAX: Duration = Duration::from_mins(5);

/// The keys of one moment.
pub(super) struct KeySet {
    /// As a JWK set (RFC 7517).
    pub(super) jwk_set: String,
    keys: Vec<VerifyingKey>,
}

impl KeySet {
    /// The keys in a JWK set. What is no Ed25519 key in it is passed over.
    pub(super) fn parse(jwk_set: String) -> Option<Self> {
        let set: serde_json::Value = serde_json::from_str(&jwk_set).ok()?;
        let key = |jwk: &serde_json::Value| {
            let is_ours = jwk["kty"] == "OKP" && jwk["crv"] == "Ed25519";
            let bytes = URL_SAFE_NO_PAD
                .decode(jwk["x"].as_str().filter(|_| is_ours)?)
                .ok()?;
            VerifyingKey::from_bytes(KeyKind::ConsentReceipt, bytes.as_slice().try_into().ok()?).ok()
        };
        let keys = set["keys"].as_array()?.iter().filter_map(key).collect();
        Some(Self { jwk_set, keys })
    }

    /// The payload of a receipt that one of these keys signed.
    pub(super) fn verified(&self, receipt: &str) -> Option<Vec<u8>> {
        self.keys
            .iter()
            .find_map(|key| verify_consent_receipt(receipt, key).ok())
    }
}

/// The keys, asked for when they are needed.
#[derive(Default)]
pub(super) struct PublishedKeys(Mutex<Option<(Timestamp, Arc<KeySet>)>>);

impl PublishedKeys {
    pub(super) async fn get(&self, side: &ResidentSide, now: Timestamp) -> Result<Arc<KeySet>, Problem> {
        if let Some(keys) = self.believed(now) {
            return Ok(keys);
        }
        let keys = KeySet::parse(side.receipt_keys().await?).ok_or(Problem::Fault)?;
        let keys = Arc::new(keys);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&keys)));
        Ok(keys)
    }

    fn believed(&self, now: Timestamp) -> Option<Arc<KeySet>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, keys) = kept.as_ref()?;
        (now.distance(*at) < BELIEVED_MAX).then(|| Arc::clone(keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_envelope::{SigningKey, consent_receipt_jwk, sign_consent_receipt};

    #[test]
    fn a_receipt_is_checked_with_every_published_key_and_no_other() {
        let key = |seed| SigningKey::from_seed(KeyKind::ConsentReceipt, &[seed; 32]);
        let jwks = [1, 2].map(|seed| consent_receipt_jwk(key(seed).verifying_key()));
        let other = r#"{"kty":"RSA","n":"AQAB"}"#;
        let set = KeySet::parse(format!("{{\"keys\":[{},{other},{}]}}", jwks[0], jwks[1])).expect("a set");
        for (seed, known) in [(1, true), (2, true), (3, false)] {
            let receipt = sign_consent_receipt(b"{}", &key(seed));
            assert_eq!(set.verified(&receipt).is_some(), known, "{seed}");
        }
        assert!(KeySet::parse("[]".into()).is_none() && KeySet::parse("x".into()).is_none());
    }
}
