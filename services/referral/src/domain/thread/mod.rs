//! The life of a referral: one thread, as both sides see it.

mod event;
mod stage;
mod table;

use sluis_types::{GrantId, MessageId, Oin, ThreadId, Timestamp};

pub(crate) use event::{Actor, Event, Kind};
#[cfg(test)]
pub(crate) use stage::State;
pub(crate) use stage::{Active, Cause, Hold, Stage};
pub(crate) use table::Illegal;

/// A referral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thread {
    /// The thread's name.
    pub(crate) id: ThreadId,
    /// The organisation that refers.
    pub(crate) sender: Oin,
    /// The organisation that is asked.
    pub(crate) recipient: Oin,
    /// The grant under which it was opened: the one whose end holds it up.
    pub(crate) grant: GrantId,
    /// The message that opens it; a replacement takes its place.
    pub(crate) opened_by: MessageId,
    /// Where it is in its life.
    pub(crate) stage: Stage,
    /// Grows by one with every change, from 1.
    pub(crate) version: u32,
    /// When it came to this stage.
    pub(crate) changed_at: Timestamp,
    /// When the opening message was received.
    pub(crate) received_at: Timestamp,
    /// Until when the recipient should answer.
    pub(crate) respond_by: Option<Timestamp>,
    /// The last inbox position of this thread's messages: later ones come after it.
    pub(crate) last_position: i64,
}

/// What of a referral matters to the message that opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opening {
    pub(crate) stage: Stage,
    pub(crate) received_at: Timestamp,
    pub(crate) respond_by: Option<Timestamp>,
}

impl Thread {
    /// The referral as the message that opens it sees it; none for every other message.
    pub(crate) fn opening(&self, message: MessageId) -> Option<Opening> {
        (message == self.opened_by).then_some(Opening {
            stage: self.stage,
            received_at: self.received_at,
            respond_by: self.respond_by,
        })
    }

    /// On which side of this thread an organisation stands.
    pub(crate) fn side_of(&self, organisation: Oin) -> Option<Actor> {
        if organisation == self.sender {
            Some(Actor::Sender)
        } else if organisation == self.recipient {
            Some(Actor::Recipient)
        } else {
            None
        }
    }

    /// This referral after an event, one version further.
    ///
    /// # Errors
    /// [`Illegal`] when the table has no row for it.
    pub(crate) fn after(mut self, event: Event, actor: Actor, now: Timestamp) -> Result<Self, Illegal> {
        self.stage = self.stage.after(event, actor)?;
        self.version = self.version.saturating_add(1);
        self.changed_at = now;
        Ok(self)
    }

    /// The inbox position of a message that arrives now: the time, but never before an earlier one of the thread.
    pub(crate) fn next_position(&self, now: Timestamp) -> i64 {
        now.micros().max(self.last_position.saturating_add(1))
    }
}
