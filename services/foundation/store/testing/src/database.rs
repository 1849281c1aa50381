//! One fresh database of each kind per test.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sluis_store::{Dialect, Parts, Schema, Store, StoreConfig, migrate};
use sluis_types::{OsRandomness, Randomness as _};
use tempfile::TempDir;

use crate::ClusterOptions;
use crate::cluster::Cluster;

/// Where a test gets its databases.
pub struct TestDatabases(Arc<Cluster>);

/// One empty database, which vanishes when dropped.
pub struct TestDatabase {
    url: String,
    config: StoreConfig,
    place: Place,
}

enum Place {
    File(TempDir),
    Server { cluster: Arc<Cluster>, name: String },
}

impl TestDatabases {
    /// Uses the given PostgreSQL, or starts one that all tests of this process share.
    ///
    /// # Panics
    /// When PostgreSQL's programs are missing or it does not start.
    #[expect(
        clippy::unused_async,
        reason = "tests of async code read alike, and starting may become so"
    )]
    pub async fn start() -> Self {
        Self(Cluster::shared())
    }

    /// Starts a PostgreSQL of its own with these options.
    ///
    /// # Panics
    /// When PostgreSQL's programs are missing or it does not start.
    pub fn start_with(options: ClusterOptions) -> Self {
        Self(Arc::new(Cluster::start(options)))
    }

    /// A fresh SQLite file and a fresh PostgreSQL database.
    #[expect(clippy::unused_async, reason = "see start")]
    pub async fn each(&self) -> [TestDatabase; 2] {
        [self.sqlite(), self.postgres()]
    }

    /// A fresh SQLite file (not made yet).
    ///
    /// # Panics
    /// When no temporary directory can be made.
    pub fn sqlite(&self) -> TestDatabase {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let url = format!("sqlite:{}", directory.path().join("store.db").display());
        TestDatabase::new(url, Place::File(directory))
    }

    /// A fresh PostgreSQL database.
    ///
    /// # Panics
    /// When the server refuses to make one.
    pub fn postgres(&self) -> TestDatabase {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let mut random = [0; 8];
        OsRandomness.fill(&mut random);
        let random = u64::from_be_bytes(random);
        let name = format!(
            "sluis_test_{}_{random:016x}",
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let url = self.0.create_database(&name);
        TestDatabase::new(
            url,
            Place::Server {
                cluster: Arc::clone(&self.0),
                name,
            },
        )
    }
}

impl TestDatabase {
    fn new(url: String, place: Place) -> Self {
        let config = StoreConfig::parse(&url)
            .expect("the address was just made")
            .with_connections_max(8);
        Self { url, config, place }
    }

    /// `sqlite` or `postgres`, for messages.
    pub fn name(&self) -> &'static str {
        match self.dialect() {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgres",
        }
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        self.config.dialect()
    }

    /// Its address, to open it again.
    pub fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// Its address as text, for a program under test.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The SQLite file, to look at its bytes.
    pub fn file(&self) -> Option<PathBuf> {
        match &self.place {
            Place::File(directory) => Some(directory.path().join("store.db")),
            Place::Server { .. } => None,
        }
    }

    /// The directory of the SQLite file, with its WAL.
    pub fn directory(&self) -> Option<&Path> {
        match &self.place {
            Place::File(directory) => Some(directory.path()),
            Place::Server { .. } => None,
        }
    }

    /// Migrates and opens it.
    ///
    /// # Panics
    /// When either fails.
    pub async fn open(&self, schema: &Schema, parts: Parts) -> Store {
        migrate(&self.config, schema)
            .await
            .unwrap_or_else(|error| panic!("{} does not migrate: {error:?}", self.name()));
        Store::open(&self.config, schema, parts)
            .await
            .unwrap_or_else(|error| panic!("{} does not open: {error:?}", self.name()))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Place::Server { cluster, name } = &self.place {
            cluster.drop_database(name);
        }
    }
}
