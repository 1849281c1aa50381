//! What happens to gate keys inside a transaction.

use std::fmt;
use std::sync::Arc;

use sluis_envelope::GateKeyPair;
use sluis_keyring::{
    BucketGeneration, BucketId, BucketKeys, BucketKeysError, Rewrap, WRAPPED_OVERHEAD_BYTES, WrapBinding,
};
use sluis_store::Tx;
use sluis_types::{GrantId, OIN_BYTES, Oin, Randomness, Timestamp};

use super::{BundleMaker, Lost, Place, Prepared};
use crate::domain::grant::Grant;
use crate::domain::life::KeyFate;
use crate::error::CommandError;
use crate::store::{BucketRow, Lock, Rows, Slot};

/// The keeper of gate keys, as commands hold it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct GateKeys {
    pub(super) keys: Arc<dyn BucketKeys>,
    pub(super) rows: Rows,
    pub(super) randomness: Arc<dyn Randomness>,
    /// For the members of circles.
    pub(super) bundles: BundleMaker,
}

impl fmt::Debug for GateKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GateKeys(…)")
    }
}

/// What taking keys out of a bucket gave.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// The public half of the fresh key; empty when none was wanted.
    pub(crate) public: Vec<u8>,
    /// Grants whose keys were damaged and left out.
    pub(crate) damaged: Vec<GrantId>,
}

/// Length of a wrapped gate key, for the look-up that finds none.
const DECOY_BYTES: usize = 65 + WRAPPED_OVERHEAD_BYTES;

/// What no gate key is bound to.
fn no_grant() -> WrapBinding {
    WrapBinding {
        grant: GrantId::from_bytes([0; 16]),
        version: 0,
        recipient: Oin::from_bytes([b'0'; OIN_BYTES]).expect("zeros have the form of an OIN"),
    }
}

/// What a grant's gate key is bound to; a circle's names its last member, as the row does.
pub(crate) const fn binding(grant: &Grant) -> WrapBinding {
    WrapBinding {
        grant: grant.id,
        version: grant.version,
        recipient: grant.recipient,
    }
}

impl GateKeys {
    pub(crate) const fn new(
        keys: Arc<dyn BucketKeys>,
        rows: Rows,
        randomness: Arc<dyn Randomness>,
        bundles: BundleMaker,
    ) -> Self {
        Self {
            keys,
            rows,
            randomness,
            bundles,
        }
    }

    pub(crate) const fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Does to the gate key what a transition asks. The grant has taken its step already, and gets the public half of
    /// a new key here. Gives what there is to tell of other grants in the bucket whose keys were damaged.
    ///
    /// # Errors
    /// [`CommandError::Moved`] when something else was prepared than is needed now.
    pub(crate) async fn carry_out(
        &self,
        tx: &mut Tx<'_>,
        grant: &mut Grant,
        fate: KeyFate,
        prepared: &Prepared,
        now: Timestamp,
    ) -> Result<Vec<Lost>, CommandError> {
        match (fate, grant.bucket, prepared) {
            (KeyFate::Stays, _, _) | (KeyFate::Destroyed, None, _) => Ok(Vec::new()),
            (KeyFate::Destroyed, Some(bucket), Prepared::Next { bucket: locked, next })
                if bucket == *locked =>
            {
                let taken = self.take_out(tx, bucket, *next, &[grant.id], None).await?;
                self.lose(tx, &taken.damaged, now).await
            }
            (KeyFate::Replaced, Some(bucket), Prepared::Next { bucket: locked, next })
                if bucket == *locked =>
            {
                let fresh = Some(binding(grant));
                let taken = self.take_out(tx, bucket, *next, &[grant.id], fresh).await?;
                grant.gate_key = taken.public;
                self.lose(tx, &taken.damaged, now).await
            }
            (KeyFate::Replaced, None, Prepared::Place(place)) => {
                grant.gate_key = self.put_in(tx, place, binding(grant)).await?;
                grant.bucket = Some(place.at);
                Ok(Vec::new())
            }
            _ => Err(CommandError::Moved),
        }
    }

    /// Makes a gate key in a bucket and gives its public half.
    pub(crate) async fn put_in(
        &self,
        tx: &mut Tx<'_>,
        place: &Place,
        binding: WrapBinding,
    ) -> Result<Vec<u8>, CommandError> {
        if let Some(fresh) = place.fresh {
            self.rows.insert_bucket(tx, &BucketRow::empty(fresh)).await?;
        }
        let bucket = self.rows.bucket(tx, place.at, Lock::Exclusive).await?;
        let mut bucket = bucket.filter(BucketRow::has_room).ok_or(CommandError::Moved)?;
        let public = self.make_key(&mut bucket, binding).await?;
        self.rows.save_bucket(tx, &bucket).await?;
        Ok(public)
    }

    /// Takes gate keys out of a bucket and wraps the others under its next key; makes one for `fresh` there.
    ///
    /// Where the bucket's key is gone, all that it wrapped is dead already: the dead keys of other grants stay where
    /// they are, for the next start to find.
    ///
    /// # Errors
    /// [`BucketKeysError::Missing`] when the next key cannot be used while the old one is there: an ending must not be
    /// acknowledged then.
    pub(crate) async fn take_out(
        &self,
        tx: &mut Tx<'_>,
        bucket: BucketId,
        next: Option<BucketGeneration>,
        ended: &[GrantId],
        fresh: Option<WrapBinding>,
    ) -> Result<Taken, CommandError> {
        let Some(mut row) = self.rows.bucket(tx, bucket, Lock::Exclusive).await? else {
            return if fresh.is_none() {
                Ok(Taken::default())
            } else {
                Err(CommandError::Moved)
            };
        };
        row.slots.retain(|slot| !ended.contains(&slot.binding.grant));
        let damaged = match next {
            None => {
                self.require_gone(row.at).await?;
                Vec::new()
            }
            Some(next) => self.move_on(&mut row, next).await?,
        };
        let public = match fresh {
            Some(binding) => self.make_key(&mut row, binding).await?,
            None => Vec::new(),
        };
        self.rows.save_bucket(tx, &row).await?;
        Ok(Taken { public, damaged })
    }

    /// Wraps all keys of a bucket under its next key. Those that are damaged are left out and named: they keep no
    /// other grant from ending.
    async fn move_on(
        &self,
        row: &mut BucketRow,
        next: BucketGeneration,
    ) -> Result<Vec<GrantId>, CommandError> {
        if row.slots.is_empty() {
            row.at = next;
            return Ok(Vec::new());
        }
        let entries: Vec<Rewrap<'_>> = row.slots.iter().map(Slot::rewrap).collect();
        match self.keys.rewrap(row.at, next, &entries).await {
            Ok(wrapped) => {
                for (slot, wrapped) in row.slots.iter_mut().zip(wrapped) {
                    slot.wrapped = wrapped;
                }
                row.at = next;
                Ok(Vec::new())
            }
            Err(BucketKeysError::Missing) => {
                self.require_gone(row.at).await?;
                tracing::warn!("a bucket key is missing: its grants wait for their residents");
                Ok(Vec::new())
            }
            Err(BucketKeysError::NotAuthentic) => self.move_one_by_one(row, next).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn move_one_by_one(
        &self,
        row: &mut BucketRow,
        next: BucketGeneration,
    ) -> Result<Vec<GrantId>, CommandError> {
        let (mut whole, mut damaged) = (Vec::new(), Vec::new());
        for slot in &row.slots {
            match self.keys.rewrap(row.at, next, &[slot.rewrap()]).await {
                Ok(wrapped) => whole.extend(wrapped.into_iter().map(|wrapped| Slot {
                    binding: slot.binding,
                    wrapped,
                })),
                Err(BucketKeysError::NotAuthentic) => damaged.push(slot.binding.grant),
                Err(error) => return Err(error.into()),
            }
        }
        tracing::error!(
            damaged = damaged.len(),
            "gate keys are damaged: their grants wait for their residents"
        );
        row.slots = whole;
        row.at = next;
        Ok(damaged)
    }

    /// That a bucket key is really gone. A store that misses another key of the bucket says nothing about this one.
    async fn require_gone(&self, at: BucketGeneration) -> Result<(), BucketKeysError> {
        if self.is_there(at).await? {
            return Err(BucketKeysError::Missing);
        }
        Ok(())
    }

    /// Whether a bucket key can be used: a listing may name a file that is half overwritten.
    pub(super) async fn is_there(&self, at: BucketGeneration) -> Result<bool, BucketKeysError> {
        match self.keys.wrap(at, no_grant(), &[]).await {
            Ok(_) => Ok(true),
            Err(BucketKeysError::Missing) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn make_key(&self, bucket: &mut BucketRow, binding: WrapBinding) -> Result<Vec<u8>, CommandError> {
        let pair = GateKeyPair::generate(&*self.randomness);
        let wrapped = self
            .keys
            .wrap(bucket.at, binding, &pair.to_secret_bytes())
            .await?;
        bucket.slots.push(Slot { binding, wrapped });
        Ok(pair.public().encode())
    }

    /// Unwraps the gate key of a live grant; none when it is not there any more. Does the same work either way.
    pub(crate) async fn unwrap(
        &self,
        bucket: Option<&BucketRow>,
        wanted: Option<WrapBinding>,
    ) -> Result<Option<GateKeyPair>, CommandError> {
        let found = bucket
            .zip(wanted)
            .and_then(|(bucket, wanted)| bucket.slot(wanted.grant).map(|slot| (bucket.at, wanted, slot)));
        let decoy = [0; DECOY_BYTES];
        let (at, binding, wrapped) = match found {
            Some((at, binding, slot)) => (at, binding, slot.wrapped.as_slice()),
            None => (
                BucketGeneration {
                    bucket: self.no_bucket(),
                    generation: 1,
                },
                no_grant(),
                decoy.as_slice(),
            ),
        };
        match self.keys.unwrap(at, binding, wrapped).await {
            Ok(secret) => GateKeyPair::from_secret_bytes(&secret)
                .map(Some)
                .map_err(|_| CommandError::Form("an unwrapped gate key")),
            Err(BucketKeysError::Missing) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The id of a bucket that never was: the key store looks for it and finds nothing.
    pub(super) fn no_bucket(&self) -> BucketId {
        let mut id = [0; 16];
        self.randomness.fill(&mut id);
        BucketId::from_bytes(id)
    }
}
