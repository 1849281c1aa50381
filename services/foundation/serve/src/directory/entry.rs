//! One organisation, with its keys checked.

use std::collections::HashMap;

use sluis_envelope::{KeyStatement, KeyStatementError, Signed, VerifiedKeyStatement};
use sluis_proto::registry::v1 as proto;
use sluis_types::{Oin, OrganisationKind, Timestamp};

use crate::Hash;

/// A client certificate of an organisation, as the registry lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateEntry {
    /// SHA-256 of the certificate in DER.
    pub fingerprint: Hash,
    /// First moment at which it is no longer valid.
    pub not_after: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl CertificateEntry {
    /// Whether it may be used at `at`. A revocation counts from the moment it is known, whatever date it bears.
    pub fn is_live(&self, at: Timestamp) -> bool {
        self.revoked_at.is_none() && at < self.not_after
    }
}

/// An organisation of the mesh, its chain of key statements verified from the first on.
///
/// The fields are for reading; an entry is made by [`OrganisationEntry::new`] and [`OrganisationEntry::from_proto`]
/// only, because both verify.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrganisationEntry {
    /// The organisation.
    pub oin: Oin,
    /// What it is to the mesh.
    pub kind: OrganisationKind,
    /// Its name as people know it.
    pub display_name: String,
    /// Contact function for partners, may be empty.
    pub contact: String,
    /// Its newest key statement.
    pub keys: VerifiedKeyStatement,
    /// Every key statement, oldest first.
    pub chain: Vec<Signed<KeyStatement>>,
    /// Its certificates, oldest first.
    pub certificates: Vec<CertificateEntry>,
    /// Grows with every change in the registry.
    pub version: u64,
}

/// Why an organisation's entry is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// A field of the registry's message is not in its form.
    #[error("field {field} of an organisation is malformed")]
    Malformed {
        /// The field.
        field: &'static str,
    },
    /// The chain of key statements does not hold together.
    #[error("the chain of key statements does not hold")]
    Chain(#[from] KeyStatementError),
    /// The chain is another organisation's.
    #[error("the chain of key statements is another organisation's")]
    OtherOrganisation,
    /// The chain is not a continuation of the one that was known.
    #[error("the chain of key statements does not continue the known one")]
    Forked,
}

impl OrganisationEntry {
    /// An entry whose chain is verified here: gap-free from number 1, each statement accepted by the one before it.
    /// It has no contact and version 1.
    ///
    /// Which identity key begins the chain is taken on trust here: parts of the mesh have no pins. Clients have.
    ///
    /// # Errors
    /// [`EntryError::Chain`] for an empty or broken chain.
    pub fn new(
        kind: OrganisationKind,
        display_name: &str,
        chain: Vec<Signed<KeyStatement>>,
        certificates: Vec<CertificateEntry>,
        now: Timestamp,
    ) -> Result<Self, EntryError> {
        let keys = verify_chain(&chain, now)?;
        Ok(Self {
            oin: keys.organisation(),
            kind,
            display_name: display_name.to_owned(),
            contact: String::new(),
            keys,
            chain,
            certificates,
            version: 1,
        })
    }

    /// The entry in a message of the registry.
    ///
    /// # Errors
    /// [`EntryError`] when the message is malformed or its chain does not hold.
    pub fn from_proto(organisation: &proto::Organisation, now: Timestamp) -> Result<Self, EntryError> {
        let malformed = |field| EntryError::Malformed { field };
        let oin: Oin = organisation.oin.parse().map_err(|_| malformed("oin"))?;
        let kind = u8::try_from(organisation.kind)
            .ok()
            .and_then(|number| OrganisationKind::from_number(number).ok())
            .ok_or(malformed("kind"))?;
        let chain = organisation
            .key_statements
            .iter()
            .map(|bytes| Signed::parse(bytes).map_err(|_| malformed("key_statements")))
            .collect::<Result<Vec<_>, _>>()?;
        let certificates = organisation
            .certificates
            .iter()
            .map(|certificate| certificate_entry(certificate).ok_or(malformed("certificates")))
            .collect::<Result<Vec<_>, _>>()?;
        let entry = Self::new(kind, &organisation.display_name, chain, certificates, now)?;
        if entry.oin != oin {
            return Err(EntryError::OtherOrganisation);
        }
        Ok(entry
            .with_contact(&organisation.contact)
            .with_version(organisation.version))
    }

    /// This entry with a contact.
    #[must_use]
    pub fn with_contact(mut self, contact: &str) -> Self {
        contact.clone_into(&mut self.contact);
        self
    }

    /// This entry with a version.
    #[must_use]
    pub fn with_version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    /// The certificate of this fingerprint, live or not.
    pub fn certificate(&self, fingerprint: &Hash) -> Option<&CertificateEntry> {
        self.certificates
            .iter()
            .find(|certificate| certificate.fingerprint == *fingerprint)
    }

    /// Whether a client certificate may speak for the organisation at `at`: the registry lists it as live, and the
    /// organisation's newest key statement lists its key (SHA-256 over the DER SubjectPublicKeyInfo) as valid.
    pub fn admits(&self, fingerprint: &Hash, spki_sha256: &Hash, at: Timestamp) -> bool {
        self.certificate(fingerprint)
            .is_some_and(|certificate| certificate.is_live(at))
            && self.keys.permits_tls(spki_sha256, at)
    }

    /// Whether this entry's chain goes on where `known` stands.
    pub(super) fn continues(&self, known: &VerifiedKeyStatement) -> bool {
        // Statements count from 1 without gaps, so the known one has one place only.
        usize::try_from(known.sequence())
            .ok()
            .and_then(|sequence| self.chain.get(sequence.checked_sub(1)?))
            .is_some_and(|statement| statement.hash() == known.hash())
    }

    /// Takes over what was known of revocations: one that was seen is never unseen.
    pub(super) fn remember_revocations(&mut self, known: &[CertificateEntry]) {
        let revoked: HashMap<Hash, Timestamp> = known
            .iter()
            .filter_map(|certificate| Some((certificate.fingerprint, certificate.revoked_at?)))
            .collect();
        for certificate in &mut self.certificates {
            if let Some(at) = revoked.get(&certificate.fingerprint) {
                certificate.revoked_at.get_or_insert(*at);
            }
        }
    }
}

fn verify_chain(chain: &[Signed<KeyStatement>], now: Timestamp) -> Result<VerifiedKeyStatement, EntryError> {
    let (first, later) = chain.split_first().ok_or(KeyStatementError::Chain)?;
    if first.unverified().sequence != 1 {
        return Err(KeyStatementError::Chain.into());
    }
    let fingerprint = first.unverified().identity.id();
    let mut newest = VerifiedKeyStatement::pinned(first.clone(), &fingerprint, now)?;
    for next in later {
        if newest.sequence().checked_add(1) != Some(next.unverified().sequence) {
            return Err(KeyStatementError::Chain.into());
        }
        newest = newest.accept(next.clone(), now)?;
    }
    Ok(newest)
}

fn certificate_entry(certificate: &proto::Certificate) -> Option<CertificateEntry> {
    Some(CertificateEntry {
        fingerprint: certificate.fingerprint.as_ref().try_into().ok()?,
        not_after: moment(certificate.not_after.as_ref()?)?,
        revoked_at: match &certificate.revoked_at {
            Some(at) => Some(moment(at)?),
            None => None,
        },
    })
}

fn moment(at: &prost_types::Timestamp) -> Option<Timestamp> {
    let micros = i64::from(at.nanos).checked_div(1000)?;
    Some(Timestamp::from_micros(
        at.seconds.checked_mul(1_000_000)?.checked_add(micros)?,
    ))
}
