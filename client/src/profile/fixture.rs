//! An enrolled profile for tests, made as an enrolment makes one; only the certificate is self-signed.

use sluis_envelope::{KeyKind, SigningKey};
use sluis_types::{KeyId, Oin, SeededRandomness, Timestamp};

use super::{Facts, Keys, Profile};
use crate::invitation::MeshKeys;
use crate::private_file;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

pub(crate) fn oin() -> Oin {
    "00000099000000001000".parse().expect("an OIN")
}

/// A profile in a directory that goes with the first of the two.
pub(crate) fn profile() -> (tempfile::TempDir, Profile) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path();
    let randomness = SeededRandomness::new(7);
    Keys::create(path, oin(), NOW, &randomness).expect("keys");
    let pem = private_file::read(&path.join("keys").join("tls-key.pem")).expect("a pending key");
    let key = rcgen::KeyPair::from_pem(str::from_utf8(&pem).expect("text")).expect("a key");
    let certificate = rcgen::CertificateParams::new(Vec::new())
        .and_then(|parameters| parameters.self_signed(&key))
        .expect("a certificate");
    Keys::store_certificate(path, &certificate.pem()).expect("stored");
    let key = |kind| {
        let key = SigningKey::generate(kind, &randomness);
        KeyId::from_bytes(*key.verifying_key().as_bytes()).to_string()
    };
    let facts = Facts {
        version: 1,
        mesh_id: "test.mesh".to_owned(),
        gateway: "127.0.0.1:1".to_owned(),
        gateway_name: "gateway.test".to_owned(),
        oin: oin().to_string(),
        display_name: "Welzijn (verzonnen)".to_owned(),
        kind: "WELFARE".to_owned(),
        mesh_keys: MeshKeys {
            grant_token: key(KeyKind::GrantToken),
            receipt: key(KeyKind::Receipt),
            consent_log: key(KeyKind::Log),
            referral_log: key(KeyKind::Log),
            circle: key(KeyKind::Circle),
            directory: key(KeyKind::Directory),
            signalling_receipt: key(KeyKind::Receipt),
            match_statement: key(KeyKind::Match),
            matching_log: key(KeyKind::Log),
            signalling_log: key(KeyKind::Log),
            registry_log: key(KeyKind::Log),
        },
    };
    Profile::store_facts(path, &facts).expect("stored");
    Keys::settle_certificate(path).expect("settled");
    let profile = Profile::open(path).expect("a profile");
    (directory, profile)
}
