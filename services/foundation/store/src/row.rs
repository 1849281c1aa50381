//! One row of an answer, whichever driver it came from.

use sluis_types::{Oin, Timestamp};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;

/// One row of an answer.
pub struct Row(RowKind);

enum RowKind {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Row(…)")
    }
}

impl Row {
    pub(crate) fn sqlite(row: SqliteRow) -> Self {
        Self(RowKind::Sqlite(row))
    }

    pub(crate) fn postgres(row: PgRow) -> Self {
        Self(RowKind::Postgres(row))
    }

    /// The value of the column at `index`, counted from 0 in the order of the SELECT.
    ///
    /// # Errors
    /// [`StoreError::Unexpected`] when there is no such column, or it holds another type or NULL.
    pub fn get<T: FromColumn>(&self, index: usize) -> Result<T, StoreError> {
        T::from_column(self, index)
    }
}

/// A type that a column can be read as.
pub trait FromColumn: Sized {
    /// The value of the column at `index`.
    ///
    /// # Errors
    /// [`StoreError::Unexpected`] when the column is absent or of another type.
    fn from_column(row: &Row, index: usize) -> Result<Self, StoreError>;
}

const OTHER_TYPE: StoreError = StoreError::Unexpected {
    what: "a column that is absent or of another type",
};

macro_rules! from_column {
    ($($type:ty),+) => {$(
        impl FromColumn for $type {
            fn from_column(row: &Row, index: usize) -> Result<Self, StoreError> {
                // Through Option: the SQLite driver reads NULL as 0 or as empty text.
                row.get::<Option<Self>>(index)?.ok_or(OTHER_TYPE)
            }
        }
        impl FromColumn for Option<$type> {
            fn from_column(row: &Row, index: usize) -> Result<Self, StoreError> {
                match &row.0 {
                    RowKind::Sqlite(row) => sqlx::Row::try_get(row, index),
                    RowKind::Postgres(row) => sqlx::Row::try_get(row, index),
                }
                .map_err(|_| OTHER_TYPE)
            }
        }
    )+};
}

from_column!(i64, bool, String, Vec<u8>);

/// Types that are stored as another one.
macro_rules! from_column_through {
    ($($type:ty = $stored:ty, |$value:ident| $convert:expr;)+) => {$(
        impl FromColumn for $type {
            fn from_column(row: &Row, index: usize) -> Result<Self, StoreError> {
                let $value = row.get::<$stored>(index)?;
                $convert
            }
        }
        impl FromColumn for Option<$type> {
            fn from_column(row: &Row, index: usize) -> Result<Self, StoreError> {
                row.get::<Option<$stored>>(index)?.map(|$value| $convert).transpose()
            }
        }
    )+};
}

from_column_through! {
    Timestamp = i64, |micros| Ok(Timestamp::from_micros(micros));
    Oin = String, |text| text.parse().map_err(|_| StoreError::Unexpected { what: "a column that holds no OIN" });
}

impl<const N: usize> FromColumn for [u8; N] {
    fn from_column(row: &Row, index: usize) -> Result<Self, StoreError> {
        exact(&row.get::<Vec<u8>>(index)?)
    }
}

impl<const N: usize> FromColumn for Option<[u8; N]> {
    fn from_column(row: &Row, index: usize) -> Result<Self, StoreError> {
        row.get::<Option<Vec<u8>>>(index)?
            .map(|bytes| exact(&bytes))
            .transpose()
    }
}

fn exact<const N: usize>(bytes: &[u8]) -> Result<[u8; N], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Unexpected {
        what: "a column of another length",
    })
}
