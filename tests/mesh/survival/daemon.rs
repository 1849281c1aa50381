//! A process of the mesh, and how it ends: with SIGKILL.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver};

/// How long a process may take to say what it is waited for.
const PATIENCE: Duration = Duration::from_secs(40);

/// A running process of the mesh. Dropping it kills it.
pub(super) struct Daemon {
    child: Child,
    lines: UnboundedReceiver<String>,
    log: PathBuf,
}

/// Where `cargo build` put the real program: beside the directory of this test.
pub(super) fn sluisd() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let target = test
        .parent()
        .and_then(Path::parent)
        .expect("target/PROFILE/deps/TEST");
    let program = target.join("sluisd");
    assert!(
        program.is_file(),
        "there is no {}: these tests kill and restart the real program. Build it first, as tests/run does: cargo build",
        program.display()
    );
    program
}

impl Daemon {
    /// Starts a program and waits until it says that the mesh is up: everything is bound and recovered by then.
    pub(super) async fn start<A: AsRef<OsStr>>(program: &Path, arguments: &[A], log: &Path) -> Self {
        let errors = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .expect("a file for the log");
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
        let output = child.stdout.take().expect("it is piped");
        let (sender, lines) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut daemon = Self {
            child,
            lines,
            log: log.to_owned(),
        };
        daemon.said("is up").await;
        daemon
    }

    /// Waits for a line with these words in it.
    pub(super) async fn said(&mut self, words: &str) {
        let heard = async {
            while let Some(line) = self.lines.recv().await {
                if line.contains(words) {
                    return true;
                }
            }
            false
        };
        let heard = tokio::time::timeout(PATIENCE, heard).await.unwrap_or(false);
        assert!(
            heard,
            "the process did not say {words:?}; its log:\n{}",
            self.log()
        );
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// SIGKILL: no handler runs, nothing is flushed, no connection is closed in order.
    pub(super) fn kill(mut self) {
        self.child.kill().expect("it was still running");
        let status = self.child.wait().expect("it ends");
        assert_eq!(
            status.code(),
            None,
            "it ended by itself; its log:\n{}",
            self.log()
        );
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Killed twice does no harm.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}
