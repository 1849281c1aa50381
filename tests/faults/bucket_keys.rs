//! Bucket keys that keep: what should be destroyed stays in its file.

use std::sync::Arc;

use async_trait::async_trait;
use sluis_keyring::{
    BucketGeneration, BucketGuard, BucketId, BucketKeys, BucketKeysError, Rewrap, StoreMark, WrapBinding,
};
use zeroize::Zeroizing;

/// Passes everything on but the destruction, and says that it was done.
#[derive(Debug)]
pub(super) struct Keeping(pub(super) Arc<dyn BucketKeys>);

#[async_trait]
impl BucketKeys for Keeping {
    async fn create_bucket(&self) -> Result<BucketGeneration, BucketKeysError> {
        self.0.create_bucket().await
    }

    async fn next_generation(&self, bucket: BucketId) -> Result<BucketGeneration, BucketKeysError> {
        self.0.next_generation(bucket).await
    }

    async fn wrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        secret: &[u8],
    ) -> Result<Vec<u8>, BucketKeysError> {
        self.0.wrap(under, binding, secret).await
    }

    async fn unwrap(
        &self,
        under: BucketGeneration,
        binding: WrapBinding,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, BucketKeysError> {
        self.0.unwrap(under, binding, wrapped).await
    }

    async fn rewrap(
        &self,
        from: BucketGeneration,
        to: BucketGeneration,
        entries: &[Rewrap<'_>],
    ) -> Result<Vec<Vec<u8>>, BucketKeysError> {
        self.0.rewrap(from, to, entries).await
    }

    async fn destroy(&self, _: BucketGeneration) -> Result<(), BucketKeysError> {
        Ok(())
    }

    async fn destroy_older_than(&self, _: BucketGeneration) -> Result<(), BucketKeysError> {
        Ok(())
    }

    async fn generations(&self, bucket: BucketId) -> Result<Vec<u64>, BucketKeysError> {
        self.0.generations(bucket).await
    }

    async fn buckets(&self) -> Result<Vec<BucketId>, BucketKeysError> {
        self.0.buckets().await
    }

    async fn lock(&self, bucket: BucketId) -> Result<BucketGuard, BucketKeysError> {
        self.0.lock(bucket).await
    }

    async fn mark(&self) -> Result<Option<StoreMark>, BucketKeysError> {
        self.0.mark().await
    }

    async fn set_mark(&self, mark: StoreMark) -> Result<(), BucketKeysError> {
        self.0.set_mark(mark).await
    }

    fn shared_between_replicas(&self) -> bool {
        self.0.shared_between_replicas()
    }
}
