//! The steps around a transaction that touches gate keys.

use std::future::Future;

use sluis_keyring::{BucketGeneration, BucketGuard, BucketId, BucketKeysError};
use sluis_store::{Store, StoreError, WriteError};
use sluis_types::GrantId;
use tracing::Instrument as _;

use super::GateKeys;
use crate::domain::grant::Grant;
use crate::domain::life::{Command, KeyFate, transition};
use crate::error::CommandError;
use crate::identity::{Name, RowKind};
use crate::store::Lock;

/// What an act needs of the key store before its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Nothing.
    Nothing,
    /// The next key of this bucket, because a gate key in it ends.
    Next(BucketId),
    /// Room for a new gate key.
    Place,
}

impl Plan {
    /// What a command on a grant needs. An illegal one needs nothing: the transaction refuses it.
    pub(crate) fn of(grant: &Grant, command: Command) -> Self {
        let fate = transition(grant.state.stage(), command).map(|line| line.key);
        match (fate, grant.bucket) {
            (Some(KeyFate::Destroyed | KeyFate::Replaced), Some(bucket)) => Self::Next(bucket),
            (Some(KeyFate::Replaced), None) => Self::Place,
            _ => Self::Nothing,
        }
    }
}

/// A bucket with room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) at: BucketId,
    /// Set when it was made now: its first key.
    pub(crate) fresh: Option<BucketGeneration>,
}

/// What was prepared for a transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Prepared {
    Nothing,
    /// A locked bucket and its next key; no key where the key store has lost the bucket.
    Next {
        bucket: BucketId,
        next: Option<BucketGeneration>,
    },
    Place(Place),
}

/// The gate: the key store, and the database beside it. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    pub(crate) keys: GateKeys,
    pub(crate) store: Store,
}

type Done<T> = Result<T, WriteError<CommandError>>;

impl Gate {
    /// Runs a write with what it needs of the key store, and settles the bucket before it gives the result.
    ///
    /// It goes on when its caller goes away: an ending that began is brought to its end.
    pub(crate) async fn run<T, F, W>(&self, plan: Plan, write: F) -> Done<T>
    where
        T: Send + 'static,
        F: FnOnce(Prepared) -> W + Send + 'static,
        W: Future<Output = Done<T>> + Send + 'static,
    {
        let gate = self.clone();
        let steps = async move { gate.steps(plan, write).await }.in_current_span();
        let interrupted = CommandError::Keys(BucketKeysError::Interrupted);
        tokio::spawn(steps)
            .await
            .unwrap_or(Err(WriteError::Command(interrupted)))
    }

    async fn steps<T, F, W>(&self, plan: Plan, write: F) -> Done<T>
    where
        F: FnOnce(Prepared) -> W,
        W: Future<Output = Done<T>>,
    {
        match plan {
            Plan::Nothing => write(Prepared::Nothing).await,
            Plan::Place => {
                let (place, _guard) = self.place().await.map_err(WriteError::Command)?;
                write(Prepared::Place(place)).await
            }
            Plan::Next(bucket) => {
                let failed = |error| WriteError::Command(CommandError::Keys(error));
                let _guard = self.keys.keys.lock(bucket).await.map_err(failed)?;
                let next = match self.keys.keys.next_generation(bucket).await {
                    Ok(next) => Some(next),
                    Err(BucketKeysError::Missing) => None,
                    Err(error) => return Err(failed(error)),
                };
                let written = write(Prepared::Next { bucket, next }).await;
                let unneeded = next.filter(|_| is_certain(&written));
                let settled = self.settle(bucket, unneeded).await.map_err(WriteError::Command);
                match (written, settled) {
                    // Only now is it acknowledged.
                    (Ok(written), settled) => settled.map(|()| written),
                    (Err(error), _) => Err(error),
                }
            }
        }
    }

    /// Destroys every key of a bucket that is older than the one its row names, and `unneeded` when it is newer.
    ///
    /// `unneeded` is given only when it is certain that no commit naming it is still under way. The caller holds the
    /// bucket's lock.
    async fn settle(&self, bucket: BucketId, unneeded: Option<BucketGeneration>) -> Result<(), CommandError> {
        let Some(named) = self.named_generation(bucket).await? else {
            return Ok(());
        };
        self.keys
            .keys
            .destroy_older_than(BucketGeneration {
                bucket,
                generation: named,
            })
            .await?;
        if let Some(unneeded) = unneeded.filter(|unneeded| unneeded.generation > named) {
            self.keys.keys.destroy(unneeded).await?;
        }
        Ok(())
    }

    /// Settles the bucket that a grant is or was in: what a repeated ending does before it answers.
    pub(crate) async fn settle_grant(&self, grant: GrantId) -> Result<(), CommandError> {
        if let Some(bucket) = self.grant(grant).await?.and_then(|grant| grant.bucket) {
            let _guard = self.keys.keys.lock(bucket).await?;
            self.settle(bucket, None).await?;
        }
        Ok(())
    }

    /// Settles every bucket that still has an older key: of an ending whose last step failed and was never repeated.
    pub(crate) async fn settle_all(&self) -> Result<(), CommandError> {
        for bucket in self.keys.keys.buckets().await? {
            if self.keys.keys.generations(bucket).await?.len() > 1 {
                let _guard = self.keys.keys.lock(bucket).await?;
                self.settle(bucket, None).await?;
            }
        }
        Ok(())
    }

    /// A grant by its id, whoever's it is: for this service's own timers and endings.
    pub(crate) async fn grant(&self, grant: GrantId) -> Result<Option<Grant>, CommandError> {
        let mut read = self.store.read("gate.grant").await?;
        let mut tx = read.tx();
        let rows = &self.keys.rows;
        let Some(access) = rows.access(&mut tx, &rows.key(&Name::Grant(grant))).await? else {
            return Ok(None);
        };
        let Some(i) = access.row() else { return Ok(None) };
        let tag = access.resident.tag(RowKind::Grant, i);
        Ok(rows.grant(&mut tx, &tag, Lock::None).await?)
    }

    /// The generation that a bucket's row names, in a view of its own.
    pub(super) async fn named_generation(&self, bucket: BucketId) -> Result<Option<u64>, StoreError> {
        let mut read = self.store.read("gate.named_generation").await?;
        self.keys.rows.bucket_generation(&mut read.tx(), bucket).await
    }

    /// A bucket with room: one of those that are there, or a new one, which stays locked until its row is there.
    async fn place(&self) -> Result<(Place, Option<BucketGuard>), CommandError> {
        let found = {
            let mut read = self.store.read("gate.place").await?;
            self.keys.rows.bucket_with_room(&mut read.tx()).await?
        };
        if let Some(at) = found {
            return Ok((Place { at, fresh: None }, None));
        }
        let fresh = self.keys.keys.create_bucket().await?;
        let guard = self.keys.keys.lock(fresh.bucket).await?;
        Ok((
            Place {
                at: fresh.bucket,
                fresh: Some(fresh),
            },
            Some(guard),
        ))
    }
}

/// Whether it is certain how a write ended.
fn is_certain<T>(written: &Done<T>) -> bool {
    match written {
        Ok(_) | Err(WriteError::RequestIdReused) => true,
        Err(WriteError::Command(error)) => error.is_certain(),
        Err(WriteError::Store(error)) => !error.is_unavailable(),
    }
}
