//! Forgetting what has ended.

use sluis_store::{StoreError, Tx, Upkeep, args};
use sluis_types::Timestamp;

use super::sql;

/// Rows of one kind that are forgotten in one transaction.
const PURGE_ROWS_MAX: i64 = 500;

/// Forgets invitations that ended before a moment; tells how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PurgeInvitations {
    pub(crate) ended_before: Timestamp,
}

/// Forgets certificates that ended before a moment; tells how many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PurgeCertificates {
    pub(crate) ended_before: Timestamp,
}

impl Upkeep for PurgeInvitations {
    type Output = u64;
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        tx.execute(sql::INVITATIONS_PURGE, args![self.ended_before, PURGE_ROWS_MAX])
            .await
    }
}

impl Upkeep for PurgeCertificates {
    type Output = u64;
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        tx.execute(sql::CERTIFICATES_PURGE, args![self.ended_before, PURGE_ROWS_MAX])
            .await
    }
}
