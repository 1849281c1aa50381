//! From what went wrong to what the caller hears: here, and nowhere else.

use sluis_envelope::{EnvelopeError, FormatError, KeyStatementError};
use sluis_keyring::EpochKeysError;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{OutboxError, StoreError, WriteError};

use crate::domain::answering::CALL_INSTEAD;
use crate::domain::life::Illegal;
use crate::domain::meeting::Refused;
use crate::domain::observation::Unobserved;
use crate::domain::weighing::Unweighed;
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
    /// Which field, for INVALID_FIELD.
    #[prost(string, tag = "4")]
    field: String,
}

impl Denial {
    pub(crate) fn of(reason: ErrorReason) -> Self {
        Self {
            reason: reason as i32,
            ..Self::default()
        }
    }

    pub(crate) fn field(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            ..Self::of(ErrorReason::InvalidField)
        }
    }

    pub(crate) fn illegal(illegal: &Illegal) -> Self {
        Self {
            state: illegal.state.name().to_owned(),
            allowed: illegal.allowed.join(","),
            ..Self::of(ErrorReason::IllegalTransition)
        }
    }

    pub(crate) fn reason(&self) -> ErrorReason {
        // A reason of a newer version of this program, remembered for a repeated request, is a fault of this one.
        ErrorReason::try_from(self.reason).unwrap_or(ErrorReason::Internal)
    }
}

impl From<Illegal> for Denial {
    fn from(illegal: Illegal) -> Self {
        Self::illegal(&illegal)
    }
}

impl From<Refused> for Denial {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotThere => Self::of(ErrorReason::NotAvailable),
            Refused::Illegal { state, allowed } => Self {
                state: state.to_owned(),
                allowed: allowed.join(","),
                ..Self::of(ErrorReason::IllegalTransition)
            },
            Refused::Field(field) => Self::field(field),
            Refused::Full => Self::of(ErrorReason::QuotaUsed),
        }
    }
}

impl From<Unobserved> for Denial {
    fn from(_: Unobserved) -> Self {
        Self::field("observed_at")
    }
}

impl From<Unweighed> for Denial {
    fn from(unweighed: Unweighed) -> Self {
        match unweighed {
            Unweighed::Danger => Self::of(ErrorReason::CallInstead),
            Unweighed::Checklist(question) => Self::field(&format!("checklist.{question}")),
            Unweighed::SecondEyes => Self::of(ErrorReason::SecondEyesNeeded),
        }
    }
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        match denial.reason() {
            ErrorReason::IllegalTransition => Self::new(ErrorReason::IllegalTransition)
                .with("state", denial.state)
                .with("allowed", denial.allowed),
            ErrorReason::CallInstead => call_instead(),
            ErrorReason::InvalidField => {
                Self::new(ErrorReason::InvalidField).and_field(denial.field, "does not hold")
            }
            reason => Self::new(reason),
        }
    }
}

/// Not for the mesh: whom to call.
pub(crate) fn call_instead() -> Refusal {
    CALL_INSTEAD.into_iter().fold(
        Refusal::new(ErrorReason::CallInstead),
        |refusal, (name, number)| refusal.with(name, number),
    )
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => of_store(&error),
            Fault::Sealed(_) | Fault::Format(_) | Fault::Contradiction(_) => Self::internal(&fault),
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

/// Why events could not be read.
pub(crate) fn of_outbox(error: &OutboxError) -> Refusal {
    match error {
        OutboxError::Lapsed => Refusal::new(ErrorReason::ResumeTokenLapsed),
        OutboxError::Store(error) => of_store(error),
    }
}

/// Why the pepper of the epoch cannot be had: closed, not open.
pub(crate) fn of_epoch_keys(error: &EpochKeysError) -> Refusal {
    Refusal::closed(error)
}

/// Bytes from outside that are not what they should be.
pub(crate) fn malformed(_: FormatError) -> Refusal {
    Refusal::new(ErrorReason::MalformedEnvelope)
}

/// A signing key that its organisation's statement does not give for this time.
pub(crate) fn of_key(_: KeyStatementError) -> Refusal {
    Refusal::new(ErrorReason::KeyRefused)
}

/// A manifest or a ciphertext that does not verify.
pub(crate) fn of_envelope(error: EnvelopeError) -> Refusal {
    Refusal::new(match error {
        EnvelopeError::WrongOrganisation | EnvelopeError::WrongKey | EnvelopeError::BadSignature(_) => {
            ErrorReason::BadSignature
        }
        EnvelopeError::Format(_)
        | EnvelopeError::ShareMismatch
        | EnvelopeError::CiphertextMismatch
        | EnvelopeError::CannotOpen
        | EnvelopeError::Commitment
        | EnvelopeError::Scope
        | EnvelopeError::Suite
        | EnvelopeError::Draft { .. } => ErrorReason::MalformedEnvelope,
    })
}
