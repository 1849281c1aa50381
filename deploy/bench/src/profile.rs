//! Where the processor's time goes: `perf` looks at this process while it works.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::error::{BenchError, failed};
use crate::measure::messages::Batch;
use crate::mesh::World;

/// How long it is looked.
const SECONDS: u64 = 8;
const MESSAGES_EACH: usize = 60;

/// Parts of the processor's time.
#[derive(Debug, Serialize)]
pub struct Profile {
    /// Each part, with its percentage of all samples, the largest first.
    pub parts: Vec<(&'static str, f64)>,
    /// The functions that take most, with their percentage.
    pub functions: Vec<(String, f64)>,
}

/// Which names belong to which part; the first that fits counts. What a compiler put into its caller counts there.
const PARTS: [(&str, &[&str]); 9] = [
    ("kernel: sockets, disk, scheduling", &["[k] "]),
    (
        "post-quantum and elliptic-curve sealing",
        &[
            "hpke",
            "x_wing",
            "ml_kem",
            "mlkem",
            "x25519",
            "module_lattice",
            "keccak",
        ],
    ),
    ("signatures", &["ed25519", "curve25519", "25519"]),
    (
        "TLS, AES and hashes",
        &[
            "aws_lc", "rustls", "aes", "ghash", "polyval", "sha2", "sha256", "sha512", "hmac", "gcm",
        ],
    ),
    (
        "SQLite",
        &[
            "sqlite3",
            "btree",
            "pager",
            "wal",
            "vdbe",
            "pcache",
            "balance_nonroot",
            "unix",
        ],
    ),
    ("SQL drivers", &["sqlx"]),
    (
        "HTTP/2, gRPC, protobuf",
        &["h2::", "hyper", "tonic", "prost", "http", "tower"],
    ),
    ("Sluis itself", &["sluis"]),
    (
        "runtime, memory",
        &[
            "tokio", "malloc", "free", "realloc", "mem", "alloc", "futures", "core::", "std::", "bytes::",
        ],
    ),
];
const REST: &str = "other";

/// Delivers messages in rounds while `perf` samples this process.
pub(crate) async fn look(
    world: &World,
    directory: &Path,
    clients: usize,
    body_bytes: usize,
) -> Result<Profile, BenchError> {
    let data = directory.join("perf.data");
    let mut perf = Command::new("perf")
        .args([
            "record",
            "-q",
            "-F",
            "997",
            "-p",
            &std::process::id().to_string(),
            "-o",
        ])
        .arg(&data)
        .args(["--", "sleep", &SECONDS.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed("perf"))?;
    let until = Instant::now() + Duration::from_secs(SECONDS);
    let mut turn = 0;
    while Instant::now() < until {
        // Sealing is in the picture too, as a part of its own: it is done in this process.
        Batch::seal(world, turn, clients, MESSAGES_EACH, body_bytes)
            .await?
            .deliver(world)
            .await?;
        turn += 1;
    }
    let ended = tokio::task::spawn_blocking(move || perf.wait());
    ended.await.map_err(failed("perf"))?.map_err(failed("perf"))?;
    let shown = Command::new("perf")
        .args(["report", "--stdio", "-q", "-F", "overhead,sym", "-t", "|", "-i"])
        .arg(&data)
        .stderr(Stdio::null())
        .output()
        .map_err(failed("perf"))?;
    Ok(Profile::read(&String::from_utf8_lossy(&shown.stdout)))
}

impl Profile {
    /// Reads lines of `12.34%|[.] name`.
    fn read(text: &str) -> Self {
        let mut parts: Vec<(&'static str, f64)> = PARTS
            .iter()
            .map(|(part, _)| (*part, 0.0))
            .chain([(REST, 0.0)])
            .collect();
        let mut functions = Vec::new();
        for line in text.lines() {
            let Some((percent, name)) = line.split_once('|') else {
                continue;
            };
            let Ok(percent) = percent.trim().trim_end_matches('%').parse::<f64>() else {
                continue;
            };
            let lower = name.trim().to_lowercase();
            let part = PARTS
                .iter()
                .position(|(_, marks)| marks.iter().any(|mark| lower.contains(mark)));
            parts[part.unwrap_or(PARTS.len())].1 += percent;
            functions.push((name.trim().to_owned(), percent));
        }
        parts.sort_by(|one, other| other.1.total_cmp(&one.1));
        functions.sort_by(|one, other| other.1.total_cmp(&one.1));
        functions.truncate(25);
        Self { parts, functions }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "where the processor's time goes: sealing, submitting, watching, acknowledging; % of samples"
        )?;
        for (part, percent) in &self.parts {
            writeln!(f, "{part:68}  {percent:>8.1}")?;
        }
        writeln!(f, "\nthe functions that take most")?;
        for (function, percent) in &self.functions {
            writeln!(f, "{percent:>6.2}  {function}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Profile;

    #[test]
    fn samples_are_put_to_the_first_part_that_fits() {
        let text = "  40.00%|[k] tcp_sendmsg  \n 25.50%|[.] sqlite3VdbeExec\n\n 4.50%|[.] sqlx_core::x\n 1.00%|[.] strange\n";
        let profile = Profile::read(text);
        assert_eq!(profile.parts[0], ("kernel: sockets, disk, scheduling", 40.0));
        assert_eq!(profile.parts[1], ("SQLite", 25.5));
        assert!(profile.parts.contains(&("SQL drivers", 4.5)) && profile.parts.contains(&("other", 1.0)));
        assert_eq!(profile.functions.len(), 4);
    }
}
