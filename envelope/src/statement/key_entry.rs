//! One key in an organisation's key statement.

use std::time::Duration;

use sluis_types::{KeyId, Timestamp};

use crate::hash::Digest;
use crate::key::{KeyKind, SealingPublicKey, VerifyingKey};
use crate::limits::KEY_DAYS_MAX;
use crate::wire::{FormatError, Reader, Writer};

/// Algorithm of a JWT signing key; the JWT's `alg` must be this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum JwtAlgorithm {
    /// `EdDSA` with Ed25519 (RFC 8037): 32 bytes.
    EdDsa = 1,
    /// `ES256`, ECDSA with P-256 and SHA-256 (RFC 7518 §3.4): 65 bytes, the uncompressed point of SEC 1.
    Es256 = 2,
}

/// A key that signs the JWTs of an organisation's professionals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtKey {
    algorithm: JwtAlgorithm,
    public: Vec<u8>,
}

impl JwtKey {
    /// The key of these public bytes.
    ///
    /// # Errors
    /// [`FormatError::Invalid`] when they have another length than the algorithm's keys, or, for `ES256`, do not
    /// start as an uncompressed point does. Whether the point lies on the curve is seen when a JWT is verified.
    pub fn new(algorithm: JwtAlgorithm, public: Vec<u8>) -> Result<Self, FormatError> {
        let fits = match algorithm {
            JwtAlgorithm::EdDsa => public.len() == 32,
            JwtAlgorithm::Es256 => public.len() == 65 && public[0] == 4,
        };
        if fits {
            Ok(Self { algorithm, public })
        } else {
            Err(FormatError::Invalid { field: "JWT key" })
        }
    }

    /// The only algorithm that a JWT of this key may name.
    pub const fn algorithm(&self) -> JwtAlgorithm {
        self.algorithm
    }

    /// The public bytes, in the form that [`JwtAlgorithm`] says.
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// The key's name, also its `kid` (64 hexadecimal digits).
    pub fn id(&self) -> KeyId {
        KeyKind::Jwt.key_id(&[&[self.algorithm as u8], &self.public])
    }
}

/// A public key of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// Signs messages and open requests.
    Signing(VerifyingKey),
    /// What is sealed to the organisation is sealed to this.
    Sealing(SealingPublicKey),
    /// Signs JWTs.
    Jwt(JwtKey),
    /// The key of a TLS certificate: SHA-256 over its DER SubjectPublicKeyInfo, so that it outlives renewals.
    Tls {
        /// The hash.
        spki_sha256: Digest,
    },
}

impl PublicKey {
    /// What the key is for.
    pub const fn kind(&self) -> KeyKind {
        match self {
            Self::Signing(_) => KeyKind::Signing,
            Self::Sealing(_) => KeyKind::Sealing,
            Self::Jwt(_) => KeyKind::Jwt,
            Self::Tls { .. } => KeyKind::Tls,
        }
    }

    /// The key's name.
    pub fn id(&self) -> KeyId {
        match self {
            Self::Signing(key) => key.id(),
            Self::Sealing(key) => key.id(),
            Self::Jwt(key) => key.id(),
            Self::Tls { spki_sha256 } => KeyKind::Tls.key_id(&[spki_sha256]),
        }
    }
}

/// A key and when it may be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// The key.
    pub key: PublicKey,
    /// First moment.
    pub not_before: Timestamp,
    /// First moment after; at most 400 days later.
    pub not_after: Timestamp,
    /// The key must not be believed from here on, whatever `not_after` says: lost, stolen or replaced.
    pub revoked_at: Option<Timestamp>,
}

impl KeyEntry {
    /// The key's name.
    pub fn id(&self) -> KeyId {
        self.key.id()
    }

    /// When the key stops, or stopped.
    pub fn end(&self) -> Timestamp {
        self.revoked_at
            .map_or(self.not_after, |revoked| revoked.min(self.not_after))
    }

    /// Whether the key may be believed for what happened at `at`.
    pub fn valid_at(&self, at: Timestamp) -> bool {
        self.not_before <= at && at < self.end()
    }

    /// Where the entry stands in a statement's list.
    pub(super) fn order(&self) -> (KeyKind, KeyId) {
        (self.key.kind(), self.id())
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer
            .u8(self.key.kind().number())
            .timestamp(self.not_before)
            .timestamp(self.not_after)
            .optional_timestamp(self.revoked_at);
        match &self.key {
            PublicKey::Signing(key) => writer.bytes16(key.as_bytes()),
            PublicKey::Sealing(key) => writer.bytes16(&key.encode()),
            PublicKey::Jwt(key) => {
                writer.bytes16(&[&[key.algorithm as u8][..], key.public.as_slice()].concat())
            }
            PublicKey::Tls { spki_sha256 } => writer.bytes16(spki_sha256),
        };
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let kind = KeyKind::from_number(reader.u8()?)?;
        let (not_before, not_after) = (reader.timestamp()?, reader.timestamp()?);
        let revoked_at = reader.optional_timestamp()?;
        let life = not_after.since(not_before);
        if life.is_zero() || life > Duration::from_hours(KEY_DAYS_MAX * 24) {
            return Err(FormatError::Invalid { field: "not after" });
        }
        let mut material = Reader::new(reader.bytes16(1249)?);
        let key = match kind {
            KeyKind::Signing => PublicKey::Signing(VerifyingKey::from_bytes(kind, &material.array()?)?),
            KeyKind::Sealing => PublicKey::Sealing(SealingPublicKey::read(&mut material)?),
            KeyKind::Jwt => {
                let algorithm = match material.u8()? {
                    1 => JwtAlgorithm::EdDsa,
                    2 => JwtAlgorithm::Es256,
                    _ => return Err(FormatError::Invalid { field: "JWT key" }),
                };
                let rest = material.take(material.rest_len())?;
                PublicKey::Jwt(JwtKey::new(algorithm, rest.to_vec())?)
            }
            KeyKind::Tls => PublicKey::Tls {
                spki_sha256: material.digest()?,
            },
            _ => return Err(FormatError::Invalid { field: "key kind" }),
        };
        material.finish()?;
        Ok(Self {
            key,
            not_before,
            not_after,
            revoked_at,
        })
    }
}
