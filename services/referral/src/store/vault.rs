//! What turns values into sealed columns and hidden keys, and back.

use std::num::NonZeroUsize;
use std::sync::Arc;

use sluis_envelope::{Digest, FormatError};
use sluis_keyring::{BlindIndex, Location, OpenError, RowCodec, RowSeal};
use sluis_store::StoreError;
use sluis_types::{BlobId, GrantId, MessageId, Oin, ThreadId};
use zeroize::Zeroizing;

/// Why something could not be loaded or saved.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A sealed value does not open.
    #[error("a sealed value of the database does not open")]
    Sealed(#[from] OpenError),
    /// A sealed value is not as this program writes it.
    #[error("a sealed value of the database has another form")]
    Format(#[from] FormatError),
    /// Two rows that belong together do not fit.
    #[error("the database met a contradiction: {0}")]
    Contradiction(&'static str),
}

/// What seals and what hides the keys of rows.
#[derive(Clone, Debug)]
pub(crate) struct Vault {
    rows: RowSeal,
    index: Arc<dyn BlindIndex>,
}

/// The key under which a row is found.
pub(crate) type Tag = [u8; 32];

impl Vault {
    pub(crate) fn new(codec: Arc<dyn RowCodec>, index: Arc<dyn BlindIndex>) -> Self {
        Self {
            rows: RowSeal::new(codec, super::STEPS),
            index,
        }
    }

    /// Seals a value for its place; its length is rounded up to a multiple of `step`.
    pub(crate) fn seal(&self, at: Location<'_>, plaintext: &[u8], step: NonZeroUsize) -> Vec<u8> {
        self.rows.seal(at, plaintext, step)
    }

    /// Opens a value that was sealed for this place.
    pub(crate) fn open(&self, at: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.rows.open(at, sealed)
    }

    /// Opens nobody's row of this step ([`RowSeal::absent`]).
    pub(crate) fn absent(&self, step: NonZeroUsize) {
        self.rows.absent(step);
    }

    pub(crate) fn grant_tag(&self, grant: GrantId, page: u32) -> Tag {
        self.index
            .index("grant", &[grant.as_bytes(), &page.to_be_bytes()])
    }

    pub(crate) fn thread_tag(&self, thread: ThreadId, page: u32) -> Tag {
        self.index
            .index("thread", &[thread.as_bytes(), &page.to_be_bytes()])
    }

    pub(crate) fn ciphertext_tag(&self, message: MessageId) -> Tag {
        self.index.index("ciphertext", &[message.as_bytes()])
    }

    /// Bound to the sender: nobody can take another's blob id first.
    pub(crate) fn blob_tag(&self, sender: Oin, message: MessageId, blob: BlobId) -> Tag {
        self.index
            .index("blob", &[sender.as_bytes(), message.as_bytes(), blob.as_bytes()])
    }

    pub(crate) fn piece_tag(&self, blob: &Tag, piece: u32) -> Tag {
        self.index.index("blob-piece", &[blob, &piece.to_be_bytes()])
    }
}

/// A hash that names the body of a blob's upload, for repeated request ids.
pub(crate) fn blob_body_hash(message: MessageId, blob: BlobId, length: u64, sha256: &Digest) -> Digest {
    sluis_envelope::hash(
        "sluis/v1/blob-upload",
        &[message.as_bytes(), blob.as_bytes(), &length.to_be_bytes(), sha256],
    )
}
