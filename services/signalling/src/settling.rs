//! What an act in a meeting does to the signals and matches that its items refer to, and to their messages.

use sluis_store::Tx;
use sluis_types::{GrantId, Timestamp};

use crate::domain::encounter::Encounter;
use crate::domain::life::{Actor, Event};
use crate::domain::meeting::{Effects, Item, Meeting, Step};
use crate::domain::signal::Signal;
use crate::ending::along;
use crate::store::vault::{Fault, Vault};

/// Does what an act of a meeting asks for, and tells which matches changed. What does not fit any more stays as it is:
/// a signal may have been withdrawn, and a match closed, since the item was put on.
pub(crate) async fn settle(
    vault: &Vault,
    tx: &mut Tx<'_>,
    meeting: &Meeting,
    effects: &Effects,
    now: Timestamp,
) -> Result<Vec<Encounter>, Fault> {
    let mut changed = Vec::new();
    for (id, step) in &effects.steps {
        if let Some(item) = meeting.item(*id) {
            changed.extend(go(vault, tx, (meeting, item, *step), now).await?);
        }
    }
    for id in &effects.erased {
        if let Some(item) = meeting.item(*id) {
            item.erase_messages(vault, tx, meeting.id).await?;
        }
    }
    Ok(changed)
}

async fn go(
    vault: &Vault,
    tx: &mut Tx<'_>,
    (meeting, item, step): (&Meeting, &Item, Step),
    now: Timestamp,
) -> Result<Vec<Encounter>, Fault> {
    let (event, actor) = match step {
        Step::Back => (Event::TakeOffAgenda, Actor::Mesh),
        Step::FollowUp => (Event::RecordDecision, Actor::Chair),
        Step::Close(outcome) => (Event::Close(outcome), Actor::Chair),
        Step::CloseSignals(outcome) => (Event::Close(outcome), Actor::Lead),
    };
    // By id, as everyone locks them.
    let mut signals = item.references.signals.clone();
    signals.sort_unstable();
    for id in signals {
        if let Some(signal) = Signal::lock(vault, tx, id).await?
            && let Ok(signal) = signal.after(event, actor)
        {
            signal.save(vault, tx).await?;
        }
    }
    let mut changed = Vec::new();
    // A match has a lead of its own, who closes it.
    if matches!(step, Step::CloseSignals(_)) {
        return Ok(changed);
    }
    let mut matches = item.references.matches.clone();
    matches.sort_unstable();
    for id in matches {
        let Some(encounter) = Encounter::lock(vault, tx, id).await? else {
            continue;
        };
        let closes = matches!(event, Event::Close(_));
        // Nobody ends for others what they are not at the table for, or left it: then it returns to where it was.
        let is_there = |oin| item.concerns(oin) && meeting.seat(oin).is_some();
        let (event, actor) = if closes && !encounter.may_close_among(is_there) {
            (Event::TakeOffAgenda, Actor::Mesh)
        } else {
            (event, actor)
        };
        let Ok(encounter) = encounter.after(event, actor, now) else {
            continue;
        };
        encounter.save(vault, tx).await?;
        if matches!(event, Event::Close(_)) {
            along(vault, tx, &encounter, (event, Actor::Mesh)).await?;
        }
        changed.push(encounter);
    }
    Ok(changed)
}

/// The grants in whose log an act stands, each with the item that it was about.
pub(crate) fn logs_of(meeting: &Meeting, effects: &Effects) -> Vec<(GrantId, sluis_types::AgendaItemId)> {
    let items = effects.about.iter().filter_map(|id| meeting.item(*id));
    items
        .flat_map(|item| item.grants().into_iter().map(|grant| (grant, item.id)))
        .collect()
}
