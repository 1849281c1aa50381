//! The organisation's own keys, made here and never sent anywhere.

use std::path::Path;
use std::time::Duration;

use rcgen::PublicKeyData as _;
use sha2::{Digest as _, Sha256};
use sluis_envelope::limits::{KEY_DAYS_MAX, SEALING_KEY_DAYS};
use sluis_envelope::{
    JwtAlgorithm, JwtKey, KeyEntry, KeyKind, KeyStatement, PublicKey, SealingKeyPair, Signed, SigningKey,
    VerifiedKeyStatement, successor_commitment,
};
use sluis_types::{KeyId, Oin, Randomness, Timestamp};
use zeroize::Zeroizing;

use crate::{Error, private_file};

const DAY: Duration = Duration::from_hours(24);
/// Keys begin this long before they are made: clocks differ.
const CLOCK_MARGIN: Duration = Duration::from_mins(5);

/// The organisation's own keys, and the statement that publishes their public halves.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) signing: SigningKey,
    pub(crate) jwt: SigningKey,
    /// Newest first.
    pub(crate) sealing: Vec<SealingKeyPair>,
    pub(crate) statement: VerifiedKeyStatement,
    pub(crate) certificate_chain: String,
    pub(crate) tls_key: Zeroizing<String>,
}

/// What an enrolment sends: the first statement and the certificate request.
pub(crate) struct FirstKeys {
    pub(crate) statement: Vec<u8>,
    pub(crate) certificate_request: Vec<u8>,
}

impl Keys {
    /// Makes all keys of an organisation and stores them. The identity key signs only statements; it and its
    /// successor may be moved to a safe place, and are needed again only for the next statement.
    pub(crate) fn create(
        directory: &Path,
        organisation: Oin,
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Result<FirstKeys, Error> {
        let identity = SigningKey::generate(KeyKind::Identity, randomness);
        let successor = SigningKey::generate(KeyKind::Identity, randomness);
        let signing = SigningKey::generate(KeyKind::Signing, randomness);
        let jwt = SigningKey::generate(KeyKind::Jwt, randomness);
        let sealing = SealingKeyPair::generate(randomness);
        let tls = rcgen::KeyPair::generate().map_err(|error| Error::malformed("the TLS key", error))?;
        let year = now.plus(DAY * u32::try_from(KEY_DAYS_MAX - 1).expect("about a year"));
        let entry = |key, not_after| KeyEntry {
            key,
            not_before: now.minus(CLOCK_MARGIN),
            not_after,
            revoked_at: None,
        };
        let keys = vec![
            entry(PublicKey::Signing(signing.verifying_key().clone()), year),
            // Old sealing keys live as long as messages; senders use the newest, which is replaced in time.
            entry(PublicKey::Sealing(sealing.public().clone()), year),
            entry(PublicKey::Jwt(jwt_key(&jwt)?), year),
            entry(
                PublicKey::Tls {
                    spki_sha256: Sha256::digest(tls.subject_public_key_info()).into(),
                },
                year,
            ),
        ];
        let successor_of = successor_commitment(organisation, successor.verifying_key());
        let first = KeyStatement::first(organisation, identity.verifying_key(), successor_of, keys, now);
        let statement = Signed::sign(first, &identity).encode();
        let certificate_request = certificate_request(organisation, &tls)?;

        let at = |name: &str| directory.join("keys").join(name);
        private_file::create_directory(&at("sealing"))?;
        private_file::write(&at("identity.key"), &identity.to_secret_bytes())?;
        private_file::write(&at("next-identity.key"), &successor.to_secret_bytes())?;
        private_file::write(&at("signing.key"), &signing.to_secret_bytes())?;
        private_file::write(&at("jwt.key"), &jwt.to_secret_bytes())?;
        private_file::write(&at("sealing").join(sealing_name(now, sealing.id())), &sealing.to_secret_bytes())?;
        private_file::write(&at("tls-key.pem"), Zeroizing::new(tls.serialize_pem()).as_bytes())?;
        // Signatures of requests differ each time, so the request itself is kept: a repeated enrolment is the same one.
        private_file::write(&at("certificate-request"), &certificate_request)?;
        private_file::write(&at("statement"), &statement)?;
        Ok(FirstKeys {
            statement,
            certificate_request,
        })
    }

    /// What an enrolment that was interrupted sent, to be sent again.
    pub(crate) fn resume(directory: &Path) -> Result<Option<FirstKeys>, Error> {
        let at = |name: &str| private_file::read_optional(&directory.join("keys").join(name));
        Ok(at("statement")?.zip(at("certificate-request")?).map(|(statement, request)| FirstKeys {
            statement: statement.to_vec(),
            certificate_request: request.to_vec(),
        }))
    }

    /// Stores the certificate that the mesh issued.
    pub(crate) fn store_certificate(directory: &Path, chain: &str) -> Result<(), Error> {
        private_file::write(&directory.join("keys").join("certificate.pem"), chain.as_bytes())
    }

    /// Loads the keys of an enrolled organisation.
    pub(crate) fn load(directory: &Path) -> Result<Self, Error> {
        let at = |name: &str| directory.join("keys").join(name);
        let signing = SigningKey::from_secret_bytes(&private_file::read(&at("signing.key"))?)?;
        let jwt = SigningKey::from_secret_bytes(&private_file::read(&at("jwt.key"))?)?;
        let statement = open_statement(&private_file::read(&at("statement"))?)?;
        let folder = at("sealing");
        let listed = std::fs::read_dir(&folder).map_err(|source| Error::File {
            path: folder.clone(),
            source,
        })?;
        let mut names: Vec<_> = listed
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "key"))
            .collect();
        // Names begin with the time, so that the newest is last.
        names.sort();
        let sealing = names
            .iter()
            .rev()
            .map(|path| Ok(SealingKeyPair::from_secret_bytes(&private_file::read(path)?)?))
            .collect::<Result<Vec<_>, Error>>()?;
        if sealing.is_empty() {
            return Err(Error::malformed(folder.display().to_string(), "no sealing key"));
        }
        let text = |name: &str| {
            let bytes = private_file::read(&at(name))?;
            String::from_utf8(bytes.to_vec()).map_err(|_| Error::malformed(name, "no text"))
        };
        Ok(Self {
            signing,
            jwt,
            sealing,
            statement,
            certificate_chain: text("certificate.pem")?,
            tls_key: Zeroizing::new(text("tls-key.pem")?),
        })
    }

    /// The sealing key of an id, however old.
    pub(crate) fn sealing(&self, id: &KeyId) -> Option<&SealingKeyPair> {
        self.sealing.iter().find(|pair| pair.id() == *id)
    }

    /// The newest sealing key: the one to keep copies under.
    pub(crate) fn newest_sealing(&self) -> &SealingKeyPair {
        self.sealing.first().expect("load refuses a profile without a sealing key")
    }

    /// Whether the newest sealing key should be replaced: it is older than 30 days.
    pub(crate) fn sealing_is_old(&self, now: Timestamp) -> bool {
        let newest = self.newest_sealing().id();
        self.statement
            .entries()
            .iter()
            .find(|entry| entry.id() == newest)
            .is_none_or(|entry| now.since(entry.not_before) > DAY * u32::try_from(SEALING_KEY_DAYS).expect("a month"))
    }

    /// Makes a new sealing key and the statement that publishes it. Needs the identity key.
    pub(crate) fn rotate_sealing(
        &self,
        directory: &Path,
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, Error> {
        let folder = directory.join("keys");
        let identity = SigningKey::from_secret_bytes(&private_file::read(&folder.join("identity.key"))?)?;
        let fresh = SealingKeyPair::generate(randomness);
        let mut entries = self.statement.entries().to_vec();
        entries.push(KeyEntry {
            key: PublicKey::Sealing(fresh.public().clone()),
            not_before: now.minus(CLOCK_MARGIN),
            not_after: now.plus(DAY * u32::try_from(KEY_DAYS_MAX - 1).expect("about a year")),
            revoked_at: None,
        });
        let statement = Signed::sign(self.statement.next(entries, now), &identity).encode();
        // The private half is durable before anybody can seal to the public one.
        private_file::write(
            &folder.join("sealing").join(sealing_name(now, fresh.id())),
            &fresh.to_secret_bytes(),
        )?;
        Ok(statement)
    }

    /// Stores the newest own statement, once the registry has it.
    pub(crate) fn store_statement(directory: &Path, statement: &[u8]) -> Result<(), Error> {
        private_file::write(&directory.join("keys").join("statement"), statement)
    }
}

/// Opens the organisation's own newest statement: it is in a private file of its own, so it pins itself.
pub(crate) fn open_statement(bytes: &[u8]) -> Result<VerifiedKeyStatement, Error> {
    let statement = Signed::<KeyStatement>::parse(bytes)?;
    let fingerprint = statement.unverified().identity.id();
    let issued_at = statement.unverified().issued_at;
    VerifiedKeyStatement::pinned(statement, &fingerprint, issued_at)
        .map_err(|error| Error::malformed("the own key statement", error))
}

fn sealing_name(made_at: Timestamp, id: KeyId) -> String {
    let id = id.to_string();
    format!("{:020}-{}.key", made_at.micros(), &id[..16])
}

fn jwt_key(key: &SigningKey) -> Result<JwtKey, Error> {
    Ok(JwtKey::new(JwtAlgorithm::EdDsa, key.verifying_key().as_bytes().to_vec())?)
}

/// The name of the JWT key, as it stands in tokens.
pub(crate) fn jwt_key_id(key: &SigningKey) -> Result<KeyId, Error> {
    Ok(jwt_key(key)?.id())
}

/// A signing request (PKCS#10, DER). The mesh takes the public key from it and nothing else.
fn certificate_request(organisation: Oin, key: &rcgen::KeyPair) -> Result<Vec<u8>, Error> {
    let failed = |error: rcgen::Error| Error::malformed("the certificate request", error);
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).map_err(failed)?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters
        .distinguished_name
        .push(rcgen::DnType::CommonName, organisation.to_string());
    let request = parameters.serialize_request(key).map_err(failed)?;
    Ok(request.der().to_vec())
}
