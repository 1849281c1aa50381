//! Attachments: sealed and opened chunk by chunk, so that memory stays flat.

use sha2::{Digest as _, Sha256};
use sluis_types::{BlobId, DataKind, MessageId, Randomness};
use zeroize::Zeroizing;

use super::attachment::{Attachment, FileName, MediaType};
use super::check::{BlobEntry, CiphertextCheck};
use super::error::EnvelopeError;
use super::padding::{check_padding, padded_length};
use super::stream::{CHUNK, ChunkCipher, TAG};
use crate::chance;
use crate::limits::BLOB_BYTES_MAX;

/// Salt of the key derivation.
const PURPOSE: &str = "sluis/v1/blob";

/// An attachment that a sender is about to seal.
pub struct AttachmentDraft {
    /// What the recipient may call the file.
    pub name: FileName,
    /// Its media type.
    pub media_type: MediaType,
    /// Which kind of data it is; must be in the message's scope.
    pub data_kind: DataKind,
    /// Its length in bytes: at most 25 MiB, and exactly what will be given.
    pub length: u32,
}

/// Seals one attachment under its own random key.
pub struct BlobSealer {
    attachment: Attachment,
    message_id: MessageId,
    cipher: ChunkCipher,
    state: Sha256,
    pending: Zeroizing<Vec<u8>>,
    left: u32,
}

impl BlobSealer {
    /// Starts sealing an attachment of the message that will have this id.
    ///
    /// # Errors
    /// [`EnvelopeError::Draft`] when it is too long.
    pub fn new(
        message_id: MessageId,
        draft: AttachmentDraft,
        randomness: &dyn Randomness,
    ) -> Result<Self, EnvelopeError> {
        if draft.length > BLOB_BYTES_MAX {
            return Err(EnvelopeError::Draft { field: "attachment" });
        }
        let attachment = Attachment {
            blob_id: BlobId::random(randomness),
            key: chance::secret(randomness),
            length: draft.length,
            data_kind: draft.data_kind,
            media_type: draft.media_type,
            name: draft.name,
        };
        Ok(Self {
            cipher: cipher(&attachment, message_id),
            state: Sha256::new(),
            pending: Zeroizing::new(Vec::with_capacity(CHUNK)),
            left: draft.length,
            attachment,
            message_id,
        })
    }

    /// The blob's name, under which it is uploaded.
    pub const fn blob_id(&self) -> BlobId {
        self.attachment.blob_id
    }

    /// Takes the next bytes of the attachment and gives the ciphertext that is ready.
    ///
    /// # Errors
    /// [`EnvelopeError::Draft`] when there are more bytes than announced.
    pub fn update(&mut self, mut bytes: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        self.left = u32::try_from(bytes.len())
            .ok()
            .and_then(|count| self.left.checked_sub(count))
            .ok_or(EnvelopeError::Draft { field: "attachment" })?;
        let mut out = Vec::new();
        while !bytes.is_empty() {
            // The last chunk may be shorter; it ends with what was announced, or with padding in `finish`.
            let wanted = self.cipher.next_bytes().unwrap_or(0) - self.pending.len();
            let (now, later) = bytes.split_at(wanted.min(bytes.len()));
            self.pending.extend_from_slice(now);
            bytes = later;
            self.flush(&mut out);
        }
        Ok(out)
    }

    /// Seals what is left and the padding: the rest of the ciphertext, and what the message must say of it.
    ///
    /// # Errors
    /// [`EnvelopeError::Draft`] when there were fewer bytes than announced.
    pub fn finish(mut self) -> Result<(Vec<u8>, SealedBlob), EnvelopeError> {
        if self.left != 0 {
            return Err(EnvelopeError::Draft { field: "attachment" });
        }
        let mut out = Vec::new();
        while let Some(wanted) = self.cipher.next_bytes() {
            self.pending.resize(wanted, 0);
            self.flush(&mut out);
        }
        let entry = BlobEntry {
            id: self.attachment.blob_id,
            padded_length: padded_length(self.attachment.length),
            ciphertext_sha256: self.state.finalize().into(),
        };
        let sealed = SealedBlob {
            attachment: self.attachment,
            message_id: self.message_id,
            entry,
        };
        Ok((out, sealed))
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        if self.cipher.next_bytes() == Some(self.pending.len()) {
            let start = out.len();
            self.cipher.seal(&self.pending, out);
            self.state.update(&out[start..]);
            self.pending.clear();
        }
    }
}

/// An attachment that was sealed, ready to be listed in its message.
#[derive(Debug)]
pub struct SealedBlob {
    pub(super) attachment: Attachment,
    pub(super) message_id: MessageId,
    pub(super) entry: BlobEntry,
}

impl SealedBlob {
    /// What the manifest will say of it.
    pub const fn entry(&self) -> &BlobEntry {
        &self.entry
    }
}

/// Opens one attachment.
///
/// Each piece of plaintext is authentic when it is given out, but only [`BlobOpener::finish`] shows that all of it
/// came and that it is what the sender signed: keep it aside until then.
pub struct BlobOpener {
    cipher: ChunkCipher,
    check: CiphertextCheck,
    pending: Vec<u8>,
    left: usize,
}

impl BlobOpener {
    pub(super) fn new(
        message_id: MessageId,
        attachment: &Attachment,
        entry: &BlobEntry,
    ) -> Result<Self, EnvelopeError> {
        if entry.id != attachment.blob_id || entry.padded_length != padded_length(attachment.length) {
            return Err(EnvelopeError::CiphertextMismatch);
        }
        Ok(Self {
            cipher: cipher(attachment, message_id),
            check: entry.check(),
            pending: Vec::with_capacity(CHUNK + TAG),
            left: attachment.length as usize,
        })
    }

    /// Takes the next bytes of ciphertext and gives the plaintext that is ready, without padding.
    ///
    /// # Errors
    /// [`EnvelopeError::CannotOpen`] when a chunk is not what was sealed,
    /// [`EnvelopeError::CiphertextMismatch`] when there is more than the sender signed.
    pub fn update(&mut self, mut bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        self.check.update(bytes)?;
        let mut out = Zeroizing::new(Vec::with_capacity(bytes.len() + CHUNK));
        while !bytes.is_empty() {
            let chunk = self.cipher.next_bytes().ok_or(EnvelopeError::CannotOpen)? + TAG;
            let (now, later) = bytes.split_at((chunk - self.pending.len()).min(bytes.len()));
            self.pending.extend_from_slice(now);
            bytes = later;
            if self.pending.len() == chunk {
                self.open_chunk(&mut out)?;
            }
        }
        Ok(out)
    }

    fn open_chunk(&mut self, out: &mut Zeroizing<Vec<u8>>) -> Result<(), EnvelopeError> {
        let start = out.len();
        self.cipher
            .open(&self.pending, out)
            .map_err(|_| EnvelopeError::CannotOpen)?;
        self.pending.clear();
        let real = (out.len() - start).min(self.left);
        check_padding(&out[start + real..])?;
        self.left -= real;
        out.truncate(start + real);
        Ok(())
    }

    /// Ends opening.
    ///
    /// # Errors
    /// [`EnvelopeError::CiphertextMismatch`] when something is missing or is not what the sender signed. Then the
    /// plaintext given out so far must not be used.
    pub fn finish(self) -> Result<(), EnvelopeError> {
        self.check.finish()
    }
}

fn cipher(attachment: &Attachment, message_id: MessageId) -> ChunkCipher {
    ChunkCipher::new(
        PURPOSE,
        attachment.key.as_slice(),
        &attachment.context(message_id),
        padded_length(attachment.length),
    )
}
