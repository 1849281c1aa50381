//! One key store for one database. Against another database a key store would be emptied, because no row there names
//! its keys; beside another key store a database would find none of its keys, and suspend every grant. So both keep one
//! mark. Where keys are files, the mark also keeps a second replica out.

use std::time::Duration;

use sluis_keyring::StoreMark;
use sluis_store::{Dialect, StoreError, Tx, Upkeep, WriteError, args};
use sluis_types::Timestamp;

use super::Gate;
use crate::error::StartError;
use crate::store::sql;

/// How long a holder that stopped without a word counts as running.
const HOLDER_LEASE: Duration = Duration::from_mins(1);

/// The mark of the key store that this database belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HolderMark(StoreMark);

impl Gate {
    /// Makes sure that key store and database belong together, before anything is destroyed or suspended.
    ///
    /// An empty key store without a mark beside a database that has one is a directory that was lost: the database
    /// takes the new mark, and its grants wait for their residents. On PostgreSQL it may as well be a second replica,
    /// so there the operator must say so first.
    pub(crate) async fn hold(&self, now: Timestamp) -> Result<HolderMark, StartError> {
        let keys = &self.keys.keys;
        let (own, holder) = (keys.mark().await?, self.holder().await?);
        let is_empty = keys.buckets().await?.is_empty();
        let is_postgres = self.store.dialect() == Dialect::Postgres;
        let fresh = || StoreMark::random(&*self.keys.randomness);
        let mark = match (own, holder) {
            (Some(own), Some((theirs, _))) if own == theirs => own,
            (Some(own), None) if is_empty => own,
            (None, None) if is_empty => {
                // Here first: a stop now leaves an empty key store with a mark, which any new database may take.
                let mark = fresh();
                keys.set_mark(mark).await?;
                mark
            }
            (None, Some((theirs, _))) if is_empty && !is_postgres => {
                // There first: a stop now leaves an empty key store without a mark, as before.
                let mark = fresh();
                let claim = Claim {
                    mark,
                    instead_of: Some(theirs),
                    now,
                };
                if !self.make(claim).await? {
                    return Err(StartError::AnotherReplica);
                }
                keys.set_mark(mark).await?;
                mark
            }
            (_, Some((_, until))) if is_postgres && now < until => return Err(StartError::AnotherReplica),
            _ => return Err(StartError::OtherBucketKeys),
        };
        if self.claim(HolderMark(mark), now).await? {
            Ok(HolderMark(mark))
        } else {
            Err(StartError::AnotherReplica)
        }
    }

    /// Keeps the place; false when another took it.
    pub(crate) async fn claim(&self, mark: HolderMark, now: Timestamp) -> Result<bool, StoreError> {
        let claim = Claim {
            mark: mark.0,
            instead_of: None,
            now,
        };
        self.make(claim).await
    }

    async fn make(&self, claim: Claim) -> Result<bool, StoreError> {
        match self.store.upkeep("holder.claim", claim).await {
            Ok(held) => Ok(held),
            Err(WriteError::Command(error) | WriteError::Store(error)) => Err(error),
            Err(WriteError::RequestIdReused) => Ok(false),
        }
    }

    async fn holder(&self) -> Result<Option<(StoreMark, Timestamp)>, StoreError> {
        match self.store.upkeep("holder.read", ReadHolder).await {
            Ok(mark) => Ok(mark),
            Err(WriteError::Command(error) | WriteError::Store(error)) => Err(error),
            Err(WriteError::RequestIdReused) => Ok(None),
        }
    }
}

struct ReadHolder;

impl Upkeep for ReadHolder {
    type Output = Option<(StoreMark, Timestamp)>;
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Self::Output, StoreError> {
        let row = tx.fetch_optional(sql::HOLDER_LOCK, args![]).await?;
        row.map(|row| Ok((StoreMark::from_bytes(row.get(0)?), row.get(1)?)))
            .transpose()
    }
}

struct Claim {
    mark: StoreMark,
    /// Whose place it takes, when that one's keys are lost.
    instead_of: Option<StoreMark>,
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
        // A lapsed lease alone passes to nobody: the keys of this database's grants are still with its holder.
        let holder = StoreMark::from_bytes(row.get(0)?);
        let is_free = holder == self.mark || Some(holder) == self.instead_of;
        if is_free {
            tx.execute(sql::HOLDER_SAVE, args![self.mark.as_bytes(), until])
                .await?;
        }
        Ok(is_free)
    }
}
