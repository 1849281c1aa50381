//! Deleting events and salts when their time is over.

use std::time::Duration;

use sluis_store::{Store, Tx, Upkeep, args};
use sluis_types::Timestamp;

use crate::{Ledger, LedgerError, sql};

/// Events are deleted by whole periods: a finer time in clear would join the rows of one person.
const PERIOD: Duration = Duration::from_hours(30 * 24);
/// Events deleted in one transaction.
pub(crate) const PURGED_ROWS_MAX: u32 = 1000;

/// How long the log of what was done with health data is kept: NEN 7513 asks for five years at least.
pub const ACCESS_LOG_KEPT: Duration = Duration::from_hours(5 * 366 * 24);

/// The period in which a moment lies, counted from 1970.
pub(crate) fn period(at: Timestamp) -> i64 {
    let micros = i64::try_from(PERIOD.as_micros()).expect("a month is far less than an age");
    at.micros().div_euclid(micros)
}

impl Ledger {
    /// Deletes events and salts of whole periods of 30 days before `older_than`, and tells how many. Their leaves
    /// stay, and say nothing any more.
    ///
    /// # Errors
    /// [`LedgerError`]; what was deleted by then stays so, and repeating goes on.
    pub async fn purge(&self, store: &Store, older_than: Timestamp) -> Result<u64, LedgerError> {
        let mut purged = 0;
        loop {
            let rows = self.purge_some(store, older_than).await?;
            purged += rows;
            if rows < u64::from(PURGED_ROWS_MAX) {
                return Ok(purged);
            }
        }
    }

    /// The same, of [`PURGED_ROWS_MAX`] events at most.
    pub(crate) async fn purge_some(&self, store: &Store, older_than: Timestamp) -> Result<u64, LedgerError> {
        let before = period(older_than);
        Ok(store.upkeep("log.purge", Purge { before }).await?)
    }
}

struct Purge {
    before: i64,
}

impl Upkeep for Purge {
    type Output = u64;
    type Error = LedgerError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, LedgerError> {
        Ok(tx
            .execute(sql::PURGE, args![self.before, PURGED_ROWS_MAX])
            .await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_thirty_days() {
        let start = Timestamp::from_seconds(30 * 24 * 3600 * 700);
        assert_eq!(period(start), 700);
        assert_eq!(period(start.minus(Duration::from_micros(1))), 699);
        assert_eq!(period(start.plus(PERIOD)), 701);
        assert_eq!(period(Timestamp::from_micros(-1)), -1);
    }
}
