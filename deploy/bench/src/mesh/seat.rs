//! An organisation at the mesh: the SDK, and beside it the same keys for calls that are made ready before the clock
//! starts.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sluis_client::{Environment, Invitation, Partner, Professional, Profile};
use sluis_envelope::{JwtAlgorithm, JwtKey, OrganisationKey, SealingKeyPair, SealingPublicKey, SigningKey};
use sluis_types::{Clock as _, Oin, ProfessionalRole, SystemClock};
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;
use zeroize::Zeroizing;

use crate::connect::Credentials;
use crate::error::{BenchError, Source, failed};

/// The name in the gateway's certificate.
pub(crate) const GATEWAY_NAME: &str = "localhost";
/// How long a token lives: the gateway takes at most 5 minutes.
const TOKEN_LIFE: Duration = Duration::from_secs(290);
/// PKCS#8 (RFC 8410) of an Ed25519 private key, up to its 32-byte seed.
const ED25519_PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// An enrolled organisation with one professional.
pub(crate) struct Seat {
    pub(crate) oin: Oin,
    pub(crate) partner: Partner,
    pub(crate) signing: SigningKey,
    jwt: SigningKey,
    sealing: SealingPublicKey,
    credentials: Credentials,
    mesh_id: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    role: &'a str,
    iat: i64,
    exp: i64,
    cnf: Confirmation,
}

#[derive(Serialize)]
struct Confirmation {
    #[serde(rename = "x5t#S256")]
    certificate: String,
}

impl Seat {
    /// Enrols through the SDK; its profile is in `directory`.
    pub(crate) async fn enrol(invitation: &str, directory: &Path) -> Result<Self, BenchError> {
        let invitation = Invitation::parse(invitation.as_bytes()).map_err(failed("an invitation"))?;
        let environment = Environment::system();
        sluis_client::enrol(&invitation, directory, &environment)
            .await
            .map_err(failed("enrolling"))?;
        let profile = Profile::open(directory).map_err(failed("a profile"))?;
        let professional = Professional {
            id: "bench".to_owned(),
            role: ProfessionalRole::Professional,
        };
        let keys = directory.join("keys");
        let tls =
            String::from_utf8(read(&keys.join("tls.pem"))?).map_err(failed("a profile's certificate"))?;
        let begin = tls.find("-----BEGIN CERTIFICATE-----").unwrap_or(tls.len());
        let sealing = SealingKeyPair::from_secret_bytes(&only_key(&keys.join("sealing"))?)
            .map_err(failed("a profile's sealing key"))?;
        Ok(Self {
            oin: profile.oin(),
            mesh_id: profile.mesh_id().to_owned(),
            signing: secret_key(&keys.join("signing"))?,
            jwt: secret_key(&keys.join("jwt"))?,
            sealing: sealing.public().clone(),
            credentials: Credentials {
                ca: invitation.ca.clone(),
                chain: tls[begin..].to_owned(),
                key: tls[..begin].to_owned(),
            },
            partner: Partner::connect(profile, professional, environment)
                .map_err(failed("a partner's connection"))?,
        })
    }

    /// A further connection of this organisation to a gateway.
    pub(crate) async fn connect(&self, gateway: SocketAddr) -> Result<Channel, BenchError> {
        self.credentials.connect(gateway, GATEWAY_NAME).await
    }

    /// The key that others seal to.
    pub(crate) fn sealing_key(&self) -> OrganisationKey<SealingPublicKey> {
        OrganisationKey {
            organisation: self.oin,
            key: self.sealing.clone(),
        }
    }

    /// A fresh token of the professional, as the metadata of calls.
    pub(crate) fn metadata(&self) -> Result<MetadataMap, BenchError> {
        self.token().map_err(failed("a professional's token"))
    }

    fn token(&self) -> Result<MetadataMap, Source> {
        let public = JwtKey::new(JwtAlgorithm::EdDsa, self.jwt.verifying_key().as_bytes().to_vec())?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(public.id().to_string());
        let (_, leaf) = x509_parser::pem::parse_x509_pem(self.credentials.chain.as_bytes())?;
        let now = SystemClock.now();
        let claims = Claims {
            iss: self.oin.as_str(),
            aud: &self.mesh_id,
            sub: "bench",
            role: ProfessionalRole::Professional.name(),
            iat: now.seconds(),
            exp: now.plus(TOKEN_LIFE).seconds(),
            cnf: Confirmation {
                certificate: URL_SAFE_NO_PAD.encode(Sha256::digest(&leaf.contents)),
            },
        };
        let mut der = Zeroizing::new(ED25519_PKCS8.to_vec());
        der.extend_from_slice(self.jwt.seed().as_slice());
        let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(&der))?;
        let mut metadata = MetadataMap::new();
        metadata.insert("authorization", format!("Bearer {token}").parse()?);
        Ok(metadata)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, BenchError> {
    fs::read(path).map_err(failed("reading a profile"))
}

fn secret_key(folder: &Path) -> Result<SigningKey, BenchError> {
    SigningKey::from_secret_bytes(&only_key(folder)?).map_err(failed("a profile's key"))
}

/// The key of a folder: a profile that was just made has one of each kind.
fn only_key(folder: &Path) -> Result<Zeroizing<Vec<u8>>, BenchError> {
    let listed = fs::read_dir(folder).map_err(failed("reading a profile"))?;
    let key = listed
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "key"))
        .ok_or_else(|| BenchError::Option("a fresh profile has no key where one should be".to_owned()))?;
    Ok(Zeroizing::new(read(&key)?))
}
