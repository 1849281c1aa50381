//! What can go wrong for a partner, and what to do about it.

use std::error::Error as StdError;
use std::path::PathBuf;

use sluis_envelope::{EnvelopeError, FormatError, KeyStatementError, StatementError};
use sluis_proto::options::v1::ErrorReason;
use sluis_types::{KeyId, MessageId, Oin, ThreadId};
use tonic::Code;
use tonic_types::StatusExt as _;

/// What can go wrong for a partner. No variant holds content, a handle or a key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The mesh refused the call.
    #[error("the mesh refused: {}", .0.message)]
    Refused(Refused),
    /// The mesh could not be reached, or a part of it is closed for the moment.
    #[error("the mesh cannot be reached now")]
    Unreachable(#[source] Box<dyn StdError + Send + Sync>),
    /// What answers at the gateway's address has no certificate of this mesh.
    #[error("what answers at the gateway's address is not this mesh")]
    WrongMesh(#[source] Box<dyn StdError + Send + Sync>),
    /// The connection broke while a message was handed over: the mesh may have it, or not.
    #[error("it is not known whether the message arrived")]
    Uncertain {
        /// Which message.
        message_id: MessageId,
        /// Its thread: if the mesh knows it, the message arrived.
        thread_id: ThreadId,
        /// What broke.
        source: Box<Self>,
    },
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
    /// The mesh's answer does not hold together, or is about something else than what was asked.
    #[error("{what} of the mesh is not what it should be: {why}")]
    BadAnswer {
        /// Which part of the answer.
        what: &'static str,
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
    /// The message holds nothing to open any more, or nothing for this organisation.
    #[error("there is nothing to open: the message is {state}")]
    NothingToOpen {
        /// Where it is in its life, UPPER_SNAKE.
        state: &'static str,
    },
    /// Danger, violence or an acute crisis: not for the mesh. Nothing was sent.
    /// [`CALL_INSTEAD`](crate::CALL_INSTEAD) says whom to call.
    #[error("this does not go through the mesh")]
    CallInstead,
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
    pub code: Code,
    /// The reason to branch on; unspecified when the mesh is newer than this SDK.
    pub reason: ErrorReason,
    /// The mesh's own sentence.
    pub message: String,
    /// Fields that were refused, each with what is wrong.
    pub fields: Vec<(String, String)>,
    /// Further facts, such as `state` and `allowed`.
    pub metadata: Vec<(String, String)>,
}

impl Refused {
    /// The reason's name without its prefix, such as `NOT_AVAILABLE`.
    pub fn reason_name(&self) -> &'static str {
        self.reason.as_str_name().trim_start_matches("ERROR_REASON_")
    }
}

impl Error {
    /// The reason of a refusal, if this is one.
    pub fn reason(&self) -> Option<ErrorReason> {
        match self {
            Self::Refused(refused) => Some(refused.reason),
            _ => None,
        }
    }

    /// Whether the mesh said that there is no live consent for this, or nothing that is the caller's.
    pub fn is_not_available(&self) -> bool {
        self.reason() == Some(ErrorReason::NotAvailable)
    }

    /// Whether a connection was missing or broke, rather than an answer given.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Uncertain { .. })
    }

    /// Whether a stream that ends with it is taken up again: the connection broke, a deadline passed, or it was read too
    /// slowly. A refusal ends it.
    pub(crate) fn only_interrupts(&self) -> bool {
        let was_slow = matches!(
            self.reason(),
            Some(ErrorReason::SlowReader | ErrorReason::RateLimited)
        );
        self.is_unreachable() || was_slow
    }

    /// What a person can do about it, in a sentence; empty where there is nothing to add.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Refused(refused) => hint_of(refused.reason),
            Self::Unreachable(_) => "Try again in a moment; `sluis doctor` shows what cannot be reached.",
            Self::WrongMesh(_) => {
                "Send nothing. Ask the operator of the mesh whether its address or CA changed."
            }
            Self::Uncertain { .. } => "Look with `sluis status` before you send it again.",
            Self::NotPinned { .. } => {
                "Ask the organisation for its fingerprint by telephone or on paper, and pin it with `sluis pin`."
            }
            Self::KeysChanged { .. } => {
                "Send nothing. Ask the organisation, by telephone, whether it made a new identity key."
            }
            Self::BadAnswer { .. } | Self::Envelope(_) | Self::Statement(_) | Self::Format(_) => {
                "Do not rely on this message or answer. Tell the operator of the mesh, and the sender if there is one."
            }
            Self::NothingToOpen {
                state: "RESEAL_NEEDED",
            } => "The consent changed: the sender's system seals it again, and it comes anew.",
            Self::NothingToOpen { state: "REPLACED" } => {
                "A newer message took its place: `sluis inbox` lists it."
            }
            Self::NothingToOpen { state: "CANCELLED" } => {
                "It was taken back, or its consent ended before it was opened: `sluis status` says which."
            }
            Self::CallInstead => CALL_INSTEAD_HINT,
            Self::OutsideGrant { .. } => {
                "Leave it out, or ask the resident for more with `sluis consent ask`."
            }
            Self::NothingToOpen { .. }
            | Self::File { .. }
            | Self::Malformed { .. }
            | Self::Invalid { .. }
            | Self::Unknown { .. } => "",
        }
    }

    /// The innermost cause, such as what the operating system said of a connection; none where the error says it all.
    pub fn root_cause(&self) -> Option<String> {
        let mut cause = self.source()?;
        while let Some(deeper) = inner(cause) {
            cause = deeper;
        }
        // A status prints its metadata too: its own sentence is enough.
        Some(
            cause
                .downcast_ref::<tonic::Status>()
                .map_or_else(|| cause.to_string(), |status| status.message().to_owned()),
        )
    }

    /// Whether the same call again may go better, without anybody doing anything.
    pub(crate) fn is_passing(&self) -> bool {
        let Self::Unreachable(source) = self else {
            return false;
        };
        // A deadline that passed is not tried again blindly: the next try would take as long.
        source
            .downcast_ref::<tonic::Status>()
            .is_none_or(|status| match status.code() {
                Code::DeadlineExceeded => false,
                Code::Cancelled => is_cut_off(status),
                _ => true,
            })
    }

    #[expect(clippy::needless_pass_by_value, reason = "the cause ends here, as text")]
    pub(crate) fn malformed(what: impl Into<String>, why: impl ToString) -> Self {
        Self::Malformed {
            what: what.into(),
            why: why.to_string(),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "the cause ends here, as text")]
    pub(crate) fn bad_answer(what: &'static str, why: impl ToString) -> Self {
        Self::BadAnswer {
            what,
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

/// The next error down. An I/O error that wraps another one passes over it in `source`.
fn inner<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
        .map(|wrapped| wrapped as &(dyn StdError + 'static))
        .or_else(|| error.source())
}

/// Whether a call ended because its connection did, rather than by a deadline or by the mesh's word.
fn is_cut_off(status: &tonic::Status) -> bool {
    let mut next = status.source();
    while let Some(error) = next {
        if error.is::<tonic::TimeoutExpired>() {
            return false;
        }
        next = inner(error);
    }
    status.source().is_some()
}

/// Whether a connection failed because the other side's certificate is not one of this mesh.
fn is_wrong_certificate(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref::<rustls::Error>() {
            return true;
        }
        next = inner(error);
    }
    false
}

fn not_reached(error: impl StdError + Send + Sync + 'static) -> Error {
    if is_wrong_certificate(&error) {
        Error::WrongMesh(Box::new(error))
    } else {
        Error::Unreachable(Box::new(error))
    }
}

/// Whom to call, in one sentence.
const CALL_INSTEAD_HINT: &str = "Danger now: call 112. Violence at home or child abuse: call Veilig Thuis, 0800-2000, \
    day and night. An acute mental crisis: call the GP or the GP post, who call the crisis service of the region.";

fn hint_of(reason: ErrorReason) -> &'static str {
    match reason {
        ErrorReason::NotAvailable => {
            "There is no live consent for this, or it is not yours, or it does not exist; the mesh does not say which."
        }
        ErrorReason::CodeRefused => "Ask the resident for a new code: one works once, for 15 minutes.",
        ErrorReason::CertificateRefused | ErrorReason::TokenRefused | ErrorReason::TokenNotBound => {
            "`sluis doctor` checks certificate, clock and keys."
        }
        ErrorReason::RoleRefused => "Say with `--role` in which role you act.",
        ErrorReason::ClockSkew => "Set this machine's clock.",
        ErrorReason::RateLimited => "Wait a little, then try again.",
        ErrorReason::VersionConflict => "Somebody was before you: look again with `sluis status`.",
        ErrorReason::InvitationRefused => "Ask the operator of the mesh for a new invitation.",
        ErrorReason::CallInstead => CALL_INSTEAD_HINT,
        ErrorReason::SecondEyesNeeded => "Somebody else of your organisation weighs it.",
        ErrorReason::QuotaUsed => "This week's quota of signals is used.",
        ErrorReason::PostRefused => {
            "The circle ended, is paused, or has a newer version: `sluis circle bundles` fetches it."
        }
        ErrorReason::GrantTokenRefused => "The consent changed in the meantime: try again.",
        _ => "",
    }
}

impl From<tonic::Status> for Error {
    fn from(status: tonic::Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        // Every refusal of the mesh carries its reason. Without one, something between here and there broke.
        let broke = matches!(
            status.code(),
            Code::Unknown | Code::Cancelled | Code::DeadlineExceeded | Code::Internal
        );
        if status.code() == Code::Unavailable || (info.is_none() && broke) {
            return not_reached(status);
        }
        let reason = info
            .and_then(|info| ErrorReason::from_str_name(&format!("ERROR_REASON_{}", info.reason)))
            .unwrap_or(ErrorReason::Unspecified);
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
                    let mut pairs: Vec<_> = info
                        .metadata
                        .iter()
                        .map(|(key, value)| (key.clone(), value.clone()))
                        .collect();
                    pairs.sort();
                    pairs
                })
                .unwrap_or_default(),
        })
    }
}

impl From<tonic::transport::Error> for Error {
    fn from(error: tonic::transport::Error) -> Self {
        not_reached(error)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn a_refusal_keeps_its_reason_and_facts() {
        let facts = HashMap::from([("state".to_owned(), "REJECTED".to_owned())]);
        let details = ErrorDetails::with_error_info("ILLEGAL_TRANSITION", "sluis", facts);
        let status = tonic::Status::with_error_details(Code::FailedPrecondition, "not now", details);
        let Error::Refused(refused) = Error::from(status) else {
            panic!("a refusal")
        };
        assert_eq!(refused.reason, ErrorReason::IllegalTransition);
        assert_eq!(refused.reason_name(), "ILLEGAL_TRANSITION");
        assert_eq!(refused.metadata, [("state".to_owned(), "REJECTED".to_owned())]);
    }

    #[test]
    fn what_broke_on_the_way_is_no_refusal() {
        let cut = Error::from(tonic::Status::unknown("transport error"));
        assert!(cut.is_unreachable() && cut.is_passing());
        let late = Error::from(tonic::Status::deadline_exceeded("too late"));
        assert!(late.is_unreachable() && !late.is_passing());
        let late = tonic::Status::from_error(Box::new(tonic::TimeoutExpired(())));
        assert_eq!(late.code(), Code::Cancelled);
        assert!(!Error::from(late).is_passing());
        let mut closed = tonic::Status::cancelled("operation was canceled");
        closed.set_source(std::sync::Arc::new(std::io::Error::other("connection closed")));
        assert!(Error::from(closed).is_passing());
        let details = ErrorDetails::with_error_info("INTERNAL", "sluis", HashMap::new());
        let fault = tonic::Status::with_error_details(Code::Internal, "internal error", details);
        assert_eq!(Error::from(fault).reason(), Some(ErrorReason::Internal));
    }

    #[test]
    fn the_root_cause_is_found_below_wrapped_errors() {
        let refused = std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "nobody listens");
        let error = Error::Unreachable(Box::new(std::io::Error::other(refused)));
        assert_eq!(error.root_cause().as_deref(), Some("nobody listens"));
        assert_eq!(Error::Unknown { what: "thread" }.root_cause(), None);
    }

    #[test]
    fn a_certificate_of_somebody_else_is_told_apart() {
        let wrong = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let error = not_reached(std::io::Error::new(std::io::ErrorKind::InvalidData, wrong));
        assert!(matches!(error, Error::WrongMesh(_)) && !error.is_passing());
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::CertificateExpired);
        let error = not_reached(std::io::Error::new(std::io::ErrorKind::InvalidData, alert));
        assert!(matches!(error, Error::Unreachable(_)));
    }
}
