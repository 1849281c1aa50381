//! The professional's token: a JWT that the organisation issues to its own people, bound to its certificate.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sluis_envelope::SigningKey;
use sluis_types::{Oin, Timestamp};
use zeroize::Zeroizing;

use crate::profile::Profile;
use crate::{Error, Professional};

/// How long a token lives: the gateway takes at most 5 minutes.
const TOKEN_LIFE: Duration = Duration::from_secs(290);
/// How long before its end a token is replaced.
const TOKEN_MARGIN: Duration = Duration::from_mins(1);
/// PKCS#8 (RFC 8410) of an Ed25519 private key, up to its 32-byte seed.
const ED25519_PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Issues tokens for one professional over one certificate.
pub(crate) struct Tokens {
    key: EncodingKey,
    key_id: String,
    organisation: Oin,
    mesh_id: String,
    professional: Professional,
    certificate: String,
    current: Mutex<Option<(String, Timestamp)>>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    role: &'a str,
    iat: i64,
    exp: i64,
    cnf: Confirmation<'a>,
}

/// RFC 8705 §3.1.
#[derive(Serialize)]
struct Confirmation<'a> {
    #[serde(rename = "x5t#S256")]
    certificate: &'a str,
}

impl Tokens {
    pub(crate) fn new(profile: &Profile, professional: Professional) -> Result<Self, Error> {
        Ok(Self {
            key: encoding_key(&profile.keys.jwt),
            key_id: crate::profile::jwt_key_id(&profile.keys.jwt)?.to_string(),
            organisation: profile.oin,
            mesh_id: profile.facts.mesh_id.clone(),
            professional,
            certificate: URL_SAFE_NO_PAD.encode(Sha256::digest(leaf_der(&profile.keys.certificate_chain)?)),
            current: Mutex::new(None),
        })
    }

    /// A token that is valid for at least another minute.
    pub(crate) fn current(&self, now: Timestamp) -> Result<String, Error> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, not_after)) = current.as_ref()
            && now < *not_after
        {
            return Ok(token.clone());
        }
        let token = self.issue(now)?;
        *current = Some((token.clone(), now.plus(TOKEN_LIFE).minus(TOKEN_MARGIN)));
        Ok(token)
    }

    fn issue(&self, now: Timestamp) -> Result<String, Error> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.key_id.clone());
        let claims = Claims {
            iss: self.organisation.as_str(),
            aud: &self.mesh_id,
            sub: &self.professional.id,
            role: self.professional.role.name(),
            iat: now.seconds(),
            exp: now.plus(TOKEN_LIFE).seconds(),
            cnf: Confirmation {
                certificate: &self.certificate,
            },
        };
        jsonwebtoken::encode(&header, &claims, &self.key)
            .map_err(|error| Error::malformed("the token", error))
    }
}

fn encoding_key(key: &SigningKey) -> EncodingKey {
    let mut der = Zeroizing::new(ED25519_PKCS8.to_vec());
    der.extend_from_slice(key.seed().as_slice());
    EncodingKey::from_ed_der(&der)
}

/// The first certificate of a PEM chain, in DER.
pub(crate) fn leaf_der(chain: &str) -> Result<Vec<u8>, Error> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(chain.as_bytes())
        .map_err(|_| Error::malformed("certificate.pem", "no certificate in PEM"))?;
    Ok(pem.contents)
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokens({})", self.organisation)
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation};
    use sluis_types::ProfessionalRole;

    use super::*;
    use crate::profile::fixture::{NOW, oin, profile};
    use crate::profile::jwt_key_id;

    fn tokens(profile: &Profile) -> Tokens {
        let professional = Professional {
            id: "w.jansen".to_owned(),
            role: ProfessionalRole::Professional,
        };
        Tokens::new(profile, professional).expect("a profile with keys")
    }

    #[test]
    fn a_token_is_what_the_gateway_asks_for() {
        let (_directory, profile) = profile();
        let token = tokens(&profile).current(NOW).expect("issued");
        let header = jsonwebtoken::decode_header(&token).expect("a header");
        assert_eq!(header.alg, Algorithm::EdDSA);
        assert_eq!(
            header.kid,
            Some(jwt_key_id(&profile.keys.jwt).expect("an id").to_string())
        );
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&["test.mesh"]);
        validation.set_issuer(&[oin().as_str()]);
        validation.validate_exp = false;
        let key = DecodingKey::from_ed_der(profile.keys.jwt.verifying_key().as_bytes());
        let claims = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &validation)
            .expect("signed")
            .claims;
        assert_eq!(
            (&claims["sub"], &claims["role"]),
            (&"w.jansen".into(), &"PROFESSIONAL".into())
        );
        assert_eq!(claims["iat"], NOW.seconds());
        assert!(claims["exp"].as_i64().expect("a number") - NOW.seconds() <= 300);
        let fingerprint = Sha256::digest(leaf_der(&profile.keys.certificate_chain).expect("a certificate"));
        assert_eq!(claims["cnf"]["x5t#S256"], URL_SAFE_NO_PAD.encode(fingerprint));
    }

    #[test]
    fn a_token_is_replaced_a_minute_before_its_end() {
        let (_directory, profile) = profile();
        let tokens = tokens(&profile);
        let first = tokens.current(NOW).expect("issued");
        let soon = NOW.plus(TOKEN_LIFE).minus(TOKEN_MARGIN);
        let before = soon.minus(Duration::from_secs(1));
        assert_eq!(tokens.current(before).expect("kept"), first);
        assert_ne!(tokens.current(soon).expect("issued anew"), first);
    }

    #[test]
    fn a_chain_without_a_certificate_is_refused() {
        assert!(matches!(leaf_der("no certificate"), Err(Error::Malformed { .. })));
    }
}
