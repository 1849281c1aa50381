//! The copy that a sender keeps, sealed to itself: when a grant gets a new version before the recipient opened the
//! message, the sender seals it again. Attachments are kept as the ciphertexts that they are; the copy has their keys.

use std::fmt;

use sluis_types::{KeyId, MessageId, Randomness, Timestamp};
use zeroize::Zeroizing;

use super::attachment::Attachment;
use super::blob::BlobOpener;
use super::check::BlobEntry;
use super::content::{Content, pad, unpad};
use super::error::EnvelopeError;
use super::header::Header;
use super::padding::padded_length;
use super::stream::{ciphertext_length, open_all, seal_all};
use crate::chance;
use crate::hash::info;
use crate::key::{KeyKind, SealingKeyPair, SealingPublicKey, SigningKey, Suite, VerifyingKey};
use crate::limits::{CONTENT_CIPHERTEXT_MAX, CONTENT_PADDED_MAX, HEADER_BYTES_MAX};
use crate::statement::{Signed, Statement, StatementError};
use crate::wire::{FormatError, Reader, Writer};

/// Label of the sealing, and salt of the key derivation.
const PURPOSE: &str = "sluis/v1/self-copy";

/// Body of a self copy.
#[derive(Clone, PartialEq, Eq)]
pub struct SelfCopy {
    message_id: MessageId,
    sealing_key_id: KeyId,
    suite: Suite,
    sealed_key: Vec<u8>,
    padded: u32,
    ciphertext: Vec<u8>,
}

/// What a sender kept.
#[derive(Debug)]
pub struct KeptMessage {
    /// The header that the message had.
    pub header: Header,
    /// Its content, with the keys of its attachments.
    pub content: Content,
}

impl KeptMessage {
    /// Starts opening an attachment's ciphertext that was kept beside the copy. `entry` is from the message's
    /// manifest.
    ///
    /// # Errors
    /// [`EnvelopeError::CiphertextMismatch`] when entry and attachment do not belong together.
    pub fn blob_opener(
        &self,
        attachment: &Attachment,
        entry: &BlobEntry,
    ) -> Result<BlobOpener, EnvelopeError> {
        BlobOpener::new(self.header.message_id(), attachment, entry)
    }
}

impl SelfCopy {
    pub(super) fn seal(
        header: &Header,
        content: &Content,
        own: &SealingPublicKey,
        signer: &SigningKey,
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, EnvelopeError> {
        let mut head = Writer::new();
        head.bytes16(&header.encode());
        let plain = pad(&content.write_after(&head.finish()));
        let padded = u32::try_from(plain.len()).expect("contents are far below 4 GiB");
        let key = chance::secret(randomness);
        let context = context(header.message_id(), own.id());
        let suite = own.best_suite();
        let copy = Self {
            message_id: header.message_id(),
            sealing_key_id: own.id(),
            suite,
            sealed_key: own.seal(suite, &info(PURPOSE, &[&context]), key.as_slice(), randomness)?,
            padded,
            ciphertext: seal_all(PURPOSE, key.as_slice(), &context, &plain),
        };
        Ok(Signed::sign(copy, signer).encode())
    }

    /// Opens a copy that `signer` made and that was sealed to `keys`.
    ///
    /// # Errors
    /// [`EnvelopeError::Format`], [`EnvelopeError::WrongKey`], [`EnvelopeError::BadSignature`] or
    /// [`EnvelopeError::CannotOpen`]. Without the signature anybody who can write to the sender's disk could make it
    /// send something else.
    pub fn open(
        bytes: &[u8],
        keys: &SealingKeyPair,
        signer: &VerifyingKey,
    ) -> Result<KeptMessage, EnvelopeError> {
        let signed = Signed::<Self>::parse(bytes)?;
        // A copy has no time of its own.
        let copy = match signed.verify(signer, Timestamp::default()) {
            Ok(copy) => copy,
            Err(StatementError::BadSignature(bad)) => return Err(bad.into()),
            Err(_) => return Err(EnvelopeError::WrongKey),
        };
        if copy.sealing_key_id != keys.id() {
            return Err(EnvelopeError::WrongKey);
        }
        let context = context(copy.message_id, copy.sealing_key_id);
        let key = keys.open(copy.suite, &info(PURPOSE, &[&context]), &copy.sealed_key)?;
        let plain: Zeroizing<Vec<u8>> = open_all(PURPOSE, &key, &context, &copy.ciphertext, copy.padded)
            .map_err(|_| EnvelopeError::CannotOpen)?;
        let mut reader = Reader::new(unpad(&plain)?);
        let header = Header::parse(reader.bytes16(HEADER_BYTES_MAX)?)?;
        let content = Content::read(reader)?;
        if header.message_id() != copy.message_id {
            return Err(EnvelopeError::CannotOpen);
        }
        Ok(KeptMessage { header, content })
    }
}

/// What key and chunks are bound to: message id || key id.
fn context(message_id: MessageId, key_id: KeyId) -> [u8; 48] {
    let mut context = [0; 48];
    context[..16].copy_from_slice(message_id.as_bytes());
    context[16..].copy_from_slice(key_id.as_bytes());
    context
}

impl Statement for SelfCopy {
    const TAG: &'static str = "sluis/v1/self-copy";
    const SIGNER: KeyKind = KeyKind::Signing;
    const BODY_BYTES_MAX: usize = 16 + 32 + 2 + 1168 + 4 + CONTENT_CIPHERTEXT_MAX as usize;

    fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.message_id.as_bytes())
            .bytes(self.sealing_key_id.as_bytes())
            .u16(self.suite.number())
            .bytes(&self.sealed_key)
            .u32(self.padded)
            .bytes(&self.ciphertext);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let message_id = MessageId::from_bytes(reader.array()?);
        if !message_id.is_uuid_v7() {
            return Err(FormatError::Invalid { field: "message id" });
        }
        let sealing_key_id = KeyId::from_bytes(reader.array()?);
        let suite = Suite::from_number(reader.u16()?)?;
        let sealed_key = reader.take(suite.sealed_bytes(32))?.to_vec();
        let padded = reader.u32()?;
        if padded > CONTENT_PADDED_MAX || padded_length(padded) != padded {
            return Err(FormatError::Invalid {
                field: "content length",
            });
        }
        let ciphertext = reader.take(ciphertext_length(padded) as usize)?.to_vec();
        Ok(Self {
            message_id,
            sealing_key_id,
            suite,
            sealed_key,
            padded,
            ciphertext,
        })
    }

    fn check_time(&self, _now: Timestamp) -> Result<(), StatementError> {
        Ok(())
    }
}

impl fmt::Debug for SelfCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SelfCopy({:?})", self.message_id)
    }
}
