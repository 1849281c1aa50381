//! Bringing key store and database in line at a start, before anything is served.

use sluis_keyring::{BucketGeneration, BucketKeysError};
use sluis_store::{Command as StoreCommand, Outcome, StoreError, Tx, Upkeep, WriteError};
use sluis_types::{Clock, GrantId, Timestamp};

use super::{Gate, GateKeys, Lost};
use crate::error::CommandError;
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
                if !self.keys.is_there(at).await? {
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

    async fn lose(&self, at: BucketGeneration, used: i64, now: Timestamp) -> Result<u64, RecoveryError> {
        if used == 0 {
            let rows = self.keys.rows.clone();
            let removed = self
                .store
                .upkeep("recovery.bucket", RemoveEmpty { rows, at })
                .await;
            return match removed {
                Ok(()) | Err(WriteError::RequestIdReused) => Ok(0),
                Err(WriteError::Command(error) | WriteError::Store(error)) => Err(error.into()),
            };
        }
        let keys = self.keys.clone();
        let lose = LoseKeys { keys, at, now };
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
    keys: GateKeys,
    at: BucketGeneration,
    now: Timestamp,
}

impl StoreCommand for LoseKeys {
    type Reply = u64;
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<u64, ()>, CommandError> {
        let rows = self.keys.rows();
        let bucket = rows.bucket(tx, self.at.bucket, Lock::Exclusive).await?;
        let bucket = bucket
            .filter(|bucket| bucket.at == self.at)
            .ok_or(CommandError::Moved)?;
        let grants: Vec<GrantId> = bucket.slots.iter().map(|slot| slot.binding.grant).collect();
        let mut lost = self.keys.lose(tx, &grants, self.now).await?;
        rows.delete_bucket(tx, self.at.bucket).await?;
        if lost.is_empty() {
            return Err(CommandError::NothingToDo);
        }
        let suspended = lost.len() as u64;
        let first = lost.remove(0);
        let outcome = Outcome::done(suspended, first.log).with_events(first.event);
        Ok(Lost::tell(lost, outcome))
    }
}
