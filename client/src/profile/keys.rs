//! The organisation's own keys, made here and never sent anywhere.
//!
//! `keys/` holds: `identity.key` and `next-identity.key` (needed for a new statement only), `signing/`, `jwt/` and
//! `sealing/` with one file per key, `statement` (the newest own one), `tls.pem` (key and certificate in use), and
//! `tls-key.pem` while a certificate for it is being asked for.

use std::path::Path;
use std::time::Duration;

use rcgen::PublicKeyData as _;
use sha2::{Digest as _, Sha256};
use sluis_envelope::limits::{KEY_DAYS_MAX, SEALING_KEY_DAYS};
use sluis_envelope::{
    JwtAlgorithm, JwtKey, KeyEntry, KeyKind, KeyStatement, OrganisationKey, PublicKey, SealingKeyPair,
    SealingPublicKey, Signed, SigningKey, VerifiedKeyStatement, successor_commitment,
};
use sluis_types::{KeyId, Oin, Randomness, Timestamp};
use zeroize::Zeroizing;

use crate::{Error, private_file};

const DAY: Duration = Duration::from_hours(24);
/// How far back a new key is valid: the mesh's clock may be behind this one.
const BACKDATED: Duration = Duration::from_mins(5);
/// Where the certificates begin in a file that holds a key first.
const CERTIFICATE_BEGINS: &str = "-----BEGIN CERTIFICATE-----";

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

/// A TLS key that waits for its certificate.
pub(crate) struct PendingTls {
    pub(crate) spki_sha256: [u8; 32],
    /// A signing request (PKCS#10, DER).
    pub(crate) certificate_request: Vec<u8>,
}

/// What a rotation replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rotation {
    pub(crate) sealing: bool,
    pub(crate) signing: bool,
    pub(crate) jwt: bool,
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
        let folder = directory.join("keys");
        let identity = SigningKey::generate(KeyKind::Identity, randomness);
        let successor = SigningKey::generate(KeyKind::Identity, randomness);
        private_file::create_directory(&folder)?;
        let everything = Rotation {
            sealing: true,
            signing: true,
            jwt: true,
        };
        let mut keys = make(&folder, everything, now, randomness)?;
        let tls = pending_tls(directory, organisation)?;
        keys.push(tls_entry(tls.spki_sha256, now));
        let successor_of = successor_commitment(organisation, successor.verifying_key());
        let first = KeyStatement::first(organisation, identity.verifying_key(), successor_of, keys, now);
        let statement = Signed::sign(first, &identity).encode();
        private_file::write(&folder.join("identity.key"), &identity.to_secret_bytes())?;
        private_file::write(&folder.join("next-identity.key"), &successor.to_secret_bytes())?;
        // Signatures of requests differ each time, so the request itself is kept: a repeated enrolment is the same one.
        private_file::write(&folder.join("certificate-request"), &tls.certificate_request)?;
        private_file::write(&folder.join("statement"), &statement)?;
        Ok(FirstKeys {
            statement,
            certificate_request: tls.certificate_request,
        })
    }

    /// What an enrolment that was interrupted sent, to be sent again.
    pub(crate) fn resume(directory: &Path) -> Result<Option<FirstKeys>, Error> {
        let at = |name: &str| private_file::read_optional(&directory.join("keys").join(name));
        Ok(at("statement")?
            .zip(at("certificate-request")?)
            .map(|(statement, request)| FirstKeys {
                statement: statement.to_vec(),
                certificate_request: request.to_vec(),
            }))
    }

    /// Takes the certificate that the mesh issued for the pending TLS key into use: both in one file, at once.
    pub(crate) fn store_certificate(directory: &Path, chain: &str) -> Result<(), Error> {
        let folder = directory.join("keys");
        let key = private_file::read(&folder.join("tls-key.pem"))?;
        let both = Zeroizing::new([key.as_slice(), b"\n", chain.as_bytes()].concat());
        private_file::write(&folder.join("tls.pem"), &both)
    }

    /// Forgets what was kept to ask for a certificate again, once nothing has to be asked again.
    pub(crate) fn settle_certificate(directory: &Path) -> Result<(), Error> {
        let folder = directory.join("keys");
        private_file::remove(&folder.join("certificate-request"))?;
        private_file::remove(&folder.join("tls-key.pem"))
    }

    /// Loads the keys of an enrolled organisation.
    pub(crate) fn load(directory: &Path) -> Result<Self, Error> {
        let folder = directory.join("keys");
        let statement = open_statement(&private_file::read(&folder.join("statement"))?)?;
        let sealing = read_folder(&folder.join("sealing"))?
            .iter()
            .map(|bytes| {
                SealingKeyPair::from_secret_bytes(bytes)
                    .map_err(|error| Error::malformed("a sealing key", error))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        if sealing.is_empty() {
            return Err(Error::malformed(
                folder.join("sealing").display().to_string(),
                "no sealing key",
            ));
        }
        let tls = private_file::read(&folder.join("tls.pem"))?;
        let (tls_key, certificate_chain) = str::from_utf8(&tls)
            .ok()
            .and_then(|text| text.split_at_checked(text.find(CERTIFICATE_BEGINS)?))
            .ok_or_else(|| Error::malformed("tls.pem", "no key and certificate in PEM"))?;
        Ok(Self {
            signing: newest_stated(&folder.join("signing"), |key| stated(&statement, key.id()))?,
            jwt: newest_stated(&folder.join("jwt"), |key| {
                jwt_key_id(key).is_ok_and(|id| stated(&statement, id))
            })?,
            sealing,
            certificate_chain: certificate_chain.to_owned(),
            tls_key: Zeroizing::new(tls_key.to_owned()),
            statement,
        })
    }

    /// The sealing key of an id, however old.
    pub(crate) fn sealing(&self, id: &KeyId) -> Option<&SealingKeyPair> {
        self.sealing.iter().find(|pair| pair.id() == *id)
    }

    /// The newest sealing key that others can know: the one to keep copies under.
    pub(crate) fn newest_sealing(&self) -> &SealingKeyPair {
        self.sealing
            .iter()
            .find(|pair| stated(&self.statement, pair.id()))
            .or(self.sealing.first())
            .expect("load refuses a profile without a sealing key")
    }

    /// The newest sealing key as others seal to it: to seal to oneself.
    pub(crate) fn own_sealing(&self, organisation: Oin) -> OrganisationKey<SealingPublicKey> {
        OrganisationKey {
            organisation,
            key: self.newest_sealing().public().clone(),
        }
    }

    /// What is due to be replaced: a sealing key older than 30 days, a signing or JWT key with less than half of its
    /// life left.
    pub(crate) fn due(&self, now: Timestamp) -> Rotation {
        let entry = |id: KeyId| {
            self.statement
                .entries()
                .iter()
                .find(move |entry| entry.id() == id)
        };
        let month = DAY * u32::try_from(SEALING_KEY_DAYS).expect("a month");
        let half = DAY * u32::try_from(KEY_DAYS_MAX / 2).expect("half a year");
        Rotation {
            sealing: entry(self.newest_sealing().id())
                .is_none_or(|entry| now.since(entry.not_before) > month),
            signing: entry(self.signing.id()).is_none_or(|entry| entry.end().since(now) < half),
            jwt: jwt_key_id(&self.jwt)
                .ok()
                .and_then(entry)
                .is_none_or(|entry| entry.end().since(now) < half),
        }
    }

    /// Makes new keys and stores their private halves: they are durable before anybody can use the public ones.
    pub(crate) fn rotate(
        directory: &Path,
        what: Rotation,
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Result<Vec<KeyEntry>, Error> {
        make(&directory.join("keys"), what, now, randomness)
    }

    /// The TLS key that waits for a certificate, made if there is none.
    pub(crate) fn pending_tls(directory: &Path, organisation: Oin) -> Result<PendingTls, Error> {
        pending_tls(directory, organisation)
    }

    /// The next statement after `newest`, with these keys added, signed by the identity key. Keys that ended so long
    /// ago that nobody has to check anything against them are left out.
    pub(crate) fn next_statement(
        directory: &Path,
        newest: &VerifiedKeyStatement,
        fresh: Vec<KeyEntry>,
        now: Timestamp,
    ) -> Result<Vec<u8>, Error> {
        let path = directory.join("keys").join("identity.key");
        let identity = secret_key(&private_file::read(&path)?)?;
        let memory = DAY * u32::try_from(KEY_DAYS_MAX).expect("about a year");
        let mut entries: Vec<KeyEntry> = newest
            .entries()
            .iter()
            .filter(|entry| entry.end().plus(memory) > now)
            .cloned()
            .collect();
        entries.extend(fresh);
        Ok(Signed::sign(newest.next(entries, now), &identity).encode())
    }

    /// Stores the newest own statement, once the registry has it.
    pub(crate) fn store_statement(directory: &Path, statement: &[u8]) -> Result<(), Error> {
        private_file::write(&directory.join("keys").join("statement"), statement)
    }
}

fn entry(key: PublicKey, now: Timestamp) -> KeyEntry {
    KeyEntry {
        key,
        not_before: now.minus(BACKDATED),
        not_after: now.plus(DAY * u32::try_from(KEY_DAYS_MAX - 1).expect("about a year")),
        revoked_at: None,
    }
}

/// The entry of a TLS key in a statement.
pub(crate) fn tls_entry(spki_sha256: [u8; 32], now: Timestamp) -> KeyEntry {
    entry(PublicKey::Tls { spki_sha256 }, now)
}

fn make(
    folder: &Path,
    what: Rotation,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Result<Vec<KeyEntry>, Error> {
    let mut entries = Vec::new();
    let store = |kind: &str, id: KeyId, secret: &[u8]| {
        let folder = folder.join(kind);
        private_file::create_directory(&folder)?;
        // The name begins with the time, so that the newest is last.
        let name = format!("{:020}-{}.key", now.micros(), &id.to_string()[..16]);
        private_file::write(&folder.join(name), secret)
    };
    if what.sealing {
        let key = SealingKeyPair::generate(randomness);
        store("sealing", key.id(), &key.to_secret_bytes())?;
        entries.push(entry(PublicKey::Sealing(key.public().clone()), now));
    }
    if what.signing {
        let key = SigningKey::generate(KeyKind::Signing, randomness);
        store("signing", key.id(), &key.to_secret_bytes())?;
        entries.push(entry(PublicKey::Signing(key.verifying_key().clone()), now));
    }
    if what.jwt {
        let key = SigningKey::generate(KeyKind::Jwt, randomness);
        store("jwt", key.id(), &key.to_secret_bytes())?;
        entries.push(entry(PublicKey::Jwt(jwt_key(&key)?), now));
    }
    Ok(entries)
}

fn pending_tls(directory: &Path, organisation: Oin) -> Result<PendingTls, Error> {
    let path = directory.join("keys").join("tls-key.pem");
    let failed = |error: rcgen::Error| Error::malformed("the TLS key", error);
    let key = if let Some(bytes) = private_file::read_optional(&path)? {
        let text = str::from_utf8(&bytes).map_err(|_| Error::malformed("tls-key.pem", "no text"))?;
        rcgen::KeyPair::from_pem(text).map_err(failed)?
    } else {
        let key = rcgen::KeyPair::generate().map_err(failed)?;
        private_file::write(&path, Zeroizing::new(key.serialize_pem()).as_bytes())?;
        key
    };
    Ok(PendingTls {
        spki_sha256: Sha256::digest(key.subject_public_key_info()).into(),
        certificate_request: certificate_request(organisation, &key)?,
    })
}

/// The secrets of a folder, newest first. Files that a writing left behind have another ending.
fn read_folder(folder: &Path) -> Result<Vec<Zeroizing<Vec<u8>>>, Error> {
    let listed = std::fs::read_dir(folder).map_err(|source| Error::File {
        path: folder.to_owned(),
        source,
    })?;
    let mut paths: Vec<_> = listed
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "key"))
        .collect();
    paths.sort();
    paths.iter().rev().map(|path| private_file::read(path)).collect()
}

/// The newest key that the statement lists: one that was made and never published is passed over.
fn newest_stated(folder: &Path, is_stated: impl Fn(&SigningKey) -> bool) -> Result<SigningKey, Error> {
    for bytes in read_folder(folder)? {
        let key = secret_key(&bytes)?;
        if is_stated(&key) {
            return Ok(key);
        }
    }
    Err(Error::malformed(
        folder.display().to_string(),
        "no key that the own statement lists",
    ))
}

fn secret_key(bytes: &[u8]) -> Result<SigningKey, Error> {
    SigningKey::from_secret_bytes(bytes).map_err(|error| Error::malformed("a key of the profile", error))
}

fn stated(statement: &VerifiedKeyStatement, id: KeyId) -> bool {
    statement
        .entries()
        .iter()
        .any(|entry| entry.id() == id && entry.revoked_at.is_none())
}

/// Opens a statement that this profile checked before: it is in a private file, so it pins itself.
pub(crate) fn open_statement(bytes: &[u8]) -> Result<VerifiedKeyStatement, Error> {
    let malformed = |error: &dyn std::fmt::Display| Error::malformed("a stored key statement", error);
    let statement = Signed::<KeyStatement>::parse(bytes).map_err(|error| malformed(&error))?;
    let fingerprint = statement.unverified().identity.id();
    let issued_at = statement.unverified().issued_at;
    VerifiedKeyStatement::pinned(statement, &fingerprint, issued_at).map_err(|error| malformed(&error))
}

fn jwt_key(key: &SigningKey) -> Result<JwtKey, Error> {
    Ok(JwtKey::new(
        JwtAlgorithm::EdDsa,
        key.verifying_key().as_bytes().to_vec(),
    )?)
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
