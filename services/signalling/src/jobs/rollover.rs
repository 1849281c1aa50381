//! When an epoch is over, its pepper is destroyed and everything that lay under it goes.

use sluis_serve::Refusal;
use sluis_store::{Statement, Tx, Upkeep, args};
use sluis_types::Epoch;

use crate::context::Context;
use crate::error::{of_epoch_keys, of_write};
use crate::store::sql;
use crate::store::vault::Fault;

/// Rows taken away in one transaction.
const ROWS: u32 = 500;
/// What an epoch leaves behind.
const LEFT: [Statement; 5] = [
    sql::DROP_CELLS,
    sql::DROP_BOXES,
    sql::DROP_QUOTAS,
    sql::DROP_ENDED_KEYS,
    sql::DROP_ENDED_GRANTS,
];

/// Forgets every epoch before the one of now, and tells how many rows that took away. First the pepper: from then on
/// nobody finds the rows, whether they are there or not.
pub(crate) async fn pass(context: &Context) -> Result<u64, Refusal> {
    let current = Epoch::of(context.clock.now());
    context
        .epochs
        .destroy_before(current)
        .await
        .map_err(|error| of_epoch_keys(&error))?;
    let mut done = 0;
    for statement in LEFT {
        loop {
            let work = Drop { statement, current };
            let rows = context
                .store
                .upkeep("timer.epoch", work)
                .await
                .map_err(of_write)?;
            done += rows;
            if rows < u64::from(ROWS) {
                break;
            }
        }
    }
    Ok(done)
}

struct Drop {
    statement: Statement,
    current: Epoch,
}

impl Upkeep for Drop {
    type Output = u64;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, Fault> {
        let args = args![self.current.number(), ROWS];
        Ok(tx.execute(self.statement, args).await?)
    }
}
