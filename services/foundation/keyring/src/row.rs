//! How a service seals what stands in its own rows.

use std::fmt;
use std::num::NonZeroUsize;

use zeroize::Zeroizing;

use crate::column::{ColumnKeys, Location, OpenError};

/// Seals what stands in a service's own tables. A trait, so that a test can count, or show what a faulty one would do.
pub trait RowCodec: fmt::Debug + Send + Sync + 'static {
    /// Seals a value for its place; its length is rounded up to a multiple of `step_bytes`.
    fn seal(&self, at: Location<'_>, plaintext: &[u8], step_bytes: NonZeroUsize) -> Vec<u8>;

    /// Opens a value that was sealed for this place.
    ///
    /// # Errors
    /// [`OpenError`] for every other bytes and places.
    fn open(&self, at: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError>;
}

impl RowCodec for ColumnKeys {
    fn seal(&self, at: Location<'_>, plaintext: &[u8], step_bytes: NonZeroUsize) -> Vec<u8> {
        self.seal_padded(at, plaintext, step_bytes)
    }

    fn open(&self, at: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        Self::open(self, at, sealed)
    }
}
