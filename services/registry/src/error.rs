//! Everything that can go wrong in a call, and the one place that says what the caller hears.

use sluis_envelope::{FormatError, KeyStatementError, StatementError};
use sluis_ledger::LedgerError;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{OutboxError, StoreError, Stored, WriteError};

use crate::ca::{CaError, CertificateRequestError};
use crate::domain::{FirstStatementError, Refused};

/// Why a call was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("refused by what the registry knows")]
    Refused(Refused),
    #[error("the request id was used before")]
    RequestIdReused,
    #[error("a signing request is not accepted")]
    CertificateRequest(#[from] CertificateRequestError),
    #[error("a key statement does not parse")]
    StatementFormat(#[from] FormatError),
    #[error("a first key statement is not accepted")]
    FirstStatement(#[from] FirstStatementError),
    #[error("the mesh CA failed")]
    Ca(#[from] CaError),
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the log failed")]
    Ledger(#[from] LedgerError),
    #[error("the events are no longer there")]
    EventsLapsed,
}

impl From<WriteError<Self>> for Error {
    fn from(error: WriteError<Self>) -> Self {
        match error {
            WriteError::Command(error) => error,
            WriteError::RequestIdReused => Self::RequestIdReused,
            WriteError::Store(error) => Self::Store(error),
        }
    }
}

impl From<OutboxError> for Error {
    fn from(error: OutboxError) -> Self {
        match error {
            OutboxError::Lapsed => Self::EventsLapsed,
            OutboxError::Store(error) => Self::Store(error),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match &error {
            Error::Refused(refused) => by_knowledge(*refused),
            Error::RequestIdReused => Self::new(ErrorReason::RequestIdReused),
            Error::CertificateRequest(error) => by_request(*error),
            Error::StatementFormat(_) => Self::new(ErrorReason::MalformedEnvelope),
            Error::FirstStatement(error) => by_first_statement(*error),
            Error::Store(fault) if fault.is_unavailable() => Self::closed(&error),
            Error::Ca(_) | Error::Store(_) | Error::Ledger(_) => Self::internal(&error),
            Error::EventsLapsed => Self::new(ErrorReason::ResumeTokenLapsed),
        }
    }
}

fn by_knowledge(refused: Refused) -> Refusal {
    let illegal = |state: &'static str, allowed: &'static str| {
        Refusal::new(ErrorReason::IllegalTransition)
            .with("state", state)
            .with("allowed", allowed)
    };
    match refused {
        Refused::Invitation => Refusal::new(ErrorReason::InvitationRefused),
        Refused::AlreadyMember => illegal("MEMBER", ""),
        Refused::NotAvailable => Refusal::not_available(),
        Refused::KeyNotListed | Refused::ChainBroken => Refusal::new(ErrorReason::KeyRefused),
        Refused::BadSignature => Refusal::new(ErrorReason::BadSignature),
        Refused::ClockSkew => Refusal::new(ErrorReason::ClockSkew),
        Refused::ChainFull => illegal("CHAIN_FULL", ""),
        Refused::TooManyCertificates => illegal("TOO_MANY_CERTIFICATES", ""),
    }
}

fn by_request(error: CertificateRequestError) -> Refusal {
    let fault = match error {
        CertificateRequestError::Malformed => "must be one PKCS#10 request in DER",
        CertificateRequestError::BadSignature => "must be signed with the key that it names",
        CertificateRequestError::UnsupportedKey => "must be for an ECDSA P-256, P-384 or Ed25519 key",
    };
    Refusal::invalid_field("certificate_request", fault)
}

fn by_first_statement(error: FirstStatementError) -> Refusal {
    let invalid = |fault| Refusal::invalid_field("key_statement", fault);
    match error {
        FirstStatementError::NotFirst => invalid("must be the first of its chain"),
        FirstStatementError::KeyMissing => invalid("must list a valid signing, sealing and JWT key"),
        FirstStatementError::TlsKeyMissing => invalid("must list the key of the certificate request"),
        FirstStatementError::Statement(error) => match error {
            KeyStatementError::Statement(StatementError::Format(_)) => {
                Refusal::new(ErrorReason::MalformedEnvelope)
            }
            KeyStatementError::Statement(StatementError::NotYetValid) => Refusal::new(ErrorReason::ClockSkew),
            KeyStatementError::Statement(
                StatementError::WrongKey
                | StatementError::BadSignature(_)
                | StatementError::Expired
                | StatementError::Mismatch { .. },
            )
            | KeyStatementError::Identity
            | KeyStatementError::Chain
            | KeyStatementError::Rewritten
            | KeyStatementError::UnknownKey
            | KeyStatementError::NotValidThen => Refusal::new(ErrorReason::BadSignature),
        },
    }
}

impl Stored for Refused {
    fn to_stored(&self) -> Vec<u8> {
        vec![self.number()]
    }

    fn from_stored(bytes: &[u8]) -> Option<Self> {
        let &[number] = bytes else { return None };
        Self::from_number(number)
    }
}
