//! Gives committed events their positions (PostgreSQL only; see the parent module for why).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::{HEAD, HEAD_FOR_UPDATE, Position};
use crate::perform::Chore;
use crate::postgres::Postgres;
use crate::{Parts, Statement, StoreError, Tx, Upkeep, WriteError};

/// How often it looks without being told: events of other replicas, and of an act whose caller went away.
const POLL: Duration = Duration::from_millis(200);
/// Rows placed in one transaction.
const PLACED_ROWS_MAX: i64 = 1000;

/// Whether events wait for their position.
pub(super) const WAITING: Statement =
    Statement::same("SELECT EXISTS (SELECT 1 FROM outbox WHERE position IS NULL)");
/// Gives waiting events the positions after $1, in order of insertion. (The two databases name the updated table
/// alike; SQLite never runs this.)
pub(super) const PLACE: Statement = Statement::same(
    "UPDATE outbox SET position = waiting.place + $1 \
     FROM (SELECT arrival AS id_of, row_number() OVER (ORDER BY arrival) AS place \
           FROM (SELECT arrival FROM outbox WHERE position IS NULL ORDER BY arrival LIMIT $2) AS next) AS waiting \
     WHERE outbox.arrival = waiting.id_of",
);
/// Remembers the last position given out.
pub(super) const MOVE_HEAD: Statement = Statement::same("UPDATE outbox_head SET position = $1 WHERE id = 1");

/// One round of placing, in one transaction. Gives the head, and whether more may wait.
struct Place;

impl Upkeep for Place {
    type Output = (Position, bool);
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(Position, bool), StoreError> {
        if !tx.fetch_one(WAITING, &[]).await?.get::<bool>(0)? {
            return Ok((tx.fetch_one(HEAD, &[]).await?.get(0)?, false));
        }
        // The fence. It is a statement of its own: the next one begins after the lock is ours, so (READ COMMITTED) it
        // sees what the former holder placed.
        let head: Position = tx.fetch_one(HEAD_FOR_UPDATE, &[]).await?.get(0)?;
        let placed = tx.execute(PLACE, crate::args![head, PLACED_ROWS_MAX]).await?;
        let placed = i64::try_from(placed).unwrap_or(PLACED_ROWS_MAX);
        tx.execute(MOVE_HEAD, crate::args![head + placed]).await?;
        Ok((head + placed, placed == PLACED_ROWS_MAX))
    }
}

/// Places events whenever it is told to and every [`POLL`], and tells watchers, until stopped.
pub(crate) async fn run(
    postgres: Postgres,
    parts: Arc<Parts>,
    wake: Arc<Notify>,
    latest: watch::Sender<Position>,
    stop: CancellationToken,
) {
    let mut failing = false;
    loop {
        match postgres.run(&parts, &Chore(Place)).await {
            Ok((head, more)) => {
                failing = false;
                latest.send_if_modified(|latest| {
                    let moved = *latest != head;
                    *latest = head;
                    moved
                });
                if more {
                    continue;
                }
            }
            // Said once, not at every poll: the events are safe and wait.
            Err(WriteError::Command(error) | WriteError::Store(error)) if !failing => {
                failing = true;
                tracing::warn!(?error, "events wait: they cannot be placed now");
            }
            Err(_) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = wake.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}
