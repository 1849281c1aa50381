//! Fixed keys, a clock that stands still, and chance from a seed.

use std::sync::Arc;

use async_trait::async_trait;
use sluis_keyring::{ColumnKeys, IndexKey, Key32};
use sluis_store::{Journal, LeafReference, LogEvent, Parts, StoreError, Tx};
use sluis_types::{ManualClock, SeededRandomness, Timestamp};

/// When tests begin: 2026-01-01T00:00:00Z.
const START: Timestamp = Timestamp::from_seconds(1_767_225_600);

/// What a store works with in a test.
#[derive(Clone, Debug)]
pub struct TestParts {
    /// For [`Store::open`](sluis_store::Store::open).
    pub parts: Parts,
    /// The clock in them.
    pub clock: Arc<ManualClock>,
    /// The chance in them.
    pub randomness: Arc<SeededRandomness>,
}

/// Parts around a journal; the same seed gives the same chance.
pub fn test_parts(journal: Arc<dyn Journal>, seed: u64) -> TestParts {
    let clock = Arc::new(ManualClock::new(START));
    let randomness = Arc::new(SeededRandomness::new(seed));
    let parts = Parts {
        journal,
        column_keys: ColumnKeys::new(Key32::new([0xc0; 32]), Vec::new(), Arc::clone(&randomness) as _),
        index: Arc::new(IndexKey::new(Key32::new([0x1d; 32]))),
        clock: Arc::clone(&clock) as _,
        randomness: Arc::clone(&randomness) as _,
    };
    TestParts {
        parts,
        clock,
        randomness,
    }
}

/// A journal that never writes a leaf: with it no act may happen.
#[derive(Clone, Copy, Debug)]
pub struct RefusingJournal;

#[async_trait]
impl Journal for RefusingJournal {
    async fn append(&self, _tx: &mut Tx<'_>, _event: &LogEvent) -> Result<LeafReference, StoreError> {
        Err(StoreError::journal("this journal takes nothing"))
    }
}
