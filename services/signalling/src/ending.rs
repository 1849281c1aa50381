//! What ends, or is hidden, with a match: its signals.

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
    let mut ids: Vec<SignalId> = encounter.parties.iter().map(|party| party.signal).collect();
    // By id, as everyone locks them.
    ids.sort_unstable();
    for id in ids {
        let signal = Signal::lock(vault, tx, id)
            .await?
            .ok_or(Fault::Contradiction("a match of a signal that is not there"))?;
        if let Ok(signal) = signal.after(event, actor) {
            signal.save(vault, tx).await?;
        }
    }
    Ok(())
}
