//! Sessions in the database: found by a hash of the token, which itself is kept nowhere.

use sluis_store::{StoreError, Tx, args};

use super::{Rows, sql};
use crate::identity::SessionRow;

impl Rows {
    /// The key of the session with this hash.
    pub(crate) fn session_key(&self, session_hash: &[u8; 32]) -> [u8; 32] {
        self.index("session", &[session_hash])
    }

    /// The session under a key, ended by time or not.
    pub(crate) async fn session(
        &self,
        tx: &mut Tx<'_>,
        key: &[u8; 32],
    ) -> Result<Option<SessionRow>, StoreError> {
        let Some(row) = tx.fetch_optional(sql::SESSION_GET, args![key]).await? else {
            return Ok(None);
        };
        self.decode(&sql::SESSION, key, &row.get::<Vec<u8>>(0)?, SessionRow::decode)
            .map(Some)
    }

    /// Begins a session.
    pub(crate) async fn insert_session(
        &self,
        tx: &mut Tx<'_>,
        key: &[u8; 32],
        session: &SessionRow,
    ) -> Result<(), StoreError> {
        let sealed = self.seal(&sql::SESSION, key, &session.encode());
        tx.execute(sql::SESSION_INSERT, args![key, &sealed]).await?;
        Ok(())
    }

    /// Ends a session. Ending one that is not there is fine.
    pub(crate) async fn delete_session(&self, tx: &mut Tx<'_>, key: &[u8; 32]) -> Result<(), StoreError> {
        tx.execute(sql::SESSION_DELETE, args![key]).await?;
        Ok(())
    }
}
