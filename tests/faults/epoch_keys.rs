//! Peppers that are kept: what should be destroyed with its week stays in its file.

use std::sync::Arc;

use async_trait::async_trait;
use sluis_keyring::{EpochKeys, EpochKeysError, Key32};
use sluis_types::Epoch;

/// Passes everything on but the destruction, and says that it was done.
#[derive(Debug)]
pub(super) struct KeptPeppers(pub(super) Arc<dyn EpochKeys>);

#[async_trait]
impl EpochKeys for KeptPeppers {
    async fn key(&self, epoch: Epoch) -> Result<Key32, EpochKeysError> {
        self.0.key(epoch).await
    }

    async fn destroy_before(&self, _: Epoch) -> Result<(), EpochKeysError> {
        Ok(())
    }
}
