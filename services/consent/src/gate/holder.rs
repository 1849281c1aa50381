//! One replica for one key store: where bucket keys are files, a second consent on the same PostgreSQL would find none
//! of its grants' keys, and suspend them all. So the database remembers whose key store it belongs to.

use std::time::Duration;

use sluis_keyring::BucketId;
use sluis_store::{StoreError, Tx, Upkeep, WriteError, args};
use sluis_types::Timestamp;

use super::Gate;
use crate::error::StartError;
use crate::store::sql;

/// How long a holder that stopped without a word keeps others out.
const HOLDER_LEASE: Duration = Duration::from_mins(1);

/// The mark of the key store that holds the lease: a bucket that was made for this and holds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HolderMark(BucketId);

impl Gate {
    /// Takes the place of the one holder. A start after a crash with the same key store takes it at once: its directory
    /// lets in one process only.
    pub(crate) async fn hold(&self, now: Timestamp) -> Result<HolderMark, StartError> {
        let known = self.keys.keys.buckets().await?;
        // A mark is a bucket without keys: made, never used.
        let mark = match self.holder().await? {
            Some(mark) if known.contains(&mark) => mark,
            _ => self.keys.keys.create_bucket().await?.bucket,
        };
        if self.claim(HolderMark(mark), now).await? {
            Ok(HolderMark(mark))
        } else {
            Err(StartError::AnotherReplica)
        }
    }

    /// Keeps the place; false when another took it.
    pub(crate) async fn claim(&self, mark: HolderMark, now: Timestamp) -> Result<bool, StoreError> {
        match self
            .store
            .upkeep("holder.claim", Claim { mark: mark.0, now })
            .await
        {
            Ok(held) => Ok(held),
            Err(WriteError::Command(error) | WriteError::Store(error)) => Err(error),
            Err(WriteError::RequestIdReused) => Ok(false),
        }
    }

    async fn holder(&self) -> Result<Option<BucketId>, StoreError> {
        match self.store.upkeep("holder.read", ReadHolder).await {
            Ok(mark) => Ok(mark),
            Err(WriteError::Command(error) | WriteError::Store(error)) => Err(error),
            Err(WriteError::RequestIdReused) => Ok(None),
        }
    }
}

struct ReadHolder;

impl Upkeep for ReadHolder {
    type Output = Option<BucketId>;
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<BucketId>, StoreError> {
        let row = tx.fetch_optional(sql::HOLDER_LOCK, args![]).await?;
        row.map(|row| Ok(BucketId::from_bytes(row.get(0)?))).transpose()
    }
}

struct Claim {
    mark: BucketId,
    now: Timestamp,
}

impl Upkeep for Claim {
    type Output = bool;
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let until = self.now.plus(HOLDER_LEASE);
        if tx
            .execute(sql::HOLDER_INSERT, args![self.mark.as_bytes(), until])
            .await?
            == 1
        {
            return Ok(true);
        }
        let row = tx.fetch_one(sql::HOLDER_LOCK, args![]).await?;
        let (holder, held_until): ([u8; 16], Timestamp) = (row.get(0)?, row.get(1)?);
        let free = holder == *self.mark.as_bytes() || held_until <= self.now;
        if free {
            tx.execute(sql::HOLDER_SAVE, args![self.mark.as_bytes(), until])
                .await?;
        }
        Ok(free)
    }
}
