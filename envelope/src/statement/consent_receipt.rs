//! Consent receipts (ISO/IEC TS 27560): a compact JWS (RFC 7515) with EdDSA (RFC 8037), because people's tools read it.
//!
//! The payload is JSON in its canonical form (RFC 8785); whoever makes it sees to that. The header is fixed: one
//! algorithm, one type, and the key's id. Nothing in it is ever chosen by whoever brings a receipt.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;

use crate::key::{KeyKind, SigningKey, VerifyingKey};

/// Longest receipt that is looked at, in bytes.
const RECEIPT_BYTES_MAX: usize = 64 * 1024;

/// Why a receipt does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsentReceiptError {
    /// It is no compact JWS of ours.
    #[error("the receipt has another form")]
    Form,
    /// It names another key, or its signature is not by this one.
    #[error("the receipt is not signed by this key")]
    Signature,
}

/// Signs a receipt. `payload` is JSON in its canonical form.
///
/// # Panics
/// With a key of another kind than [`KeyKind::ConsentReceipt`]: a fault of whoever calls.
pub fn sign_consent_receipt(payload: &[u8], key: &SigningKey) -> String {
    assert_eq!(
        key.kind(),
        KeyKind::ConsentReceipt,
        "a receipt's key signs receipts only"
    );
    let signed = format!(
        "{}.{}",
        BASE64.encode(header(key.verifying_key())),
        BASE64.encode(payload)
    );
    let signature = key.sign_raw(signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(signature))
}

/// Checks a receipt and gives its payload.
///
/// # Errors
/// [`ConsentReceiptError`] for everything that [`sign_consent_receipt`] did not make with this key.
pub fn verify_consent_receipt(receipt: &str, key: &VerifyingKey) -> Result<Vec<u8>, ConsentReceiptError> {
    if receipt.len() > RECEIPT_BYTES_MAX {
        return Err(ConsentReceiptError::Form);
    }
    let (signed, signature) = receipt.rsplit_once('.').ok_or(ConsentReceiptError::Form)?;
    let (head, payload) = signed.split_once('.').ok_or(ConsentReceiptError::Form)?;
    let decode = |part: &str| BASE64.decode(part).map_err(|_| ConsentReceiptError::Form);
    if decode(head)? != header(key).into_bytes() {
        return Err(ConsentReceiptError::Signature);
    }
    let signature = decode(signature)?
        .try_into()
        .map_err(|_| ConsentReceiptError::Form)?;
    key.verify_raw(signed.as_bytes(), &signature)
        .map_err(|_| ConsentReceiptError::Signature)?;
    decode(payload)
}

/// The public key as a JWK (RFC 7517, RFC 8037), for whoever verifies with tools of their own.
pub fn consent_receipt_jwk(key: &VerifyingKey) -> String {
    format!(
        r#"{{"alg":"EdDSA","crv":"Ed25519","kid":"{}","kty":"OKP","use":"sig","x":"{}"}}"#,
        key.id(),
        BASE64.encode(key.as_bytes())
    )
}

fn header(key: &VerifyingKey) -> String {
    format!(
        r#"{{"alg":"EdDSA","kid":"{}","typ":"consent-receipt+jws"}}"#,
        key.id()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(KeyKind::ConsentReceipt, &[seed; 32])
    }

    #[test]
    fn a_receipt_holds_under_its_key_and_no_other() {
        let receipt = sign_consent_receipt(br#"{"a":1}"#, &key(1));
        let public = key(1).verifying_key().clone();
        assert_eq!(
            verify_consent_receipt(&receipt, &public),
            Ok(br#"{"a":1}"#.to_vec())
        );
        let other = key(2).verifying_key().clone();
        assert_eq!(
            verify_consent_receipt(&receipt, &other),
            Err(ConsentReceiptError::Signature)
        );
    }

    #[test]
    fn no_part_of_a_receipt_can_be_exchanged() {
        let (one, two) = (
            sign_consent_receipt(br#"{"a":1}"#, &key(1)),
            sign_consent_receipt(br#"{"a":2}"#, &key(1)),
        );
        let public = key(1).verifying_key().clone();
        let part = |receipt: &str, at: usize| receipt.split('.').nth(at).unwrap().to_owned();
        let mixed = format!("{}.{}.{}", part(&one, 0), part(&two, 1), part(&one, 2));
        assert!(verify_consent_receipt(&mixed, &public).is_err());
        let none = BASE64.encode(r#"{"alg":"none"}"#);
        let unsigned = format!("{none}.{}.", part(&one, 1));
        assert!(verify_consent_receipt(&unsigned, &public).is_err());
    }

    #[test]
    fn a_jwk_names_the_key() {
        let jwk: serde_json::Value =
            serde_json::from_str(&consent_receipt_jwk(key(1).verifying_key())).unwrap();
        assert_eq!(jwk["kid"], key(1).id().to_string());
        assert_eq!(
            BASE64.decode(jwk["x"].as_str().unwrap()).unwrap(),
            key(1).verifying_key().as_bytes()
        );
    }

    #[test]
    fn the_committed_vectors_hold() {
        #[derive(serde::Deserialize)]
        struct Vectors {
            seed: String,
            payload: String,
            receipts: Vec<Vector>,
        }
        #[derive(serde::Deserialize)]
        struct Vector {
            name: String,
            receipt: String,
            error: Option<String>,
        }
        let text = include_str!("../../vectors/consent_receipt.json");
        let vectors: Vectors = serde_json::from_str(text).unwrap();
        assert_eq!(vectors.seed, "2a".repeat(32));
        let (secret, payload) = (key(0x2a), vectors.payload.as_bytes());
        assert_eq!(
            sign_consent_receipt(payload, &secret),
            vectors.receipts[0].receipt
        );
        for vector in vectors.receipts {
            let read = verify_consent_receipt(&vector.receipt, secret.verifying_key());
            let expected = match vector.error.as_deref() {
                None => Ok(payload.to_vec()),
                Some("Format") => Err(ConsentReceiptError::Form),
                Some(_) => Err(ConsentReceiptError::Signature),
            };
            assert_eq!(read, expected, "{}", vector.name);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            prop_assert!(verify_consent_receipt(&text, key(1).verifying_key()).is_err());
        }
    }
}
