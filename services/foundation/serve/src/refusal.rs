//! Refusals: the only way to a gRPC status.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt;
use std::time::Duration;

use sluis_proto::options::v1::ErrorReason;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// `ErrorInfo.domain` of every refusal.
const DOMAIN: &str = "sluis";
/// `ErrorInfo.reason` is the name in the proto file without this.
const REASON_PREFIX: &str = "ERROR_REASON_";
/// When a client may come back after TEMPORARILY_CLOSED.
const CLOSED_RETRY: Duration = Duration::from_secs(1);

/// Why a call is refused: a reason out of the closed list, with fixed words, and what a program needs to act on it.
///
/// Two refusals with one reason and the same fields are the same bytes. Nothing personal may stand in one.
#[derive(Clone)]
pub struct Refusal(Box<Inner>);

#[derive(Clone)]
struct Inner {
    reason: ErrorReason,
    fields: Vec<(String, &'static str)>,
    metadata: BTreeMap<&'static str, String>,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal for this reason.
    pub fn new(reason: ErrorReason) -> Self {
        Self(Box::new(Inner {
            reason,
            fields: Vec::new(),
            metadata: BTreeMap::new(),
            retry_after: None,
        }))
    }

    /// It does not exist, or is not yours, or there is no consent.
    pub fn not_available() -> Self {
        Self::new(ErrorReason::NotAvailable)
    }

    /// The field with this name in the proto is wrong; `fault` says in fixed words how.
    pub fn invalid_field(field: &'static str, fault: &'static str) -> Self {
        Self::new(ErrorReason::InvalidField).and_field(field, fault)
    }

    /// This refusal, naming one more field.
    #[must_use]
    pub fn and_field(mut self, field: impl Into<String>, fault: &'static str) -> Self {
        self.0.fields.push((field.into(), fault));
        self
    }

    /// This refusal with one more entry of `ErrorInfo.metadata`. Never personal, never an identifier of a grant,
    /// thread or handle that the caller did not name itself.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.0.metadata.insert(key, value.into());
        self
    }

    /// This refusal, saying when to come back.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// A fault of ours: the causes go to the log, once, here; the caller hears a fixed text.
    pub fn internal(error: &(dyn Error + 'static)) -> Self {
        tracing::error!(cause = %Chain(error), "a call failed for a fault inside the mesh");
        Self::new(ErrorReason::Internal)
    }

    /// Something that is needed cannot be reached or is not sure: closed, not open. The causes go to the log.
    pub fn closed(error: &(dyn Error + 'static)) -> Self {
        tracing::warn!(cause = %Chain(error), "a call was refused because a part of the mesh is out of reach");
        Self::temporarily_closed()
    }

    /// [`Refusal::closed`] without anything to log: a part of the mesh is ending.
    pub fn temporarily_closed() -> Self {
        Self::new(ErrorReason::TemporarilyClosed).retry_after(CLOSED_RETRY)
    }

    /// Why.
    pub fn reason(&self) -> ErrorReason {
        self.0.reason
    }

    /// The gRPC code that goes with the reason.
    pub fn code(&self) -> Code {
        code_of(self.0.reason)
    }

    /// The reason in a status that came from another part of the mesh; absent when it carries none of ours.
    pub fn reason_of(status: &Status) -> Option<ErrorReason> {
        let details = status.check_error_details().ok()?;
        let info = details.error_info()?;
        if info.domain != DOMAIN {
            return None;
        }
        ErrorReason::from_str_name(&format!("{REASON_PREFIX}{}", info.reason))
    }
}

/// The gRPC code of each reason: the one place.
fn code_of(reason: ErrorReason) -> Code {
    use ErrorReason as R;
    match reason {
        R::InvalidField | R::MalformedEnvelope | R::BadSignature | R::BadPageToken => Code::InvalidArgument,
        R::CertificateRefused | R::TokenRefused | R::TokenNotBound | R::SessionEnded | R::CallerRefused => {
            Code::Unauthenticated
        }
        R::RoleRefused | R::InvitationRefused | R::MandateRefused | R::SecondPersonNeeded => {
            Code::PermissionDenied
        }
        R::NotAvailable | R::CodeRefused => Code::NotFound,
        R::RequestIdReused | R::IdTaken => Code::AlreadyExists,
        R::IllegalTransition
        | R::GrantTokenRefused
        | R::BlobsMissing
        | R::ReplacementRefused
        | R::ClockSkew
        | R::KeyRefused
        | R::CallInstead
        | R::SecondEyesNeeded
        | R::PostRefused
        | R::PlacesTaken
        | R::NoticesOff => Code::FailedPrecondition,
        R::VersionConflict => Code::Aborted,
        R::RateLimited | R::TooLarge | R::SlowReader | R::QuotaUsed => Code::ResourceExhausted,
        R::ResumeTokenLapsed => Code::OutOfRange,
        R::TemporarilyClosed => Code::Unavailable,
        // UNSPECIFIED is not a reason: to have chosen it is a fault of ours.
        R::Internal | R::Unspecified => Code::Internal,
    }
}

/// The fixed words of each reason, for people; programs read the reason.
fn text_of(reason: ErrorReason) -> &'static str {
    use ErrorReason as R;
    match reason {
        R::InvalidField => "a field is missing or malformed",
        R::MalformedEnvelope => "a sealed or signed format is malformed",
        R::BadSignature => "a signature is not by the key it names",
        R::BadPageToken => "the token was not given out for this list",
        R::CertificateRefused => "the client certificate is refused",
        R::TokenRefused => "the token is refused",
        R::TokenNotBound => "the token is not bound to this certificate",
        R::SessionEnded => "the session has ended; log in again",
        R::RoleRefused => "this role may not call this method",
        R::CallerRefused => "the caller is not known",
        R::InvitationRefused => "the invitation is unknown, used or expired",
        R::MandateRefused => "the mandate does not reach this",
        R::SecondPersonNeeded => "it must be done by a second person of the organisation",
        R::NotAvailable => "not available",
        R::CodeRefused => "the code is wrong, used or expired",
        R::RequestIdReused => "the request id was used for another request",
        R::IdTaken => "the id is taken; ask again with a fresh request id",
        R::IllegalTransition => "the state does not allow this",
        R::VersionConflict => "it was changed meanwhile; read again and decide again",
        R::GrantTokenRefused => "the grant token is refused",
        R::BlobsMissing => "not all blobs are uploaded",
        R::ReplacementRefused => "that message may not be replaced by this one",
        R::ClockSkew => "a signed time is too far from the clock",
        R::KeyRefused => "the key is unknown, revoked or does not follow from its predecessor",
        R::CallInstead => "this does not go through the mesh; call",
        R::SecondEyesNeeded => "somebody else must weigh this signal",
        R::PostRefused => "the circle post is refused",
        R::QuotaUsed => "no more signals in this epoch",
        R::RateLimited => "called too often",
        R::TooLarge => "the request is too large",
        R::SlowReader => "the stream was read too slowly; go on from the last token",
        R::ResumeTokenLapsed => "the resume token is too old; start again without one",
        R::TemporarilyClosed => "closed for the moment; try again",
        R::PlacesTaken => "no place is free",
        R::NoticesOff => "this mesh sends no notices",
        R::Internal | R::Unspecified => "a fault in the mesh; nothing was changed",
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let Inner {
            reason,
            fields,
            metadata,
            retry_after,
        } = *refusal.0;
        let reason = if reason == ErrorReason::Unspecified {
            ErrorReason::Internal
        } else {
            reason
        };
        let name = reason.as_str_name();
        let name = name.strip_prefix(REASON_PREFIX).unwrap_or(name);
        // One entry at most comes from most reasons; several are encoded in the order of the map, so sets of two
        // and more are kept out of replies that must be the same bytes (they carry none).
        let metadata: HashMap<String, String> = metadata
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        let mut details = ErrorDetails::with_error_info(name, DOMAIN, metadata);
        for (field, fault) in fields {
            details.add_bad_request_violation(field, fault);
        }
        if let Some(delay) = retry_after {
            details.set_retry_info(Some(delay));
        }
        Self::with_error_details(code_of(reason), text_of(reason), details)
    }
}

/// The answer to an HTTP request that is refused before any service saw it.
pub fn refuse(refusal: Refusal) -> http::Response<tonic::body::Body> {
    Status::from(refusal).into_http()
}

/// The status of a call that took longer than its method allows.
pub(crate) fn deadline_exceeded() -> Status {
    Status::deadline_exceeded("the call took longer than its method allows")
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({})", self.0.reason.as_str_name())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text_of(self.0.reason))
    }
}

impl Error for Refusal {}

impl PartialEq for Refusal {
    fn eq(&self, other: &Self) -> bool {
        self.0.reason == other.0.reason
            && self.0.fields == other.0.fields
            && self.0.metadata == other.0.metadata
            && self.0.retry_after == other.0.retry_after
    }
}

/// An error and its causes in one line, outermost first.
struct Chain<'a>(&'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_reasons() -> Vec<ErrorReason> {
        (0..100)
            .filter_map(|number| ErrorReason::try_from(number).ok())
            .collect()
    }

    /// The code that the comment of each reason in the proto file begins with.
    #[test]
    fn codes_are_those_of_the_proto_file() {
        let proto = include_str!("../../../../proto/sluis/options/v1/reason.proto");
        for reason in all_reasons()
            .into_iter()
            .filter(|it| *it != ErrorReason::Unspecified)
        {
            let declaration = format!("  {} = ", reason.as_str_name());
            let before = proto.split(&declaration).next().expect("split gives one part");
            let comment = before
                .lines()
                .rev()
                .skip_while(|line| line.trim().is_empty())
                .take_while(|line| line.trim().starts_with("//"))
                .last()
                .expect("every reason has a comment");
            let code = comment
                .trim()
                .trim_start_matches("// ")
                .split('.')
                .next()
                .unwrap();
            let ours = format!("{:?}", code_of(reason)).to_uppercase();
            assert_eq!(ours, code.replace('_', ""), "{}", reason.as_str_name());
        }
    }

    #[test]
    fn a_status_says_reason_fields_and_when_to_come_back() {
        let status = Status::from(
            Refusal::invalid_field("oin", "must be 20 digits")
                .and_field("kind", "is required")
                .with("allowed", "x")
                .retry_after(Duration::from_millis(1500)),
        );
        assert_eq!(status.code(), Code::InvalidArgument);
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!(
            (info.reason.as_str(), info.domain.as_str()),
            ("INVALID_FIELD", "sluis")
        );
        assert_eq!(info.metadata["allowed"], "x");
        assert_eq!(details.bad_request().unwrap().field_violations.len(), 2);
        assert_eq!(
            details.retry_info().unwrap().retry_delay,
            Some(Duration::from_millis(1500))
        );
        assert_eq!(Refusal::reason_of(&status), Some(ErrorReason::InvalidField));
    }

    #[test]
    fn every_reason_survives_the_way_to_a_status_and_back() {
        for reason in all_reasons()
            .into_iter()
            .filter(|it| *it != ErrorReason::Unspecified)
        {
            let status = Status::from(Refusal::new(reason));
            assert_eq!(Refusal::reason_of(&status), Some(reason));
            assert!(!status.message().is_empty());
        }
        assert_eq!(Refusal::reason_of(&Status::not_found("x")), None);
    }

    #[test]
    fn what_went_wrong_inside_is_not_told() {
        #[derive(Debug, thiserror::Error)]
        #[error("planted detail")]
        struct Fault;
        let status = Status::from(Refusal::internal(&Fault));
        assert_eq!(status.code(), Code::Internal);
        assert!(!format!("{status:?}").contains("planted"));
        assert_eq!(
            Status::from(Refusal::not_available()).details(),
            Status::from(Refusal::not_available()).details()
        );
    }
}
