//! Rows of a database, whatever its tables are.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{Column as _, ConnectOptions as _, Row as _, TypeInfo as _, ValueRef as _};

use super::postgres::Server;
use crate::DemoError;

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Nothing.
    Null,
    /// A number.
    Integer(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl Value {
    /// The bytes of a value, for looking at them.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Null => Vec::new(),
            Self::Integer(number) => number.to_be_bytes().to_vec(),
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Blob(bytes) => bytes.clone(),
        }
    }
}

/// Which row: database, table and primary key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId {
    /// The database.
    pub store: &'static str,
    /// The table.
    pub table: String,
    /// The primary key's columns.
    pub key: Vec<Value>,
}

/// A row with all its columns.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which one.
    pub id: RowId,
    /// Its columns by name.
    pub columns: Vec<(String, Value)>,
}

impl Row {
    /// The value of a column.
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.columns
            .iter()
            .find(|(name, _)| name == column)
            .map(|(_, value)| value)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) key: Vec<String>,
}

/// An open database. Reading it writes nothing.
#[derive(Debug)]
pub struct Database {
    store: &'static str,
    connection: Connection,
    tables: Vec<Table>,
}

#[derive(Debug)]
enum Connection {
    Sqlite(SqliteConnection),
    Postgres(Server),
}

/// All tables.
const TABLES: &str =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
/// The columns of a table's primary key.
const KEY: &str = "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk";

impl Database {
    /// Opens a database, a running mesh's or a copy.
    ///
    /// # Errors
    /// [`DemoError::Database`].
    pub async fn open(store: &'static str, path: &Path) -> Result<Self, DemoError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .disable_statement_logging();
        let mut connection = options.pragma("query_only", "ON").connect().await?;
        let mut tables = Vec::new();
        for row in sqlx::query(TABLES).fetch_all(&mut connection).await? {
            let name: String = row.try_get(0)?;
            let key = sqlx::query(KEY).bind(&name).fetch_all(&mut connection).await?;
            let key = key.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
            tables.push(Table { name, key });
        }
        Ok(Self::of(store, Connection::Sqlite(connection), tables))
    }

    /// Opens a running mesh's database on PostgreSQL.
    ///
    /// # Errors
    /// [`DemoError::Database`].
    pub async fn open_postgres(store: &'static str, url: &str) -> Result<Self, DemoError> {
        let mut server = Server::open(url).await?;
        let tables = server.tables().await?;
        Ok(Self::of(store, Connection::Postgres(server), tables))
    }

    fn of(store: &'static str, connection: Connection, mut tables: Vec<Table>) -> Self {
        // What migrations were applied is about nobody.
        tables.retain(|table| !table.key.is_empty() && !table.name.contains("migration"));
        Self {
            store,
            connection,
            tables,
        }
    }

    /// Which database it is.
    pub fn store(&self) -> &'static str {
        self.store
    }

    /// The primary keys of all rows.
    ///
    /// # Errors
    /// [`DemoError::Database`].
    pub async fn ids(&mut self) -> Result<Vec<RowId>, DemoError> {
        let mut ids = Vec::new();
        for table in &self.tables {
            for row in self.connection.select(&table.key.join(", "), &table.name).await? {
                ids.push(RowId {
                    store: self.store,
                    table: table.name.clone(),
                    key: row.into_iter().map(|(_, value)| value).collect(),
                });
            }
        }
        Ok(ids)
    }

    /// All rows.
    ///
    /// # Errors
    /// [`DemoError::Database`].
    pub async fn rows(&mut self) -> Result<Vec<Row>, DemoError> {
        let mut all = Vec::new();
        for table in self.tables.clone() {
            all.extend(self.read(&table).await?);
        }
        Ok(all)
    }

    /// The rows of one table; none when there is no such table.
    ///
    /// # Errors
    /// [`DemoError::Database`].
    pub async fn rows_of(&mut self, name: &str) -> Result<Vec<Row>, DemoError> {
        match self.tables.iter().find(|table| table.name == name).cloned() {
            Some(table) => self.read(&table).await,
            None => Ok(Vec::new()),
        }
    }

    async fn read(&mut self, table: &Table) -> Result<Vec<Row>, DemoError> {
        let rows = self.connection.select("*", &table.name).await?;
        let row = |columns: Vec<(String, Value)>| {
            let of_key = |name: &String| {
                columns
                    .iter()
                    .find(|(column, _)| column == name)
                    .map_or(Value::Null, |(_, value)| value.clone())
            };
            let key = table.key.iter().map(of_key).collect();
            Row {
                id: RowId {
                    store: self.store,
                    table: table.name.clone(),
                    key,
                },
                columns,
            }
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Closes the database.
    ///
    /// # Errors
    /// [`DemoError::Database`].
    pub async fn close(self) -> Result<(), DemoError> {
        match self.connection {
            Connection::Sqlite(connection) => Ok(sqlx::Connection::close(connection).await?),
            Connection::Postgres(server) => server.close().await,
        }
    }
}

impl Connection {
    // The one statement that is built: from the names that the database itself gives. Nothing from outside is in it.
    async fn select(&mut self, columns: &str, table: &str) -> Result<Vec<Vec<(String, Value)>>, DemoError> {
        match self {
            Self::Sqlite(connection) => {
                let sql = sqlx::AssertSqlSafe(format!("SELECT {columns} FROM \"{table}\""));
                let rows = sqlx::query(sql).fetch_all(connection).await?;
                rows.iter().map(|row| Ok(named(row)?)).collect()
            }
            Self::Postgres(server) => server.select(columns, table).await,
        }
    }
}

fn named(row: &SqliteRow) -> Result<Vec<(String, Value)>, sqlx::Error> {
    row.columns()
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let value = row.try_get_raw(index)?;
            let value = match (value.is_null(), value.type_info().name()) {
                (true, _) => Value::Null,
                (false, "TEXT") => Value::Text(row.try_get(index)?),
                (false, "BLOB") => Value::Blob(row.try_get(index)?),
                (false, _) => Value::Integer(row.try_get(index)?),
            };
            Ok((column.name().to_owned(), value))
        })
        .collect()
}
