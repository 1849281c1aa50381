//! The key statement: all keys of one organisation in one chained statement, signed by its identity key.
//!
//! One list instead of one statement per key: whoever hands it out cannot hold back a revocation without holding
//! back everything after it, and a reader notices a list that went backwards.

use std::time::Duration;

use sluis_types::{KeyId, Oin, Timestamp};

use super::key_entry::{JwtKey, KeyEntry, PublicKey};
use super::signed::{Signed, Statement, StatementError, Verified, not_from_the_future};
use crate::hash::{Digest, hash};
use crate::key::{KeyKind, OrganisationKey, SealingPublicKey, VerifyingKey};
use crate::limits::{KEY_DAYS_MAX, KEY_STATEMENT_BYTES_MAX, KEYS_MAX};
use crate::wire::{FormatError, Reader, Writer};

/// Body of a key statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatement {
    /// Whose keys.
    pub organisation: Oin,
    /// Counts the organisation's statements, from 1.
    pub sequence: u32,
    /// Hash of the statement before ([`Signed::hash`]); zeros in the first.
    pub previous: Digest,
    /// When it was made.
    pub issued_at: Timestamp,
    /// The organisation's identity key, which signs this statement.
    pub identity: VerifyingKey,
    /// Commitment to the next identity key ([`successor_commitment`]); zeros when there is none.
    pub successor: Digest,
    /// The keys, by kind and then by id, each once.
    pub keys: Vec<KeyEntry>,
}

/// What a statement says of the identity key that may come after its own:
/// `H("sluis/v1/successor", organisation, key)`.
pub fn successor_commitment(organisation: Oin, next_identity: &VerifyingKey) -> Digest {
    hash(
        "sluis/v1/successor",
        &[organisation.as_bytes(), next_identity.as_bytes()],
    )
}

impl KeyStatement {
    /// The first statement of an organisation. Sorts the keys.
    pub fn first(
        organisation: Oin,
        identity: &VerifyingKey,
        successor: Digest,
        keys: Vec<KeyEntry>,
        issued_at: Timestamp,
    ) -> Self {
        Self {
            organisation,
            sequence: 1,
            previous: [0; 32],
            issued_at,
            identity: identity.clone(),
            successor,
            keys: sorted(keys),
        }
    }
}

fn sorted(mut keys: Vec<KeyEntry>) -> Vec<KeyEntry> {
    keys.sort_by_cached_key(KeyEntry::order);
    keys
}

impl Statement for KeyStatement {
    const TAG: &'static str = "sluis/v1/key-statement";
    const SIGNER: KeyKind = KeyKind::Identity;
    const BODY_BYTES_MAX: usize = KEY_STATEMENT_BYTES_MAX - 34 - 64;

    fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.organisation.as_bytes())
            .u32(self.sequence)
            .digest(&self.previous)
            .timestamp(self.issued_at)
            .bytes(self.identity.as_bytes())
            .digest(&self.successor)
            .u16(u16::try_from(self.keys.len()).expect("KEYS_MAX is far below"));
        self.keys.iter().for_each(|entry| entry.write(writer));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let organisation = reader.oin()?;
        let sequence = reader.u32()?;
        let previous = reader.digest()?;
        if sequence == 0 || (sequence == 1) != (previous == [0; 32]) {
            return Err(FormatError::Invalid { field: "sequence" });
        }
        let issued_at = reader.timestamp()?;
        let identity = VerifyingKey::from_bytes(KeyKind::Identity, &reader.array()?)?;
        let successor = reader.digest()?;
        let count = reader.u16()?;
        if count > KEYS_MAX {
            return Err(FormatError::TooLong { field: "keys" });
        }
        let mut keys: Vec<KeyEntry> = Vec::new();
        for _ in 0..count {
            let entry = KeyEntry::read(reader)?;
            if keys.last().is_some_and(|last| last.order() >= entry.order()) {
                return Err(FormatError::Invalid { field: "keys" });
            }
            keys.push(entry);
        }
        Ok(Self {
            organisation,
            sequence,
            previous,
            issued_at,
            identity,
            successor,
            keys,
        })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), StatementError> {
        not_from_the_future(self.issued_at, now)
    }
}

/// Why a key statement, or a key in it, is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyStatementError {
    /// Form, signature or time of the statement itself.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The identity key is not the pinned one, nor the one that its predecessor committed to.
    #[error("the identity key is not the expected one")]
    Identity,
    /// It is not a successor of the statement that is known: another organisation, an older number, another past.
    #[error("not a successor of the known statement")]
    Chain,
    /// It drops, prolongs or revives a key that the known statement has.
    #[error("a key vanished or was revived")]
    Rewritten,
    /// No such key in the statement.
    #[error("unknown key")]
    UnknownKey,
    /// The key was not valid at that time.
    #[error("the key was not valid at that time")]
    NotValidThen,
}

/// An organisation's keys, checked back to a pin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedKeyStatement(Verified<KeyStatement>);

impl VerifiedKeyStatement {
    /// Checks a statement against the identity fingerprint that was learned out of band.
    ///
    /// # Errors
    /// [`KeyStatementError::Identity`] for another identity key, [`KeyStatementError::Statement`] otherwise.
    pub fn pinned(
        statement: Signed<KeyStatement>,
        fingerprint: &KeyId,
        now: Timestamp,
    ) -> Result<Self, KeyStatementError> {
        let identity = statement.unverified().identity.clone();
        if identity.id() != *fingerprint {
            return Err(KeyStatementError::Identity);
        }
        Ok(Self(statement.verify(&identity, now)?))
    }

    /// Checks a newer statement of the same organisation, and takes its place.
    ///
    /// With the same identity key, statements in between may be missing. A new identity key is believed only
    /// directly after a statement that committed to it.
    ///
    /// # Errors
    /// [`KeyStatementError`] for the first check that fails; the known statement stays in force.
    pub fn accept(&self, next: Signed<KeyStatement>, now: Timestamp) -> Result<Self, KeyStatementError> {
        let (known, new) = (&*self.0, next.unverified());
        let follows = known.sequence.checked_add(1) == Some(new.sequence);
        if new.organisation != known.organisation
            || new.sequence <= known.sequence
            || new.issued_at < known.issued_at
            || (follows && new.previous != self.hash())
        {
            return Err(KeyStatementError::Chain);
        }
        if new.identity == known.identity {
            // Or a thief of the identity key could replace the way back.
            if new.successor != known.successor {
                return Err(KeyStatementError::Identity);
            }
        } else if !follows || successor_commitment(known.organisation, &new.identity) != known.successor {
            return Err(KeyStatementError::Identity);
        }
        if !known.keys.iter().all(|entry| kept(entry, new)) {
            return Err(KeyStatementError::Rewritten);
        }
        let identity = new.identity.clone();
        Ok(Self(next.verify(&identity, now)?))
    }

    /// A newer statement with another list of keys, to be signed by the same identity key.
    #[must_use]
    pub fn next(&self, keys: Vec<KeyEntry>, issued_at: Timestamp) -> KeyStatement {
        self.rotated(&self.0.identity, self.0.successor, keys, issued_at)
    }

    /// A newer statement under the identity key that this one committed to, to be signed by that key.
    #[must_use]
    pub fn rotated(
        &self,
        identity: &VerifyingKey,
        successor: Digest,
        keys: Vec<KeyEntry>,
        issued_at: Timestamp,
    ) -> KeyStatement {
        KeyStatement {
            organisation: self.0.organisation,
            sequence: self.0.sequence.saturating_add(1),
            previous: self.hash(),
            issued_at,
            identity: identity.clone(),
            successor,
            keys: sorted(keys),
        }
    }

    /// Whose keys.
    pub fn organisation(&self) -> Oin {
        self.0.organisation
    }

    /// The statement's number.
    pub fn sequence(&self) -> u32 {
        self.0.sequence
    }

    /// The identity key's id: what people compare and pin.
    pub fn fingerprint(&self) -> KeyId {
        self.0.signer()
    }

    /// The statement's hash.
    pub fn hash(&self) -> Digest {
        self.0.hash()
    }

    /// The statement as it travels.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// All keys, ended ones too.
    pub fn entries(&self) -> &[KeyEntry] {
        &self.0.keys
    }

    /// The signing key of this name, if it was valid at `at`.
    ///
    /// # Errors
    /// [`KeyStatementError::UnknownKey`] or [`KeyStatementError::NotValidThen`].
    pub fn signing_key(&self, id: &KeyId, at: Timestamp) -> Result<OrganisationKey, KeyStatementError> {
        let (entry, key) = self
            .entries()
            .iter()
            .find_map(|entry| match &entry.key {
                PublicKey::Signing(key) if key.id() == *id => Some((entry, key)),
                _ => None,
            })
            .ok_or(KeyStatementError::UnknownKey)?;
        if !entry.valid_at(at) {
            return Err(KeyStatementError::NotValidThen);
        }
        Ok(self.owned(key))
    }

    /// The sealing key of this name, whether or not it is still valid.
    pub fn sealing_key(&self, id: &KeyId) -> Option<OrganisationKey<SealingPublicKey>> {
        self.sealing_keys()
            .find_map(|(_, key)| (key.id() == *id).then(|| self.owned(key)))
    }

    /// The sealing key to use at `at`: of the valid ones, the one that became valid last.
    pub fn newest_sealing_key(&self, at: Timestamp) -> Option<OrganisationKey<SealingPublicKey>> {
        self.sealing_keys()
            .filter(|(entry, _)| entry.valid_at(at))
            .max_by_key(|(entry, key)| (entry.not_before, key.id()))
            .map(|(_, key)| self.owned(key))
    }

    /// The JWT keys that are valid at `at`.
    pub fn jwt_keys(&self, at: Timestamp) -> impl Iterator<Item = (KeyId, &JwtKey)> {
        self.entries().iter().filter_map(move |entry| match &entry.key {
            PublicKey::Jwt(key) if entry.valid_at(at) => Some((key.id(), key)),
            _ => None,
        })
    }

    /// Whether a certificate with this key (SHA-256 over its SubjectPublicKeyInfo) may speak for the organisation.
    pub fn permits_tls(&self, spki_sha256: &Digest, at: Timestamp) -> bool {
        self.entries().iter().any(|entry| {
            matches!(&entry.key, PublicKey::Tls { spki_sha256: ours } if ours == spki_sha256)
                && entry.valid_at(at)
        })
    }

    fn sealing_keys(&self) -> impl Iterator<Item = (&KeyEntry, &SealingPublicKey)> {
        self.entries().iter().filter_map(|entry| match &entry.key {
            PublicKey::Sealing(key) => Some((entry, key)),
            _ => None,
        })
    }

    fn owned<K: Clone>(&self, key: &K) -> OrganisationKey<K> {
        OrganisationKey {
            organisation: self.organisation(),
            key: key.clone(),
        }
    }
}

/// Whether a newer statement keeps an entry, or drops it long after its end. What was signed while a key was valid
/// must stay checkable, and what was revoked must stay revoked.
fn kept(entry: &KeyEntry, new: &KeyStatement) -> bool {
    match new.keys.iter().find(|other| other.order() == entry.order()) {
        Some(other) => {
            other.not_before == entry.not_before
                && other.not_after <= entry.not_after
                && entry
                    .revoked_at
                    .is_none_or(|revoked| other.revoked_at.is_some_and(|again| again <= revoked))
        }
        None => entry.end().plus(Duration::from_hours(KEY_DAYS_MAX * 24)) <= new.issued_at,
    }
}
