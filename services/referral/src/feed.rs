//! The events of the outbox, read and opened once for all watches of this process.
//!
//! A row of the outbox names nobody, so every watch has to look at every event. The newest are kept here, opened: a
//! watch that is up to date costs the database nothing of its own, however many there are. A watch that is further
//! behind reads for itself until it has caught up.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sluis_serve::Refusal;
use sluis_store::{Outbox, OutboxError, Position};

use crate::error::of_outbox;
use crate::event::{MailboxEvent, read_row};
use crate::store::vault::Fault;

/// Rows read at once.
const READ_MAX: u32 = 200;
/// Events that are kept opened; together they take a few megabytes at most.
const EVENTS_MAX: usize = 8192;

/// The events of one act.
pub(crate) type Row = Arc<(Position, Vec<MailboxEvent>)>;

/// Rows, and how far was looked: go on from there.
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    pub(crate) through: Position,
}

/// The events of the outbox, read once for all watches.
pub(crate) struct Feed {
    outbox: Outbox,
    recent: Mutex<Recent>,
    /// Held by whoever reads on: the others find what it read.
    reading: tokio::sync::Mutex<()>,
}

/// All rows after `from`, through `through`.
struct Recent {
    from: Position,
    through: Position,
    rows: VecDeque<Row>,
    events: usize,
}

impl Feed {
    pub(crate) fn new(outbox: Outbox) -> Self {
        let recent = Recent {
            from: 0,
            through: 0,
            rows: VecDeque::new(),
            events: 0,
        };
        Self {
            outbox,
            recent: Mutex::new(recent),
            reading: tokio::sync::Mutex::new(()),
        }
    }

    pub(crate) const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// What comes after a position: some rows at most, none when there is nothing yet.
    pub(crate) async fn read_after(&self, after: Position) -> Result<Rows, Refusal> {
        if let Some(rows) = self.recent().after(after) {
            return Ok(rows);
        }
        let _reading = self.reading.lock().await;
        if let Some(rows) = self.recent().after(after) {
            return Ok(rows);
        }
        let batch = self
            .outbox
            .read_after(after, READ_MAX, None)
            .await
            .map_err(|error: OutboxError| of_outbox(&error))?;
        let mut rows = Vec::with_capacity(batch.events.len());
        for record in batch.events {
            rows.push(Arc::new((
                record.position,
                read_row(&record.payload).map_err(Fault::from)?,
            )));
        }
        let rows = Rows {
            rows,
            through: batch.read_through,
        };
        self.recent().add(after, &rows);
        Ok(rows)
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    /// What is kept after a position; none when that is not here, or nothing is there yet.
    fn after(&self, after: Position) -> Option<Rows> {
        if after < self.from || after >= self.through {
            return None;
        }
        let first = self.rows.partition_point(|row| row.0 <= after);
        let rows: Vec<Row> = self
            .rows
            .iter()
            .skip(first)
            .take(READ_MAX as usize)
            .cloned()
            .collect();
        let is_all = first + rows.len() == self.rows.len();
        let through = if is_all {
            self.through
        } else {
            rows.last().map_or(self.through, |row| row.0)
        };
        Some(Rows { rows, through })
    }

    /// Keeps what was read after a position, where it goes on from what is kept or lies wholly beyond it.
    fn add(&mut self, after: Position, read: &Rows) {
        if after > self.through || self.rows.is_empty() && after >= self.from {
            *self = Self {
                from: after,
                through: after,
                rows: VecDeque::new(),
                events: 0,
            };
        }
        if after != self.through {
            // A watch that is far behind: what it reads is older than what is kept.
            return;
        }
        for row in &read.rows {
            self.events += row.1.len();
            self.rows.push_back(Arc::clone(row));
        }
        self.through = read.through;
        while self.events > EVENTS_MAX
            && let Some(oldest) = self.rows.pop_front()
        {
            self.events -= oldest.1.len();
            self.from = oldest.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use sluis_types::MessageId;

    use super::*;

    fn rows(positions: impl IntoIterator<Item = Position>, through: Position) -> Rows {
        let event = MailboxEvent::Arrived {
            recipient: "00000099000000001000".parse().unwrap(),
            message: MessageId::from_bytes([1; 16]),
        };
        let rows = positions
            .into_iter()
            .map(|position| Arc::new((position, vec![event.clone()])))
            .collect();
        Rows { rows, through }
    }

    fn recent() -> Recent {
        Recent {
            from: 0,
            through: 0,
            rows: VecDeque::new(),
            events: 0,
        }
    }

    fn positions(rows: &Rows) -> Vec<Position> {
        rows.rows.iter().map(|row| row.0).collect()
    }

    #[test]
    fn what_is_kept_is_a_stretch_without_holes() {
        let mut recent = recent();
        assert!(recent.after(0).is_none(), "nothing is known yet");
        // The first watch begins somewhere.
        recent.add(40, &rows(41..=45, 45));
        assert!(recent.after(39).is_none(), "before what is kept");
        assert_eq!(positions(&recent.after(40).unwrap()), [41, 42, 43, 44, 45]);
        assert_eq!(positions(&recent.after(44).unwrap()), [45]);
        assert!(recent.after(45).is_none(), "whoever is up to date reads on");
        recent.add(45, &rows(46..=47, 47));
        assert_eq!(positions(&recent.after(43).unwrap()), [44, 45, 46, 47]);
        // What a late watch reads leaves it as it is, and so does reading the same twice.
        recent.add(10, &rows(11..=20, 20));
        recent.add(45, &rows(46..=47, 47));
        assert_eq!(
            positions(&recent.after(40).unwrap()),
            (41..=47).collect::<Vec<_>>()
        );
        // Someone is ahead: everything between would be a hole.
        recent.add(60, &rows(61..=62, 62));
        assert!(recent.after(47).is_none());
        assert_eq!(positions(&recent.after(60).unwrap()), [61, 62]);
    }

    #[test]
    fn positions_without_rows_are_passed() {
        let mut recent = recent();
        recent.add(5, &rows([], 9));
        let passed = recent.after(5).unwrap();
        assert_eq!((passed.rows.len(), passed.through), (0, 9));
        recent.add(9, &rows([12], 15));
        assert_eq!(recent.after(12).unwrap().through, 15);
    }

    #[test]
    fn no_more_is_kept_than_the_limit_and_no_more_given_at_once() {
        let mut recent = recent();
        let mut after = 0;
        for _ in 0..50 {
            recent.add(after, &rows(after + 1..=after + 200, after + 200));
            after += 200;
        }
        assert!(recent.events <= EVENTS_MAX && recent.rows.len() == recent.events);
        assert!(recent.after(recent.from - 1).is_none());
        let mut place = recent.from;
        let mut seen = Vec::new();
        while let Some(next) = recent.after(place) {
            assert!(next.rows.len() <= READ_MAX as usize);
            seen.extend(positions(&next));
            place = next.through;
        }
        assert_eq!(seen, (recent.from + 1..=after).collect::<Vec<_>>());
    }
}
