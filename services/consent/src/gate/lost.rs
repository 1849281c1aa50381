//! Grants whose gate keys are gone or damaged: suspended until their residents confirm.

use sluis_store::{LogEvent, OutboxEvent, Outcome, Tx};
use sluis_types::{GrantId, Timestamp};

use super::GateKeys;
use crate::domain::access_kind::Happening;
use crate::domain::life::Command;
use crate::error::CommandError;
use crate::event::change_event;
use crate::identity::{Entry, Head, Name, RowKind};
use crate::store::Lock;

const METHOD: &str = "recovery";

/// What the log and other services hear of a grant that lost its key.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(super) log: LogEvent,
    pub(super) event: Option<OutboxEvent>,
}

impl Lost {
    /// Adds what was lost to the outcome of the act that found it.
    pub(crate) fn tell<T, R>(lost: Vec<Self>, outcome: Outcome<T, R>) -> Outcome<T, R> {
        lost.into_iter().fold(outcome, |outcome, lost| {
            outcome.with_log(lost.log).with_events(lost.event)
        })
    }
}

impl GateKeys {
    /// Suspends grants whose gate keys are not in their bucket any more. The caller holds the bucket.
    pub(crate) async fn lose(
        &self,
        tx: &mut Tx<'_>,
        grants: &[GrantId],
        now: Timestamp,
    ) -> Result<Vec<Lost>, CommandError> {
        let (rows, mut all) = (self.rows(), Vec::new());
        for id in grants {
            let access = rows.access(tx, &rows.key(&Name::Grant(*id))).await?;
            let access = access.ok_or(CommandError::Form("a gate key without its grant"))?;
            let i = access
                .row()
                .ok_or(CommandError::Form("the access row of a grant"))?;
            let tag = access.resident.tag(RowKind::Grant, i);
            let grant = rows.grant(tx, &tag, Lock::Exclusive).await?;
            let mut grant = grant.ok_or(CommandError::Form("an access row without its grant"))?;
            let before = grant.clone();
            let Ok(line) = grant.step(Command::LoseKey, now) else {
                return Err(CommandError::Form("a gate key of an ended grant"));
            };
            grant.bucket = None;
            rows.save_grant(tx, &tag, &grant).await?;
            let mut head = Head::lock(rows, tx, &access.resident).await?;
            let entry = Entry::by_resident(Happening::Suspended, METHOD, now).under(Some(&grant));
            let log = entry.done(head.next_log());
            head.save(rows, tx).await?;
            // Other bases are told, or deferred, by rules of their own.
            if grant.basis.is_none() {
                rows.announce(tx, &access.resident, now).await?;
            }
            let event = line
                .change
                .and_then(|change| change_event(&before, &grant, change, now));
            all.push(Lost { log, event });
        }
        Ok(all)
    }
}
