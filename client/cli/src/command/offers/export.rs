//! `sluis offers export`: what was imported, as HSDS, with all that came along.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use sluis_hsds::{SourceFile, read};

use super::shelf::{Shelf, write_all};
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::Report;

/// Write what was imported as Open Referral HSDS 3.0, with the fields that Sluis does not know
///
/// Addresses of shelters are not in it: they were left out when it was imported.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A folder for the files; nothing in it is written over
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Which form
    #[arg(long, value_enum, default_value_t = Form::Json)]
    form: Form,
}

/// A form of HSDS.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// Nested documents
    Json,
    /// One table for each file
    Csv,
}

#[derive(Serialize)]
struct Exported {
    files: Vec<String>,
}

impl Report for Exported {
    fn human(&self, _dates: &Dates) -> String {
        format!("Written: {}.\n", self.files.join(", "))
    }
}

pub(crate) fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let kept = Shelf::of(context.profile()?.directory()).source()?;
    if kept.is_empty() {
        return Err(Failure::local(
            "nothing was imported yet",
            "`sluis offers import FILE|DIR` reads a directory.",
        ));
    }
    let source: Vec<SourceFile<'_>> = kept
        .iter()
        .map(|(path, bytes)| SourceFile { path, bytes })
        .collect();
    let (directory, _) = read(&source);
    let files: Vec<(String, String)> = match arguments.form {
        Form::Csv => directory.to_csv(),
        Form::Json => {
            let documents = directory.to_json().into_iter();
            documents
                .map(|(name, value)| (name, format!("{value:#}\n")))
                .collect()
        }
    };
    write_all(
        &arguments.folder,
        files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())),
    )?;
    context.screen.report(&Exported {
        files: files.into_iter().map(|(name, _)| name).collect(),
    })
}
