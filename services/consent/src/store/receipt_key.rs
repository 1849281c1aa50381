//! The keys that ever signed receipts, their public halves, in the open: they are published, so that a receipt which was
//! signed with one that was replaced is still known.

use sluis_envelope::{KeyKind, VerifyingKey};
use sluis_store::{Store, StoreError, Tx, Upkeep, WriteError, args};
use sluis_types::Timestamp;

use super::sql;

/// Keys that are published at most, the newest: one a week for ten years.
const PUBLISHED_MAX: i64 = 520;

/// A key that signs receipts, or did.
#[derive(Clone, Debug)]
pub(crate) struct ReceiptKey {
    pub(crate) key: VerifyingKey,
    /// When it began to sign.
    pub(crate) from: Timestamp,
    /// When it was found to be replaced: it signed nothing of later. Absent while it signs.
    pub(crate) until: Option<Timestamp>,
}

/// Notes, durably, that this key signs receipts from now on and no other does.
///
/// # Errors
/// [`StoreError`]; then nothing may be signed, because the key might never be published.
pub(crate) async fn note_receipt_key(
    store: &Store,
    key: &VerifyingKey,
    now: Timestamp,
) -> Result<(), StoreError> {
    let note = Note {
        key: key.clone(),
        now,
    };
    match store.upkeep("receipt_key.note", note).await {
        Ok(()) | Err(WriteError::RequestIdReused) => Ok(()),
        Err(WriteError::Command(error) | WriteError::Store(error)) => Err(error),
    }
}

/// The keys that sign or signed receipts, the newest first.
///
/// # Errors
/// [`StoreError`], also for a row that holds no key.
pub(crate) async fn receipt_keys(tx: &mut Tx<'_>) -> Result<Vec<ReceiptKey>, StoreError> {
    let rows = tx.fetch_all(sql::RECEIPT_KEY_LIST, args![PUBLISHED_MAX]).await?;
    rows.iter()
        .map(|row| {
            let public: [u8; 32] = row.get(0)?;
            let key = VerifyingKey::from_bytes(KeyKind::ConsentReceipt, &public);
            Ok(ReceiptKey {
                key: key.map_err(|_| StoreError::Unexpected {
                    what: "a receipt key that is none",
                })?,
                from: row.get(1)?,
                until: row.get(2)?,
            })
        })
        .collect()
}

struct Note {
    key: VerifyingKey,
    now: Timestamp,
}

impl Upkeep for Note {
    type Output = ();
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let id = *self.key.id().as_bytes();
        tx.execute(sql::RECEIPT_KEY_REPLACE, args![&id, self.now]).await?;
        tx.execute(sql::RECEIPT_KEY_NOTE, args![&id, self.key.as_bytes(), self.now])
            .await?;
        Ok(())
    }
}
