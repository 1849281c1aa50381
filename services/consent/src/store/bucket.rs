//! Buckets in the database: many gate keys in one row of one length, so that ending a grant writes one row and neither
//! the number of rows nor their length tells whose grants lie together.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::{BucketGeneration, BucketId, Rewrap, WrapBinding};
use sluis_store::{Statement, StoreError, Tx, args};
use sluis_types::GrantId;

use super::{Rows, sql};

/// Gate keys in one bucket at most: enough to lie among, few enough to wrap anew at every ending.
pub(crate) const GATE_KEYS_PER_BUCKET_MAX: usize = 64;
/// Longest wrapped gate key.
const WRAPPED_BYTES_MAX: usize = 128;

/// How a row is held while it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// Not at all.
    None,
    /// Nobody may change it until the transaction ends.
    Shared,
    /// Nobody else may decide by it or change it until the transaction ends.
    Exclusive,
}

/// One gate key, wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) binding: WrapBinding,
    pub(crate) wrapped: Vec<u8>,
}

impl Slot {
    /// This key, as it is to be wrapped under another bucket key.
    pub(crate) fn rewrap(&self) -> Rewrap<'_> {
        Rewrap {
            binding: self.binding,
            wrapped: &self.wrapped,
        }
    }
}

/// A bucket: its generation, and the gate keys that are wrapped under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BucketRow {
    pub(crate) at: BucketGeneration,
    pub(crate) slots: Vec<Slot>,
}

impl BucketRow {
    pub(crate) const fn empty(at: BucketGeneration) -> Self {
        Self {
            at,
            slots: Vec::new(),
        }
    }

    pub(crate) const fn has_room(&self) -> bool {
        self.slots.len() < GATE_KEYS_PER_BUCKET_MAX
    }

    pub(crate) fn slot(&self, grant: GrantId) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.binding.grant == grant)
    }

    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u16(u16::try_from(self.slots.len()).expect("a bucket holds few keys"));
        for slot in &self.slots {
            writer
                .bytes(slot.binding.grant.as_bytes())
                .u32(slot.binding.version)
                .bytes(slot.binding.recipient.as_bytes())
                .bytes16(&slot.wrapped);
        }
        writer.finish()
    }

    fn decode(at: BucketGeneration, bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let count = usize::from(reader.u16()?);
        let mut slots = Vec::new();
        for _ in 0..count {
            let binding = WrapBinding {
                grant: GrantId::from_bytes(reader.array()?),
                version: reader.u32()?,
                recipient: reader.oin()?,
            };
            slots.push(Slot {
                binding,
                wrapped: reader.bytes16(WRAPPED_BYTES_MAX)?.to_vec(),
            });
        }
        reader.finish()?;
        Ok(Self { at, slots })
    }
}

fn generation_to_sql(generation: u64) -> Result<i64, StoreError> {
    i64::try_from(generation).map_err(|_| StoreError::Unexpected {
        what: "a bucket generation too large",
    })
}

fn generation_from_sql(generation: i64) -> Result<u64, StoreError> {
    u64::try_from(generation).map_err(|_| StoreError::Unexpected {
        what: "a negative bucket generation",
    })
}

impl Rows {
    /// The bucket with this id, held as `lock` says.
    pub(crate) async fn bucket(
        &self,
        tx: &mut Tx<'_>,
        id: BucketId,
        lock: Lock,
    ) -> Result<Option<BucketRow>, StoreError> {
        let statement: Statement = match lock {
            Lock::None => sql::BUCKET_GET,
            Lock::Shared => sql::BUCKET_SHARE,
            Lock::Exclusive => sql::BUCKET_LOCK,
        };
        let Some(row) = tx.fetch_optional(statement, args![id.as_bytes()]).await? else {
            self.absent(&sql::BUCKET);
            return Ok(None);
        };
        let at = BucketGeneration {
            bucket: id,
            generation: generation_from_sql(row.get(0)?)?,
        };
        let sealed: Vec<u8> = row.get(1)?;
        self.decode(&sql::BUCKET, id.as_bytes(), &sealed, |plain| {
            BucketRow::decode(at, plain)
        })
        .map(Some)
    }

    /// Adds a bucket; one that is there stays as it is.
    pub(crate) async fn insert_bucket(&self, tx: &mut Tx<'_>, bucket: &BucketRow) -> Result<(), StoreError> {
        self.write_bucket(tx, sql::BUCKET_INSERT, bucket).await.map(drop)
    }

    /// Writes a bucket that was read under [`Lock::Exclusive`].
    pub(crate) async fn save_bucket(&self, tx: &mut Tx<'_>, bucket: &BucketRow) -> Result<(), StoreError> {
        match self.write_bucket(tx, sql::BUCKET_SAVE, bucket).await? {
            1 => Ok(()),
            _ => Err(StoreError::Unexpected {
                what: "a bucket row that went away under its lock",
            }),
        }
    }

    async fn write_bucket(
        &self,
        tx: &mut Tx<'_>,
        statement: Statement,
        bucket: &BucketRow,
    ) -> Result<u64, StoreError> {
        let id = bucket.at.bucket;
        let generation = generation_to_sql(bucket.at.generation)?;
        let used = u16::try_from(bucket.slots.len()).expect("a bucket holds few keys");
        let sealed = self.seal(&sql::BUCKET, id.as_bytes(), &bucket.encode());
        tx.execute(statement, args![id.as_bytes(), generation, used, &sealed])
            .await
    }

    /// Takes a bucket away.
    pub(crate) async fn delete_bucket(&self, tx: &mut Tx<'_>, id: BucketId) -> Result<(), StoreError> {
        tx.execute(sql::BUCKET_DELETE, args![id.as_bytes()]).await?;
        Ok(())
    }

    /// Takes a bucket away when it holds no gate key.
    pub(crate) async fn delete_empty_bucket(&self, tx: &mut Tx<'_>, id: BucketId) -> Result<(), StoreError> {
        tx.execute(sql::BUCKET_DELETE_EMPTY, args![id.as_bytes()]).await?;
        Ok(())
    }

    /// The generation that a bucket's row names; none when there is no row.
    pub(crate) async fn bucket_generation(
        &self,
        tx: &mut Tx<'_>,
        id: BucketId,
    ) -> Result<Option<u64>, StoreError> {
        let row = tx
            .fetch_optional(sql::BUCKET_GENERATION, args![id.as_bytes()])
            .await?;
        row.map(|row| generation_from_sql(row.get(0)?)).transpose()
    }

    /// Buckets after an id, some at a time: generation, and how many gate keys they hold.
    pub(crate) async fn buckets_after(
        &self,
        tx: &mut Tx<'_>,
        after: Option<BucketId>,
        limit: u32,
    ) -> Result<Vec<(BucketGeneration, i64)>, StoreError> {
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let rows = tx.fetch_all(sql::BUCKET_LIST, args![&after, limit]).await?;
        rows.iter()
            .map(|row| {
                let at = BucketGeneration {
                    bucket: BucketId::from_bytes(row.get(0)?),
                    generation: generation_from_sql(row.get(1)?)?,
                };
                Ok((at, row.get(2)?))
            })
            .collect()
    }

    /// A bucket with room, chosen at random; none when all are full.
    pub(crate) async fn bucket_with_room(&self, tx: &mut Tx<'_>) -> Result<Option<BucketId>, StoreError> {
        let mut from = [0; 16];
        self.randomness.fill(&mut from);
        // The first at or after a random id, and around the end.
        for start in [from, [0; 16]] {
            if let Some(row) = tx.fetch_optional(sql::BUCKET_WITH_ROOM, args![&start]).await? {
                return Ok(Some(BucketId::from_bytes(row.get(0)?)));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_bucket_fits_its_row_and_reads_as_it_was_written() {
        let at = BucketGeneration {
            bucket: BucketId::from_bytes([1; 16]),
            generation: 3,
        };
        let slot = |number: usize| Slot {
            binding: WrapBinding {
                grant: GrantId::from_bytes([u8::try_from(number).unwrap(); 16]),
                version: 2,
                recipient: "00000099000000001000".parse().unwrap(),
            },
            wrapped: vec![7; 65 + sluis_keyring::WRAPPED_OVERHEAD_BYTES],
        };
        let full = BucketRow {
            at,
            slots: (0..GATE_KEYS_PER_BUCKET_MAX).map(slot).collect(),
        };
        assert!(!full.has_room());
        let bytes = full.encode();
        assert!(bytes.len() + 4 <= sql::BUCKET.step.get());
        assert_eq!(BucketRow::decode(at, &bytes), Ok(full));
        assert!(
            sql::BUCKET_WITH_ROOM
                .text(sluis_store::Dialect::Sqlite)
                .contains("used < 64")
        );
        assert_eq!(
            GATE_KEYS_PER_BUCKET_MAX, 64,
            "the statement and the index name it"
        );
    }
}
