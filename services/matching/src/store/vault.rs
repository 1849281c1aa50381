//! What turns values into sealed columns and hidden keys, and back.

use std::num::NonZeroUsize;
use std::sync::Arc;

use sluis_envelope::FormatError;
use sluis_keyring::{BlindIndex, Location, OpenError, RowCodec, RowSeal};
use sluis_ranking::InvalidOffer;
use sluis_store::StoreError;
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
    /// A value is not as this program writes it.
    #[error("a value of the database has another form")]
    Format(#[from] FormatError),
    /// A stored offer is not as this program writes it.
    #[error("an offer of the database has another form")]
    Offer(#[from] InvalidOffer),
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

    /// The key of a page; `label` says what it is about.
    pub(crate) fn tag(&self, label: &str, parts: &[&[u8]]) -> Tag {
        self.index.index(label, parts)
    }
}
