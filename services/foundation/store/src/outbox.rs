//! Events for other services: written with the act that caused them, read in one order that never changes.
//!
//! The trap: on PostgreSQL a number taken from a sequence says when a row was *inserted*; a transaction with a lower
//! number may commit later. A reader that goes on from the highest number it saw would miss it. So a row has no
//! position when it is inserted. After its commit the [sequencer](sequencer) gives committed rows the next positions,
//! in order of insertion, holding the lock of the one row of `outbox_head` until its own commit: positions are
//! gap-free, become readable in order, and two replicas cannot give out the same one. An event that was caused by
//! another is inserted after the other's commit, so it comes later. A row lock held by each *writer* instead would
//! serialise all commits; reading below the oldest running transaction (`pg_snapshot_xmin`) would break when a
//! dump is restored into another cluster. On SQLite there is one writer, and it numbers rows as it inserts them.

pub(crate) mod sequencer;

use sluis_keyring::Location;
use sluis_types::Timestamp;
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::idempotency::hour_after;
use crate::{Dialect, Parts, Statement, Store, StoreError, Tx, Upkeep, WriteError};

/// A place in the order of events: 1 is the first event, 0 is before it.
pub type Position = i64;

/// Events given in one answer at most.
pub const READ_EVENTS_MAX: u32 = 1000;
/// Rows trimmed in one transaction.
const TRIM_ROWS_MAX: i64 = 1000;

/// The last position given out, and the last one trimmed.
const HEAD: Statement = Statement::same("SELECT position, trimmed FROM outbox_head WHERE id = 1");
/// The same, and nobody else may change it meanwhile.
const HEAD_FOR_UPDATE: Statement =
    crate::for_update!("SELECT position, trimmed FROM outbox_head WHERE id = 1");
/// Takes positions where one writer numbers rows itself.
const TAKE: Statement =
    Statement::same("UPDATE outbox_head SET position = position + $1 WHERE id = 1 RETURNING position");
/// Inserts a row that has its position ($1).
const INSERT_PLACED: Statement = Statement::same(
    "INSERT INTO outbox (arrival, position, id, topic, recipient, payload, appeared) \
     VALUES ($1, $1, $2, $3, $4, $5, $6)",
);
/// Inserts a row that waits for its position. SQLite has no sequences and never runs this; it would number alike.
const INSERT_WAITING: Statement = Statement::differ(
    "INSERT INTO outbox (arrival, id, topic, recipient, payload, appeared) \
     SELECT position + 1, $1, $2, $3, $4, $5 FROM outbox_head",
    "INSERT INTO outbox (arrival, id, topic, recipient, payload, appeared) \
     VALUES (nextval('outbox_arrival'), $1, $2, $3, $4, $5)",
);
/// Events after a position.
const READ: Statement = Statement::same(
    "SELECT position, id, topic, recipient, payload FROM outbox \
     WHERE position > $1 ORDER BY position LIMIT $2",
);
/// One recipient's events after a position.
const READ_RECIPIENT: Statement = Statement::same(
    "SELECT position, id, topic, recipient, payload FROM outbox \
     WHERE recipient = $3 AND position > $1 ORDER BY position LIMIT $2",
);
/// The first event after a position that appeared at a time or later.
const FIRST_KEPT: Statement = Statement::same(
    "SELECT position FROM outbox WHERE position > $1 AND appeared >= $2 ORDER BY position LIMIT 1",
);
/// Moves the trimmed mark.
const MARK_TRIMMED: Statement = Statement::same("UPDATE outbox_head SET trimmed = $1 WHERE id = 1");
/// Deletes trimmed events.
const TRIM: Statement = Statement::same("DELETE FROM outbox WHERE position <= $1");

pub(crate) const ALL: &[Statement] = &[
    HEAD,
    HEAD_FOR_UPDATE,
    TAKE,
    INSERT_PLACED,
    INSERT_WAITING,
    READ,
    READ_RECIPIENT,
    FIRST_KEPT,
    MARK_TRIMMED,
    TRIM,
    sequencer::WAITING,
    sequencer::PLACE,
    sequencer::MOVE_HEAD,
];

/// An event to send. Its `Debug` shows the topic only.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboxEvent {
    /// What kind of event; stands in clear.
    pub topic: &'static str,
    /// Whom it is for, to filter by; clear or blind as the service says, and empty when it is for all.
    pub recipient: Vec<u8>,
    /// What happened; sealed at rest.
    pub payload: Vec<u8>,
}

impl std::fmt::Debug for OutboxEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutboxEvent")
            .field("topic", &self.topic)
            .finish_non_exhaustive()
    }
}

/// An event as it is read. Its `Debug` shows position and topic only.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboxRecord {
    /// Its place in the order.
    pub position: Position,
    /// What kind of event.
    pub topic: String,
    /// Whom it is for.
    pub recipient: Vec<u8>,
    /// What happened.
    pub payload: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for OutboxRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutboxRecord")
            .field("position", &self.position)
            .field("topic", &self.topic)
            .finish_non_exhaustive()
    }
}

/// Events, and how far the reading went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The events, in order.
    pub events: Vec<OutboxRecord>,
    /// Go on from here. It may lie beyond the last event, past those of other recipients.
    pub read_through: Position,
}

/// Why events could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboxError {
    /// Events after that position are gone, or the position was never given out (a restored backup does not know it).
    /// The reader starts afresh from a snapshot.
    #[error("the position lapsed")]
    Lapsed,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a transaction put in the outbox, for whom to wake when it is committed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Arrived {
    /// The last position given out, where the writer numbers.
    pub(crate) head: Option<Position>,
    /// Whether rows wait for the sequencer.
    pub(crate) waiting: bool,
}

/// Puts events in the outbox, in the transaction of their act.
pub(crate) async fn append(parts: &Parts, tx: &mut Tx<'_>, events: &[OutboxEvent]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let appeared = hour_after(parts.clock.now());
    let mut position = match tx.dialect() {
        Dialect::Postgres => None,
        Dialect::Sqlite => {
            let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
            let head: Position = tx.fetch_one(TAKE, crate::args![count]).await?.get(0)?;
            tx.arrived.head = Some(head);
            Some(head - count)
        }
    };
    for event in events {
        let mut id = [0; 16];
        parts.randomness.fill(&mut id);
        let payload = parts.column_keys.seal(payload_location(&id), &event.payload);
        if let Some(position) = &mut position {
            *position += 1;
            let args = crate::args![*position, &id, event.topic, &event.recipient, &payload, appeared];
            tx.execute(INSERT_PLACED, args).await?;
        } else {
            let args = crate::args![&id, event.topic, &event.recipient, &payload, appeared];
            tx.execute(INSERT_WAITING, args).await?;
            tx.arrived.waiting = true;
        }
    }
    Ok(())
}

fn payload_location(id: &[u8; 16]) -> Location<'_> {
    Location::new("outbox", "payload", id)
}

/// The position of the newest readable event, and of the last trimmed one.
pub(crate) async fn head(tx: &mut Tx<'_>) -> Result<(Position, Position), StoreError> {
    let row = tx.fetch_one(HEAD, &[]).await?;
    Ok((row.get(0)?, row.get(1)?))
}

/// The events of a service, for those who watch it.
#[derive(Clone, Debug)]
pub struct Outbox {
    store: Store,
    latest: watch::Receiver<Position>,
}

impl Outbox {
    pub(crate) fn new(store: Store, latest: watch::Receiver<Position>) -> Self {
        Self { store, latest }
    }

    /// Events after a position, in order: all, or those for one recipient. At least none, at most `limit` (which is
    /// coerced between 1 and [`READ_EVENTS_MAX`]).
    ///
    /// # Errors
    /// [`OutboxError::Lapsed`] when the reader must start afresh.
    pub async fn read_after(
        &self,
        after: Position,
        limit: u32,
        recipient: Option<&[u8]>,
    ) -> Result<Batch, OutboxError> {
        let limit = limit.clamp(1, READ_EVENTS_MAX);
        // One snapshot: an event that appears between two statements must not be passed over.
        let mut read = self.store.read("outbox.read_after").await?;
        let mut tx = read.tx();
        let (head, trimmed) = head(&mut tx).await?;
        if after < trimmed || after > head {
            return Err(OutboxError::Lapsed);
        }
        let rows = match recipient {
            None => tx.fetch_all(READ, crate::args![after, limit]).await?,
            Some(recipient) => {
                tx.fetch_all(READ_RECIPIENT, crate::args![after, limit, recipient])
                    .await?
            }
        };
        drop(read);
        let column_keys = &self.store.parts().column_keys;
        let mut events = Vec::with_capacity(rows.len());
        for row in rows {
            let id: [u8; 16] = row.get(1)?;
            let sealed: Vec<u8> = row.get(4)?;
            events.push(OutboxRecord {
                position: row.get(0)?,
                topic: row.get(2)?,
                recipient: row.get(3)?,
                payload: column_keys.open(payload_location(&id), &sealed).map_err(|_| {
                    StoreError::Unexpected {
                        what: "an event that does not open",
                    }
                })?,
            });
        }
        let read_through = match events.last() {
            Some(last) if events.len() == limit as usize => last.position,
            _ => head,
        };
        Ok(Batch { events, read_through })
    }

    /// The position of the newest readable event. Take it before the snapshot that a watch begins with.
    ///
    /// # Errors
    /// What the database said.
    pub async fn latest(&self) -> Result<Position, StoreError> {
        let mut read = self.store.read("outbox.latest").await?;
        Ok(head(&mut read.tx()).await?.0)
    }

    /// Waits until an event after `after` may be readable: a hint, the truth is [`Outbox::read_after`]. Events of
    /// other processes count too. Returns at once when the store is closed.
    pub async fn wait_after(&self, after: Position) {
        let mut latest = self.latest.clone();
        // An error means that nobody tells any more: the store is closed, and reading will say so.
        let _closed = latest.wait_for(|latest| *latest > after).await;
    }

    /// Deletes events that appeared before `older_than`, to the hour and never too early. Gives the position through
    /// which all is gone.
    ///
    /// # Errors
    /// What the database said.
    pub async fn trim(&self, older_than: Timestamp) -> Result<Position, StoreError> {
        let through = {
            let mut read = self.store.read("outbox.trim").await?;
            let mut tx = read.tx();
            let (head, trimmed) = head(&mut tx).await?;
            match tx
                .fetch_optional(FIRST_KEPT, crate::args![trimmed, older_than])
                .await?
            {
                Some(row) => row.get::<Position>(0)? - 1,
                None => head,
            }
        };
        loop {
            let trimmed = self
                .store
                .upkeep("outbox.trim", Trim { through })
                .await
                .map_err(|error| match error {
                    WriteError::Command(error) | WriteError::Store(error) => error,
                    WriteError::RequestIdReused => StoreError::Unexpected {
                        what: "a chore with a request",
                    },
                })?;
            if trimmed >= through {
                return Ok(trimmed);
            }
        }
    }
}

struct Trim {
    through: Position,
}

impl Upkeep for Trim {
    type Output = Position;
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Position, StoreError> {
        let trimmed: Position = tx.fetch_one(HEAD_FOR_UPDATE, &[]).await?.get(1)?;
        let through = self.through.min(trimmed + TRIM_ROWS_MAX);
        if through <= trimmed {
            return Ok(trimmed);
        }
        tx.execute(MARK_TRIMMED, crate::args![through]).await?;
        tx.execute(TRIM, crate::args![through]).await?;
        Ok(through)
    }
}
