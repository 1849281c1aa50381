//! Checking ciphertext against what the sender signed, piece by piece.

use sha2::{Digest as _, Sha256};
use sluis_types::BlobId;
use subtle::ConstantTimeEq as _;

use super::error::EnvelopeError;
use super::padding::padded_length;
use super::stream::ciphertext_length;
use crate::hash::Digest;
use crate::limits::BLOB_PADDED_MAX;
use crate::wire::{FormatError, Reader, Writer};

/// Length of one entry of a blob list.
pub(crate) const BLOB_ENTRY_BYTES: usize = 16 + 4 + 32;

/// What a manifest says of one attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobEntry {
    /// Its name.
    pub id: BlobId,
    /// Its length after padding, before sealing.
    pub padded_length: u32,
    /// SHA-256 over its ciphertext.
    pub ciphertext_sha256: Digest,
}

impl BlobEntry {
    /// How many bytes its ciphertext has.
    pub const fn ciphertext_length(&self) -> u32 {
        ciphertext_length(self.padded_length)
    }

    /// Starts checking its ciphertext.
    pub fn check(&self) -> CiphertextCheck {
        CiphertextCheck {
            state: Sha256::new(),
            left: u64::from(self.ciphertext_length()),
            expected: self.ciphertext_sha256,
        }
    }

    pub(crate) fn encode(&self) -> [u8; BLOB_ENTRY_BYTES] {
        let mut writer = Writer::with_capacity(BLOB_ENTRY_BYTES);
        writer
            .bytes(self.id.as_bytes())
            .u32(self.padded_length)
            .digest(&self.ciphertext_sha256);
        writer
            .finish()
            .try_into()
            .expect("the three fields have this length")
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let entry = Self {
            id: BlobId::from_bytes(reader.array()?),
            padded_length: reader.u32()?,
            ciphertext_sha256: reader.digest()?,
        };
        if entry.padded_length > BLOB_PADDED_MAX || padded_length(entry.padded_length) != entry.padded_length
        {
            return Err(FormatError::Invalid {
                field: "padded length",
            });
        }
        Ok(entry)
    }
}

/// Checks a ciphertext that arrives in pieces.
pub struct CiphertextCheck {
    state: Sha256,
    left: u64,
    expected: Digest,
}

impl CiphertextCheck {
    pub(crate) const fn new(state: Sha256, length: u64, expected: Digest) -> Self {
        Self {
            state,
            left: length,
            expected,
        }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// [`EnvelopeError::CiphertextMismatch`] as soon as there is more than the sender signed.
    pub fn update(&mut self, piece: &[u8]) -> Result<(), EnvelopeError> {
        self.left = self
            .left
            .checked_sub(piece.len() as u64)
            .ok_or(EnvelopeError::CiphertextMismatch)?;
        self.state.update(piece);
        Ok(())
    }

    /// Ends the check.
    ///
    /// # Errors
    /// [`EnvelopeError::CiphertextMismatch`] when something is missing or differs.
    pub fn finish(self) -> Result<(), EnvelopeError> {
        let computed = Digest::from(self.state.finalize());
        if self.left == 0 && bool::from(computed.ct_eq(&self.expected)) {
            Ok(())
        } else {
            Err(EnvelopeError::CiphertextMismatch)
        }
    }
}
