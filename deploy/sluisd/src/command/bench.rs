//! `sluisd bench`: the mesh beside yardsticks of its own, as ratios.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use sluis_bench::{Options, PostOptions};
use sluis_serve::LogFormat;

use super::Ended;
use crate::report;

/// Messages in the mesh that holds many.
const MANY: usize = 100_000;
/// The same with `--large`.
const MANY_LARGE: usize = 1_000_000;
/// Messages there when only everything is to be run once.
const MANY_QUICK: usize = 50;
/// Live posts of the service that holds few.
const FEW_POSTS: usize = 1000;
/// Posts that are timed in one repetition, where few and where many live.
const POSTS_EACH: usize = 200;

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Measure on this PostgreSQL too. The user makes databases for the run, and removes them.
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Numbers of clients.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32])]
    clients: Vec<usize>,
    /// How often everything is measured, in turn.
    #[arg(long, default_value_t = 5)]
    repetitions: usize,
    /// Compare a mesh of a thousand messages with one of a million instead of a hundred thousand.
    #[arg(long, conflicts_with = "quick")]
    large: bool,
    /// Run everything once, quickly: the figures mean nothing.
    #[arg(long)]
    quick: bool,
    /// Measure posts of signals instead: so many of each kind, and their cost among 1,000 live posts and many
    /// (100,000; with `--large` 1,000,000).
    #[arg(long, value_name = "N", conflicts_with_all = ["peer", "profile", "clients"])]
    posts: Option<usize>,
    /// Other programs to compare with; they must be on PATH.
    #[arg(long, value_delimiter = ',')]
    peer: Vec<Peer>,
    /// Sample the processor with `perf` while messages are delivered.
    #[arg(long)]
    profile: bool,
    /// Where databases are put for the run: on the disk that is to be measured.
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// One JSON document instead of tables.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Peer {
    Haproxy,
    Rabbitmq,
}

impl Bench {
    pub(super) async fn run(self) -> Ended {
        if self.peer.contains(&Peer::Rabbitmq) {
            return Err("the comparison with RabbitMQ is not built in this version".into());
        }
        // A line for every call is not what is measured.
        sluis_serve::init_tracing(LogFormat::Text, "error")?;
        if let Some(rounds) = self.posts {
            return self.run_posts(rounds).await;
        }
        let options = Options {
            postgres: self.postgres,
            clients: self.clients,
            repetitions: if self.quick { 1 } else { self.repetitions },
            many: match (self.large, self.quick) {
                (true, _) => MANY_LARGE,
                (_, true) => MANY_QUICK,
                _ => MANY,
            },
            quick: self.quick,
            haproxy: self.peer.contains(&Peer::Haproxy),
            profile: self.profile,
            directory: self.directory,
        };
        let json = self.json;
        let told = |what: String| {
            if !json {
                report::line(what);
            }
        };
        let reports = Box::pin(sluis_bench::run(&options, &told)).await?;
        if json {
            report::line(serde_json::to_string_pretty(&reports)?);
        } else {
            for measured in reports {
                report::line(format_args!("\n{measured}"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn run_posts(self, rounds: usize) -> Ended {
        let many = match (self.large, self.quick) {
            (true, _) => MANY_LARGE,
            (_, true) => MANY_QUICK,
            _ => MANY,
        };
        let options = PostOptions {
            postgres: self.postgres,
            rounds,
            few: FEW_POSTS.min(many),
            many,
            repetitions: if self.quick { 1 } else { self.repetitions },
            each: if self.quick { 2 } else { POSTS_EACH },
            directory: self.directory,
        };
        let json = self.json;
        let told = |what: String| {
            if !json {
                report::line(what);
            }
        };
        let reports = Box::pin(sluis_bench::run_posts(&options, &told)).await?;
        if json {
            report::line(serde_json::to_string_pretty(&reports)?);
        } else {
            for measured in reports {
                report::line(format_args!("\n{measured}"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
