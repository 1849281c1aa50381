//! Databases on PostgreSQL: their rows, and the files that the server keeps them in.

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{Column as _, ConnectOptions as _, Connection as _, Row as _, TypeInfo as _, ValueRef as _};

use super::dump::RawFile;
use super::rows::{Table, Value};
use crate::DemoError;

/// All tables.
const TABLES: &str = "SELECT table_name::text FROM information_schema.tables \
     WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name";
/// The columns of a table's primary key.
const KEY: &str = "SELECT column_name::text FROM information_schema.key_column_usage AS used \
     JOIN information_schema.table_constraints AS named USING (constraint_schema, constraint_name, table_name) \
     WHERE named.constraint_type = 'PRIMARY KEY' AND table_name = $1 AND constraint_schema = current_schema() \
     ORDER BY used.ordinal_position";
/// The files of this database: tables, what they store apart, and indexes, as the server's own bytes. With dead rows,
/// which stay until they are overwritten. Only a superuser may.
const FILES: &str = "SELECT relname::text, pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class \
     WHERE relkind IN ('r', 't', 'i') AND relnamespace IN \
     (current_schema()::regnamespace, 'pg_toast'::regnamespace) AND oid >= 16384";

/// An open database.
#[derive(Debug)]
pub(super) struct Server(PgConnection);

impl Server {
    pub(super) async fn open(url: &str) -> Result<Self, DemoError> {
        let options: PgConnectOptions = url.parse()?;
        Ok(Self(options.disable_statement_logging().connect().await?))
    }

    pub(super) async fn tables(&mut self) -> Result<Vec<Table>, DemoError> {
        let mut tables = Vec::new();
        for row in sqlx::query(TABLES).fetch_all(&mut self.0).await? {
            let name: String = row.try_get(0)?;
            let key = sqlx::query(KEY).bind(&name).fetch_all(&mut self.0).await?;
            let key = key.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
            tables.push(Table { name, key });
        }
        Ok(tables)
    }

    /// The named values of each row.
    pub(super) async fn select(
        &mut self,
        columns: &str,
        table: &str,
    ) -> Result<Vec<Vec<(String, Value)>>, DemoError> {
        // Built from the names that the database itself gives, as on SQLite.
        let sql = sqlx::AssertSqlSafe(format!("SELECT {columns} FROM \"{table}\""));
        let rows = sqlx::query(sql).fetch_all(&mut self.0).await?;
        rows.iter().map(|row| Ok(named(row)?)).collect()
    }

    /// The raw files, after everything that is in memory only was written.
    pub(super) async fn files(&mut self, store: &str) -> Result<Vec<RawFile>, DemoError> {
        sqlx::query("CHECKPOINT").execute(&mut self.0).await?;
        let rows = sqlx::query(FILES).fetch_all(&mut self.0).await?;
        let file = |row: &PgRow| {
            let relation: String = row.try_get(0)?;
            Ok(RawFile {
                name: format!("{store}/{relation}"),
                bytes: row.try_get(1)?,
            })
        };
        rows.iter().map(file).collect()
    }

    pub(super) async fn close(self) -> Result<(), DemoError> {
        Ok(self.0.close().await?)
    }
}

fn named(row: &PgRow) -> Result<Vec<(String, Value)>, sqlx::Error> {
    row.columns()
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let value = row.try_get_raw(index)?;
            let value = match (value.is_null(), value.type_info().name()) {
                (true, _) => Value::Null,
                (false, "TEXT" | "VARCHAR") => Value::Text(row.try_get(index)?),
                (false, "BYTEA") => Value::Blob(row.try_get(index)?),
                (false, "BOOL") => Value::Integer(row.try_get::<bool, _>(index)?.into()),
                (false, "INT2") => Value::Integer(row.try_get::<i16, _>(index)?.into()),
                (false, "INT4") => Value::Integer(row.try_get::<i32, _>(index)?.into()),
                (false, _) => Value::Integer(row.try_get(index)?),
            };
            Ok((column.name().to_owned(), value))
        })
        .collect()
}
