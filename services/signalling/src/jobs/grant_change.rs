//! What the end of a consent does to the agendas of meetings.

use sluis_store::{Command, LogEvent, Outcome, Tx, Upkeep};
use sluis_types::{Epoch, Timestamp};

use super::gate_key_change::{NAME, NewsFault};
use crate::domain::encounter::Encounter;
use crate::domain::meeting::{Consent, Item, Meeting, TakenOff};
use crate::event::outbox_row;
use crate::log::{self, Logged, Who};
use crate::settling::{logs_of, settle};
use crate::store::agenda::AgendaList;
use crate::store::vault::{Fault, Vault};
use crate::store::watch;

/// Takes every item on a list off that this is about, and tells what stands in which log and which matches changed.
pub(super) async fn take_off(
    vault: &Vault,
    tx: &mut Tx<'_>,
    list: AgendaList,
    (why, is_meant): (TakenOff, impl Fn(&Item) -> bool + Send),
    now: Timestamp,
) -> Result<(Vec<LogEvent>, Vec<Encounter>), Fault> {
    let (mut logs, mut changed) = (Vec::new(), Vec::new());
    for (id, item) in list.all(vault, tx).await? {
        let Some(mut meeting) = Meeting::lock(vault, tx, id).await? else {
            continue;
        };
        if !meeting.item(item).is_some_and(&is_meant) {
            continue;
        }
        // What came to an end before stays as it is.
        let Ok(effects) = meeting.consent_over(item, why) else {
            continue;
        };
        changed.extend(settle(vault, tx, &meeting, &effects, now).await?);
        meeting.save(vault, tx).await?;
        logs.extend(
            logs_of(&meeting, &effects)
                .into_iter()
                .map(|about| log::of_item(Logged::ItemLostConsent, Who::default(), now, NAME, about)),
        );
    }
    Ok((logs, changed))
}

/// Remembers that a version of a grant ended, and moves the watch on.
#[derive(Clone)]
pub(super) struct RememberEnd {
    pub(super) vault: Vault,
    pub(super) consent: Consent,
    pub(super) resume_token: Vec<u8>,
    pub(super) now: Timestamp,
}

impl Upkeep for RememberEnd {
    type Output = ();
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        let epoch = Epoch::of(self.now);
        self.consent.save_ended(&self.vault, tx, epoch).await?;
        watch::save(&self.vault, tx, &self.resume_token).await
    }
}

/// Takes the items off that rest on a version that ended. Known when there are none: then nothing is an act.
pub(super) struct ApplyEnd {
    pub(super) remember: RememberEnd,
    pub(super) why: TakenOff,
}

impl Command for ApplyEnd {
    type Reply = ();
    type Refusal = ();
    type Error = NewsFault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, NewsFault> {
        let RememberEnd {
            vault, consent, now, ..
        } = &self.remember;
        // First: whoever is putting an item on under it has done so, or will be refused.
        self.remember.apply(tx).await?;
        let list = AgendaList::Grant(consent.grant);
        let is_meant = |item: &Item| item.rests_on(*consent);
        let (logs, changed) = take_off(vault, tx, list, (self.why, is_meant), *now).await?;
        let mut logs = logs.into_iter();
        let first = logs.next().ok_or(NewsFault::Known)?;
        let done = logs.fold(Outcome::done((), first), Outcome::with_log);
        Ok(done.with_events(outbox_row(&changed)))
    }
}
