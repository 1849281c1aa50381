//! Where databases of a run are: files in its directory, or databases of its own on a PostgreSQL.

use std::path::PathBuf;

use sluis_types::{OsRandomness, Randomness as _};
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::error::{BenchError, failed};

/// Which kind of database, and where.
#[derive(Debug)]
pub(crate) enum Place {
    /// Files in this directory.
    Sqlite(PathBuf),
    /// Fresh databases on a server.
    Postgres(Server),
}

/// A PostgreSQL on which this run makes databases, and removes them.
#[derive(Debug)]
pub(crate) struct Server {
    url: String,
    prefix: String,
    made: Vec<String>,
}

impl Place {
    /// Files in a directory that is made.
    pub(crate) fn sqlite(directory: PathBuf) -> std::io::Result<Self> {
        std::fs::create_dir_all(&directory)?;
        Ok(Self::Sqlite(directory))
    }

    /// `url` names a database that may be connected to, as a user who may create others.
    pub(crate) fn postgres(url: &str) -> Self {
        let mut random = [0; 4];
        OsRandomness.fill(&mut random);
        Self::Postgres(Server {
            url: url.to_owned(),
            prefix: format!("sluis_bench_{:08x}", u32::from_be_bytes(random)),
            made: Vec::new(),
        })
    }

    /// The name of the kind, as it stands in reports.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// The address of an empty database.
    pub(crate) async fn database(&mut self, name: &str) -> Result<String, BenchError> {
        match self {
            Self::Sqlite(directory) => Ok(format!(
                "sqlite:{}",
                directory.join(format!("{name}.sqlite")).display()
            )),
            Self::Postgres(server) => {
                let database = format!("{}_{name}", server.prefix);
                server.command(format!("CREATE DATABASE {database}")).await?;
                let url = with_database(&server.url, &database);
                server.made.push(database);
                Ok(url)
            }
        }
    }

    /// Removes what was made on a server; files go with their directory.
    pub(crate) async fn remove(self) -> Result<(), BenchError> {
        if let Self::Postgres(server) = self {
            for database in &server.made {
                server
                    .command(format!("DROP DATABASE {database} WITH (FORCE)"))
                    .await?;
            }
        }
        Ok(())
    }
}

impl Server {
    async fn command(&self, sql: String) -> Result<(), BenchError> {
        let mut connection = PgConnection::connect(&self.url)
            .await
            .map_err(failed("reaching PostgreSQL"))?;
        // The name of a database cannot be bound; it is made here, of letters and digits.
        let sql = sqlx::AssertSqlSafe(sql);
        connection
            .execute(sql)
            .await
            .map_err(failed("making or removing a database"))?;
        connection.close().await.map_err(failed("leaving PostgreSQL"))
    }
}

/// The address with another database in it.
fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = url
        .split_once('?')
        .map_or((url, None), |(address, more)| (address, Some(more)));
    let host = address.find("://").map_or(0, |at| at + 3);
    let end = address[host..].find('/').map_or(address.len(), |at| host + at);
    let base = format!("{}/{name}", &address[..end]);
    parameters.map_or(base.clone(), |parameters| format!("{base}?{parameters}"))
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_an_address_is_replaced() {
        for (from, to) in [
            ("postgres://u@h/a", "postgres://u@h/b"),
            ("postgres://u@h", "postgres://u@h/b"),
            (
                "postgres://u@localhost/a?host=/run/pg",
                "postgres://u@localhost/b?host=/run/pg",
            ),
        ] {
            assert_eq!(with_database(from, "b"), to);
        }
    }
}
