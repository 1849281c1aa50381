//! A journal that promises a leaf and writes none: a gate that releases without a leaf.

use async_trait::async_trait;
use sluis_store::{Journal, LeafReference, LogEvent, StoreError, Tx};
use sluis_types::{OsRandomness, Randomness as _};

/// Gives a leaf that stands nowhere.
#[derive(Debug)]
pub(super) struct Forgetful;

#[async_trait]
impl Journal for Forgetful {
    async fn append(&self, _: &mut Tx<'_>, event: &LogEvent) -> Result<LeafReference, StoreError> {
        let mut hash = [0; 32];
        OsRandomness.fill(&mut hash);
        Ok(LeafReference { hash, at: event.at })
    }
}
