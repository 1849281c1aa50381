//! Ending several grants of one resident: each with its own steps and its own leaf, and none acknowledged before its key
//! is destroyed.

use sluis_store::{Command as StoreCommand, Outcome, Tx, WriteError};
use sluis_types::{GrantId, Timestamp};

use super::change_grant::PREPARATIONS_MAX;
use crate::desk::Desk;
use crate::domain::grant::Grant;
use crate::domain::life::Command;
use crate::domain::receipt::{ReceiptEvent, Speaker};
use crate::error::CommandError;
use crate::event::change_event;
use crate::gate::{GateKeys, Lost, Plan, Prepared};
use crate::identity::{Entry, Head, Name, ResidentKey, RowKind};
use crate::store::{Lock, Rows};

/// Who ends them.
#[derive(Clone)]
pub(super) struct Ending {
    /// What the log says of each, but for the grant.
    pub(super) entry: Entry,
    pub(super) speaker: Speaker,
}

/// The grants of a resident that have not ended and that `wanted` names. A record of another legal basis is none: it
/// does not rest on the resident's word, and does not end by it.
pub(super) async fn live_grants(
    rows: &Rows,
    tx: &mut Tx<'_>,
    resident: &ResidentKey,
    wanted: impl Fn(&Grant) -> bool,
) -> Result<Vec<GrantId>, CommandError> {
    let count = Head::read(rows, tx, resident).await?.grants;
    let mut live = Vec::new();
    for i in 0..count {
        let grant = rows
            .grant(tx, &resident.tag(RowKind::Grant, i), Lock::None)
            .await?;
        live.extend(
            grant
                .filter(|grant| grant.basis.is_none() && grant.state.ended_at().is_none() && wanted(grant))
                .map(|grant| grant.id),
        );
    }
    Ok(live)
}

/// Ends these grants. One that had ended is settled again.
pub(super) async fn end_grants(desk: &Desk, grants: &[GrantId], ending: &Ending) -> Result<(), CommandError> {
    for id in grants {
        end(desk, *id, ending).await?;
    }
    Ok(())
}

async fn end(desk: &Desk, id: GrantId, ending: &Ending) -> Result<(), CommandError> {
    for _ in 0..PREPARATIONS_MAX {
        let grant = desk.gate.grant(id).await?;
        let plan = grant.map_or(Plan::Nothing, |grant| Plan::of(&grant, Command::Withdraw));
        let store = desk.store.clone();
        let template = EndGrant {
            keys: desk.gate.keys.clone(),
            id,
            ending: ending.clone(),
            prepared: Prepared::Nothing,
            now: desk.now(),
        };
        let write = move |prepared| async move {
            let end = EndGrant { prepared, ..template };
            store.write_internal("grants.end", end).await
        };
        match desk.gate.run(plan, write).await {
            Err(WriteError::Command(CommandError::Moved)) => {}
            Ok(_) | Err(WriteError::Command(CommandError::NothingToDo) | WriteError::RequestIdReused) => {
                // Another attempt may have ended it and then failed to destroy its key.
                return desk.gate.settle_grant(id).await;
            }
            Err(WriteError::Command(error)) => return Err(error),
            Err(WriteError::Store(error)) => return Err(error.into()),
        }
    }
    Err(CommandError::Moved)
}

struct EndGrant {
    keys: GateKeys,
    id: GrantId,
    ending: Ending,
    prepared: Prepared,
    now: Timestamp,
}

impl StoreCommand for EndGrant {
    type Reply = ();
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, CommandError> {
        let (rows, now) = (self.keys.rows(), self.now);
        let access = rows.access(tx, &rows.key(&Name::Grant(self.id))).await?;
        let found = access.and_then(|access| access.row().map(|i| (access.resident, i)));
        let (resident, i) = found.ok_or(CommandError::NothingToDo)?;
        let tag = resident.tag(RowKind::Grant, i);
        let grant = rows.grant(tx, &tag, Lock::Exclusive).await?;
        let mut grant = grant.ok_or(CommandError::NothingToDo)?;
        if grant.state.ended_at().is_some() {
            return Err(CommandError::NothingToDo);
        }
        let before = grant.clone();
        let step = grant.step(Command::Withdraw, now);
        let line = step.map_err(|_| CommandError::Form("a grant that cannot be withdrawn"))?;
        let lost = self
            .keys
            .carry_out(tx, &mut grant, line.key, &self.prepared, now)
            .await?;
        self.keys.take_back(tx, &before).await?;
        rows.save_grant(tx, &tag, &grant).await?;
        let pair = rows.key(&Name::GrantOf {
            resident: &resident,
            discloser: &grant.discloser,
            recipient: &grant.recipient,
        });
        rows.delete_access_to(tx, &pair, i).await?;
        let mut head = Head::lock(rows, tx, &resident).await?;
        let speaker = self.ending.speaker;
        rows.add_receipt(tx, &mut head, &grant, ReceiptEvent::Withdrawn, speaker, now)
            .await?;
        let log = self
            .ending
            .entry
            .clone()
            .under(Some(&grant))
            .done(head.next_log());
        head.save(rows, tx).await?;
        // Other bases are told, or deferred, by rules of their own.
        if self.ending.speaker != Speaker::Resident && grant.basis.is_none() {
            rows.announce(tx, &resident, now).await?;
        }
        let event = line
            .change
            .and_then(|change| change_event(&before, &grant, change, now));
        Ok(Lost::tell(lost, Outcome::done((), log).with_events(event)))
    }
}
