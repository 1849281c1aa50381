//! A transaction: the one handle through which statements run.

use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;

use crate::outbox::Arrived;
use crate::{Arg, Dialect, Remembered, Row, Statement, StoreError};

/// An open transaction, or one act's part of it.
///
/// A failed statement poisons it: every later one fails alike and nothing is committed.
pub struct Tx<'a> {
    link: Link<'a>,
    pub(crate) failure: Option<StoreError>,
    /// Set when the database gave way to another transaction: the whole may be run again.
    pub(crate) conflict: bool,
    pub(crate) remembered: Option<Remembered>,
    pub(crate) arrived: Arrived,
}

enum Link<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx")
            .field("dialect", &self.dialect())
            .finish_non_exhaustive()
    }
}

impl<'a> Tx<'a> {
    fn new(link: Link<'a>) -> Self {
        Self {
            link,
            failure: None,
            conflict: false,
            remembered: None,
            arrived: Arrived::default(),
        }
    }

    pub(crate) fn sqlite(connection: &'a mut SqliteConnection) -> Self {
        Self::new(Link::Sqlite(connection))
    }

    pub(crate) fn postgres(connection: &'a mut PgConnection) -> Self {
        Self::new(Link::Postgres(connection))
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.link {
            Link::Sqlite(_) => Dialect::Sqlite,
            Link::Postgres(_) => Dialect::Postgres,
        }
    }

    /// In [`Store::write_unstored`](crate::Store::write_unstored): how this request was decided before.
    pub fn repeated(&self) -> Option<&Remembered> {
        self.remembered.as_ref()
    }

    /// Runs a statement and tells how many rows it changed.
    ///
    /// # Errors
    /// What the database said, after which this transaction can only end.
    pub async fn execute(
        &mut self,
        statement: impl Into<Statement>,
        args: &[Arg<'_>],
    ) -> Result<u64, StoreError> {
        let sql = self.start(statement.into())?;
        let done = match &mut self.link {
            Link::Sqlite(connection) => sqlx::query_with(sql, Arg::for_sqlite(args)?)
                .execute(&mut **connection)
                .await
                .map(|done| done.rows_affected()),
            Link::Postgres(connection) => sqlx::query_with(sql, Arg::for_postgres(args)?)
                .execute(&mut **connection)
                .await
                .map(|done| done.rows_affected()),
        };
        done.map_err(|error| self.poison(sql, &error))
    }

    /// Runs a statement and gives its first row, if it has one.
    ///
    /// # Errors
    /// What the database said, after which this transaction can only end.
    pub async fn fetch_optional(
        &mut self,
        statement: impl Into<Statement>,
        args: &[Arg<'_>],
    ) -> Result<Option<Row>, StoreError> {
        let sql = self.start(statement.into())?;
        let row = match &mut self.link {
            Link::Sqlite(connection) => sqlx::query_with(sql, Arg::for_sqlite(args)?)
                .fetch_optional(&mut **connection)
                .await
                .map(|row| row.map(Row::sqlite)),
            Link::Postgres(connection) => sqlx::query_with(sql, Arg::for_postgres(args)?)
                .fetch_optional(&mut **connection)
                .await
                .map(|row| row.map(Row::postgres)),
        };
        row.map_err(|error| self.poison(sql, &error))
    }

    /// Runs a statement that must give a row.
    ///
    /// # Errors
    /// [`StoreError::Unexpected`] when it gives none, or what the database said.
    pub async fn fetch_one(
        &mut self,
        statement: impl Into<Statement>,
        args: &[Arg<'_>],
    ) -> Result<Row, StoreError> {
        self.fetch_optional(statement, args)
            .await?
            .ok_or(StoreError::Unexpected {
                what: "no row where one must be",
            })
    }

    /// Runs a statement and gives all its rows. The SQL says how many at most.
    ///
    /// # Errors
    /// What the database said, after which this transaction can only end.
    pub async fn fetch_all(
        &mut self,
        statement: impl Into<Statement>,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let sql = self.start(statement.into())?;
        let rows = match &mut self.link {
            Link::Sqlite(connection) => sqlx::query_with(sql, Arg::for_sqlite(args)?)
                .fetch_all(&mut **connection)
                .await
                .map(|rows| rows.into_iter().map(Row::sqlite).collect()),
            Link::Postgres(connection) => sqlx::query_with(sql, Arg::for_postgres(args)?)
                .fetch_all(&mut **connection)
                .await
                .map(|rows| rows.into_iter().map(Row::postgres).collect()),
        };
        rows.map_err(|error| self.poison(sql, &error))
    }

    /// Asks the database to parse a statement against the schema, without running it.
    pub(crate) async fn prepare(&mut self, statement: Statement) -> Result<(), StoreError> {
        use sqlx::{Executor as _, SqlSafeStr as _};
        let sql = self.start(statement)?;
        let prepared = match &mut self.link {
            Link::Sqlite(connection) => (&mut **connection).prepare(sql.into_sql_str()).await.map(drop),
            Link::Postgres(connection) => (&mut **connection).prepare(sql.into_sql_str()).await.map(drop),
        };
        prepared.map_err(|error| self.poison(sql, &error))
    }

    /// Marks the transaction as one that gave way to another.
    pub(crate) fn give_way(&mut self) -> StoreError {
        let error = StoreError::unavailable("others kept changing the same rows");
        self.conflict = true;
        self.failure = Some(error.clone());
        error
    }

    fn start(&self, statement: Statement) -> Result<&'static str, StoreError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let sql = statement.text(self.dialect());
        tracing::trace!(target: "sluis_store::statement", sql);
        Ok(sql)
    }

    fn poison(&mut self, sql: &'static str, error: &sqlx::Error) -> StoreError {
        self.conflict = StoreError::is_conflict(error);
        let failure = StoreError::from_driver(self.dialect(), sql, error);
        self.failure = Some(failure.clone());
        failure
    }
}
