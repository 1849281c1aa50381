//! From what went wrong to what the caller hears: here, and nowhere else.

use sluis_envelope::FormatError;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{StoreError, WriteError};

use crate::domain::Illegal;
use crate::store::vault::Fault;

/// A "no" that stands in the log, and is given again when the request is repeated.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Denial {
    /// Number of the [`ErrorReason`].
    #[prost(int32, tag = "1")]
    reason: i32,
    /// Where it is, for ILLEGAL_TRANSITION.
    #[prost(string, tag = "2")]
    state: String,
    /// What is allowed instead, separated by commas.
    #[prost(string, tag = "3")]
    allowed: String,
}

impl Denial {
    pub(crate) fn of(reason: ErrorReason) -> Self {
        Self {
            reason: reason as i32,
            state: String::new(),
            allowed: String::new(),
        }
    }

    pub(crate) fn illegal(illegal: &Illegal) -> Self {
        Self {
            reason: ErrorReason::IllegalTransition as i32,
            state: illegal.state.to_owned(),
            allowed: illegal.allowed.join(","),
        }
    }

    pub(crate) fn reason(&self) -> ErrorReason {
        // A reason of a newer version of this program, remembered for a repeated request, is a fault of this one.
        ErrorReason::try_from(self.reason).unwrap_or(ErrorReason::Internal)
    }
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        let refusal = Self::new(denial.reason());
        if denial.reason() == ErrorReason::IllegalTransition {
            refusal
                .with("state", denial.state)
                .with("allowed", denial.allowed)
        } else {
            refusal
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => of_store(&error),
            Fault::Sealed(_) | Fault::Format(_) | Fault::Offer(_) | Fault::Contradiction(_) => {
                Self::internal(&fault)
            }
        }
    }
}

/// What the store could not do.
pub(crate) fn of_store(error: &StoreError) -> Refusal {
    if error.is_unavailable() {
        Refusal::closed(error)
    } else {
        Refusal::internal(error)
    }
}

/// What a write came to when it came to nothing.
pub(crate) fn of_write<E: Into<Refusal>>(error: WriteError<E>) -> Refusal {
    match error {
        WriteError::Command(error) => error.into(),
        WriteError::RequestIdReused => Refusal::new(ErrorReason::RequestIdReused),
        WriteError::Store(error) => of_store(&error),
    }
}

/// Bytes from outside that are not what they should be.
pub(crate) fn malformed(_: FormatError) -> Refusal {
    Refusal::new(ErrorReason::MalformedEnvelope)
}
