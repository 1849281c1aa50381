//! Posts of signals: whether the time of an answer tells what a post met, and what a post costs among many.
//!
//! The signalling service runs behind its own chassis, without gateway and network, so that what is compared is its
//! own work and its own holding back. Its log's sequencer does not run: it works beside the calls, and alike for all.

mod bulk;
mod parties;
mod service;
mod statistics;
mod timing;

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::error::{BenchError, failed};
use crate::figure::Spread;
use crate::place::Place;

pub use statistics::Comparison;

/// What is measured of posts, and how thoroughly.
#[derive(Clone, Debug)]
pub struct PostOptions {
    /// A PostgreSQL to measure on too, as a user who may create databases.
    pub postgres: Option<String>,
    /// How many posts of each kind are timed.
    pub rounds: usize,
    /// How many live posts lie in the two services that are compared.
    pub few: usize,
    /// See `few`.
    pub many: usize,
    /// How often the two are measured in turn.
    pub repetitions: usize,
    /// Posts of one repetition.
    pub each: usize,
    /// Where databases are put, in a directory that is removed at the end; the system's own when not set.
    pub directory: Option<PathBuf>,
}

/// What came out on one kind of database.
#[derive(Clone, Debug, Serialize)]
pub struct PostReport {
    /// Which kind.
    pub database: &'static str,
    /// Answers as they leave, posts where nothing lies against those where another's weak post lies.
    pub below: Comparison,
    /// Answers as they leave, posts where another's weak post lies against those that make a match.
    pub at_threshold: Comparison,
    /// The same two, by the work alone: neither held back nor on the tick.
    pub below_unheld: Comparison,
    /// See `below_unheld`.
    pub at_threshold_unheld: Comparison,
    /// Live posts in the two services.
    pub live: [usize; 2],
    /// One post's work where few live, in milliseconds: the mean of each repetition.
    pub few_ms: Spread,
    /// The same where many live.
    pub many_ms: Spread,
    /// The second divided by the first, of each repetition.
    pub cost: Spread,
}

/// Measures on SQLite, and on PostgreSQL where there is one.
///
/// # Errors
/// [`BenchError`] for what keeps it from a result.
pub async fn run(
    options: &PostOptions,
    told: &(dyn Fn(String) + Sync),
) -> Result<Vec<PostReport>, BenchError> {
    if options.rounds == 0 || options.repetitions == 0 || options.each == 0 || options.few == 0 {
        return Err(BenchError::Option("at least one of each".to_owned()));
    }
    sluis_serve::install_crypto_provider();
    let mut reports = Vec::new();
    for postgres in [None, options.postgres.as_deref()]
        .into_iter()
        .take(1 + usize::from(options.postgres.is_some()))
    {
        let home = match &options.directory {
            Some(directory) => tempfile::tempdir_in(directory),
            None => tempfile::tempdir(),
        };
        let home = home.map_err(failed("a directory"))?;
        let mut place = match postgres {
            None => Place::sqlite(home.path().join("databases")).map_err(failed("a directory"))?,
            Some(url) => Place::postgres(url),
        };
        let measured = Box::pin(measure(options, &mut place, home.path(), told)).await;
        // What went wrong first is what counts.
        let removed = place.remove().await;
        reports.push(measured?);
        removed?;
    }
    Ok(reports)
}

async fn measure(
    options: &PostOptions,
    place: &mut Place,
    home: &std::path::Path,
    told: &(dyn Fn(String) + Sync),
) -> Result<PostReport, BenchError> {
    let database = place.name();
    told(format!(
        "{database}: timing {} posts of each kind",
        options.rounds
    ));
    let held = timing::run((place, home), "held", service::Waiting::AsItIs, options.rounds).await?;
    let unheld = timing::run((place, home), "unheld", service::Waiting::Not, options.rounds).await?;
    told(format!(
        "{database}: comparing {} live posts with {}",
        options.many, options.few
    ));
    let [few_ms, many_ms, cost] = Box::pin(bulk::compare(options, (place, home))).await?;
    Ok(PostReport {
        database,
        below: held.below(),
        at_threshold: held.at_threshold(),
        below_unheld: unheld.below(),
        at_threshold_unheld: unheld.at_threshold(),
        live: [options.few, options.many],
        few_ms,
        many_ms,
        cost,
    })
}

impl fmt::Display for PostReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### {}\n", self.database)?;
        writeln!(
            f,
            "| posts, in turn | each | median ms | z | p | slower (95 %) | later by ms (95 %) |\n|---|---|---|---|---|---|---|"
        )?;
        for (name, compared) in [
            ("nothing there, or another's weak post", &self.below),
            ("another's weak post, or a match", &self.at_threshold),
            ("the first, work alone", &self.below_unheld),
            ("the second, work alone", &self.at_threshold_unheld),
        ] {
            writeln!(f, "| {name} | {compared} |")?;
        }
        let [few, many] = self.live;
        writeln!(
            f,
            "\n| one post's work, ms | min | median | max |\n|---|---|---|---|"
        )?;
        for (name, spread) in [
            (format!("{few} live posts"), &self.few_ms),
            (format!("{many} live posts"), &self.many_ms),
            ("many ÷ few".to_owned(), &self.cost),
        ] {
            writeln!(
                f,
                "| {name} | {:.2} | {:.2} | {:.2} |",
                spread.min, spread.median, spread.max
            )?;
        }
        Ok(())
    }
}
