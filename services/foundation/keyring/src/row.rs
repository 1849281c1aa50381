//! How a service seals what stands in its own rows.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

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

/// Key of the row that stands for one that is not there.
const DECOY: Location<'_> = Location::new("decoy", "content", b"decoy");

/// Seals and opens rows, and nobody's row at the price of somebody's.
#[derive(Clone, Debug)]
pub struct RowSeal {
    codec: Arc<dyn RowCodec>,
    /// For each step in bytes, a sealed row of that length.
    decoys: Arc<BTreeMap<NonZeroUsize, Vec<u8>>>,
}

impl RowSeal {
    /// Around a codec; `steps_bytes` are the lengths of the rows that may be absent.
    pub fn new(codec: Arc<dyn RowCodec>, steps_bytes: impl IntoIterator<Item = NonZeroUsize>) -> Self {
        let decoy = |step_bytes| (step_bytes, codec.seal(DECOY, &[], step_bytes));
        let decoys = Arc::new(steps_bytes.into_iter().map(decoy).collect());
        Self { codec, decoys }
    }

    /// See [`RowCodec::seal`].
    pub fn seal(&self, at: Location<'_>, plaintext: &[u8], step_bytes: NonZeroUsize) -> Vec<u8> {
        self.codec.seal(at, plaintext, step_bytes)
    }

    /// See [`RowCodec::open`].
    ///
    /// # Errors
    /// [`OpenError`] for every other bytes and places.
    pub fn open(&self, at: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.codec.open(at, sealed)
    }

    /// Opens nobody's row: what is not there must cost what is there and refused (promise P6).
    ///
    /// # Panics
    /// For a step that was not given to [`RowSeal::new`].
    pub fn absent(&self, step_bytes: NonZeroUsize) {
        let decoy = self
            .decoys
            .get(&step_bytes)
            .expect("every length of a row is in the list");
        std::hint::black_box(self.codec.open(DECOY, decoy).is_ok());
    }
}
