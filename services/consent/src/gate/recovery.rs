//! Bringing key store and database in line at a start, before anything is served.

use sluis_keyring::{BucketGeneration, BucketKeysError};
use sluis_store::{Command as StoreCommand, Outcome, StoreError, Tx, Upkeep, WriteError};
use sluis_types::{Clock, Timestamp};

use super::Gate;
use super::keys::no_grant;
use crate::domain::access_kind::Happening;
use crate::domain::life::Command;
use crate::error::CommandError;
use crate::event::grant_event;
use crate::identity::{Entry, Head, Name, RowKind};
use crate::store::{Lock, Rows};

/// Buckets looked at in one read.
const PAGE: u32 = 200;

/// Why the two could not be brought in line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecoveryError {
    #[error("the database failed during recovery")]
    Store(#[from] StoreError),
    #[error("the bucket keys failed during recovery")]
    Keys(#[from] BucketKeysError),
    #[error("grants without keys could not be suspended")]
    Suspend(#[source] WriteError<CommandError>),
}

/// What a recovery found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recovered {
    /// Keys that no row named: of endings that were cut short, or of a time after the backup.
    pub(crate) destroyed: u64,
    /// Grants whose keys were gone: suspended until their residents confirm.
    pub(crate) suspended: u64,
}

impl Gate {
    /// Destroys every bucket key that no row names, and suspends every grant whose bucket key is gone.
    ///
    /// A withdrawn grant that an old backup shows as live has lost its key: it is suspended like the others, and only
    /// its resident's own confirmation begins a new version.
    pub(crate) async fn recover(&self, clock: &dyn Clock) -> Result<Recovered, RecoveryError> {
        let mut recovered = Recovered::default();
        let keys = &self.keys.keys;
        for bucket in keys.buckets().await? {
            let _guard = keys.lock(bucket).await?;
            let named = self.named_generation(bucket).await?;
            for generation in keys.generations(bucket).await? {
                if Some(generation) != named {
                    keys.destroy(BucketGeneration { bucket, generation }).await?;
                    recovered.destroyed += 1;
                }
            }
        }
        let mut after = None;
        loop {
            let page = {
                let mut read = self.store.read("recovery.buckets").await?;
                self.keys.rows.buckets_after(&mut read.tx(), after, PAGE).await?
            };
            let Some((last, _)) = page.last() else { break };
            after = Some(last.bucket);
            for (at, used) in page {
                if !self.is_there(at).await? {
                    recovered.suspended += self.lose(at, used, clock.now()).await?;
                }
            }
        }
        if recovered != Recovered::default() {
            tracing::warn!(
                keys_destroyed = recovered.destroyed,
                grants_suspended = recovered.suspended,
                "bucket keys and database were brought in line"
            );
        }
        Ok(recovered)
    }

    /// Whether a bucket key can be used: a listing may name a file that is half overwritten.
    async fn is_there(&self, at: BucketGeneration) -> Result<bool, BucketKeysError> {
        match self.keys.keys.wrap(at, no_grant(), &[]).await {
            Ok(_) => Ok(true),
            Err(BucketKeysError::Missing) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn lose(&self, at: BucketGeneration, used: i64, now: Timestamp) -> Result<u64, RecoveryError> {
        let rows = self.keys.rows.clone();
        if used == 0 {
            let removed = self
                .store
                .upkeep("recovery.bucket", RemoveEmpty { rows, at })
                .await;
            return match removed {
                Ok(()) | Err(WriteError::RequestIdReused) => Ok(0),
                Err(WriteError::Command(error) | WriteError::Store(error)) => Err(error.into()),
            };
        }
        let lose = LoseKeys { rows, at, now };
        let written = self.store.write_internal("recovery.suspend", lose).await;
        let written = written.map_err(RecoveryError::Suspend)?;
        Ok(written.answer.unwrap_or_default())
    }
}

struct RemoveEmpty {
    rows: Rows,
    at: BucketGeneration,
}

impl Upkeep for RemoveEmpty {
    type Output = ();
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.rows.delete_empty_bucket(tx, self.at.bucket).await
    }
}

/// Suspends the grants of a bucket whose key is gone, and takes the bucket away.
struct LoseKeys {
    rows: Rows,
    at: BucketGeneration,
    now: Timestamp,
}

impl StoreCommand for LoseKeys {
    type Reply = u64;
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<u64, ()>, CommandError> {
        let bucket = self.rows.bucket(tx, self.at.bucket, Lock::Exclusive).await?;
        let bucket = bucket
            .filter(|bucket| bucket.at == self.at)
            .ok_or(CommandError::Moved)?;
        let (mut log, mut events) = (Vec::new(), Vec::new());
        for slot in &bucket.slots {
            let id = slot.binding.grant;
            let access = self.rows.access(tx, &self.rows.key(&Name::Grant(id))).await?;
            let access = access.ok_or(CommandError::Form("a gate key without its grant"))?;
            let i = access
                .row()
                .ok_or(CommandError::Form("the access row of a grant"))?;
            let tag = access.resident.tag(RowKind::Grant, i);
            let grant = self.rows.grant(tx, &tag, Lock::Exclusive).await?;
            let mut grant = grant.ok_or(CommandError::Form("an access row without its grant"))?;
            let version = grant.version;
            let Ok(line) = grant.step(Command::LoseKey, self.now) else {
                return Err(CommandError::Form("a gate key of an ended grant"));
            };
            grant.bucket = None;
            self.rows.save_grant(tx, &tag, &grant).await?;
            let mut head = Head::lock(&self.rows, tx, &access.resident).await?;
            let entry = Entry::by_resident(Happening::Suspended, "recovery", self.now).about(Some(id));
            log.push(entry.done(head.next_log()));
            head.save(&self.rows, tx).await?;
            events.extend(
                line.change
                    .map(|change| grant_event(id, version, change, self.now)),
            );
        }
        self.rows.delete_bucket(tx, self.at.bucket).await?;
        let suspended = log.len() as u64;
        let mut log = log.into_iter();
        let first = log.next().ok_or(CommandError::NothingToDo)?;
        let outcome = Outcome::done(suspended, first).with_events(events);
        Ok(log.fold(outcome, Outcome::with_log))
    }
}
