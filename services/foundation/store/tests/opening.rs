//! Opening, migrating, and the rules that schema and statements keep.

use std::os::unix::fs::PermissionsExt as _;

use sluis_store::{
    Durability, MigrationFile, MigrationSet, OpenError, STATEMENTS, STORE_MIGRATIONS, Schema, Statement,
    Store, migrate,
};
use sluis_store_testing::{
    ClusterOptions, TestDatabases, assert_migrations_agree, assert_schemas_agree, assert_statements_prepare,
};

use crate::counter::{ADD, Add, open, parts, request, schema, value};

#[test]
fn both_folders_hold_the_same_migrations() {
    assert_migrations_agree(env!("CARGO_MANIFEST_DIR"), &STORE_MIGRATIONS);
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    assert_schemas_agree(&schema()).await;
}

#[tokio::test]
#[should_panic(expected = "STRICT")]
async fn a_loose_table_is_noticed() {
    static LOOSE: MigrationSet = MigrationSet::new(
        "loose",
        "_migrations_loose",
        &[MigrationFile::new(
            "0001_loose",
            "CREATE TABLE loose (id TEXT NOT NULL PRIMARY KEY);",
            "CREATE TABLE loose (id TEXT COLLATE \"C\" NOT NULL PRIMARY KEY);",
        )],
    );
    assert_schemas_agree(&Schema::of(&[&LOOSE])).await;
}

#[tokio::test]
#[should_panic(expected = "COLLATE")]
async fn a_text_without_collation_is_noticed() {
    static UNSORTED: MigrationSet = MigrationSet::new(
        "unsorted",
        "_migrations_unsorted",
        &[MigrationFile::new(
            "0001_unsorted",
            "CREATE TABLE unsorted (id TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;",
            "CREATE TABLE unsorted (id TEXT NOT NULL PRIMARY KEY);",
        )],
    );
    assert_schemas_agree(&Schema::of(&[&UNSORTED])).await;
}

#[tokio::test]
async fn both_databases_take_every_statement() {
    let all: Vec<Statement> = STATEMENTS.concat();
    assert_statements_prepare(&schema(), &all).await;
}

#[tokio::test]
#[should_panic(expected = "does not take a statement")]
async fn a_statement_that_fits_no_table_is_noticed() {
    assert_statements_prepare(&schema(), &[ADD, Statement::same("SELECT nothing FROM counter")]).await;
}

#[tokio::test]
async fn a_store_opens_only_after_its_migrations() {
    for database in TestDatabases::start().await.each().await {
        let refused = Store::open(database.config(), &schema(), parts(1).parts).await;
        assert!(
            matches!(&refused, Err(OpenError::PendingMigrations(names)) if names.len() == 3),
            "{refused:?}"
        );
        let applied = migrate(database.config(), &Schema::of(&[]))
            .await
            .expect("migrates");
        assert_eq!(applied, ["store/0001_idempotency", "store/0002_outbox"]);
        let refused = Store::open(database.config(), &schema(), parts(1).parts).await;
        assert!(
            matches!(&refused, Err(OpenError::PendingMigrations(names)) if names == &["counter/0001_counter"]),
            "{refused:?}"
        );
        assert_eq!(
            migrate(database.config(), &schema()).await.expect("migrates"),
            ["counter/0001_counter"]
        );
        assert!(
            migrate(database.config(), &schema())
                .await
                .expect("migrates")
                .is_empty()
        );
        let store = Store::open(database.config(), &schema(), parts(1).parts)
            .await
            .expect("opens");
        store.write(request(1), Add::new("a", 1)).await.expect("writes");
    }
}

#[tokio::test]
async fn a_changed_migration_is_refused() {
    static CHANGED: MigrationSet = MigrationSet::new(
        "counter",
        "_migrations_counter",
        &[MigrationFile::new("0001_counter", "SELECT 1;", "SELECT 1;")],
    );
    for database in TestDatabases::start().await.each().await {
        open(&database).await.close().await;
        let changed = Schema::of(&[&CHANGED]);
        let refused = Store::open(database.config(), &changed, parts(1).parts).await;
        assert!(
            matches!(refused, Err(OpenError::ChangedMigration(_))),
            "{refused:?}"
        );
        assert!(migrate(database.config(), &changed).await.is_err());
    }
}

#[tokio::test]
async fn a_failed_migration_leaves_nothing() {
    static BROKEN: MigrationSet = MigrationSet::new(
        "broken",
        "_migrations_broken",
        &[MigrationFile::new(
            "0001_broken",
            "CREATE TABLE half (id BLOB NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID; SELECT nonsense;",
            "CREATE TABLE half (id BYTEA NOT NULL PRIMARY KEY); SELECT nonsense;",
        )],
    );
    for database in TestDatabases::start().await.each().await {
        let failed = migrate(database.config(), &Schema::of(&[&BROKEN])).await;
        assert!(
            matches!(failed, Err(OpenError::Migration { owner: "broken", .. })),
            "{failed:?}"
        );
        let store = open(&database).await;
        let half = store
            .check_statements(&[Statement::same("SELECT id FROM half")])
            .await;
        assert!(half.is_err(), "{}", database.name());
    }
}

#[tokio::test]
async fn only_its_owner_reads_the_file() {
    let database = TestDatabases::start().await.sqlite();
    let store = open(&database).await;
    store.write(request(1), Add::new("a", 1)).await.expect("writes");
    for file in std::fs::read_dir(database.directory().expect("a file")).expect("reads") {
        let file = file.expect("a file");
        let mode = file.metadata().expect("reads").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_without_closing() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        store.write(request(1), Add::new("a", 1)).await.expect("writes");
        // Another opens it while the first still runs: what it sees is in the database, not in the first's memory.
        assert_eq!(value(&open(&database).await, "a").await, Some(1));
        drop(store);
        assert_eq!(value(&open(&database).await, "a").await, Some(1));
    }
}

#[tokio::test]
async fn the_settings_that_keep_a_commit_are_seen() {
    for database in TestDatabases::start().await.each().await {
        let durability = open(&database).await.durability().await.expect("reads");
        let safe = Durability {
            fsync: true,
            synchronous_commit: true,
            synchronous_standby: false,
        };
        assert_eq!(durability, safe, "{}", database.name());
    }
    let unsafe_server = TestDatabases::start_with(ClusterOptions { fsync: false });
    let durability = open(&unsafe_server.postgres())
        .await
        .durability()
        .await
        .expect("reads");
    assert!(!durability.fsync);
}
