//! A partner organisation with its keys, and its entry in the directory.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PublicKeyData as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sluis_envelope::{
    JwtAlgorithm, JwtKey, KeyEntry, KeyKind, KeyStatement, PublicKey, Signed, SigningKey,
    VerifiedKeyStatement,
};
use sluis_serve::{CertificateEntry, Hash, OrganisationEntry};
use sluis_types::{Oin, OrganisationKind, SeededRandomness, Timestamp};

use crate::authority::{Authority, Certificate};
use crate::mesh::{MESH_ID, START, after};

pub(crate) struct Organisation {
    pub(crate) oin: Oin,
    identity: SigningKey,
    jwt: EncodingKey,
    jwt_key: JwtKey,
    pub(crate) tls_key: KeyPair,
    pub(crate) certificate: Certificate,
}

impl Organisation {
    pub(crate) fn new(authority: &Authority, number: u64) -> Self {
        let oin: Oin = format!("0000009900000000{number}000").parse().unwrap();
        let jwt = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        let tls_key = KeyPair::generate().unwrap();
        Self {
            oin,
            identity: SigningKey::generate(KeyKind::Identity, &SeededRandomness::new(number)),
            jwt_key: JwtKey::new(JwtAlgorithm::EdDsa, jwt.public_key_raw().to_vec()).unwrap(),
            jwt: EncodingKey::from_ed_der(&jwt.serialize_der()),
            certificate: authority.organisation(oin, &tls_key),
            tls_key,
        }
    }

    fn keys(&self) -> Vec<KeyEntry> {
        let spki_sha256 = Sha256::digest(self.tls_key.subject_public_key_info()).into();
        let entry = |key| KeyEntry {
            key,
            not_before: START,
            not_after: after(86_400),
            revoked_at: None,
        };
        vec![
            entry(PublicKey::Jwt(self.jwt_key.clone())),
            entry(PublicKey::Tls { spki_sha256 }),
        ]
    }

    fn first(&self, keys: Vec<KeyEntry>) -> Signed<KeyStatement> {
        let statement = KeyStatement::first(self.oin, self.identity.verifying_key(), [0; 32], keys, START);
        Signed::sign(statement, &self.identity)
    }

    /// As it joined, with these certificates.
    pub(crate) fn entry(&self, fingerprints: &[Hash]) -> OrganisationEntry {
        let live = fingerprints
            .iter()
            .map(|fingerprint| listed(*fingerprint, None))
            .collect();
        entry_of(vec![self.first(self.keys())], live, 1)
    }

    /// With its own certificate revoked.
    pub(crate) fn revoked(&self) -> OrganisationEntry {
        let revoked = vec![listed(self.certificate.fingerprint, Some(after(1)))];
        entry_of(vec![self.first(self.keys())], revoked, 2)
    }

    /// With a second key statement, in which every key of this kind ended.
    pub(crate) fn without_keys(&self, kind: KeyKind) -> OrganisationEntry {
        let first = self.first(self.keys());
        let known = VerifiedKeyStatement::pinned(first.clone(), &self.identity.id(), after(1)).unwrap();
        let keys = self.keys().into_iter().map(|mut entry| {
            entry.revoked_at = (entry.key.kind() == kind).then_some(after(1));
            entry
        });
        let second = Signed::sign(known.next(keys.collect(), after(1)), &self.identity);
        entry_of(
            vec![first, second],
            vec![listed(self.certificate.fingerprint, None)],
            2,
        )
    }

    /// Claims of a good token over this certificate.
    pub(crate) fn claims(&self, certificate: &Hash) -> Value {
        json!({
            "iss": self.oin.as_str(), "aud": MESH_ID, "sub": "jansen", "role": "SYSTEM",
            "iat": START.seconds(), "exp": START.seconds() + 300,
            "cnf": {"x5t#S256": URL_SAFE_NO_PAD.encode(certificate)},
        })
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.jwt_key.id().to_string());
        jsonwebtoken::encode(&header, claims, &self.jwt).unwrap()
    }

    pub(crate) fn jwt_key(&self) -> &JwtKey {
        &self.jwt_key
    }

    /// A good token over its own certificate, with one claim changed.
    pub(crate) fn token_with(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims(&self.certificate.fingerprint);
        claims[claim] = value;
        self.sign(&claims)
    }

    /// A good token over its own certificate.
    pub(crate) fn token(&self) -> String {
        self.sign(&self.claims(&self.certificate.fingerprint))
    }
}

fn listed(fingerprint: Hash, revoked_at: Option<Timestamp>) -> CertificateEntry {
    CertificateEntry {
        fingerprint,
        not_after: after(86_400),
        revoked_at,
    }
}

fn entry_of(
    chain: Vec<Signed<KeyStatement>>,
    certificates: Vec<CertificateEntry>,
    version: u64,
) -> OrganisationEntry {
    let entry = OrganisationEntry::new(OrganisationKind::Welfare, "Noord", chain, certificates, after(2));
    entry.unwrap().with_version(version)
}
