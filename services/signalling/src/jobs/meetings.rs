//! What time does to meetings: one that nobody closed is closed, and 30 days later nothing is left of it.

use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::Timestamp;

use super::timers::{Due, NAME, Nothing, ROWS};
use crate::domain::meeting::{DueAct, Meeting};
use crate::event::outbox_row;
use crate::log::{self, Logged, Who};
use crate::settling::{logs_of, settle};
use crate::store::vault::{Fault, Tag, Vault};

/// Does what is due about a meeting.
pub(super) struct TimeMeeting {
    vault: Vault,
    tag: Tag,
    now: Timestamp,
}

impl Due for TimeMeeting {
    type Key = Tag;
    const LOOK: &'static str = "timer.meetings";

    async fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Tag>, Fault> {
        Meeting::due_tags(tx, now, ROWS).await
    }

    fn on(tag: Tag, vault: Vault, now: Timestamp) -> Self {
        Self { vault, tag, now }
    }
}

impl Command for TimeMeeting {
    type Reply = ();
    type Refusal = ();
    type Error = Nothing;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, Nothing> {
        let found = Meeting::lock_due(&self.vault, tx, &self.tag, self.now).await?;
        let mut meeting = found.ok_or(Nothing::Here)?;
        let who = Who {
            organisation: Some(meeting.coordinator),
            professional: None,
        };
        let log = log::event(Logged::MeetingTimedOut, who, self.now, NAME, Subject::None);
        match meeting.due_act(self.now).ok_or(Nothing::Here)? {
            DueAct::Erase => {
                meeting.erase(&self.vault, tx).await?;
                Ok(Outcome::done((), log))
            }
            DueAct::Close => {
                let effects = meeting.time_out(self.now).map_err(|_| Nothing::Here)?;
                let changed = settle(&self.vault, tx, &meeting, &effects, self.now).await?;
                meeting.save(&self.vault, tx).await?;
                // Residents whose items were not treated find it in their log too.
                let done = logs_of(&meeting, &effects)
                    .into_iter()
                    .map(|about| log::of_item(Logged::MeetingTimedOut, who, self.now, NAME, about))
                    .fold(Outcome::done((), log), Outcome::with_log);
                Ok(done.with_events(outbox_row(&changed)))
            }
        }
    }
}
