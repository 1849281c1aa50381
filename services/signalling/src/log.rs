//! What this service's log says: kinds and outcomes, numbered for ever.
//!
//! The event of a post names its organisation and nothing else: neither a professional, whose posts of two epochs it
//! would join, nor the signal, nor anything of the circle.

use sluis_proto::options::v1::ErrorReason;
use sluis_store::{LogEvent, Subject};
use sluis_types::{AgendaItemId, GrantId, MatchId, Oin, Timestamp};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logged {
    /// A worry was written down.
    Drafted = 1,
    /// A draft was weighed.
    Weighed = 2,
    /// It was seen again.
    Renewed = 3,
    /// A signal was taken back.
    Withdrawn = 4,
    /// A signal was posted.
    Posted = 5,
    /// Signals met.
    Matched = 6,
    /// An organisation did something about a match.
    Command = 7,
    /// The resident answered.
    ResidentAnswered = 8,
    /// The resident objected.
    ResidentObjected = 9,
    /// An objection was decided on.
    ObjectionSettled = 10,
    /// A circle's gate key ended, or its circle was paused or resumed.
    GateKeyChanged = 11,
    /// Time ended a signal or a match, or nobody acknowledged it in time.
    TimeRanOut = 12,
    /// Something was asked for and not given.
    Asked = 13,
    /// A meeting was planned, opened, closed, or its invitations or order changed.
    MeetingChanged = 14,
    /// An item was put on an agenda.
    ItemPut = 15,
    /// An item was started, decided on or taken off, or an action of it was done.
    ItemChanged = 16,
    /// The end of a consent took an item off.
    ItemLostConsent = 17,
    /// The resident said whether they come, or objected to an item.
    ResidentSpokeOfItem = 18,
    /// Time closed a meeting, or erased it.
    MeetingTimedOut = 19,
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
        details: Vec::new(),
    }
}

/// An event about a match, in the log of a circle.
pub(crate) fn of_match(
    kind: Logged,
    who: Who,
    at: Timestamp,
    method: &'static str,
    (grant, id): (GrantId, MatchId),
) -> LogEvent {
    LogEvent {
        details: id.as_bytes().to_vec(),
        ..event(kind, who, at, method, Subject::Grant(grant))
    }
}

/// An event about an item, in the log of a grant that it rests on.
pub(crate) fn of_item(
    kind: Logged,
    who: Who,
    at: Timestamp,
    method: &'static str,
    (grant, id): (GrantId, AgendaItemId),
) -> LogEvent {
    LogEvent {
        details: id.as_bytes().to_vec(),
        ..event(kind, who, at, method, Subject::Grant(grant))
    }
}

/// The same event, refused.
pub(crate) fn refused(mut event: LogEvent, reason: ErrorReason) -> LogEvent {
    event.outcome = u16::try_from(reason as i32).unwrap_or(u16::MAX);
    event
}
