//! Wrong link codes in the database.

use sluis_serve::ResidentCaller;
use sluis_store::{StoreError, Tx, args};
use sluis_types::Oin;

use super::{Rows, sql};
use crate::domain::tries::Tries;

impl Rows {
    /// Where the wrong tries of an organisation are counted.
    pub(crate) fn tries_of_organisation(&self, organisation: &Oin) -> [u8; 32] {
        self.index("tries.organisation", &[organisation.as_bytes()])
    }

    /// Where the wrong tries of a professional are counted, by pseudonym.
    pub(crate) fn tries_of_professional(&self, organisation: &Oin, professional: &[u8; 32]) -> [u8; 32] {
        self.index("tries.professional", &[organisation.as_bytes(), professional])
    }

    /// Where the wrong tries of a representative's login are counted.
    pub(crate) fn tries_of_login(&self, caller: &ResidentCaller) -> [u8; 32] {
        let represents = caller.represents.as_deref().unwrap_or_default();
        let parts = [
            caller.issuer.as_bytes(),
            caller.subject.as_bytes(),
            represents.as_bytes(),
        ];
        self.index("tries.login", &parts)
    }

    /// Where the failed logins from a source are counted.
    pub(crate) fn tries_of_source(&self, source: &[u8; 32]) -> [u8; 32] {
        self.index("tries.source", &[source])
    }

    /// The wrong tries under a key, for reading.
    pub(crate) async fn peek_tries(&self, tx: &mut Tx<'_>, key: &[u8; 32]) -> Result<Tries, StoreError> {
        match tx.fetch_optional(sql::TRIES_PEEK, args![key]).await? {
            Some(row) => self.decode(&sql::TRIES, key, &row.get::<Vec<u8>>(0)?, Tries::decode),
            None => Ok(Tries::default()),
        }
    }

    /// The wrong tries under a key, held until the transaction ends.
    pub(crate) async fn tries(&self, tx: &mut Tx<'_>, key: &[u8; 32]) -> Result<Tries, StoreError> {
        // A row that is not there cannot be held, and two first tries would count as one.
        let none = self.seal(&sql::TRIES, key, &Tries::default().encode());
        tx.execute(sql::TRIES_INSERT, args![key, &none]).await?;
        match tx.fetch_optional(sql::TRIES_GET, args![key]).await? {
            Some(row) => self.decode(&sql::TRIES, key, &row.get::<Vec<u8>>(0)?, Tries::decode),
            None => Ok(Tries::default()),
        }
    }

    /// Writes wrong tries.
    pub(crate) async fn put_tries(
        &self,
        tx: &mut Tx<'_>,
        key: &[u8; 32],
        tries: &Tries,
    ) -> Result<(), StoreError> {
        let sealed = self.seal(&sql::TRIES, key, &tries.encode());
        tx.execute(sql::TRIES_PUT, args![key, &sealed]).await?;
        Ok(())
    }

    /// Forgets wrong tries.
    pub(crate) async fn delete_tries(&self, tx: &mut Tx<'_>, key: &[u8; 32]) -> Result<(), StoreError> {
        tx.execute(sql::TRIES_DELETE, args![key]).await?;
        Ok(())
    }
}
