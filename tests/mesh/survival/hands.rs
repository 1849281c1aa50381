//! A partner's own hands: what its SDK would not do, with the certificate, token and keys that it has.
//!
//! A recipient that means ill fetches what is sent to it, keeps it, and asks the gate when it likes; a sender whose
//! connection broke hands over the very same bytes again.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sluis_client::envelope::{
    AskToOpen, JwtAlgorithm, JwtKey, KeyStatement, Manifest, Opener, SealingKeyPair, Signed, SigningKey,
    SubmissionReceipt, Suite, VerifiedKeyStatement, jwt_hash,
};
use sluis_client::types::{
    Clock as _, GrantId, Handle, MessageId, Oin, OsRandomness, RequestId, SystemClock,
};
use sluis_client::{Error, Profile};
use sluis_proto::consent::v1 as consent;
use sluis_proto::consent::v1::consent_service_client::ConsentServiceClient;
use sluis_proto::referral::v1 as referral;
use sluis_proto::referral::v1::referral_service_client::ReferralServiceClient;
use tonic::Request;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

use crate::fixture::{TestPartner, referral_scope};

/// PKCS#8 (RFC 8410) of an Ed25519 private key, up to its 32-byte seed.
const ED25519_PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A message as its recipient fetched and kept it.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) message: MessageId,
    sealed: referral::SealedMessage,
    pub(super) receipt: Bytes,
}

/// The keys and the connection of an organisation.
pub(crate) struct Hands {
    oin: Oin,
    mesh_id: String,
    channel: Channel,
    jwt: SigningKey,
    certificate: String,
    directory: PathBuf,
}

impl Kept {
    /// Whose consent it depends on.
    pub(super) fn grant(&self) -> GrantId {
        Manifest::parse(&self.sealed.manifest)
            .expect("a manifest")
            .header()
            .grant_id()
    }
}

impl Hands {
    /// The hands of an enrolled organisation.
    pub(crate) fn of(partner: &TestPartner) -> Self {
        let profile = partner.partner.profile();
        let directory = profile.directory();
        let tls = std::fs::read(directory.join("keys/tls.pem")).expect("key and certificate");
        let leaf = CertificateDer::from_pem_slice(&tls).expect("a certificate");
        let jwt = newest(&directory.join("keys/jwt"));
        Self {
            oin: profile.oin(),
            mesh_id: profile.mesh_id().to_owned(),
            channel: channel(profile, &tls),
            jwt: SigningKey::from_secret_bytes(&jwt).expect("a key"),
            certificate: URL_SAFE_NO_PAD.encode(Sha256::digest(&leaf)),
            directory: directory.to_owned(),
        }
    }

    pub(crate) fn token(&self) -> String {
        let public = self.jwt.verifying_key().as_bytes().to_vec();
        let id = JwtKey::new(JwtAlgorithm::EdDsa, public).expect("a key").id();
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(id.to_string());
        let now = SystemClock.now().seconds();
        let claims = json!({
            "iss": self.oin.as_str(), "aud": self.mesh_id, "sub": "worker-2", "role": "PROFESSIONAL",
            "iat": now, "exp": now + 240, "cnf": { "x5t#S256": self.certificate },
        });
        let key = EncodingKey::from_ed_der(&[&ED25519_PKCS8[..], &self.jwt.seed()[..]].concat());
        jsonwebtoken::encode(&header, &claims, &key).expect("a token")
    }

    pub(crate) fn request<M>(&self, message: M) -> Request<M> {
        with_token(message, &self.token())
    }

    /// A request with a token that was made before.
    pub(crate) fn request_with<M>(message: M, token: &str) -> Request<M> {
        with_token(message, token)
    }

    /// The way to the gateway.
    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// The newest key that opens what is sealed to this organisation.
    pub(crate) fn sealing(&self) -> SealingKeyPair {
        let sealing = newest(&self.directory.join("keys/sealing"));
        SealingKeyPair::from_secret_bytes(&sealing).expect("a key")
    }

    /// The newest key that this organisation signs with.
    pub(crate) fn signing(&self) -> SigningKey {
        let signing = newest(&self.directory.join("keys/signing"));
        SigningKey::from_secret_bytes(&signing).expect("a key")
    }

    /// Fetches a message that is addressed to this organisation; none when its ciphertext is gone.
    pub(super) async fn fetch(&self, message: MessageId) -> Result<Option<Kept>, Error> {
        let reply = self.get(message).await?;
        Ok(reply.message.map(|sealed| Kept {
            message,
            sealed,
            receipt: reply.receipt,
        }))
    }

    /// The receipt that the mesh has of a message, for its sender or recipient.
    pub(super) async fn receipt(&self, message: MessageId) -> Result<Bytes, Error> {
        Ok(self.get(message).await?.receipt)
    }

    async fn get(&self, message: MessageId) -> Result<referral::GetMessageResponse, Error> {
        let ask = referral::GetMessageRequest {
            message_id: message.to_string(),
        };
        Ok(ReferralServiceClient::new(self.channel.clone())
            .get_message(self.request(ask))
            .await?
            .into_inner())
    }

    /// Submits the same message again, as its sender, and gives the receipt.
    pub(super) async fn submit_again(
        &self,
        kept: &Kept,
        resident: &Handle,
        recipient: Oin,
    ) -> Result<Bytes, Error> {
        let again = referral::SubmitMessageRequest {
            request_id: kept.message.to_string(),
            message: Some(kept.sealed.clone()),
            grant_token: self.authorize(resident, recipient).await?,
        };
        Ok(ReferralServiceClient::new(self.channel.clone())
            .submit_message(self.request(again))
            .await?
            .into_inner()
            .receipt)
    }

    async fn authorize(&self, resident: &Handle, recipient: Oin) -> Result<Bytes, Error> {
        let scope = referral_scope(sluis_client::types::Purpose::Referral);
        let ask = consent::AuthorizeRequest {
            request_id: RequestId::random(&OsRandomness).to_string(),
            handle: resident.expose(),
            recipient: recipient.to_string(),
            legal_basis_id: String::new(),
            scope: Some(consent::Scope {
                purposes: scope
                    .purposes()
                    .iter()
                    .map(|code| i32::from(code.number()))
                    .collect(),
                life_domains: scope
                    .life_domains()
                    .iter()
                    .map(|code| i32::from(code.number()))
                    .collect(),
                data_kinds: scope
                    .data_kinds()
                    .iter()
                    .map(|code| i32::from(code.number()))
                    .collect(),
            }),
        };
        Ok(ConsentServiceClient::new(self.channel.clone())
            .authorize(self.request(ask))
            .await?
            .into_inner()
            .grant_token)
    }

    /// Asks the gate for the share of a message that was kept, and opens it if the gate lets it. Gives the body.
    pub(super) async fn open_kept(&self, kept: &Kept, sender: &TestPartner) -> Result<Vec<u8>, Error> {
        let now = SystemClock.now();
        let sealed = &kept.sealed;
        let receipt = Signed::<SubmissionReceipt>::parse(&kept.receipt)?;
        let manifest = Manifest::parse(&sealed.manifest)?;
        let signed_with = statement_of(sender)
            .signing_key(
                &manifest.header().signing_key_id(),
                receipt.unverified().received_at,
            )
            .expect("the sender's key");
        let (sealing, signing) = (self.sealing(), self.signing());
        let opener = Opener::new(
            manifest.verify(&signed_with)?,
            &sealing,
            &sealed.sealed_r,
            &sealed.sealed_c,
        )?;
        let (request_id, token) = (RequestId::random(&OsRandomness), self.token());
        let ask = AskToOpen {
            request_id,
            at: now,
            jwt_hash: jwt_hash(&token),
            receipt,
            match_statement: None,
            suite: Suite::XWing,
        };
        let (open_request, pending) = opener.request(ask, &signing, &OsRandomness)?;
        let message = consent::OpenGateRequest {
            request_id: request_id.to_string(),
            open_request: open_request.into(),
        };
        let reply = ConsentServiceClient::new(self.channel.clone())
            .open_gate(with_token(message, &token))
            .await?
            .into_inner();
        let opened = pending.complete(&reply.open_reply)?;
        Ok(opened.content(&sealed.content)?.body.to_vec())
    }
}

fn with_token<M>(message: M, token: &str) -> Request<M> {
    let mut request = Request::new(message);
    let value = format!("Bearer {token}").parse().expect("visible characters");
    request.metadata_mut().insert("authorization", value);
    request
}

fn channel(profile: &Profile, tls: &[u8]) -> Channel {
    let ca = std::fs::read(profile.directory().join("mesh-ca.pem")).expect("the mesh's CA");
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(ca))
        .domain_name("localhost")
        .identity(Identity::from_pem(tls, tls));
    Endpoint::from_shared(format!("https://{}", profile.gateway()))
        .expect("an address")
        .tls_config(tls)
        .expect("a certificate and its key")
        .connect_lazy()
}

/// The newest key of a folder: names begin with the time.
fn newest(folder: &Path) -> Vec<u8> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder of keys")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "key"))
        .collect();
    files.sort();
    std::fs::read(files.last().expect("a key")).expect("it can be read")
}

/// An organisation's own statement of its keys, pinned out of band.
pub(crate) fn statement_of(partner: &TestPartner) -> VerifiedKeyStatement {
    let profile = partner.partner.profile();
    let bytes = std::fs::read(profile.directory().join("keys/statement")).expect("a statement");
    let statement = Signed::<KeyStatement>::parse(&bytes).expect("a statement");
    VerifiedKeyStatement::pinned(statement, &profile.fingerprint(), SystemClock.now()).expect("its own")
}
