//! A certificate signing request (PKCS#10, RFC 2986), of which only the public key is taken.

use std::fmt;

use rcgen::{PublicKeyData as _, SubjectPublicKeyInfo};
use sha2::{Digest as _, Sha256};
use sluis_serve::Hash;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer as _;

/// Longest request that is looked at, in bytes.
const REQUEST_BYTES_MAX: usize = 16 * 1024;

/// Why a signing request is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateRequestError {
    /// It is not one PKCS#10 request in DER.
    #[error("not a certificate signing request in DER")]
    Malformed,
    /// It is not signed with the key that it asks a certificate for.
    #[error("the certificate signing request is not signed with its own key")]
    BadSignature,
    /// The key is none of ECDSA P-256, ECDSA P-384 and Ed25519.
    #[error("the key is of a kind that is not accepted")]
    UnsupportedKey,
}

/// A public key whose holder proved to have the private one.
#[derive(Clone)]
pub struct CertificateRequest {
    public_key: SubjectPublicKeyInfo,
    spki_sha256: Hash,
}

impl fmt::Debug for CertificateRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CertificateRequest(…)")
    }
}

impl CertificateRequest {
    /// Reads a request, checks its signature, and forgets everything in it but the public key.
    ///
    /// # Errors
    /// [`CertificateRequestError`] for the first check that fails.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateRequestError> {
        use CertificateRequestError::{BadSignature, Malformed, UnsupportedKey};
        if der.len() > REQUEST_BYTES_MAX {
            return Err(Malformed);
        }
        let (rest, request) = X509CertificationRequest::from_der(der).map_err(|_| Malformed)?;
        if !rest.is_empty() {
            return Err(Malformed);
        }
        let spki = request.certification_request_info.subject_pki.raw;
        let public_key = SubjectPublicKeyInfo::from_der(spki).map_err(|_| UnsupportedKey)?;
        let accepted = [
            &rcgen::PKCS_ECDSA_P256_SHA256,
            &rcgen::PKCS_ECDSA_P384_SHA384,
            &rcgen::PKCS_ED25519,
        ];
        // The certificate will hold our encoding of the key: it must be the one whose hash was stated.
        if !accepted.contains(&public_key.algorithm()) || public_key.subject_public_key_info() != spki {
            return Err(UnsupportedKey);
        }
        request.verify_signature().map_err(|_| BadSignature)?;
        let spki_sha256 = Sha256::digest(spki).into();
        Ok(Self {
            public_key,
            spki_sha256,
        })
    }

    /// SHA-256 over the DER SubjectPublicKeyInfo: how key statements name this key.
    pub fn spki_sha256(&self) -> &Hash {
        &self.spki_sha256
    }

    pub(super) fn public_key(&self) -> &SubjectPublicKeyInfo {
        &self.public_key
    }
}
