//! Gives committed leaves their places in the tree, and signs what it has become.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sluis_store::{Dialect, Store, Tx, Upkeep, args};
use sluis_types::Timestamp;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::retention::PURGED_ROWS_MAX;
use crate::tree::{Hash, RightEdge, Tile, unfinished_tiles};
use crate::{Ledger, LedgerError, sql};

/// How often waiting leaves are looked for: a leaf gets its place within a second.
const POLL: Duration = Duration::from_millis(200);
/// How long others leave the work to the one that did it last.
const LEASE: Duration = Duration::from_secs(5);
/// How often what is older than it is kept is forgotten.
const RETENTION_EVERY: Duration = Duration::from_hours(1);
/// Leaves placed in one transaction.
const PLACED_LEAVES_MAX: u32 = 4096;

/// What one run of the sequencer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequenced {
    /// How many leaves got their place.
    pub placed: u64,
    /// Whether another sequencer has the lease, so that leaves may still wait.
    pub elsewhere: bool,
}

/// The sequencer of one process. Every replica runs one; the lease leaves the work to one of them at a time.
pub struct Sequencer {
    ledger: Ledger,
    store: Store,
    /// Names this sequencer among those of the other replicas.
    holder: [u8; 16],
    /// The fence of the lease that it took last. Two runs in one process take turns at it.
    fence: Mutex<Option<i64>>,
}

impl fmt::Debug for Sequencer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sequencer")
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}

impl Sequencer {
    /// The sequencer of a log whose tables are in `store`.
    pub fn new(ledger: &Ledger, store: Store) -> Self {
        let mut holder = [0; 16];
        ledger.randomness().fill(&mut holder);
        Self {
            ledger: ledger.clone(),
            store,
            holder,
            fence: Mutex::default(),
        }
    }

    /// Places every leaf that waits, unless another sequencer has the lease.
    ///
    /// # Errors
    /// [`LedgerError`]; leaves that have no place by then still wait.
    pub async fn sequence(&self) -> Result<Sequenced, LedgerError> {
        let mut placed = 0;
        while self.waits().await? {
            match self.store.upkeep("log.sequence", self.pass()).await? {
                Passed::Placed { count: 0, .. } => break,
                Passed::Placed { count, fence } => {
                    placed += count;
                    *self.fence.lock().unwrap_or_else(PoisonError::into_inner) = Some(fence);
                }
                Passed::Elsewhere => {
                    return Ok(Sequenced {
                        placed,
                        elsewhere: true,
                    });
                }
            }
        }
        Ok(Sequenced {
            placed,
            elsewhere: false,
        })
    }

    /// Places leaves until stopped, and once more then, so that what was promised is in a checkpoint. Forgets old events
    /// on the way.
    pub async fn run(&self, stop: CancellationToken) {
        let mut tick = interval(POLL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut retention = interval(RETENTION_EVERY);
        retention.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            let stopping = tokio::select! {
                () = stop.cancelled() => true,
                _ = tick.tick() => false,
                _ = retention.tick() => {
                    match self.forget_some().await {
                        // Leaves get their places in between: a promise has a time.
                        Ok(rows) if rows == u64::from(PURGED_ROWS_MAX) => retention.reset_immediately(),
                        Ok(_) => {}
                        Err(error) => {
                            tracing::warn!(log = self.ledger.origin(), %error, "old events could not be forgotten");
                        }
                    }
                    false
                }
            };
            match self.sequence().await {
                Ok(_) => failing = false,
                // Said once, not at every poll: the leaves are durable and wait.
                Err(error) if !failing => {
                    failing = true;
                    tracing::error!(log = self.ledger.origin(), %error, "leaves wait for their places");
                }
                Err(_) => {}
            }
            if stopping {
                return;
            }
        }
    }

    /// Forgets events that are older than the log keeps them, [`PURGED_ROWS_MAX`] at most, and tells how many.
    ///
    /// # Errors
    /// [`LedgerError`]; the next run goes on.
    pub async fn forget_some(&self) -> Result<u64, LedgerError> {
        let kept_from = self.store.clock().now().minus(self.ledger.kept());
        self.ledger.purge_some(&self.store, kept_from).await
    }

    /// Looked at without writing, so that a log without news costs no commits.
    async fn waits(&self) -> Result<bool, LedgerError> {
        let mut read = self.store.read("log.waiting").await?;
        Ok(read.tx().fetch_optional(sql::FIRST_WAITING, &[]).await?.is_some())
    }

    fn pass(&self) -> Pass {
        Pass {
            ledger: self.ledger.clone(),
            holder: self.holder,
            fence: *self.fence.lock().unwrap_or_else(PoisonError::into_inner),
            now: self.store.clock().now(),
        }
    }
}

/// One transaction of sequencing: leaves, tiles, root and signed checkpoint, all or nothing.
struct Pass {
    ledger: Ledger,
    holder: [u8; 16],
    fence: Option<i64>,
    now: Timestamp,
}

enum Passed {
    Placed { count: u64, fence: i64 },
    Elsewhere,
}

/// The tree as its row has it.
struct TreeRow {
    size: i64,
    root: Hash,
    holder: Vec<u8>,
    fence: i64,
    lease_until: Timestamp,
}

impl Upkeep for Pass {
    type Output = Passed;
    type Error = LedgerError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Passed, LedgerError> {
        let Some(row) = tx.fetch_optional(sql::TREE, &[]).await? else {
            return Ok(Passed::Elsewhere);
        };
        let found = TreeRow {
            size: row.get(0)?,
            root: row.get(1)?,
            holder: row.get(2)?,
            fence: row.get(3)?,
            lease_until: row.get(4)?,
        };
        let held = found.holder == self.holder && self.fence == Some(found.fence);
        if !held && found.lease_until > self.now {
            return Ok(Passed::Elsewhere);
        }
        let fence = if held { found.fence } else { found.fence + 1 };
        let mut edge = load_edge(tx, &found).await?;
        let leaves = place(tx, found.size).await?;
        if leaves.is_empty() {
            return Ok(Passed::Placed { count: 0, fence });
        }
        for tile in edge.append(&leaves) {
            let hashes = tile.hashes.concat();
            tx.execute(sql::STORE_TILE, args![tile.level, integer(tile.number)?, &hashes])
                .await?;
        }
        let root = edge.root();
        let checkpoint = self.ledger.sign(edge.size(), root);
        let grown = args![
            integer(edge.size())?,
            &root,
            &checkpoint,
            &self.holder,
            self.now.plus(LEASE),
            found.size,
            found.fence,
            fence,
        ];
        if tx.execute(sql::GROW_TREE, grown).await? != 1 {
            return Err(LedgerError::Fenced);
        }
        Ok(Passed::Placed {
            count: leaves.len() as u64,
            fence,
        })
    }
}

/// The right edge of the tree, checked against the root that was signed last.
async fn load_edge(tx: &mut Tx<'_>, found: &TreeRow) -> Result<RightEdge, LedgerError> {
    let damaged = LedgerError::Damaged {
        what: "the tree does not have the root that was signed",
    };
    let Ok(size) = u64::try_from(found.size) else {
        return Err(damaged);
    };
    let mut tiles = Vec::new();
    for (level, number, filled) in unfinished_tiles(size) {
        let Some(row) = tx
            .fetch_optional(sql::TILE, args![level, integer(number)?])
            .await?
        else {
            return Err(damaged);
        };
        let bytes: Vec<u8> = row.get(0)?;
        let (hashes, rest) = bytes.as_chunks();
        if hashes.len() != filled || !rest.is_empty() {
            return Err(damaged);
        }
        tiles.push(Tile {
            level,
            number,
            hashes: hashes.to_vec(),
        });
    }
    match RightEdge::new(size, tiles) {
        Some(edge) if edge.root() == found.root => Ok(edge),
        _ => Err(damaged),
    }
}

/// Takes leaves from those that wait, in the order of their places.
async fn place(tx: &mut Tx<'_>, size: i64) -> Result<Vec<Hash>, LedgerError> {
    let rows = tx.fetch_all(sql::PLACE, args![size, PLACED_LEAVES_MAX]).await?;
    if tx.dialect() == Dialect::Sqlite {
        tx.execute(sql::FORGET_PLACED, args![PLACED_LEAVES_MAX]).await?;
    }
    // RETURNING has no order.
    let mut placed = rows
        .iter()
        .map(|row| Ok((row.get::<i64>(0)?, row.get::<Hash>(1)?)))
        .collect::<Result<Vec<_>, LedgerError>>()?;
    placed.sort_unstable();
    let follow = placed
        .iter()
        .zip(size..)
        .all(|((place, _), expected)| *place == expected);
    if !follow {
        return Err(LedgerError::Damaged {
            what: "places that do not follow each other",
        });
    }
    Ok(placed.into_iter().map(|(_, leaf)| leaf).collect())
}

fn integer(number: u64) -> Result<i64, LedgerError> {
    i64::try_from(number).map_err(|_| LedgerError::Damaged {
        what: "a number that no table holds",
    })
}

#[cfg(test)]
mod tests;
