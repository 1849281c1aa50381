//! What can go wrong for a partner, and what to do about it.

use std::path::PathBuf;

use sluis_envelope::{EnvelopeError, FormatError, KeyStatementError, StatementError};
use sluis_proto::options::v1::ErrorReason;
use sluis_types::{KeyId, Oin};
use tonic_types::StatusExt as _;

/// What can go wrong for a partner. No variant holds content, a handle or a key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The mesh refused the call.
    #[error("the mesh refused: {}", .0.message)]
    Refused(Refused),
    /// The mesh could not be reached, or a part of it is closed for the moment.
    #[error("the mesh cannot be reached now")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A file of the profile cannot be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file of the profile, or an invitation, does not hold what it should.
    #[error("{what} is not what it should be: {why}")]
    Malformed {
        /// Which thing.
        what: String,
        /// In which way.
        why: String,
    },
    /// No fingerprint is pinned for an organisation: nothing is sealed to it before somebody compared it.
    #[error("no fingerprint is pinned for {organisation}; the registry shows {shown}")]
    NotPinned {
        /// Which organisation.
        organisation: Oin,
        /// What the registry shows, for comparing with what the organisation itself says.
        shown: KeyId,
    },
    /// An organisation's keys do not follow from what is pinned and known.
    #[error("the keys of {organisation} do not follow from what is known")]
    KeysChanged {
        /// Which organisation.
        organisation: Oin,
        /// Which check failed.
        source: KeyStatementError,
    },
    /// The message is outside what the resident allows.
    #[error("this is more than the resident allows: {what}")]
    OutsideGrant {
        /// What is too much.
        what: &'static str,
    },
    /// Something given to the SDK is not acceptable.
    #[error("{field}: {what}")]
    Invalid {
        /// What was given.
        field: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// Sealing, verifying or opening failed.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A signed statement of the mesh is not what it should be.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// Bytes of the mesh are not in their form.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Nothing of that name is known locally.
    #[error("unknown {what}")]
    Unknown {
        /// What was looked for.
        what: &'static str,
    },
}

/// A refusal of the mesh, as its status and `ErrorInfo` say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The gRPC status code.
    pub code: tonic::Code,
    /// The reason to branch on; unspecified when the mesh is newer than this SDK.
    pub reason: ErrorReason,
    /// The mesh's own sentence.
    pub message: String,
    /// Fields that were refused, each with what is wrong.
    pub fields: Vec<(String, String)>,
    /// Further facts, such as `state` and `allowed`.
    pub metadata: Vec<(String, String)>,
}

impl Error {
    /// The reason of a refusal, if this is one.
    pub fn reason(&self) -> Option<ErrorReason> {
        match self {
            Self::Refused(refused) => Some(refused.reason),
            _ => None,
        }
    }

    /// What a person can do about it, in a sentence; empty where there is nothing to add.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Refused(refused) => hint_of(refused.reason),
            Self::Unreachable(_) => "Try again in a moment; `sluis doctor` shows what cannot be reached.",
            Self::NotPinned { .. } => {
                "Ask the organisation for its fingerprint by telephone or on paper, and pin it with `sluis pin`."
            }
            Self::KeysChanged { .. } => {
                "Send nothing. Ask the organisation, by telephone, whether it made a new identity key."
            }
            Self::OutsideGrant { .. } => "Leave it out, or ask the resident for more with `sluis consent ask`.",
            Self::File { .. }
            | Self::Malformed { .. }
            | Self::Invalid { .. }
            | Self::Envelope(_)
            | Self::Statement(_)
            | Self::Format(_)
            | Self::Unknown { .. } => "",
        }
    }

    pub(crate) fn malformed(what: impl Into<String>, why: impl ToString) -> Self {
        Self::Malformed {
            what: what.into(),
            why: why.to_string(),
        }
    }

    pub(crate) fn invalid(field: &'static str, what: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            what: what.into(),
        }
    }
}

fn hint_of(reason: ErrorReason) -> &'static str {
    match reason {
        ErrorReason::NotAvailable => {
            "There is no live consent for this, or it is not yours, or it does not exist; the mesh does not say which."
        }
        ErrorReason::CodeRefused => "Ask the resident for a new code: one works once, for 15 minutes.",
        ErrorReason::CertificateRefused | ErrorReason::TokenRefused | ErrorReason::TokenNotBound => {
            "`sluis doctor` checks certificate, clock and keys."
        }
        ErrorReason::ClockSkew => "Set this machine's clock.",
        ErrorReason::RateLimited => "Wait a little, then try again.",
        ErrorReason::VersionConflict => "Somebody was before you: look again with `sluis status`.",
        ErrorReason::InvitationRefused => "Ask the operator of the mesh for a new invitation.",
        _ => "",
    }
}

impl From<tonic::Status> for Error {
    fn from(status: tonic::Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        let reason = info
            .and_then(|info| ErrorReason::from_str_name(&format!("ERROR_REASON_{}", info.reason)))
            .unwrap_or(ErrorReason::Unspecified);
        if status.code() == tonic::Code::Unavailable {
            return Self::Unreachable(Box::new(status));
        }
        Self::Refused(Refused {
            code: status.code(),
            reason,
            message: status.message().to_owned(),
            fields: details
                .bad_request()
                .map(|bad| {
                    bad.field_violations
                        .iter()
                        .map(|violation| (violation.field.clone(), violation.description.clone()))
                        .collect()
                })
                .unwrap_or_default(),
            metadata: info
                .map(|info| {
                    let mut pairs: Vec<_> =
                        info.metadata.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
                    pairs.sort();
                    pairs
                })
                .unwrap_or_default(),
        })
    }
}

impl From<tonic::transport::Error> for Error {
    fn from(error: tonic::transport::Error) -> Self {
        Self::Unreachable(Box::new(error))
    }
}
