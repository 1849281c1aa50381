//! Forgetting matches and signals that ended long enough ago. No act, so no leaf: what happened to them stands in the log.

use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{Tx, Upkeep};
use sluis_types::{SignalId, Timestamp};

use super::timers::{NAME, ROWS};
use crate::context::Context;
use crate::domain::encounter::Encounter;
use crate::domain::signal::Signal;
use crate::error::{of_store, of_write};
use crate::store::vault::{Fault, Tag, Vault};

/// Forgets what is to be forgotten at `now`, and tells how much that was. Each in a transaction of its own: a row with a
/// fault holds up no other.
pub(super) async fn pass(context: &Context, now: Timestamp) -> Result<u64, Refusal> {
    let mut forgotten = 0;
    loop {
        let mut read = context
            .store
            .read("timer.forget")
            .await
            .map_err(|error| of_store(&error))?;
        let matches = Encounter::due_tags(&mut read.tx(), now, ROWS).await?;
        let signals = Signal::due_ids(&mut read.tx(), now, ROWS).await?;
        drop(read);
        let mut some = 0;
        let rows = matches.into_iter().map(Row::Match);
        for row in rows.chain(signals.into_iter().map(Row::Signal)) {
            some += u64::from(look(context, row, now).await?);
        }
        if some == 0 {
            return Ok(forgotten);
        }
        forgotten += some;
    }
}

/// Whether one row was forgotten.
async fn look(context: &Context, row: Row, now: Timestamp) -> Result<bool, Refusal> {
    let vault = context.vault.clone();
    let forget = Forget { vault, row, now };
    match context.store.upkeep(NAME, forget).await.map_err(of_write) {
        Ok(is_forgotten) => Ok(is_forgotten),
        // It was logged.
        Err(refusal) if refusal.reason() == ErrorReason::Internal => Ok(false),
        Err(refusal) => Err(refusal),
    }
}

#[derive(Clone, Copy)]
enum Row {
    Match(Tag),
    Signal(SignalId),
}

/// Forgets a row if it ended long enough ago. It may be due for something else.
struct Forget {
    vault: Vault,
    row: Row,
    now: Timestamp,
}

impl Upkeep for Forget {
    type Output = bool;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, Fault> {
        match &self.row {
            Row::Match(tag) => {
                let found = Encounter::lock_due(&self.vault, tx, tag, self.now).await?;
                let ended = found.filter(|found| found.stage.is_final());
                if let Some(ended) = &ended {
                    ended.erase(&self.vault, tx).await?;
                }
                Ok(ended.is_some())
            }
            Row::Signal(id) => {
                let found = Signal::lock_due(&self.vault, tx, *id, self.now).await?;
                let ended = found.filter(|found| found.stage.is_final());
                if let Some(ended) = &ended {
                    ended.erase(tx).await?;
                }
                Ok(ended.is_some())
            }
        }
    }
}
