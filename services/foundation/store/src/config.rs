//! Where the database is, and how connections to it are set up.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use crate::ConfigError;

/// Connections for reading (SQLite) or for everything (PostgreSQL), unless configured otherwise.
const CONNECTIONS_MAX: u32 = 16;
/// Prepared statements kept per connection: more than a service has.
const STATEMENT_CACHE: usize = 512;
/// The WAL is copied into the file when it has this many pages (32 MiB). Rows lie at random keys, so a page that is
/// written often is copied once instead of every few commits.
const WAL_CHECKPOINT_PAGES: &str = "8192";
/// Pages kept in memory per connection, in KiB when negative (sqlite.org/pragma.html#pragma_cache_size).
const SQLITE_CACHE: &str = "-16384";
/// How long SQLite waits for another program (a backup, a shell) to let go of the file.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a PostgreSQL statement waits for a row lock, runs, or leaves its transaction idle, in milliseconds.
const POSTGRES_TIMEOUTS_MS: [(&str, &str); 3] = [
    ("lock_timeout", "5000"),
    ("statement_timeout", "30000"),
    ("idle_in_transaction_session_timeout", "60000"),
];

/// Which of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Embedded: one file, one writer.
    Sqlite,
    /// A server, shared by replicas.
    Postgres,
}

/// Where a service's database is. Making one touches nothing.
#[derive(Clone)]
pub struct StoreConfig {
    pub(crate) target: Target,
    pub(crate) connections_max: u32,
}

#[derive(Clone)]
pub(crate) enum Target {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

impl StoreConfig {
    /// Reads an address: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full`.
    ///
    /// # Errors
    /// [`ConfigError`] when it is neither.
    pub fn parse(url: &str) -> Result<Self, ConfigError> {
        let target = if let Some(path) = url.strip_prefix("sqlite:") {
            if path.is_empty() || path.contains(":memory:") || path.contains('?') {
                return Err(ConfigError::NoFile);
            }
            Target::Sqlite(PathBuf::from(path))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options: PgConnectOptions = url.parse().map_err(|_| ConfigError::Address)?;
            Target::Postgres(Box::new(
                options
                    .application_name("sluis")
                    .statement_cache_capacity(STATEMENT_CACHE)
                    // Whatever the server's default is: the guarded updates are written for this one.
                    .options([("default_transaction_isolation", "read committed")])
                    // The driver's log would repeat every statement; the store traces them itself.
                    .disable_statement_logging(),
            ))
        } else {
            return Err(ConfigError::Scheme);
        };
        Ok(Self {
            target,
            connections_max: CONNECTIONS_MAX,
        })
    }

    /// How many connections may be open: for reading on SQLite, in all on PostgreSQL. At least 2.
    #[must_use]
    pub fn with_connections_max(mut self, connections_max: u32) -> Self {
        self.connections_max = connections_max.max(2);
        self
    }

    /// Which database the address names.
    pub fn dialect(&self) -> Dialect {
        match self.target {
            Target::Sqlite(_) => Dialect::Sqlite,
            Target::Postgres(_) => Dialect::Postgres,
        }
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Sqlite(path) => write!(f, "StoreConfig(sqlite:{})", path.display()),
            Target::Postgres(options) => {
                write!(
                    f,
                    "StoreConfig(postgres://…@{}:{}/…)",
                    options.get_host(),
                    options.get_port()
                )
            }
        }
    }
}

/// Options of every connection to a SQLite file, which must be there already.
pub(crate) fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: a commit is on disk before it is acknowledged. NORMAL would lose the last ones at a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(SQLITE_BUSY_TIMEOUT)
        // Belt and braces: deleted rows are overwritten in the file. What protects are the keys outside it.
        .pragma("secure_delete", "ON")
        .pragma("trusted_schema", "OFF")
        .pragma("wal_autocheckpoint", WAL_CHECKPOINT_PAGES)
        .pragma("cache_size", SQLITE_CACHE)
        .statement_cache_capacity(STATEMENT_CACHE)
        .disable_statement_logging()
}

/// Options of the connections that serve requests: nothing waits for ever.
pub(crate) fn serving_options(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().options(POSTGRES_TIMEOUTS_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_file_or_a_server() {
        assert_eq!(
            StoreConfig::parse("sqlite:a/b.db").map(|c| c.dialect()).ok(),
            Some(Dialect::Sqlite)
        );
        assert_eq!(
            StoreConfig::parse("postgres://u:secret@h/db")
                .map(|c| c.dialect())
                .ok(),
            Some(Dialect::Postgres)
        );
        for (url, error) in [
            ("mysql://x", ConfigError::Scheme),
            ("", ConfigError::Scheme),
            ("sqlite:", ConfigError::NoFile),
            ("sqlite::memory:", ConfigError::NoFile),
            ("sqlite:a?mode=ro", ConfigError::NoFile),
            ("postgres://[", ConfigError::Address),
        ] {
            assert_eq!(StoreConfig::parse(url).err(), Some(error), "{url}");
        }
    }

    #[test]
    fn the_password_is_never_shown() {
        let config = StoreConfig::parse("postgres://user:hunter2@db.example:5433/x").expect("parses");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
