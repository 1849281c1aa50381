//! A copy of all databases as raw files: with free pages, and with SQLite's write-ahead log.

use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tempfile::TempDir;

use super::postgres::Server;
use super::{Database, STORES};
use crate::DemoError;

/// One raw file.
pub struct RawFile {
    /// Its name, such as `consent.sqlite-wal`.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for RawFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawFile({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// A copy of all databases, taken at one moment each.
#[derive(Debug)]
pub struct Dump {
    source: Source,
    files: Vec<RawFile>,
}

/// Where the rows of a dump are read.
#[derive(Debug)]
enum Source {
    /// From the copy, in a directory of its own.
    Copy(TempDir),
    /// From the servers that the files are of.
    Servers(Vec<(&'static str, String)>),
}

impl Dump {
    /// Copies the databases in a data directory while the mesh runs: byte for byte, with the write-ahead log, in a
    /// moment in which nothing is written.
    ///
    /// # Errors
    /// [`DemoError`] when a file cannot be copied.
    pub async fn take(data_dir: &Path) -> Result<Self, DemoError> {
        let directory =
            tempfile::tempdir().map_err(DemoError::file("make a directory in", &std::env::temp_dir()))?;
        let mut files = Vec::new();
        for store in STORES {
            let source = data_dir.join(format!("{store}.sqlite"));
            let mut pause = open(&source).await?;
            // Nobody writes while this lock is held; who wants to waits.
            pause.execute("BEGIN IMMEDIATE").await?;
            let copied = copy(&source, directory.path());
            pause.execute("ROLLBACK").await?;
            pause.close().await?;
            files.extend(copied?);
        }
        Ok(Self {
            source: Source::Copy(directory),
            files,
        })
    }

    /// Reads the files that PostgreSQL keeps these databases in, dead rows with them. Its write-ahead log is the whole
    /// server's and left out.
    ///
    /// # Errors
    /// [`DemoError::Database`] when a file cannot be read: the address must be a superuser's.
    pub async fn take_postgres(databases: &[(&'static str, String)]) -> Result<Self, DemoError> {
        let mut files = Vec::new();
        for (store, url) in databases {
            let mut server = Server::open(url).await?;
            files.extend(server.files(store).await?);
            server.close().await?;
        }
        Ok(Self {
            source: Source::Servers(databases.to_vec()),
            files,
        })
    }

    /// The raw files.
    pub fn files(&self) -> &[RawFile] {
        &self.files
    }

    /// One database, for reading rows. The raw bytes are in memory already: opening changes the files of a copy.
    ///
    /// # Errors
    /// [`DemoError::Database`] when it does not open.
    pub async fn database(&self, store: &'static str) -> Result<Database, DemoError> {
        match &self.source {
            Source::Copy(directory) => {
                Database::open(store, &directory.path().join(format!("{store}.sqlite"))).await
            }
            Source::Servers(databases) => {
                let url = databases.iter().find(|(name, _)| *name == store);
                let (_, url) = url.ok_or(sqlx::Error::RowNotFound)?;
                Database::open_postgres(store, url).await
            }
        }
    }
}

async fn open(path: &Path) -> Result<SqliteConnection, DemoError> {
    Ok(SqliteConnectOptions::new()
        .filename(path)
        .disable_statement_logging()
        .connect()
        .await?)
}

/// Copies a database and its write-ahead log. The shared-memory file is an index over the log that SQLite makes anew.
fn copy(source: &Path, to: &Path) -> Result<Vec<RawFile>, DemoError> {
    let mut copied = Vec::new();
    for ending in ["", "-wal"] {
        let mut path = source.as_os_str().to_owned();
        path.push(ending);
        let path = PathBuf::from(path);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if ending == "-wal" && error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(DemoError::file("read", &path)(error)),
        };
        let name = path
            .file_name()
            .expect("a database has a name")
            .to_string_lossy()
            .into_owned();
        let target = to.join(&name);
        std::fs::write(&target, &bytes).map_err(DemoError::file("write", &target))?;
        copied.push(RawFile { name, bytes });
    }
    Ok(copied)
}
