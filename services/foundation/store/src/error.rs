//! What can go wrong, in words that hold no value of any row.

use crate::Dialect;

/// Why the database did not do what was asked. Holds statements and codes, never values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database cannot be reached, is shutting down, full, or too busy. Asking again with the same request id is
    /// safe: an act that ended so may or may not have happened.
    #[error("the database is not available: {reason}")]
    Unavailable {
        /// What was met.
        reason: &'static str,
        /// The database's own code, where it gave one (SQLSTATE, or SQLite's extended result code).
        code: Option<String>,
    },
    /// The database refused a statement: a fault in this program or its schema.
    #[error("the database refused a statement")]
    Statement {
        /// The refused statement (a constant of the program).
        statement: &'static str,
        /// SQLSTATE, or SQLite's extended result code.
        code: String,
        /// The database's words, left out where they could quote a value.
        message: String,
    },
    /// Something in the database is not as this program writes it, or an argument cannot be stored.
    #[error("the store met {what}")]
    Unexpected {
        /// What was met.
        what: &'static str,
    },
    /// The journal could not write the leaf, so the act did not happen.
    #[error("the journal failed: {reason}")]
    Journal {
        /// The journal's own words.
        reason: &'static str,
    },
    /// The command panicked and was rolled back.
    #[error("the command panicked")]
    Panicked,
}

impl StoreError {
    /// The failure of a journal, in fixed words.
    pub const fn journal(reason: &'static str) -> Self {
        Self::Journal { reason }
    }

    /// Whether asking again later can help.
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    pub(crate) const fn unavailable(reason: &'static str) -> Self {
        Self::Unavailable { reason, code: None }
    }

    /// Sorts a driver's error. `statement` names what was being done.
    pub(crate) fn from_driver(dialect: Dialect, statement: &'static str, error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(refusal) = error else {
            return match error {
                sqlx::Error::PoolTimedOut => Self::unavailable("no connection became free in time"),
                sqlx::Error::PoolClosed => Self::unavailable("the store is closed"),
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::BeginFailed => Self::unavailable("the connection failed"),
                _ => Self::Unexpected {
                    what: "an answer of another form than the statement gives",
                },
            };
        };
        let code = refusal
            .code()
            .map(std::borrow::Cow::into_owned)
            .unwrap_or_default();
        if let Some(reason) = passing(dialect, &code) {
            return Self::Unavailable {
                reason,
                code: Some(code),
            };
        }
        // Class 22 (data exception) quotes the value that did not fit.
        let message = match dialect {
            Dialect::Postgres if code.starts_with("22") => String::new(),
            _ => refusal.message().to_owned(),
        };
        Self::Statement {
            statement,
            code,
            message,
        }
    }

    /// Whether the database gave up this transaction in favour of another one: the whole may be run again.
    pub(crate) fn is_conflict(error: &sqlx::Error) -> bool {
        matches!(error, sqlx::Error::Database(refusal)
            if matches!(refusal.code().as_deref(), Some("40001" | "40P01")))
    }
}

/// The reason when a code stands for a state that passes by itself or by an operator's hand.
fn passing(dialect: Dialect, code: &str) -> Option<&'static str> {
    match dialect {
        Dialect::Postgres => match code {
            "40001" | "40P01" => Some("others kept changing the same rows"),
            "55P03" | "57014" => Some("a lock or a statement took too long"),
            "25006" => Some("the database takes no writes now"),
            _ => match code.get(..2)? {
                "08" => Some("the connection failed"),
                "53" => Some("the database is out of room"),
                "57" => Some("the database is shutting down or starting"),
                "58" => Some("the database's own system failed"),
                _ => None,
            },
        },
        // The low byte of the extended code is the primary one (sqlite.org/rescode.html).
        Dialect::Sqlite => match code.parse::<u32>().ok()? & 0xff {
            5 | 6 => Some("another program holds the database file"),
            8 => Some("the database takes no writes now"),
            10 => Some("the disk failed"),
            13 => Some("the disk is full"),
            14 => Some("the database file cannot be opened"),
            _ => None,
        },
    }
}

/// Why a write changed nothing, or may have changed something without saying so ([`StoreError::Unavailable`]).
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The command itself said no, in its own words, and was rolled back.
    #[error("the command refused")]
    Command(E),
    /// The request id was used before by this caller for this method, with another body.
    #[error("the request id was used before with another body")]
    RequestIdReused,
    /// The database, or the journal.
    #[error(transparent)]
    Store(StoreError),
}

impl<E> From<StoreError> for WriteError<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A database address that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Neither `sqlite:` nor `postgres://` nor `postgresql://`.
    #[error("a database address starts with sqlite: or postgres://")]
    Scheme,
    /// `sqlite:` without a file. A database in memory would lose what it acknowledged.
    #[error("a sqlite: address names a file")]
    NoFile,
    /// A `postgres://` address that does not parse.
    #[error("the postgres:// address does not parse")]
    Address,
}

/// Why a store did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Migrations wait to be applied. `sluisd migrate` does so.
    #[error("the database lacks migrations: {}", .0.join(", "))]
    PendingMigrations(Vec<String>),
    /// An applied migration is not the one that this program holds.
    #[error("migration {0} was applied with another text")]
    ChangedMigration(String),
    /// A migration failed; it was rolled back.
    #[error("a migration of {owner} failed")]
    Migration {
        /// The set that it belongs to.
        owner: &'static str,
        /// The database's words.
        #[source]
        source: Box<sqlx::migrate::MigrateError>,
    },
    /// The database file could not be created or read.
    #[error("the database file cannot be made")]
    File(#[source] std::io::Error),
    /// The database could not be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        assert!(passing(Dialect::Postgres, "57P01").is_some());
        assert!(passing(Dialect::Postgres, "23505").is_none());
        assert!(passing(Dialect::Postgres, "").is_none());
        assert!(passing(Dialect::Sqlite, "5").is_some());
        assert!(
            passing(Dialect::Sqlite, "261").is_some(),
            "extended codes count by their low byte"
        );
        assert!(passing(Dialect::Sqlite, "2067").is_none());
    }
}
