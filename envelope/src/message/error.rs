//! Why a message cannot be sealed, verified or opened.

use crate::key::{BadSignature, SealFailed};
use crate::wire::FormatError;

/// Why a message cannot be sealed, verified or opened. Says nothing about secrets or content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Some bytes are not in their form.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A key is not the one that the message names.
    #[error("not the key that the message names")]
    WrongKey,
    /// A key belongs to another organisation than the message names.
    #[error("not the organisation that the message names")]
    WrongOrganisation,
    /// The sender's signature is not over this message.
    #[error(transparent)]
    BadSignature(#[from] BadSignature),
    /// A sealed share is not the one that the sender signed.
    #[error("not the share that the sender signed")]
    ShareMismatch,
    /// Content or an attachment is not the ciphertext that the sender signed.
    #[error("not the ciphertext that the sender signed")]
    CiphertextMismatch,
    /// A share, a reply or a ciphertext does not open with this key.
    #[error("does not open with this key")]
    CannotOpen,
    /// A share opens to something else than the sender committed to.
    #[error("the sender or the gate has cheated: not what was committed to")]
    Commitment,
    /// Content has another scope than the one that the gate opened.
    #[error("the content is outside the scope that was opened")]
    Scope,
    /// The recipient's key has no such suite.
    #[error("the recipient cannot open this suite")]
    Suite,
    /// Something to be sealed is outside its limits.
    #[error("{field} cannot be sealed")]
    Draft {
        /// The field's name in `docs/envelope.md`.
        field: &'static str,
    },
}

impl From<SealFailed> for EnvelopeError {
    fn from(_: SealFailed) -> Self {
        Self::CannotOpen
    }
}
