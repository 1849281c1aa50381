//! What a change of a circle's gate key does to its posts and matches.

use sluis_store::{Command, Outcome, StoreError, Subject, Tx, Upkeep};
use sluis_types::{Epoch, KeyId, Timestamp};

use super::grant_change::take_off;
use crate::domain::encounter::Encounter;
use crate::domain::life::{Actor, Event, Outcome as Ending};
use crate::domain::meeting::{Item, Meeting, TakenOff};
use crate::ending::along;
use crate::event::outbox_row;
use crate::log::{self, Logged, Who};
use crate::store::agenda::AgendaList;
use crate::store::ended_key::Standing;
use crate::store::place::List;
use crate::store::vault::{Fault, Vault};
use crate::store::watch;

pub(super) const NAME: &str = "consent.watch";

/// What was heard of a gate key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// The resident ended the circle, or its time is over.
    Ended,
    /// A new version of the circle has this key: what goes on will end with it.
    Superseded(KeyId),
    Paused,
    Resumed,
}

/// Applies what was heard of one gate key, and moves the watch on in the same transaction.
pub(super) struct ApplyNews {
    pub(super) vault: Vault,
    pub(super) gate_key: KeyId,
    pub(super) news: News,
    pub(super) resume_token: Vec<u8>,
    pub(super) now: Timestamp,
}

/// Why nothing was applied.
#[derive(Debug)]
pub(super) enum NewsFault {
    /// It is known already: a repeat.
    Known,
    Fault(Fault),
}

impl From<Fault> for NewsFault {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for NewsFault {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl News {
    /// How the key stands after this; none when that changes nothing. What ended stays so.
    fn after(self, before: Standing) -> Option<Standing> {
        let after = match (before, self) {
            (Standing::Ended, _) | (_, Self::Ended | Self::Superseded(_)) => Standing::Ended,
            (Standing::Live | Standing::Paused, Self::Paused) => Standing::Paused,
            (Standing::Live | Standing::Paused, Self::Resumed) => Standing::Live,
        };
        (after != before).then_some(after)
    }
}

impl Command for ApplyNews {
    type Reply = ();
    type Refusal = ();
    type Error = NewsFault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, NewsFault> {
        let vault = &self.vault;
        let before = Standing::load(vault, tx, self.gate_key).await?;
        let after = self.news.after(before).ok_or(NewsFault::Known)?;
        after.save(vault, tx, self.gate_key, Epoch::of(self.now)).await?;
        let mut ended = Vec::new();
        if after == Standing::Ended {
            for id in List::GateKey(self.gate_key).all(vault, tx).await? {
                let found = Encounter::lock(vault, tx, id).await?;
                let found = found.filter(|encounter| encounter.gate_key == self.gate_key);
                if let Some(encounter) = found {
                    ended.extend(self.end(tx, encounter).await?);
                }
            }
        }
        // What an agenda says about a match of this circle goes with it, before the match does.
        let why = match self.news {
            News::Ended => Some(TakenOff::ConsentEnded),
            News::Superseded(next) => {
                self.move_items(tx, next).await?;
                // What found no room under the next key.
                Some(TakenOff::ConsentChanged)
            }
            News::Paused | News::Resumed => None,
        };
        let mut lost = Vec::new();
        if let Some(why) = why {
            let list = AgendaList::GateKey(self.gate_key);
            let (logs, changed) = take_off(vault, tx, list, (why, |_: &Item| true), self.now).await?;
            lost = logs;
            ended.extend(changed);
        }
        watch::save(vault, tx, &self.resume_token).await?;
        let log = log::event(
            Logged::GateKeyChanged,
            Who::default(),
            self.now,
            NAME,
            Subject::None,
        );
        let done = lost.into_iter().fold(Outcome::done((), log), Outcome::with_log);
        Ok(done.with_events(outbox_row(&ended)))
    }
}

impl ApplyNews {
    /// With its key, a match loses its boxes, and goes on under the next one; with its circle, it ends.
    async fn end(&self, tx: &mut Tx<'_>, mut encounter: Encounter) -> Result<Option<Encounter>, Fault> {
        encounter.delete_boxes(&self.vault, tx).await?;
        if let News::Superseded(next) = self.news {
            if !encounter.stage.is_final() {
                encounter.gate_key = next;
                encounter.save(&self.vault, tx).await?;
                List::GateKey(next).append(&self.vault, tx, encounter.id).await?;
            }
            return Ok(None);
        }
        let close = Event::Close(Ending::CircleEnded);
        let Ok(closed) = encounter.after(close, Actor::Mesh, self.now) else {
            return Ok(None);
        };
        closed.save(&self.vault, tx).await?;
        along(&self.vault, tx, &closed, (close, Actor::Mesh)).await?;
        Ok(Some(closed))
    }

    /// Has what agendas say about matches of this circle end with its next key.
    async fn move_items(&self, tx: &mut Tx<'_>, next: KeyId) -> Result<(), Fault> {
        let vault = &self.vault;
        let (here, there) = (AgendaList::GateKey(self.gate_key), AgendaList::GateKey(next));
        for place in here.all(vault, tx).await? {
            let Some(mut meeting) = Meeting::lock(vault, tx, place.0).await? else {
                continue;
            };
            let Some(presenter) = meeting.item(place.1).map(|item| item.presenter) else {
                continue;
            };
            if there.lock_room(vault, tx, presenter).await? {
                meeting.renew_key(place.1, self.gate_key, next);
                meeting.save(vault, tx).await?;
                here.remove(vault, tx, place).await?;
                there.append(vault, tx, (place, presenter)).await?;
            }
        }
        Ok(())
    }
}

/// Moves the watch on past something that changed nothing.
pub(super) struct MoveOn {
    pub(super) vault: Vault,
    pub(super) resume_token: Vec<u8>,
}

impl Upkeep for MoveOn {
    type Output = ();
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        watch::save(&self.vault, tx, &self.resume_token).await
    }
}

/// Forgets how far the watch came.
pub(super) struct Forget;

impl Upkeep for Forget {
    type Output = ();
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        watch::forget(tx).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_stays_so_and_repeats_change_nothing() {
        let next = KeyId::from_bytes([8; 32]);
        let table = [
            (Standing::Live, News::Paused, Some(Standing::Paused)),
            (Standing::Live, News::Resumed, None),
            (Standing::Live, News::Ended, Some(Standing::Ended)),
            (Standing::Live, News::Superseded(next), Some(Standing::Ended)),
            (Standing::Paused, News::Paused, None),
            (Standing::Paused, News::Resumed, Some(Standing::Live)),
            (Standing::Paused, News::Ended, Some(Standing::Ended)),
            (Standing::Ended, News::Ended, None),
            (Standing::Ended, News::Resumed, None),
            (Standing::Ended, News::Paused, None),
            (Standing::Ended, News::Superseded(next), None),
        ];
        for (before, news, after) in table {
            assert_eq!(news.after(before), after, "{before:?} {news:?}");
        }
    }
}
