//! Shares and content: sealed by the sender, kept as they came.

use bytes::Bytes;
use sluis_store::{Tx, args};
use sluis_types::MessageId;

use super::sql;
use super::vault::{Fault, Vault};

/// What only the recipient gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ciphertext {
    pub(crate) sealed_r: Bytes,
    pub(crate) sealed_c: Bytes,
    pub(crate) content: Bytes,
}

impl Ciphertext {
    pub(crate) async fn insert(
        &self,
        vault: &Vault,
        tx: &mut Tx<'_>,
        message: MessageId,
    ) -> Result<(), Fault> {
        let tag = vault.ciphertext_tag(message);
        let args = args![&tag, &self.sealed_r[..], &self.sealed_c[..], &self.content[..]];
        tx.execute(sql::INSERT_CIPHERTEXT, args).await?;
        Ok(())
    }

    pub(crate) async fn load(
        vault: &Vault,
        tx: &mut Tx<'_>,
        message: MessageId,
    ) -> Result<Option<Self>, Fault> {
        let tag = vault.ciphertext_tag(message);
        let Some(row) = tx.fetch_optional(sql::LOAD_CIPHERTEXT, args![&tag]).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            sealed_r: row.get::<Vec<u8>>(0)?.into(),
            sealed_c: row.get::<Vec<u8>>(1)?.into(),
            content: row.get::<Vec<u8>>(2)?.into(),
        }))
    }

    /// Takes the ciphertext of a message away. Repeating is fine.
    pub(crate) async fn delete(vault: &Vault, tx: &mut Tx<'_>, message: MessageId) -> Result<(), Fault> {
        tx.execute(sql::DELETE_CIPHERTEXT, args![&vault.ciphertext_tag(message)])
            .await?;
        Ok(())
    }
}
