//! What goes with a match: its signals end, are hidden, or become more serious with it.

use sluis_store::Tx;
use sluis_types::SignalId;

use crate::domain::encounter::Encounter;
use crate::domain::life::{Actor, Event};
use crate::domain::signal::Signal;
use crate::store::vault::{Fault, Vault};

/// Has the signals of a match go through what the match went through. Signals that have ended stay as they are.
pub(crate) async fn along(
    vault: &Vault,
    tx: &mut Tx<'_>,
    encounter: &Encounter,
    (event, actor): (Event, Actor),
) -> Result<(), Fault> {
    for id in in_order(encounter) {
        if let Ok(signal) = locked(vault, tx, id).await?.after(event, actor) {
            signal.save(vault, tx).await?;
        }
    }
    Ok(())
}

/// Has the signals of a match become more serious by one: nobody acknowledged it in time.
pub(crate) async fn escalate(vault: &Vault, tx: &mut Tx<'_>, encounter: &Encounter) -> Result<(), Fault> {
    for id in in_order(encounter) {
        if let Some(signal) = locked(vault, tx, id).await?.escalated() {
            signal.save(vault, tx).await?;
        }
    }
    Ok(())
}

/// The signals of a match by id, as everyone locks them.
fn in_order(encounter: &Encounter) -> Vec<SignalId> {
    let mut ids: Vec<SignalId> = encounter.parties.iter().map(|party| party.signal).collect();
    ids.sort_unstable();
    ids
}

async fn locked(vault: &Vault, tx: &mut Tx<'_>, id: SignalId) -> Result<Signal, Fault> {
    let signal = Signal::lock(vault, tx, id).await?;
    signal.ok_or(Fault::Contradiction("a match of a signal that is not there"))
}
