//! Codecs of rows for tests: one that stores clear, and one that counts.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sluis_keyring::{Location, OpenError, RowCodec};
use zeroize::Zeroizing;

/// A codec that stores clear: what a test over a dump must notice.
#[derive(Clone, Copy, Debug)]
pub struct ClearCodec;

impl RowCodec for ClearCodec {
    fn seal(&self, _: Location<'_>, plaintext: &[u8], _: NonZeroUsize) -> Vec<u8> {
        plaintext.to_vec()
    }

    fn open(&self, _: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        Ok(Zeroizing::new(sealed.to_vec()))
    }
}

/// How often a service sealed and opened a row.
#[derive(Debug, Default)]
pub(crate) struct RowWork {
    seals: AtomicU64,
    opens: AtomicU64,
}

impl RowWork {
    pub(crate) fn counts(&self) -> [u64; 2] {
        [&self.seals, &self.opens].map(|count| count.load(Ordering::SeqCst))
    }
}

/// A codec, counted.
#[derive(Debug)]
pub(crate) struct CountedCodec {
    pub(crate) codec: Arc<dyn RowCodec>,
    pub(crate) work: Arc<RowWork>,
}

impl RowCodec for CountedCodec {
    fn seal(&self, at: Location<'_>, plaintext: &[u8], step_bytes: NonZeroUsize) -> Vec<u8> {
        self.work.seals.fetch_add(1, Ordering::SeqCst);
        self.codec.seal(at, plaintext, step_bytes)
    }

    fn open(&self, at: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.work.opens.fetch_add(1, Ordering::SeqCst);
        self.codec.open(at, sealed)
    }
}
