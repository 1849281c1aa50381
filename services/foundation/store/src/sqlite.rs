//! SQLite: one writer runs all work that is waiting in one commit, each piece in a savepoint of its own.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::outbox::Position;
use crate::perform::{Done, Fate, Work, guarded};
use crate::{Dialect, Parts, StoreError, Tx, WriteError};

/// Pieces of work that share one commit at most. More would keep the first waiting.
const GROUP_MAX: usize = 128;
/// Pieces of work that wait for the writer at most; further callers wait to be let in.
const QUEUE_MAX: usize = 1024;

const CLOSED: StoreError = StoreError::unavailable("the store is closed");

/// The writer's queue and the readers' connections of a store on SQLite.
#[derive(Clone, Debug)]
pub(crate) struct Sqlite {
    queue: mpsc::Sender<Box<dyn Job>>,
    pub(crate) readers: SqlitePool,
}

/// The end of the queue that the writer takes from, and the connection it writes through.
pub(crate) struct Writer {
    connection: SqliteConnection,
    queue: mpsc::Receiver<Box<dyn Job>>,
}

impl Sqlite {
    /// Opens an existing file.
    pub(crate) async fn connect(path: &Path, connections_max: u32) -> Result<(Self, Writer), StoreError> {
        let options = crate::config::sqlite_options(path);
        // The writer first: it brings the file into WAL mode, which readers then find.
        let connection = options.connect().await.map_err(|error| failed("open", &error))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(connections_max)
            .test_before_acquire(false)
            .connect_with(options.pragma("query_only", "ON"))
            .await
            .map_err(|error| failed("open", &error))?;
        let (sender, queue) = mpsc::channel(QUEUE_MAX);
        Ok((
            Self {
                queue: sender,
                readers,
            },
            Writer { connection, queue },
        ))
    }

    /// Hands a piece of work to the writer and waits until its commit is on disk.
    pub(crate) async fn run<W: Work>(&self, work: W) -> Done<W> {
        let (answer, answered) = oneshot::channel();
        let job = Queued {
            work,
            done: None,
            answer,
        };
        self.queue
            .send(Box::new(job))
            .await
            .map_err(|_| WriteError::Store(CLOSED))?;
        answered.await.unwrap_or(Err(WriteError::Store(CLOSED)))
    }
}

/// A piece of work in the queue, whatever its types.
trait Job: Send {
    fn run<'a>(
        &'a mut self,
        parts: &'a Parts,
        connection: &'a mut SqliteConnection,
    ) -> BoxFuture<'a, (Fate, Option<Position>)>;

    /// Answers the caller. An error is that of the commit, which takes back what the work itself said.
    fn finish(self: Box<Self>, committed: &Result<(), StoreError>);
}

struct Queued<W: Work> {
    work: W,
    done: Option<Done<W>>,
    answer: oneshot::Sender<Done<W>>,
}

impl<W: Work> Job for Queued<W> {
    fn run<'a>(
        &'a mut self,
        parts: &'a Parts,
        connection: &'a mut SqliteConnection,
    ) -> BoxFuture<'a, (Fate, Option<Position>)> {
        Box::pin(async move {
            let mut tx = Tx::sqlite(connection);
            let (fate, done) = guarded(&self.work, parts, &mut tx).await;
            self.done = Some(done);
            (fate, tx.arrived.head)
        })
    }

    fn finish(self: Box<Self>, committed: &Result<(), StoreError>) {
        let done = match committed {
            Ok(()) => self.done.unwrap_or(Err(WriteError::Store(CLOSED))),
            Err(failure) => Err(WriteError::Store(failure.clone())),
        };
        // A caller that went away does not undo what is done.
        let _gone = self.answer.send(done);
    }
}

impl Writer {
    /// The connection, before the writer runs.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Works until stopped, and then finishes what is in the queue.
    pub(crate) async fn run(
        mut self,
        parts: Arc<Parts>,
        latest: watch::Sender<Position>,
        stop: CancellationToken,
    ) {
        loop {
            let first = tokio::select! {
                first = self.queue.recv() => first,
                () = stop.cancelled(), if !self.queue.is_closed() => {
                    self.queue.close();
                    continue;
                }
            };
            let Some(first) = first else { break };
            let mut group = vec![first];
            let committed = self.group(&parts, &mut group).await;
            if let Err(error) = &committed {
                tracing::warn!(?error, acts = group.len(), "a commit failed");
                // Where SQLite has rolled back by itself, this does nothing.
                let _rolled_back = self.raw("ROLLBACK").await;
            }
            if let Ok(Some(head)) = committed {
                latest.send_replace(head);
            }
            let committed = committed.map(drop);
            for job in group {
                job.finish(&committed);
            }
        }
        let _closed = self.connection.close().await;
    }

    /// Runs the group's first job and those that wait behind it, in one commit. Gives the outbox's head if it moved.
    async fn group(
        &mut self,
        parts: &Parts,
        group: &mut Vec<Box<dyn Job>>,
    ) -> Result<Option<Position>, StoreError> {
        let mut moved = None;
        // Each statement is a trip to the driver's thread: what stands between two acts goes in one.
        self.raw("BEGIN IMMEDIATE; SAVEPOINT act").await?;
        while let Some(job) = group.last_mut() {
            let (fate, head) = job.run(parts, &mut self.connection).await;
            if fate == Fate::Keep {
                moved = head.or(moved);
            }
            let next = if group.len() < GROUP_MAX {
                self.queue.try_recv().ok()
            } else {
                None
            };
            let more = next.is_some();
            group.extend(next);
            self.raw(match (fate, more) {
                (Fate::Keep, true) => "RELEASE act; SAVEPOINT act",
                // The savepoint stays, for the next act.
                (Fate::Undo, true) => "ROLLBACK TO act",
                (Fate::Keep, false) => "RELEASE act; COMMIT",
                (Fate::Undo, false) => "ROLLBACK TO act; COMMIT",
            })
            .await?;
            if !more {
                break;
            }
        }
        Ok(moved)
    }

    async fn raw(&mut self, sql: &'static str) -> Result<(), StoreError> {
        sqlx::query(sql)
            .execute(&mut self.connection)
            .await
            .map(drop)
            .map_err(|error| failed(sql, &error))
    }
}

fn failed(doing: &'static str, error: &sqlx::Error) -> StoreError {
    StoreError::from_driver(Dialect::Sqlite, doing, error)
}
