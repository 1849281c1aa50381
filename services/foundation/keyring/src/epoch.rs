//! Keys that live as long as one epoch, and are then forgotten for real.

use std::fmt;

use async_trait::async_trait;
use sluis_types::Epoch;

use crate::{Key32, KeyFileError};

/// Why an epoch's key cannot be had or destroyed.
#[derive(Debug, thiserror::Error)]
pub enum EpochKeysError {
    /// The epoch is over: its key was destroyed, and no other takes its place.
    #[error("the epoch is over")]
    Over,
    /// A file of the store cannot be used.
    #[error("the epoch keys cannot be used")]
    File(#[from] KeyFileError),
    /// The process is ending.
    #[error("the epoch keys were asked while the process was ending")]
    Interrupted,
}

/// One key per epoch, outside every database and every backup.
#[async_trait]
pub trait EpochKeys: fmt::Debug + Send + Sync + 'static {
    /// The key of an epoch: made, durably, where there is none yet.
    ///
    /// # Errors
    /// [`EpochKeysError::Over`] for an epoch before one that was given to [`EpochKeys::destroy_before`].
    async fn key(&self, epoch: Epoch) -> Result<Key32, EpochKeysError>;

    /// Destroys the keys of all epochs before this one. When it returns, neither this process nor the disk has them.
    ///
    /// # Errors
    /// [`EpochKeysError::File`]; asking again goes on where it stopped.
    async fn destroy_before(&self, epoch: Epoch) -> Result<(), EpochKeysError>;
}
