//! A PostgreSQL for tests: the one that is given, or one of our own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The address of a PostgreSQL to use, as a superuser.
const GIVEN: &str = "SLUIS_TEST_POSTGRES";
/// The directory of PostgreSQL's programs, when they are not on PATH.
const PROGRAMS: &str = "SLUIS_POSTGRES_BIN";
/// Where Debian and its kin put the programs of each major version.
const DEBIAN_PROGRAMS: &str = "/usr/lib/postgresql";
/// The programs that are used, all from one directory: they belong together.
const NEEDED: [&str; 5] = ["initdb", "pg_ctl", "postgres", "createdb", "dropdb"];
/// The user that the server runs as when we are root, which it refuses to be.
const SERVER_USER: &str = "postgres";

/// Stops the cluster and removes it when its standard input ends: when we close it, or when we are gone.
const KEEPER: &str = r#"trap '' INT TERM HUP
while read -r _; do :; done
"$1/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null 2>&1
rm -rf "$2"
"#;

/// How a cluster of our own runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterOptions {
    /// Whether commits are forced to disk. Switch it off only where nothing about durability is tested.
    pub fsync: bool,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self { fsync: true }
    }
}

/// A running PostgreSQL.
pub(crate) struct Cluster {
    programs: PathBuf,
    /// The address of its maintenance database.
    pub(crate) url: String,
    /// Ours; none when it was given.
    own: Option<Own>,
}

struct Own {
    directory: PathBuf,
    keeper: Child,
}

/// The cluster of this process, while a test uses it.
static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());

impl Cluster {
    /// The given cluster, or one that all tests of this process share.
    pub(crate) fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cluster) = shared.upgrade() {
            return cluster;
        }
        let cluster = Arc::new(match std::env::var(GIVEN) {
            Ok(url) => Self {
                programs: programs(),
                url,
                own: None,
            },
            Err(_) => Self::start(ClusterOptions::default()),
        });
        *shared = Arc::downgrade(&cluster);
        cluster
    }

    /// Makes and starts a cluster that listens on a socket in its own directory only.
    pub(crate) fn start(options: ClusterOptions) -> Self {
        let programs = programs();
        let directory = tempfile::Builder::new()
            .prefix("sluis-postgres-")
            .tempdir()
            .expect("a temporary directory can be made")
            .keep();
        if we_are_root() {
            std::os::unix::fs::chown(&directory, Some(user_number("-u")), Some(user_number("-g")))
                .expect("root gives its directory to the server's user");
        }
        let mut keeper = as_server_user("sh");
        keeper
            .args(["-c", KEEPER, "keeper"])
            .arg(&programs)
            .arg(&directory);
        let keeper = keeper
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell can be started");
        // From here on the keeper cleans up, whatever happens.
        let cluster = Self {
            url: format!(
                "postgres://{SERVER_USER}@localhost/postgres?host={}",
                directory.display()
            ),
            own: Some(Own {
                directory: directory.clone(),
                keeper,
            }),
            programs: programs.clone(),
        };
        let data = directory.join("data");
        run(as_server_user(programs.join("initdb"))
            .arg("-D")
            .arg(&data)
            .args([
                "-A",
                "trust",
                "-U",
                SERVER_USER,
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ]));
        let settings = format!(
            "-c listen_addresses= -c unix_socket_directories={} -c fsync={} -c max_connections=300 \
             -c shared_buffers=64MB -c deadlock_timeout=100ms",
            directory.display(),
            if options.fsync { "on" } else { "off" },
        );
        run(as_server_user(programs.join("pg_ctl"))
            .arg("-D")
            .arg(&data)
            .arg("-l")
            .arg(directory.join("log"))
            .args(["-w", "-t", "60", "-o", &settings, "start"]));
        cluster
    }

    /// Makes an empty database and gives its address.
    pub(crate) fn create_database(&self, name: &str) -> String {
        run(self.client("createdb").arg(name));
        with_database(&self.url, name)
    }

    /// Removes a database, where that does not happen with the whole cluster.
    pub(crate) fn drop_database(&self, name: &str) {
        if self.own.is_none() {
            // A leftover database of a test harms nobody: no reason to fail while a test unwinds.
            let _leftover = self
                .client("dropdb")
                .args(["--force", "--if-exists", name])
                .output();
        }
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.arg(format!("--maintenance-db={}", self.url));
        command
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ended = self.keeper.wait();
        // The keeper removes it. This is for a directory that it may not touch.
        let _removed = std::fs::remove_dir_all(&self.directory);
    }
}

/// The address with another database name in it.
fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, None), |(a, p)| (a, Some(p)));
    let host_start = address.find("://").map_or(0, |at| at + 3);
    let host_end = address[host_start..]
        .find('/')
        .map_or(address.len(), |at| host_start + at);
    let base = format!("{}/{name}", &address[..host_end]);
    parameters.map_or(base.clone(), |parameters| format!("{base}?{parameters}"))
}

/// Where PostgreSQL's programs are: the configured directory, PATH, or Debian's newest version.
fn programs() -> PathBuf {
    let configured = std::env::var_os(PROGRAMS).map(PathBuf::from);
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut debian: Vec<_> = std::fs::read_dir(DEBIAN_PROGRAMS)
        .map(|versions| {
            versions
                .flatten()
                .map(|version| version.path().join("bin"))
                .collect()
        })
        .unwrap_or_default();
    // Newest first: 9.6 < 15 as numbers.
    debian.sort_by_key(|bin: &PathBuf| std::cmp::Reverse(major_version(bin)));
    configured
        .into_iter()
        .chain(on_path.into_iter().flatten())
        .chain(debian)
        .find(|directory| NEEDED.iter().all(|program| directory.join(program).is_file()))
        .unwrap_or_else(|| {
            panic!(
                "PostgreSQL's programs ({}) are not together in a directory of PATH. These tests run on SQLite and on \
                 PostgreSQL and do not skip one of them: install the PostgreSQL server (Debian: postgresql), or set \
                 {PROGRAMS} to the directory of its programs.",
                NEEDED.join(", ")
            )
        })
}

fn major_version(bin: &Path) -> u32 {
    let version = bin
        .parent()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    version
        .split('.')
        .next()
        .and_then(|major| major.parse().ok())
        .unwrap_or(0)
}

fn we_are_root() -> bool {
    output_of(Command::new("id").arg("-u")) == "0"
}

fn user_number(which: &str) -> u32 {
    output_of(Command::new("id").args([which, SERVER_USER]))
        .parse()
        .unwrap_or_else(|_| {
            panic!(
                "the tests run as root, which PostgreSQL refuses to be, and there is no user {SERVER_USER}"
            )
        })
}

/// A command as the user that the server may run as.
fn as_server_user(program: impl AsRef<std::ffi::OsStr>) -> Command {
    if we_are_root() {
        let mut command = Command::new("runuser");
        command
            .args(["-u", SERVER_USER, "--"])
            .arg(program)
            .current_dir("/");
        command
    } else {
        Command::new(program)
    }
}

fn output_of(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?} does not run: {error}"));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn run(command: &mut Command) {
    // The server inherits what the command has open: with pipes, reading them would wait for the server's end.
    let log = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let open = || Stdio::from(log.reopen().expect("the file was just made"));
    let status = command
        .stdin(Stdio::null())
        .stdout(open())
        .stderr(open())
        .status()
        .unwrap_or_else(|error| panic!("{command:?} does not run: {error}"));
    let said = || std::fs::read_to_string(log.path()).unwrap_or_default();
    assert!(status.success(), "{command:?} failed: {}", said());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_an_address_is_replaced() {
        for (url, expected) in [
            ("postgres://u@h:5/postgres", "postgres://u@h:5/x"),
            ("postgres://u@h:5", "postgres://u@h:5/x"),
            (
                "postgres://u@localhost/postgres?host=/tmp/a",
                "postgres://u@localhost/x?host=/tmp/a",
            ),
        ] {
            assert_eq!(with_database(url, "x"), expected);
        }
    }

    #[test]
    fn the_newest_version_is_the_largest_number() {
        assert!(major_version(Path::new("/p/15/bin")) > major_version(Path::new("/p/9.6/bin")));
    }
}
