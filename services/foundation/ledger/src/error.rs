//! What can go wrong with the log, in words that hold no value of any event.

use sluis_store::{StoreError, WriteError};

/// Why the log could not be written, read or sequenced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What stands in the log's tables is not what this program wrote. Nothing more is signed until it is mended.
    #[error("the log is damaged: {what}")]
    Damaged {
        /// What was met.
        what: &'static str,
    },
    /// Another sequencer took over in the meantime; nothing was changed.
    #[error("another sequencer took over")]
    Fenced,
    /// The signing key is not one of a log.
    #[error("the signing key is not a log key")]
    KeyKind,
    /// The log's name cannot stand in a checkpoint: visible ASCII without `+`.
    #[error("the log's name has characters that a checkpoint cannot carry")]
    Origin,
}

impl From<WriteError<LedgerError>> for LedgerError {
    fn from(error: WriteError<LedgerError>) -> Self {
        match error {
            WriteError::Command(error) => error,
            WriteError::Store(error) => Self::Store(error),
            WriteError::RequestIdReused => Self::Damaged {
                what: "housekeeping that claims a request id",
            },
        }
    }
}
