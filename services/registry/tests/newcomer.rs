//! An organisation with keys of its own.

use std::time::Duration;

use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use sha2::{Digest as _, Sha256};
use sluis_envelope::{
    JwtAlgorithm, JwtKey, KeyEntry, KeyKind, KeyStatement, PublicKey, SealingKeyPair, Signed, SigningKey,
    VerifiedKeyStatement, successor_commitment,
};
use sluis_proto::registry::v1::EnrolRequest;
use sluis_types::{Oin, SeededRandomness, Timestamp};

use crate::world::oin;

pub(crate) struct Newcomer {
    pub(crate) oin: Oin,
    pub(crate) identity: SigningKey,
    pub(crate) next_identity: SigningKey,
    pub(crate) tls: KeyPair,
    number: u8,
}

pub(crate) fn entry(key: PublicKey, now: Timestamp) -> KeyEntry {
    KeyEntry {
        key,
        not_before: now.minus(Duration::from_mins(5)),
        not_after: now.plus(Duration::from_hours(30 * 24)),
        revoked_at: None,
    }
}

pub(crate) fn tls_entry(key: &KeyPair, now: Timestamp) -> KeyEntry {
    entry(
        PublicKey::Tls {
            spki_sha256: Sha256::digest(key.subject_public_key_info()).into(),
        },
        now,
    )
}

pub(crate) fn csr(key: &KeyPair) -> Vec<u8> {
    CertificateParams::default()
        .serialize_request(key)
        .unwrap()
        .der()
        .to_vec()
}

impl Newcomer {
    pub(crate) fn new(number: u8) -> Self {
        let identity = |seed| SigningKey::from_seed(KeyKind::Identity, &[seed; 32]);
        Self {
            oin: oin(number),
            identity: identity(number),
            next_identity: identity(number + 100),
            tls: KeyPair::generate().unwrap(),
            number,
        }
    }

    pub(crate) fn entries(&self, now: Timestamp) -> Vec<KeyEntry> {
        let signing = SigningKey::from_seed(KeyKind::Signing, &[self.number; 32]);
        let sealing = SealingKeyPair::generate(&SeededRandomness::new(self.number.into()));
        let jwt = JwtKey::new(JwtAlgorithm::EdDsa, vec![self.number; 32]).unwrap();
        vec![
            entry(PublicKey::Signing(signing.verifying_key().clone()), now),
            entry(PublicKey::Sealing(sealing.public().clone()), now),
            entry(PublicKey::Jwt(jwt), now),
            tls_entry(&self.tls, now),
        ]
    }

    pub(crate) fn statement_of(&self, entries: Vec<KeyEntry>, now: Timestamp) -> Signed<KeyStatement> {
        let successor = successor_commitment(self.oin, self.next_identity.verifying_key());
        let identity = self.identity.verifying_key();
        Signed::sign(
            KeyStatement::first(self.oin, identity, successor, entries, now),
            &self.identity,
        )
    }

    pub(crate) fn first_statement(&self, now: Timestamp) -> Signed<KeyStatement> {
        self.statement_of(self.entries(now), now)
    }

    /// What the organisation knows of its own first statement.
    pub(crate) fn verified(&self, now: Timestamp) -> VerifiedKeyStatement {
        let fingerprint = self.identity.id();
        VerifiedKeyStatement::pinned(self.first_statement(now), &fingerprint, now).unwrap()
    }

    pub(crate) fn enrol_request(&self, request_id: &str, code: &str, now: Timestamp) -> EnrolRequest {
        EnrolRequest {
            request_id: request_id.into(),
            code: code.into(),
            certificate_request: csr(&self.tls).into(),
            key_statement: self.first_statement(now).encode().into(),
        }
    }
}
