//! The store: what a service holds.

use std::fmt;
use std::sync::Arc;

use sluis_keyring::{BlindIndex, ColumnKeys};
use sluis_types::{Clock, Randomness};
use sqlx::{Postgres as PostgresDriver, Sqlite as SqliteDriver, Transaction};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::config::Target;
use crate::idempotency::{PURGE_ROWS_MAX, Purge};
use crate::outbox::sequencer;
use crate::perform::{Act, Chore, Codec, Done, Work};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::{
    Command, Dialect, Journal, OpenError, Outbox, Position, Request, Schema, Statement, StoreConfig,
    StoreError, Stored, Tx, Upkeep, WriteError, Written,
};

/// The settings that say whether an acknowledged commit survives. SQLite's are fixed by how it is opened.
const DURABILITY: Statement = Statement::differ(
    "SELECT 'on', 'on', ''",
    "SELECT current_setting('fsync'), current_setting('synchronous_commit'), \
     current_setting('synchronous_standby_names')",
);

pub(crate) const ALL: &[Statement] = &[DURABILITY];

/// What a store works with.
#[derive(Clone)]
pub struct Parts {
    /// The log: no leaf, no act.
    pub journal: Arc<dyn Journal>,
    /// Seals remembered answers and payloads.
    pub column_keys: ColumnKeys,
    /// Makes keys under which requests are found.
    pub index: Arc<dyn BlindIndex>,
    /// Says when a request is forgotten.
    pub clock: Arc<dyn Clock>,
    /// Names events, and spreads retries.
    pub randomness: Arc<dyn Randomness>,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parts(…)")
    }
}

/// How safe a commit is, by the database's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Durability {
    /// Commits are forced to disk.
    pub fsync: bool,
    /// A commit is acknowledged only after that.
    pub synchronous_commit: bool,
    /// A commit is acknowledged only after a standby has it on disk too.
    pub synchronous_standby: bool,
}

/// A service's database. Cloning is cheap; the last one dropped stops it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    backend: Backend,
    parts: Arc<Parts>,
    latest: watch::Receiver<Position>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.dialect()).finish()
    }
}

impl Store {
    /// Opens a migrated database. Needs a tokio runtime, on which the writer or the sequencer then runs.
    ///
    /// # Errors
    /// [`OpenError::PendingMigrations`] when [`migrate`](crate::migrate) is to be run first; nothing is changed.
    pub async fn open(config: &StoreConfig, schema: &Schema, parts: Parts) -> Result<Self, OpenError> {
        let parts = Arc::new(parts);
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let (backend, latest) = match &config.target {
            Target::Sqlite(path) => {
                if !path.try_exists().map_err(OpenError::File)? {
                    let names = schema
                        .sets()
                        .iter()
                        .flat_map(|set| set.files.iter().map(|file| file.name));
                    return Err(OpenError::PendingMigrations(names.map(str::to_owned).collect()));
                }
                let (sqlite, mut writer) = Sqlite::connect(path, config.connections_max).await?;
                let pending = crate::migration::pending(
                    writer.connection(),
                    schema,
                    |link| Tx::sqlite(link),
                    Dialect::Sqlite,
                );
                refuse(pending.await?)?;
                let (head, _) = crate::outbox::head(&mut Tx::sqlite(writer.connection())).await?;
                let (sender, latest) = watch::channel(head);
                tasks.spawn(writer.run(Arc::clone(&parts), sender, stop.clone()));
                (Backend::Sqlite(sqlite), latest)
            }
            Target::Postgres(options) => {
                let postgres = Postgres::connect(options, config.connections_max).await?;
                let mut connection = postgres
                    .pool
                    .acquire()
                    .await
                    .map_err(|error| StoreError::from_driver(Dialect::Postgres, "connect", &error))?;
                let pending = crate::migration::pending(
                    &mut *connection,
                    schema,
                    |link| Tx::postgres(link),
                    Dialect::Postgres,
                );
                refuse(pending.await?)?;
                let (head, _) = crate::outbox::head(&mut Tx::postgres(&mut connection)).await?;
                drop(connection);
                let (sender, latest) = watch::channel(head);
                let wake = Arc::clone(&postgres.wake);
                let parts = Arc::clone(&parts);
                tasks.spawn(sequencer::run(
                    postgres.clone(),
                    parts,
                    wake,
                    sender,
                    stop.clone(),
                ));
                (Backend::Postgres(postgres), latest)
            }
        };
        tasks.close();
        Ok(Self(Arc::new(Inner {
            backend,
            parts,
            latest,
            stop,
            tasks,
        })))
    }

    /// Finishes the acts that wait, then closes every connection. Later calls find the store unavailable.
    pub async fn close(&self) {
        self.0.stop.cancel();
        self.0.tasks.wait().await;
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.readers.close().await,
            Backend::Postgres(postgres) => postgres.pool.close().await,
        }
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.0.backend {
            Backend::Sqlite(_) => Dialect::Sqlite,
            Backend::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The clock that this store was given.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.parts.clock
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// Does what a request asks, once. The same request again gets the same answer and changes nothing.
    ///
    /// When this gives `Ok`, the act, its leaf, its events and the memory of it are durable.
    ///
    /// # Errors
    /// [`WriteError::Command`] when the command said no without a log; [`WriteError::RequestIdReused`] when the id
    /// stands for another body; [`WriteError::Store`] otherwise, after which repeating with the same id is safe.
    pub async fn write<C>(
        &self,
        request: Request,
        command: C,
    ) -> Result<Written<C::Reply, C::Refusal>, WriteError<C::Error>>
    where
        C: Command,
        C::Reply: Stored,
        C::Refusal: Stored,
    {
        let span = tracing::debug_span!("write", act = request.method);
        let act = Act {
            request: Some(request),
            codec: Some(Codec::stored()),
            command,
        };
        self.run(act).instrument(span).await
    }

    /// Does what a request asks, and never stores the reply: only the request's hash and the leaf are remembered.
    ///
    /// The same request again runs the command again, which then finds [`Tx::repeated`] set. When it is done as it
    /// was before, nothing is changed and the first leaf is given back; when it is refused, or done after a refusal,
    /// that is a decision with a leaf of its own.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_unstored<C: Command>(
        &self,
        request: Request,
        command: C,
    ) -> Result<Written<C::Reply, C::Refusal>, WriteError<C::Error>> {
        let span = tracing::debug_span!("write", act = request.method);
        self.run(Act {
            request: Some(request),
            codec: None,
            command,
        })
        .instrument(span)
        .await
    }

    /// An act that no request asked for: a timer's, or one that a watched event causes. It needs its leaf too.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_internal<C: Command>(
        &self,
        name: &'static str,
        command: C,
    ) -> Result<Written<C::Reply, C::Refusal>, WriteError<C::Error>> {
        let span = tracing::debug_span!("write", act = name);
        self.run(Act {
            request: None,
            codec: None,
            command,
        })
        .instrument(span)
        .await
    }

    /// Housekeeping that is no act: the one way to write without a leaf.
    ///
    /// # Errors
    /// [`WriteError::Command`] or [`WriteError::Store`]; nothing was changed, or it is not known.
    pub async fn upkeep<U: Upkeep>(
        &self,
        name: &'static str,
        work: U,
    ) -> Result<U::Output, WriteError<U::Error>> {
        let span = tracing::debug_span!("upkeep", name);
        self.run(Chore(work)).instrument(span).await
    }

    /// A consistent view for reading, over as many statements as it takes. It ends when it is dropped.
    ///
    /// # Errors
    /// When no connection can be had.
    pub async fn read(&self, name: &'static str) -> Result<ReadTx, StoreError> {
        tracing::trace!(name, "read");
        let failed = |error| StoreError::from_driver(self.dialect(), "BEGIN", &error);
        Ok(ReadTx(match &self.0.backend {
            Backend::Sqlite(sqlite) => ReadKind::Sqlite(sqlite.readers.begin().await.map_err(failed)?),
            Backend::Postgres(postgres) => ReadKind::Postgres(
                postgres
                    .pool
                    .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await
                    .map_err(failed)?,
            ),
        }))
    }

    /// Forgets requests that expired ([`REQUEST_MEMORY`](crate::REQUEST_MEMORY)), and tells how many. For a timer.
    ///
    /// # Errors
    /// What the database said.
    pub async fn purge_requests(&self) -> Result<u64, StoreError> {
        let now = self.clock().now();
        let mut forgotten = 0;
        loop {
            let rows = match self.upkeep("requests.purge", Purge { now }).await {
                Ok(rows) => rows,
                Err(WriteError::Command(error) | WriteError::Store(error)) => return Err(error),
                Err(WriteError::RequestIdReused) => return Ok(forgotten),
            };
            forgotten += rows;
            if rows < PURGE_ROWS_MAX.unsigned_abs() {
                return Ok(forgotten);
            }
        }
    }

    /// The events of this service.
    pub fn outbox(&self) -> Outbox {
        Outbox::new(self.clone(), self.0.latest.clone())
    }

    /// How safe a commit is, by the database's settings.
    ///
    /// # Errors
    /// What the database said.
    pub async fn durability(&self) -> Result<Durability, StoreError> {
        let mut read = self.read("durability").await?;
        let row = read.tx().fetch_one(DURABILITY, &[]).await?;
        let (fsync, commit, standbys) = (
            row.get::<String>(0)?,
            row.get::<String>(1)?,
            row.get::<String>(2)?,
        );
        Ok(Durability {
            fsync: fsync == "on",
            synchronous_commit: commit != "off",
            // `local` waits for no standby and `remote_write` not for its disk.
            synchronous_standby: !standbys.is_empty() && matches!(commit.as_str(), "on" | "remote_apply"),
        })
    }

    /// Has the database parse statements against its schema, without running them. For tests.
    ///
    /// # Errors
    /// The first statement that does not fit.
    pub async fn check_statements(&self, all: &[Statement]) -> Result<(), StoreError> {
        for statement in all {
            self.read("check").await?.tx().prepare(*statement).await?;
        }
        Ok(())
    }

    async fn run<W: Work>(&self, work: W) -> Done<W> {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.run(work).await,
            Backend::Postgres(postgres) => postgres.run(&self.0.parts, &work).await,
        }
    }
}

fn refuse(pending: Vec<String>) -> Result<(), OpenError> {
    if pending.is_empty() {
        Ok(())
    } else {
        Err(OpenError::PendingMigrations(pending))
    }
}

/// A consistent view for reading. Ends when dropped.
pub struct ReadTx(ReadKind);

enum ReadKind {
    Sqlite(Transaction<'static, SqliteDriver>),
    Postgres(Transaction<'static, PostgresDriver>),
}

impl ReadTx {
    /// The handle for statements. The database refuses those that write.
    pub fn tx(&mut self) -> Tx<'_> {
        match &mut self.0 {
            ReadKind::Sqlite(transaction) => Tx::sqlite(transaction),
            ReadKind::Postgres(transaction) => Tx::postgres(transaction),
        }
    }
}

impl fmt::Debug for ReadTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadTx(…)")
    }
}
