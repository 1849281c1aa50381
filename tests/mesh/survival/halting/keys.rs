//! Bucket keys that go wrong at one step of an ending, and are the real ones otherwise.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use sluis_keyring::{
    BucketGeneration, BucketGuard, BucketId, BucketKeys, BucketKeysError, Rewrap, StoreMark, WrapBinding,
};
use zeroize::Zeroizing;

use crate::halt::{Failed, Halt};
use crate::step::Step;

/// The real keys, with one step that goes wrong.
#[derive(Debug)]
pub(crate) struct HaltingKeys {
    pub(crate) real: Arc<dyn BucketKeys>,
    pub(crate) halt: Halt,
    /// Where the real ones keep their files.
    pub(crate) dir: PathBuf,
}

impl From<Failed> for BucketKeysError {
    fn from(_: Failed) -> Self {
        Self::Interrupted
    }
}

impl HaltingKeys {
    /// What a machine leaves that stops between overwriting a key's file and removing it.
    async fn overwrite_older_than(&self, newer: BucketGeneration) -> Result<(), BucketKeysError> {
        for generation in self.real.generations(newer.bucket).await? {
            if generation < newer.generation {
                let file = self
                    .dir
                    .join(newer.bucket.to_string())
                    .join(format!("{generation:020}.key"));
                let length = std::fs::metadata(&file).expect("a key that is listed").len();
                let zeros = vec![0; usize::try_from(length).expect("a short file")];
                std::fs::write(&file, zeros).expect("overwritten");
            }
        }
        Ok(())
    }
}

#[async_trait]
impl BucketKeys for HaltingKeys {
    async fn create_bucket(&self) -> Result<BucketGeneration, BucketKeysError> {
        self.real.create_bucket().await
    }

    async fn next_generation(&self, bucket: BucketId) -> Result<BucketGeneration, BucketKeysError> {
        let next = self.real.next_generation(bucket).await?;
        self.halt.pass(Step::NextKeyStored).await?;
        Ok(next)
    }

    async fn wrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        secret: &[u8],
    ) -> Result<Vec<u8>, BucketKeysError> {
        self.real.wrap(under, binding, secret).await
    }

    async fn unwrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, BucketKeysError> {
        self.real.unwrap(under, binding, wrapped).await
    }

    async fn rewrap(
        &self,
        from: BucketGeneration,
        to: BucketGeneration,
        entries: &[Rewrap<'_>],
    ) -> Result<Vec<Vec<u8>>, BucketKeysError> {
        self.halt.pass(Step::WrappingSiblings).await?;
        self.real.rewrap(from, to, entries).await
    }

    async fn destroy(&self, generation: BucketGeneration) -> Result<(), BucketKeysError> {
        self.real.destroy(generation).await
    }

    async fn destroy_older_than(&self, generation: BucketGeneration) -> Result<(), BucketKeysError> {
        self.halt.pass(Step::BeforeDestruction).await?;
        if self.halt.is_at(Step::HalfDestroyed) {
            self.overwrite_older_than(generation).await?;
            self.halt.pass(Step::HalfDestroyed).await?;
        }
        self.real.destroy_older_than(generation).await?;
        self.halt.pass(Step::BeforeAnswer).await?;
        Ok(())
    }

    async fn generations(&self, bucket: BucketId) -> Result<Vec<u64>, BucketKeysError> {
        self.real.generations(bucket).await
    }

    async fn buckets(&self) -> Result<Vec<BucketId>, BucketKeysError> {
        self.real.buckets().await
    }

    async fn lock(&self, bucket: BucketId) -> Result<BucketGuard, BucketKeysError> {
        self.real.lock(bucket).await
    }

    async fn mark(&self) -> Result<Option<StoreMark>, BucketKeysError> {
        self.real.mark().await
    }

    async fn set_mark(&self, mark: StoreMark) -> Result<(), BucketKeysError> {
        self.real.set_mark(mark).await
    }

    fn shared_between_replicas(&self) -> bool {
        self.real.shared_between_replicas()
    }
}
