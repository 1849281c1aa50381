//! What stands in this service's log: kinds and outcomes, numbered for ever.

use sluis_proto::options::v1::ErrorReason;
use sluis_store::{LogEvent, LoggedId, Subject};
use sluis_types::{Oin, Timestamp};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logged {
    /// A message was submitted.
    Submitted = 1,
    /// Messages arrived in the recipient's system.
    Delivered = 2,
    /// A message was reported opened.
    Opened = 3,
    /// An organisation gave a status command.
    Command = 4,
    /// A resident stopped a referral.
    ResidentStopped = 5,
    /// A grant ended, got a new version, was paused or resumed.
    GrantChanged = 6,
    /// Time ended a message or a referral, or took a ciphertext away.
    TimeRanOut = 7,
    /// An attachment was uploaded.
    BlobUploaded = 8,
    /// Something was asked for and not given.
    Asked = 9,
}

/// Who did it, as the log names people and organisations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Who {
    /// The organisation; none for residents and the service itself.
    pub(crate) organisation: Option<Oin>,
    /// Pseudonym of the professional.
    pub(crate) professional: Option<[u8; 32]>,
}

/// An event of the log, without refusal.
pub(crate) fn event(
    kind: Logged,
    who: Who,
    at: Timestamp,
    method: &'static str,
    subject: Subject,
    ids: Vec<LoggedId>,
) -> LogEvent {
    LogEvent {
        kind: kind as u16,
        outcome: 0,
        at,
        organisation: who.organisation,
        user: who
            .professional
            .map(|pseudonym| pseudonym.to_vec())
            .unwrap_or_default(),
        subject,
        method,
        ids,
        details: Vec::new(),
    }
}

/// The same event, refused.
pub(crate) fn refused(mut event: LogEvent, reason: ErrorReason) -> LogEvent {
    event.outcome = u16::try_from(reason as i32).unwrap_or(u16::MAX);
    event
}
