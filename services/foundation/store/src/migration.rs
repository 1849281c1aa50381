//! The schema: migrations that live beside the code, one folder for each database.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{ConnectOptions as _, Connection as _, SqlSafeStr as _};

use crate::config::Target;
use crate::{Dialect, OpenError, Statement, StoreConfig, StoreError, Tx};

/// Whether a table is there. The catalogues have different names.
const TABLE_EXISTS: Statement = Statement::differ(
    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1",
    "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1",
);

pub(crate) const ALL: &[Statement] = &[TABLE_EXISTS];

/// The migrations of one crate, numbered by themselves.
#[derive(Debug)]
pub struct MigrationSet {
    /// The crate's short name.
    pub owner: &'static str,
    table: &'static str,
    /// In order.
    pub files: &'static [MigrationFile],
}

/// One migration, in both dialects.
#[derive(Debug)]
pub struct MigrationFile {
    /// File name without `.sql`: four digits, `_`, words.
    pub name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
    number: i64,
}

impl MigrationSet {
    /// A set; use [`migrations!`](crate::migrations), which embeds the files.
    pub const fn new(owner: &'static str, table: &'static str, files: &'static [MigrationFile]) -> Self {
        let mut index = 1;
        while index < files.len() {
            assert!(
                files[index - 1].number < files[index].number,
                "migrations stand in order"
            );
            index += 1;
        }
        Self { owner, table, files }
    }

    /// The table that remembers which of these are applied.
    pub fn table(&self) -> &'static str {
        self.table
    }

    fn migrator(&self, dialect: Dialect) -> Migrator {
        let migrations = self.files.iter().map(|file| file.migration(dialect)).collect();
        let mut migrator = Migrator::with_migrations(migrations);
        migrator.dangerous_set_table_name(self.table);
        // A newer program may have migrated already: migrations only expand until the last old replica is gone.
        migrator.set_ignore_missing(true);
        migrator
    }
}

impl MigrationFile {
    /// A migration; use [`migrations!`](crate::migrations), which embeds the files.
    pub const fn new(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        let digits = name.as_bytes();
        assert!(
            digits.len() > 5 && digits[4] == b'_',
            "a migration is called NNNN_words"
        );
        let (mut number, mut index) = (0, 0);
        while index < 4 {
            assert!(digits[index].is_ascii_digit(), "a migration is called NNNN_words");
            number = number * 10 + (digits[index] - b'0') as i64;
            index += 1;
        }
        Self {
            name,
            sqlite,
            postgres,
            number,
        }
    }

    fn migration(&self, dialect: Dialect) -> Migration {
        let sql = match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        };
        Migration::new(
            self.number,
            self.name.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    }
}

/// Embeds `migrations/sqlite/NAME.sql` and `migrations/postgres/NAME.sql` of the calling crate, for each name.
#[macro_export]
macro_rules! migrations {
    ($owner:literal: $($name:literal),+ $(,)?) => {
        $crate::MigrationSet::new($owner, concat!("_migrations_", $owner), &[$(
            $crate::MigrationFile::new(
                $name,
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/", $name, ".sql")),
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres/", $name, ".sql")),
            )
        ),+])
    };
}

/// The store's own tables: idempotency and outbox.
pub static STORE_MIGRATIONS: MigrationSet = crate::migrations!("store": "0001_idempotency", "0002_outbox");

/// All migrations of one service's database.
#[derive(Clone, Debug)]
pub struct Schema(Vec<&'static MigrationSet>);

impl Schema {
    /// The store's own tables and these, in this order.
    pub fn of(sets: &[&'static MigrationSet]) -> Self {
        Self(
            std::iter::once(&STORE_MIGRATIONS)
                .chain(sets.iter().copied())
                .collect(),
        )
    }

    /// The sets, the store's own first.
    pub fn sets(&self) -> &[&'static MigrationSet] {
        &self.0
    }
}

/// Brings a database to the schema, making the SQLite file (readable by its owner only) when there is none. Gives
/// the names of what was applied now. Replicas may do so at the same time.
///
/// # Errors
/// [`OpenError`] when the database cannot be reached, or an applied migration has another text.
pub async fn migrate(config: &StoreConfig, schema: &Schema) -> Result<Vec<String>, OpenError> {
    match &config.target {
        Target::Sqlite(path) => {
            create_private(path).map_err(OpenError::File)?;
            let mut connection = crate::config::sqlite_options(path)
                .connect()
                .await
                .map_err(|error| StoreError::from_driver(Dialect::Sqlite, "open", &error))?;
            let pending = pending(&mut connection, schema, |link| Tx::sqlite(link), Dialect::Sqlite).await?;
            apply(&mut connection, schema, Dialect::Sqlite).await?;
            // Closing moves the WAL into the file.
            let _closed = connection.close().await;
            Ok(pending)
        }
        Target::Postgres(options) => {
            let mut connection = options
                .connect()
                .await
                .map_err(|error| StoreError::from_driver(Dialect::Postgres, "connect", &error))?;
            let pending = pending(
                &mut connection,
                schema,
                |link| Tx::postgres(link),
                Dialect::Postgres,
            )
            .await?;
            apply(&mut connection, schema, Dialect::Postgres).await?;
            let _closed = connection.close().await;
            Ok(pending)
        }
    }
}

async fn apply<C: Migrate>(connection: &mut C, schema: &Schema, dialect: Dialect) -> Result<(), OpenError> {
    for set in schema.sets() {
        set.migrator(dialect)
            .run_direct(None, connection, false)
            .await
            .map_err(|error| failed(set, error))?;
    }
    Ok(())
}

/// The names of migrations that are not applied. Changes nothing.
pub(crate) async fn pending<C: Migrate>(
    connection: &mut C,
    schema: &Schema,
    tx: impl for<'a> Fn(&'a mut C) -> Tx<'a>,
    dialect: Dialect,
) -> Result<Vec<String>, OpenError> {
    let mut pending = Vec::new();
    for set in schema.sets() {
        let tables: i64 = tx(connection)
            .fetch_one(TABLE_EXISTS, crate::args![set.table])
            .await?
            .get(0)?;
        let applied = if tables == 0 {
            Vec::new()
        } else {
            connection
                .list_applied_migrations(set.table)
                .await
                .map_err(|error| failed(set, error))?
        };
        for file in set.files {
            let name = || format!("{}/{}", set.owner, file.name);
            match applied.iter().find(|applied| applied.version == file.number) {
                None => pending.push(name()),
                Some(applied) if applied.checksum != file.migration(dialect).checksum => {
                    return Err(OpenError::ChangedMigration(name()));
                }
                Some(_) => {}
            }
        }
    }
    Ok(pending)
}

fn failed(set: &MigrationSet, error: MigrateError) -> OpenError {
    OpenError::Migration {
        owner: set.owner,
        source: Box::new(error),
    }
}

/// Makes an empty file that only its owner reads. SQLite gives its WAL the same permissions.
fn create_private(path: &Path) -> std::io::Result<()> {
    match std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        created => created.map(drop),
    }
}
