//! What stands in this service's log: kinds and outcomes, numbered for ever.

use sluis_proto::options::v1::ErrorReason;
use sluis_store::{LogEvent, Subject};
use sluis_types::{Oin, Timestamp};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logged {
    /// An offer was published, changed or retired.
    Offer = 1,
    /// A place was held, waited for, given back or claimed.
    Place = 2,
    /// Offers were asked whether they have room, or one answered.
    Question = 3,
    /// Somebody's card was put down or taken back.
    Card = 4,
    /// Two people were proposed to each other.
    Proposed = 5,
    /// One of them answered.
    Answered = 6,
    /// An introduction was looked at again, or ended.
    Followed = 7,
    /// A way to a home began or went on.
    Housing = 8,
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

/// An event of the log, without refusal. `of` is the id of what it is about.
pub(crate) fn event(
    kind: Logged,
    who: Who,
    at: Timestamp,
    method: &'static str,
    subject: Subject,
    of: &[u8; 16],
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
        ids: Vec::new(),
        details: of.to_vec(),
    }
}

/// The same event, refused.
pub(crate) fn refused(mut event: LogEvent, reason: ErrorReason) -> LogEvent {
    event.outcome = u16::try_from(reason as i32).unwrap_or(u16::MAX);
    event
}
