//! Forgetting matches and signals that ended long enough ago. No act, so no leaf: what happened to them stands in the log.

use sluis_serve::Refusal;
use sluis_store::{Tx, Upkeep};
use sluis_types::{SignalId, Timestamp};

use super::timers::{NAME, ROWS};
use crate::context::Context;
use crate::domain::encounter::Encounter;
use crate::domain::signal::Signal;
use crate::error::{of_store, of_write};
use crate::store::vault::{Fault, Tag, Vault};

/// Forgets what is to be forgotten at `now`, and tells how much that was.
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
        let vault = context.vault.clone();
        let forget = Forget {
            vault,
            matches,
            signals,
            now,
        };
        match context.store.upkeep(NAME, forget).await.map_err(of_write)? {
            0 => return Ok(forgotten),
            some => forgotten += some,
        }
    }
}

/// Of these, those that ended long enough ago. The others are due for something else.
struct Forget {
    vault: Vault,
    matches: Vec<Tag>,
    signals: Vec<SignalId>,
    now: Timestamp,
}

impl Upkeep for Forget {
    type Output = u64;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, Fault> {
        let mut forgotten = 0;
        for tag in &self.matches {
            let found = Encounter::lock_due(&self.vault, tx, tag, self.now).await?;
            if let Some(ended) = found.filter(|found| found.stage.is_final()) {
                ended.erase(&self.vault, tx).await?;
                forgotten += 1;
            }
        }
        for id in &self.signals {
            let found = Signal::lock_due(&self.vault, tx, *id, self.now).await?;
            if let Some(ended) = found.filter(|found| found.stage.is_final()) {
                ended.erase(tx).await?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }
}
