//! `sluis offers import`: a directory of others becomes offers, and a report for who keeps it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use sluis_hsds::{Publisher, Report as Findings, Severity, SourceFile, offers, read};

use super::shelf::{Shelf, SourceName, read_file, read_folder, write_all};
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::Report;

/// Read a directory in Open Referral HSDS 3.0 (JSON, or tabular CSV) and make offers of it
///
/// Nothing is published: that is `sluis offers publish`. What was read takes the place of the last import in the profile. Reading goes on whatever it
/// finds; --report says row by row what was taken, mended and refused, to be sent back to the source.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A file, or a folder with the files of the tabular form
    #[arg(value_name = "FILE|DIR")]
    path: PathBuf,
    /// Whose directory it is: what is no longer in it is retired by `sluis offers publish`, of this source only
    #[arg(long, value_name = "NAME", default_value = SourceName::DEFAULT, value_parser = SourceName::parse)]
    source: SourceName,
    /// Change nothing: only tell what would be read
    #[arg(long)]
    dry_run: bool,
    /// Write the report here: as JSON where the name ends in .json, else as CSV
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Serialize)]
struct Imported {
    offers: usize,
    taken: usize,
    mended: usize,
    refused: usize,
    dry_run: bool,
    report: Option<PathBuf>,
}

impl Report for Imported {
    fn human(&self, _dates: &Dates) -> String {
        let Self {
            offers,
            taken,
            mended,
            refused,
            ..
        } = self;
        let mut text =
            format!("{offers} offers. Findings: {taken} taken, {mended} mended, {refused} refused.\n");
        match &self.report {
            Some(path) => {
                let _ = writeln!(text, "The report is in {}.", path.display());
            }
            None if mended + refused > 0 => text.push_str("What they are: --report FILE.\n"),
            None => {}
        }
        if self.dry_run {
            text.push_str("Nothing was changed.\n");
        }
        text
    }
}

pub(crate) fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let profile = context.profile()?;
    let publisher = Publisher {
        oin: profile.oin(),
        name: profile.display_name().to_owned(),
        now: context.environment.clock.now(),
    };
    let files = if arguments.path.is_dir() {
        read_folder(&arguments.path)?
    } else {
        vec![read_file(&arguments.path)?]
    };
    let source: Vec<SourceFile<'_>> = files
        .iter()
        .map(|(path, bytes)| SourceFile { path, bytes })
        .collect();
    let (directory, mut findings) = read(&source);
    let made = offers(&directory, &publisher, &mut findings);
    if !arguments.dry_run {
        let documents: Vec<(String, Vec<u8>)> = made
            .iter()
            .filter_map(|offer| Some((format!("{}.json", offer.id), offer.encode().ok()?)))
            .collect();
        Shelf::of(profile.directory()).replace(&arguments.source, &directory.to_source(), &documents)?;
    }
    if let Some(path) = &arguments.report {
        write_report(path, &findings)?;
    }
    context.screen.report(&Imported {
        offers: made.len(),
        taken: findings.count(Severity::Taken),
        mended: findings.count(Severity::Mended),
        refused: findings.count(Severity::Refused),
        dry_run: arguments.dry_run,
        report: arguments.report.clone(),
    })
}

fn write_report(path: &Path, findings: &Findings) -> Result<(), Failure> {
    let is_json = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
    let text = if is_json {
        findings.to_json()
    } else {
        findings.to_csv()
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    write_all(folder, [(&*name, text.as_bytes())])
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn it_says_what_was_read_and_where_the_rest_is_told() {
        let mut imported = Imported {
            offers: 2,
            taken: 5,
            mended: 3,
            refused: 1,
            dry_run: true,
            report: None,
        };
        let dates = Dates(TimeZone::UTC);
        assert_eq!(
            imported.human(&dates),
            "2 offers. Findings: 5 taken, 3 mended, 1 refused.\nWhat they are: --report FILE.\nNothing was changed.\n"
        );
        (imported.dry_run, imported.report) = (false, Some("out/report.csv".into()));
        assert!(
            imported
                .human(&dates)
                .ends_with("The report is in out/report.csv.\n")
        );
    }

    #[test]
    fn a_report_is_what_its_name_says() {
        let folder = tempfile::tempdir().expect("a directory");
        let source = SourceFile {
            path: "notes.txt",
            bytes: b"",
        };
        let (_, findings) = read(&[source]);
        for (name, begins) in [
            ("a.json", "["),
            ("a.csv", "\u{feff}file,"),
            ("a", "\u{feff}file,"),
        ] {
            let path = folder.path().join(name);
            write_report(&path, &findings).expect("written");
            assert!(
                std::fs::read_to_string(&path).expect("read").starts_with(begins),
                "{name}"
            );
            assert!(write_report(&path, &findings).is_err(), "nothing is written over");
        }
    }
}
