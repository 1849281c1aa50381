//! What is due: grants end, proposals lapse, codes and sessions go.

use std::collections::BTreeMap;

use sluis_keyring::BucketId;
use sluis_store::{Command as StoreCommand, Outcome, StoreError, Tx, Upkeep, WriteError};
use sluis_types::{GrantId, Timestamp};

use super::lapse::Lapse;
use crate::desk::Desk;
use crate::domain::access_kind::Happening;
use crate::domain::grant::Grant;
use crate::domain::life::{Change, Command};
use crate::domain::receipt::{ReceiptEvent, Speaker};
use crate::error::CommandError;
use crate::event::change_event;
use crate::gate::{GateKeys, Lost, Plan, Prepared};
use crate::identity::{Entry, Head, Name, RowKind};
use crate::store::{Due, DueRow, Lock, Rows};

const METHOD: &str = "expiry";
/// Entries of the list that are looked at together.
const PAGE: u32 = 256;

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Grants that ended by time, their keys destroyed.
    pub grants: u64,
    /// Proposals, codes, sessions and the like that were taken away.
    pub others: u64,
}

/// Does everything that is due by now, a page at a time. What fails stays on the list and keeps nothing else waiting;
/// the first failure is given at the end.
pub(crate) async fn pass(desk: &Desk) -> Result<Expired, CommandError> {
    let (now, mut done, mut after) = (desk.now(), Expired::default(), None);
    let mut failed = None;
    loop {
        let page = {
            let mut read = desk.store.read("due.list").await?;
            desk.rows.due(&mut read.tx(), now, after.as_ref(), PAGE).await?
        };
        let Some(last) = page.last() else {
            return failed.map_or(Ok(done), Err);
        };
        after = Some(*last);
        let (mut grants, mut others) = (Vec::new(), Vec::new());
        for row in page {
            match row.what {
                Due::GrantEnds(grant) => grants.push((row.id, grant)),
                _ => others.push(row),
            }
        }
        let ids: Vec<GrantId> = grants.iter().map(|(_, grant)| *grant).collect();
        match expire(desk, &ids).await {
            Ok(ended) => done.grants += ended,
            Err(error) => failed = failed.or(Some(error)),
        }
        if let Err(error) = strike(desk, grants, now).await {
            failed = failed.or(Some(error));
        }
        for row in others {
            match clear(desk, row, now).await {
                Ok(()) => done.others += 1,
                Err(error) => failed = failed.or(Some(error)),
            }
        }
    }
}

/// Ends those of these grants whose time is over, and destroys their keys: one ending for all that lie in one bucket.
/// Gives how many ended, or the first failure when every bucket had its turn.
pub(crate) async fn expire(desk: &Desk, grants: &[GrantId]) -> Result<u64, CommandError> {
    let now = desk.now();
    let mut by_bucket: BTreeMap<Option<BucketId>, Vec<GrantId>> = BTreeMap::new();
    for id in grants {
        if let Some(grant) = desk.gate.grant(*id).await?.filter(|grant| is_over(grant, now)) {
            by_bucket.entry(grant.bucket).or_default().push(*id);
        }
    }
    let (mut ended, mut failed) = (0, None);
    for (bucket, mut grants) in by_bucket {
        grants.sort_unstable();
        grants.dedup();
        let (store, keys) = (desk.store.clone(), desk.gate.keys.clone());
        let write = move |prepared| async move {
            store
                .write_internal(
                    "grants.expire",
                    Expire {
                        keys,
                        grants,
                        prepared,
                        now,
                    },
                )
                .await
        };
        match desk
            .gate
            .run(bucket.map_or(Plan::Nothing, Plan::Next), write)
            .await
        {
            Ok(written) => ended += written.answer.unwrap_or_default(),
            // Somebody else ended or moved them: the next pass looks again.
            Err(
                WriteError::Command(CommandError::NothingToDo | CommandError::Moved)
                | WriteError::RequestIdReused,
            ) => {}
            Err(WriteError::Command(error)) => failed = failed.or(Some(error)),
            Err(WriteError::Store(error)) => failed = failed.or(Some(error.into())),
        }
    }
    failed.map_or(Ok(ended), Err)
}

fn is_over(grant: &Grant, now: Timestamp) -> bool {
    grant.state.ended_at().is_none() && now >= grant.valid_until
}

/// Ends grants of one bucket.
struct Expire {
    keys: GateKeys,
    grants: Vec<GrantId>,
    prepared: Prepared,
    now: Timestamp,
}

impl StoreCommand for Expire {
    type Reply = u64;
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<u64, ()>, CommandError> {
        let (rows, now) = (self.keys.rows(), self.now);
        let bucket = match &self.prepared {
            Prepared::Next { bucket, .. } => Some(*bucket),
            Prepared::Nothing | Prepared::Place(_) => None,
        };
        let mut ended = Vec::new();
        for id in &self.grants {
            let access = rows.access(tx, &rows.key(&Name::Grant(*id))).await?;
            let Some((resident, i)) = access.and_then(|access| access.row().map(|i| (access.resident, i)))
            else {
                continue;
            };
            let tag = resident.tag(RowKind::Grant, i);
            let Some(mut grant) = rows.grant(tx, &tag, Lock::Exclusive).await? else {
                continue;
            };
            let before = grant.clone();
            if grant.bucket != bucket || !is_over(&grant, now) || grant.step(Command::Expire, now).is_err() {
                continue;
            }
            self.keys.take_back(tx, &before).await?;
            rows.save_grant(tx, &tag, &grant).await?;
            let (discloser, recipient) = (&grant.discloser, &grant.recipient);
            let pair = rows.key(&Name::GrantOf {
                resident: &resident,
                discloser,
                recipient,
            });
            rows.delete_access_to(tx, &pair, i).await?;
            ended.push((resident, before, grant));
        }
        let mut lost = Vec::new();
        if let Prepared::Next { bucket, next } = &self.prepared {
            let ids: Vec<GrantId> = ended.iter().map(|(_, grant, _)| grant.id).collect();
            let taken = self.keys.take_out(tx, *bucket, *next, &ids, None).await?;
            lost = self.keys.lose(tx, &taken.damaged, now).await?;
        }
        let (mut log, mut events) = (Vec::new(), Vec::new());
        for (resident, before, grant) in &ended {
            let mut head = Head::lock(rows, tx, resident).await?;
            rows.add_receipt(tx, &mut head, grant, ReceiptEvent::Expired, Speaker::Clock, now)
                .await?;
            let entry = Entry::by_resident(Happening::Expired, METHOD, now).under(Some(before));
            log.push(entry.done(head.next_log()));
            head.save(rows, tx).await?;
            // Other bases are told, or deferred, by rules of their own.
            if grant.basis.is_none() {
                rows.announce(tx, resident, now).await?;
            }
            events.extend(change_event(before, grant, Change::Ended, now));
        }
        let mut log = log.into_iter();
        let first = log.next().ok_or(CommandError::NothingToDo)?;
        let outcome = Outcome::done(ended.len() as u64, first).with_events(events);
        Ok(Lost::tell(lost, log.fold(outcome, Outcome::with_log)))
    }
}

/// Strikes entries off the list whose grants are not over, or have ended with their keys destroyed. Others stay.
async fn strike(desk: &Desk, entries: Vec<([u8; 16], GrantId)>, now: Timestamp) -> Result<(), CommandError> {
    let mut ids = Vec::new();
    for (id, grant) in entries {
        if desk
            .gate
            .grant(grant)
            .await?
            .is_none_or(|grant| !is_over(&grant, now))
        {
            // An earlier pass may have ended it and then failed to destroy.
            desk.gate.settle_grant(grant).await?;
            ids.push(id);
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    upkeep(
        desk,
        "due.strike",
        Strike {
            rows: desk.rows.clone(),
            ids,
        },
    )
    .await
}

struct Strike {
    rows: Rows,
    ids: Vec<[u8; 16]>,
}

impl Upkeep for Strike {
    type Output = ();
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for id in &self.ids {
            self.rows.strike(tx, id).await?;
        }
        Ok(())
    }
}

/// Takes away what is no grant.
async fn clear(desk: &Desk, row: DueRow, now: Timestamp) -> Result<(), CommandError> {
    upkeep(
        desk,
        "due.clear",
        Lapse {
            rows: desk.rows.clone(),
            row,
            now,
        },
    )
    .await
}

async fn upkeep<U>(desk: &Desk, name: &'static str, work: U) -> Result<(), CommandError>
where
    U: Upkeep<Output = (), Error = StoreError>,
{
    match desk.store.upkeep(name, work).await {
        Ok(()) | Err(WriteError::RequestIdReused) => Ok(()),
        Err(WriteError::Command(error) | WriteError::Store(error)) => Err(error.into()),
    }
}
