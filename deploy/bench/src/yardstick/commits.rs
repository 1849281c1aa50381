//! Durable commits of one small row, with nothing around them: as durable as the mesh's own store.

use std::sync::Arc;

use sluis_types::{OsRandomness, Randomness as _};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Executor as _, SqliteConnection};
use tokio::sync::Mutex;

use crate::error::{BenchError, failed};
use crate::load::{Load, drive};

/// Connections to PostgreSQL: as many as the most clients that are measured.
const CONNECTIONS_MAX: u32 = 64;
const TABLE: &str = "the table of the one-row commits";
/// Bytes of a row beside its key.
const ROW_BYTES: usize = 100;
const SQLITE_TABLE: &str =
    "CREATE TABLE line (id BLOB NOT NULL PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID";
const POSTGRES_TABLE: &str = "CREATE TABLE line (id BYTEA NOT NULL PRIMARY KEY, body BYTEA NOT NULL)";
const INSERT: &str = "INSERT INTO line (id, body) VALUES ($1, $2)";

/// A table of its own.
#[derive(Clone, Debug)]
pub(crate) enum Commits {
    /// One writer at a time: SQLite has no more.
    Sqlite(Arc<Mutex<SqliteConnection>>),
    /// One connection for each client.
    Postgres(PgPool),
}

impl Commits {
    pub(crate) async fn open(url: &str) -> Result<Self, BenchError> {
        if let Some(file) = url.strip_prefix("sqlite:") {
            let mut connection = SqliteConnectOptions::new()
                .filename(file)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .connect()
                .await
                .map_err(failed(TABLE))?;
            connection.execute(SQLITE_TABLE).await.map_err(failed(TABLE))?;
            return Ok(Self::Sqlite(Arc::new(Mutex::new(connection))));
        }
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .connect(url)
            .await
            .map_err(failed(TABLE))?;
        pool.execute(POSTGRES_TABLE).await.map_err(failed(TABLE))?;
        Ok(Self::Postgres(pool))
    }

    /// Commits one row at a time from each client.
    pub(crate) async fn measure(&self, clients: usize, each: usize) -> Result<Load, BenchError> {
        let this = self.clone();
        drive(clients, each, move |_, _| {
            let this = this.clone();
            async move { this.commit().await }
        })
        .await
    }

    async fn commit(&self) -> Result<(), BenchError> {
        let mut id = [0; 16];
        OsRandomness.fill(&mut id);
        let insert = match self {
            Self::Sqlite(connection) => {
                let mut connection = connection.lock().await;
                let query = sqlx::query(INSERT)
                    .bind(id.as_slice())
                    .bind([7_u8; ROW_BYTES].as_slice());
                query.execute(&mut *connection).await.map(|_| ())
            }
            Self::Postgres(pool) => {
                let query = sqlx::query(INSERT)
                    .bind(id.as_slice())
                    .bind([7_u8; ROW_BYTES].as_slice());
                query.execute(pool).await.map(|_| ())
            }
        };
        insert.map_err(failed("a one-row commit"))
    }
}
