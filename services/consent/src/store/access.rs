//! Access rows in the database.

use sluis_store::{StoreError, Tx, args};

use super::{Rows, sql};
use crate::identity::Access;

impl Rows {
    /// The access row under a key.
    pub(crate) async fn access(&self, tx: &mut Tx<'_>, key: &[u8; 32]) -> Result<Option<Access>, StoreError> {
        let Some(row) = tx.fetch_optional(sql::ACCESS_GET, args![key]).await? else {
            self.absent(&sql::ACCESS);
            return Ok(None);
        };
        self.decode(&sql::ACCESS, key, &row.get::<Vec<u8>>(0)?, Access::decode)
            .map(Some)
    }

    /// Adds an access row. False when there is one already.
    pub(crate) async fn insert_access(
        &self,
        tx: &mut Tx<'_>,
        key: &[u8; 32],
        access: &Access,
    ) -> Result<bool, StoreError> {
        let sealed = self.seal(&sql::ACCESS, key, &access.encode());
        Ok(tx.execute(sql::ACCESS_INSERT, args![key, &sealed]).await? == 1)
    }

    /// Adds an access row, or writes it anew.
    pub(crate) async fn put_access(
        &self,
        tx: &mut Tx<'_>,
        key: &[u8; 32],
        access: &Access,
    ) -> Result<(), StoreError> {
        let sealed = self.seal(&sql::ACCESS, key, &access.encode());
        tx.execute(sql::ACCESS_PUT, args![key, &sealed]).await?;
        Ok(())
    }

    /// Takes an access row away. False when there was none.
    pub(crate) async fn delete_access(&self, tx: &mut Tx<'_>, key: &[u8; 32]) -> Result<bool, StoreError> {
        Ok(tx.execute(sql::ACCESS_DELETE, args![key]).await? == 1)
    }

    /// Takes a lookup away as long as it points at row `i`: a newer one stays.
    pub(crate) async fn delete_access_to(
        &self,
        tx: &mut Tx<'_>,
        key: &[u8; 32],
        i: u64,
    ) -> Result<(), StoreError> {
        if self.access(tx, key).await?.and_then(|access| access.row()) == Some(i) {
            self.delete_access(tx, key).await?;
        }
        Ok(())
    }
}
