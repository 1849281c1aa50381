//! SQL as constants, and the values that go into it.

use sluis_types::{Oin, Timestamp};
use sqlx::Arguments as _;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;

use crate::{Dialect, StoreError};

/// One statement with `$1` binds: one text for both databases, or one for each where they truly differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Statement {
    /// A statement that both databases take as it is.
    pub const fn same(sql: &'static str) -> Self {
        Self {
            sqlite: sql,
            postgres: sql,
        }
    }

    /// A statement that has to differ. Say why where you use it.
    pub const fn differ(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }

    /// The text for one database.
    pub const fn text(self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

impl From<&'static str> for Statement {
    fn from(sql: &'static str) -> Self {
        Self::same(sql)
    }
}

/// A SELECT whose rows nobody else may change or lock until this transaction ends.
///
/// SQLite has no such clause and needs none: its one writer excludes all others.
#[macro_export]
macro_rules! for_update {
    ($sql:literal) => {
        $crate::Statement::differ($sql, concat!($sql, " FOR UPDATE"))
    };
}

/// A SELECT whose rows nobody may change until this transaction ends, while others may hold them so too.
#[macro_export]
macro_rules! for_share {
    ($sql:literal) => {
        $crate::Statement::differ($sql, concat!($sql, " FOR SHARE"))
    };
}

/// A SELECT that takes only rows that nobody else has locked: how replicas share a queue.
#[macro_export]
macro_rules! for_update_skip_locked {
    ($sql:literal) => {
        $crate::Statement::differ($sql, concat!($sql, " FOR UPDATE SKIP LOCKED"))
    };
}

/// The arguments of a statement, each through [`Arg::from`](crate::Arg).
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        &[$($crate::Arg::from($value)),*]
    };
}

/// A value for a bind. Only what both databases store alike.
#[derive(Clone, Copy)]
pub enum Arg<'a> {
    /// TEXT, or NULL.
    Text(Option<&'a str>),
    /// BLOB or BYTEA, or NULL.
    Bytes(Option<&'a [u8]>),
    /// INTEGER or BIGINT, or NULL.
    Integer(Option<i64>),
    /// INTEGER or BOOLEAN, or NULL.
    Flag(Option<bool>),
}

/// A type that goes into a bind, and the NULL that its `Option` becomes.
pub trait ArgType<'a>: Into<Arg<'a>> {
    /// NULL of this type: PostgreSQL gives even NULL a type.
    const NULL: Arg<'a>;
}

macro_rules! arg {
    ($($type:ty => $variant:ident, |$value:ident| $convert:expr;)+) => {$(
        impl<'a> From<$type> for Arg<'a> {
            fn from($value: $type) -> Self {
                Self::$variant(Some($convert))
            }
        }
        impl<'a> ArgType<'a> for $type {
            const NULL: Arg<'a> = Arg::$variant(None);
        }
    )+};
}

arg! {
    &'a str => Text, |value| value;
    &'a String => Text, |value| value.as_str();
    &'a Oin => Text, |value| value.as_str();
    &'a [u8] => Bytes, |value| value;
    &'a Vec<u8> => Bytes, |value| value.as_slice();
    i64 => Integer, |value| value;
    i32 => Integer, |value| i64::from(value);
    u32 => Integer, |value| i64::from(value);
    u16 => Integer, |value| i64::from(value);
    u8 => Integer, |value| i64::from(value);
    Timestamp => Integer, |value| value.micros();
    bool => Flag, |value| value;
}

impl<'a, const N: usize> From<&'a [u8; N]> for Arg<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Bytes(Some(value))
    }
}

impl<'a, const N: usize> ArgType<'a> for &'a [u8; N] {
    const NULL: Arg<'a> = Arg::Bytes(None);
}

impl<'a, T: ArgType<'a>> From<Option<T>> for Arg<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(T::NULL, Into::into)
    }
}

impl Arg<'_> {
    pub(crate) fn for_sqlite(args: &[Self]) -> Result<SqliteArguments, StoreError> {
        let mut bound = SqliteArguments::default();
        for arg in args {
            match *arg {
                Self::Text(value) => bound.add(value),
                Self::Bytes(value) => bound.add(value),
                Self::Integer(value) => bound.add(value),
                Self::Flag(value) => bound.add(value),
            }
            .map_err(|_| StoreError::Unexpected {
                what: "an argument that cannot be encoded",
            })?;
        }
        Ok(bound)
    }

    pub(crate) fn for_postgres(args: &[Self]) -> Result<PgArguments, StoreError> {
        let mut bound = PgArguments::default();
        for arg in args {
            match *arg {
                Self::Text(value) => bound.add(value),
                Self::Bytes(value) => bound.add(value),
                Self::Integer(value) => bound.add(value),
                Self::Flag(value) => bound.add(value),
            }
            .map_err(|_| StoreError::Unexpected {
                what: "an argument that cannot be encoded",
            })?;
        }
        Ok(bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_clause_stands_on_postgres_only() {
        const LOAD: Statement = for_update!("SELECT a FROM b WHERE c = $1");
        assert_eq!(LOAD.text(Dialect::Sqlite), "SELECT a FROM b WHERE c = $1");
        assert_eq!(
            LOAD.text(Dialect::Postgres),
            "SELECT a FROM b WHERE c = $1 FOR UPDATE"
        );
    }

    #[test]
    fn an_absent_value_keeps_its_type() {
        let bytes: Option<&[u8]> = None;
        assert!(matches!(Arg::from(bytes), Arg::Bytes(None)));
        assert!(matches!(Arg::from(None::<Timestamp>), Arg::Integer(None)));
        assert!(matches!(Arg::from(Some(true)), Arg::Flag(Some(true))));
    }
}
