//! PostgreSQL: each piece of work is a transaction, run again as a whole when it gave way to another.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::sync::Notify;

use crate::perform::{Done, Fate, Work, guarded};
use crate::{Dialect, Parts, StoreError, Tx, WriteError};

/// How often a piece of work is run again after a conflict.
const CONFLICT_RETRIES_MAX: u32 = 10;
/// Wait before the first of these; it doubles, with chance, up to [`BACKOFF_MAX`].
const BACKOFF_FIRST: Duration = Duration::from_millis(2);
const BACKOFF_MAX: Duration = Duration::from_millis(200);
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that was idle this long is tested before use: the server may have restarted.
const TEST_AFTER_IDLE: Duration = Duration::from_secs(1);

/// The connections of a store on PostgreSQL.
#[derive(Clone, Debug)]
pub(crate) struct Postgres {
    pub(crate) pool: PgPool,
    /// Wakes the sequencer of the outbox.
    pub(crate) wake: Arc<Notify>,
}

impl Postgres {
    /// Connects; fails when the server cannot be reached.
    pub(crate) async fn connect(
        options: &PgConnectOptions,
        connections_max: u32,
    ) -> Result<Self, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(connections_max)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A test before each use would cost every request a round trip.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for >= TEST_AFTER_IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(crate::config::serving_options(options))
            .await
            .map_err(|error| StoreError::from_driver(Dialect::Postgres, "connect", &error))?;
        Ok(Self {
            pool,
            wake: Arc::new(Notify::new()),
        })
    }

    /// Runs a piece of work in a transaction of its own. It is committed when this gives `Ok`.
    pub(crate) async fn run<W: Work>(&self, parts: &Parts, work: &W) -> Done<W> {
        let mut attempt = 0;
        loop {
            let (conflict, done) = self.attempt(parts, work).await;
            if !conflict || attempt == CONFLICT_RETRIES_MAX {
                return done;
            }
            attempt += 1;
            tokio::time::sleep(backoff(parts, attempt)).await;
        }
    }

    async fn attempt<W: Work>(&self, parts: &Parts, work: &W) -> (bool, Done<W>) {
        let mut transaction = match self.pool.begin().await {
            Ok(transaction) => transaction,
            Err(error) => {
                return (
                    false,
                    Err(StoreError::from_driver(Dialect::Postgres, "BEGIN", &error).into()),
                );
            }
        };
        let mut tx = Tx::postgres(&mut transaction);
        let (fate, done) = guarded(work, parts, &mut tx).await;
        let (conflict, arrived) = (tx.conflict, tx.arrived);
        match fate {
            Fate::Undo => {
                // What was not committed is gone, whether or not the server hears it now.
                let _gone = transaction.rollback().await;
                (conflict, done)
            }
            Fate::Keep => match transaction.commit().await {
                Ok(()) => {
                    if arrived.waiting {
                        self.wake.notify_one();
                    }
                    (false, done)
                }
                Err(error) => {
                    let failure = StoreError::from_driver(Dialect::Postgres, "COMMIT", &error);
                    (StoreError::is_conflict(&error), Err(WriteError::Store(failure)))
                }
            },
        }
    }
}

/// Doubling, and somewhere between half and whole by chance: writers that met once should not meet again.
fn backoff(parts: &Parts, attempt: u32) -> Duration {
    let whole = BACKOFF_FIRST
        .saturating_mul(1 << attempt.min(16))
        .min(BACKOFF_MAX);
    let mut chance = [0];
    parts.randomness.fill(&mut chance);
    whole / 2 + whole * u32::from(chance[0]) / 512
}
