//! The rules that every service's schema and statements keep, as assertions for its tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use sluis_store::{Dialect, MigrationSet, Schema, Statement, Store};

use crate::{RefusingJournal, TestDatabases, test_parts};

/// Table, column, type in SQLite's words, NOT NULL, and the collation in PostgreSQL. A virtual table of SQLite (full
/// text) and what it keeps itself in are an index, which PostgreSQL has on a column.
const COLUMNS: Statement = Statement::differ(
    "SELECT l.name, p.name, p.type, CASE p.\"notnull\" WHEN 0 THEN 0 ELSE 1 END, NULL \
     FROM pragma_table_list AS l JOIN pragma_table_info(l.name) AS p \
     WHERE l.schema = 'main' AND l.type = 'table' AND substr(l.name, 1, 7) <> 'sqlite_' \
     AND substr(l.name, 1, 12) <> '_migrations_' LIMIT 10000",
    "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text = 'NO', collation_name::text \
     FROM information_schema.columns \
     WHERE table_schema = current_schema() AND substr(table_name::text, 1, 12) <> '_migrations_' LIMIT 10000",
);

/// Tables that SQLite keeps loosely typed, or in order of insertion.
const LOOSE_TABLES: &str = "SELECT name FROM pragma_table_list \
     WHERE type = 'table' AND schema = 'main' AND (wr = 0 OR strict = 0) \
     AND substr(name, 1, 7) <> 'sqlite_' AND substr(name, 1, 12) <> '_migrations_' LIMIT 10000";

type Columns = BTreeMap<(String, String), (String, bool)>;

/// Asserts that both folders hold the same files, and that all of them are listed in the set.
///
/// # Panics
/// When they do not.
pub fn assert_migrations_agree(manifest_dir: &str, set: &MigrationSet) {
    let listed: BTreeSet<String> = set
        .files
        .iter()
        .map(|file| format!("{}.sql", file.name))
        .collect();
    for folder in ["sqlite", "postgres"] {
        let path = Path::new(manifest_dir).join("migrations").join(folder);
        let found: BTreeSet<String> = std::fs::read_dir(&path)
            .unwrap_or_else(|error| panic!("migrations/{folder} cannot be read: {error}"))
            .map(|file| {
                file.expect("a file of the folder")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        assert_eq!(
            found, listed,
            "files in migrations/{folder} (left) and in the list of {}",
            set.owner
        );
    }
}

/// Asserts that the schema makes the same tables and columns on both databases, that SQLite's tables are STRICT and
/// WITHOUT ROWID, and that PostgreSQL's text compares by bytes as SQLite's does.
///
/// # Panics
/// When it does not.
pub async fn assert_schemas_agree(schema: &Schema) {
    let databases = TestDatabases::start().await;
    let mut columns = Vec::new();
    for database in databases.each().await {
        let store = database
            .open(schema, test_parts(Arc::new(RefusingJournal), 1).parts)
            .await;
        columns.push(columns_of(&store).await);
        if store.dialect() == Dialect::Sqlite {
            let mut read = store.read("rules").await.expect("reads");
            let rows = read.tx().fetch_all(LOOSE_TABLES, &[]).await.expect("reads");
            let loose: Vec<String> = rows.iter().map(|row| row.get(0).expect("a name")).collect();
            assert!(loose.is_empty(), "not STRICT, WITHOUT ROWID: {loose:?}");
        }
        store.close().await;
    }
    assert_eq!(
        columns[0], columns[1],
        "(table, column), (type, NOT NULL) of SQLite (left) and PostgreSQL"
    );
}

async fn columns_of(store: &Store) -> Columns {
    let mut read = store.read("rules").await.expect("reads");
    let mut columns = Columns::new();
    for row in read.tx().fetch_all(COLUMNS, &[]).await.expect("reads") {
        let (table, column): (String, String) = (row.get(0).expect("a table"), row.get(1).expect("a column"));
        let stored: String = row.get(2).expect("a type");
        let collation: Option<String> = row.get(4).expect("a collation");
        let portable = match stored.as_str() {
            "TEXT" | "text" => "TEXT",
            "INTEGER" | "bigint" | "boolean" => "INTEGER",
            "BLOB" | "bytea" => "BLOB",
            other => panic!("{table}.{column} has type {other}, which the two databases do not share"),
        };
        assert!(
            stored != "text" || collation.as_deref() == Some("C"),
            "{table}.{column} needs COLLATE \"C\" on PostgreSQL: elsewhere its order would differ"
        );
        columns.insert(
            (table, column),
            (portable.to_owned(), row.get(3).expect("a flag")),
        );
    }
    columns
}

/// Asserts that both databases take every statement against the schema.
///
/// # Panics
/// When one does not.
pub async fn assert_statements_prepare(schema: &Schema, all: &[Statement]) {
    let databases = TestDatabases::start().await;
    for database in databases.each().await {
        let store = database
            .open(schema, test_parts(Arc::new(RefusingJournal), 1).parts)
            .await;
        if let Err(error) = store.check_statements(all).await {
            panic!("{} does not take a statement: {error:?}", database.name());
        }
        store.close().await;
    }
}
