//! Why a gate stays closed. For its own log: the recipient hears one answer, whatever the cause.

use crate::key::{BadSignature, SealFailed};
use crate::wire::FormatError;

/// Why a gate stays closed. For its own log: the recipient hears one answer, whatever the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// The request, or something in it, is not in its form.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The caller is not the recipient, or asks with another JWT than the request names.
    #[error("not the caller's request")]
    Caller,
    /// The request's time is too far from the gate's.
    #[error("the request is not of this moment")]
    Stale,
    /// The message may no longer be opened.
    #[error("the message has expired")]
    Expired,
    /// A key is not the one that request, message or receipt names, or belongs to another organisation.
    #[error("not the key that is named")]
    WrongKey,
    /// A signature of recipient, sender or referral does not match.
    #[error(transparent)]
    BadSignature(#[from] BadSignature),
    /// The evidence is about another message, or is not what this kind of message needs.
    #[error("the evidence does not fit the message")]
    Evidence,
    /// The sealed share is not the one that the sender signed.
    #[error("not the share that the sender signed")]
    ShareMismatch,
    /// The share does not open with this gate key.
    #[error("the share does not open")]
    CannotOpen,
    /// The share opens to something else than the sender committed to.
    #[error("the sender has cheated: not what was committed to")]
    Commitment,
}

impl From<SealFailed> for GateError {
    fn from(_: SealFailed) -> Self {
        Self::CannotOpen
    }
}
