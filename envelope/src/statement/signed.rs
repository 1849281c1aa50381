//! [`Signed`] (parsed, not to be believed) and [`Verified`] (checked).

use std::ops::Deref;
use std::time::Duration;

use sluis_types::{KeyId, Timestamp};

use crate::hash::{Digest, hash};
use crate::key::{BadSignature, KeyKind, SIGNATURE_BYTES, SigningKey, VerifyingKey};
use crate::limits::CLOCK_SKEW_SECONDS_MAX;
use crate::wire::{FormatError, Reader, VERSION, Writer};

/// The body of a signed statement.
pub trait Statement: Sized {
    /// What its signatures and its hash are bound to; no two statements share one.
    const TAG: &'static str;
    /// The kind of key that signs it.
    const SIGNER: KeyKind;
    /// Longest body, in bytes.
    const BODY_BYTES_MAX: usize;

    /// Writes the body's layout.
    fn write(&self, writer: &mut Writer);

    /// Reads the body's layout: the inverse of [`Statement::write`], for every value that may be signed.
    ///
    /// # Errors
    /// [`FormatError`] for anything else.
    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError>;

    /// Checks the body's times against `now`.
    ///
    /// # Errors
    /// [`StatementError::NotYetValid`] or [`StatementError::Expired`].
    fn check_time(&self, now: Timestamp) -> Result<(), StatementError>;
}

/// Why a statement is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// It is not in the statement's form.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Another key signed it than the one given, or that key is of the wrong kind.
    #[error("signed by another key")]
    WrongKey,
    /// The signature is not the key's over these bytes.
    #[error(transparent)]
    BadSignature(#[from] BadSignature),
    /// It speaks of a time that has not come.
    #[error("not valid yet")]
    NotYetValid,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// It is about something else than what it came with.
    #[error("{field} differs")]
    Mismatch {
        /// What differs.
        field: &'static str,
    },
}

/// A statement with its signature, parsed but not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<B> {
    signer: KeyId,
    body: B,
    signature: [u8; SIGNATURE_BYTES],
}

/// Version and key id.
const PREFIX_BYTES: usize = 2 + 32;

impl<B: Statement> Signed<B> {
    /// Longest encoding.
    pub const BYTES_MAX: usize = PREFIX_BYTES + B::BODY_BYTES_MAX + SIGNATURE_BYTES;

    /// Signs a body.
    ///
    /// # Panics
    /// When the key is of another kind than the statement asks for.
    pub fn sign(body: B, key: &SigningKey) -> Self {
        assert_eq!(key.kind(), B::SIGNER, "each statement has its own kind of key");
        let signature = key.sign(B::TAG, &unsigned(key.id(), &body));
        Self {
            signer: key.id(),
            body,
            signature,
        }
    }

    /// A statement from its parts, of which a bundle keeps only those that differ.
    pub(crate) const fn from_parts(signer: KeyId, body: B, signature: [u8; SIGNATURE_BYTES]) -> Self {
        Self {
            signer,
            body,
            signature,
        }
    }

    pub(crate) const fn signature(&self) -> &[u8; SIGNATURE_BYTES] {
        &self.signature
    }

    /// Reads a statement and nothing more.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        if bytes.len() > Self::BYTES_MAX {
            return Err(FormatError::TooLong { field: "statement" });
        }
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let signer = KeyId::from_bytes(reader.array()?);
        let body = B::read(&mut reader)?;
        let signature = reader.array()?;
        reader.finish()?;
        Ok(Self {
            signer,
            body,
            signature,
        })
    }

    /// Version, key id, body, signature.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = unsigned(self.signer, &self.body);
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    /// The key that claims to have signed: to look it up.
    pub const fn signer(&self) -> KeyId {
        self.signer
    }

    /// What it says, if one believes it: to look things up, never to decide.
    pub const fn unverified(&self) -> &B {
        &self.body
    }

    /// The statement's name: a hash over its encoding.
    pub fn hash(&self) -> Digest {
        hash("sluis/v1/statement", &[B::TAG.as_bytes(), &self.encode()])
    }

    /// Checks the key's kind and id, the signature, and the times, in this order.
    ///
    /// # Errors
    /// [`StatementError`] for the first check that fails.
    pub fn verify(self, key: &VerifyingKey, now: Timestamp) -> Result<Verified<B>, StatementError> {
        if key.kind() != B::SIGNER || key.id() != self.signer {
            return Err(StatementError::WrongKey);
        }
        key.verify(B::TAG, &unsigned(self.signer, &self.body), &self.signature)?;
        self.body.check_time(now)?;
        Ok(Verified(self))
    }
}

fn unsigned<B: Statement>(signer: KeyId, body: &B) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.u16(VERSION).bytes(signer.as_bytes());
    body.write(&mut writer);
    writer.finish()
}

/// A statement whose signature and times were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<B>(Signed<B>);

impl<B: Statement> Verified<B> {
    /// Who signed.
    pub const fn signer(&self) -> KeyId {
        self.0.signer
    }

    /// Version, key id, body, signature.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// The statement's name: a hash over its encoding.
    pub fn hash(&self) -> Digest {
        self.0.hash()
    }

    /// The statement as it travels.
    pub const fn signed(&self) -> &Signed<B> {
        &self.0
    }
}

impl<B> Deref for Verified<B> {
    type Target = B;
    fn deref(&self) -> &B {
        &self.0.body
    }
}

/// Refuses a time of making that lies further ahead than clocks may differ.
pub(crate) fn not_from_the_future(made: Timestamp, now: Timestamp) -> Result<(), StatementError> {
    if made > now.plus(Duration::from_secs(CLOCK_SKEW_SECONDS_MAX)) {
        Err(StatementError::NotYetValid)
    } else {
        Ok(())
    }
}

/// Valid from its making up to, and not including, its end.
pub(crate) fn within(made: Timestamp, end: Timestamp, now: Timestamp) -> Result<(), StatementError> {
    not_from_the_future(made, now)?;
    if now < end {
        Ok(())
    } else {
        Err(StatementError::Expired)
    }
}

/// Reads made-at and end, and refuses a life that is empty or longer than `minutes_max`.
pub(crate) fn read_life(
    reader: &mut Reader<'_>,
    minutes_max: u64,
) -> Result<(Timestamp, Timestamp), FormatError> {
    let (made, end) = (reader.timestamp()?, reader.timestamp()?);
    if end <= made || end.since(made) > Duration::from_secs(minutes_max * 60) {
        return Err(FormatError::Invalid { field: "not after" });
    }
    Ok((made, end))
}
