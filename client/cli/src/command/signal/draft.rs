//! `sluis signal draft`: write a worry down.

use std::path::{Path, PathBuf};

use clap::Args;
use sluis_client::ranking::Area;
use sluis_client::{Severity, Worry};
use sluis_types::{SignalType, Timestamp};
use zeroize::Zeroizing;

use super::view::SignalView;
use crate::codes;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;

/// Write a worry down; it takes part in nothing until it is weighed
///
/// Its sort, its words and whom it is about stay in your profile, sealed to your own organisation. The mesh hears how
/// serious it is and when it was seen. Write what was seen or heard in --fact, and what you make of it, apart, in
/// --interpretation. Whom another organisation calls when it worries too, you say with --function and --callback.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// What sort of worry; SAFETY_VIOLENCE is none: call 112 or Veilig Thuis, 0800-2000
    #[arg(long = "type", value_name = "TYPE", value_parser = codes::signal_types(), ignore_case = true, hide_possible_values = true)]
    kind: codes::DraftType,
    /// How serious: ATTENTION, WORRY or SERIOUS; ACUTE is no signal: call
    #[arg(long, value_name = "SEVERITY", value_parser = codes::severities(), ignore_case = true, hide_possible_values = true)]
    severity: Severity,
    /// The resident's label
    #[arg(long, value_name = "LABEL")]
    resident: String,
    /// A text file with what was seen or heard
    #[arg(long, value_name = "FILE")]
    fact: PathBuf,
    /// A text file with what you make of it
    #[arg(long, value_name = "FILE")]
    interpretation: Option<PathBuf>,
    /// On which day it was seen, YYYY-MM-DD [default: now]
    #[arg(long, value_name = "DAY", value_parser = Dates::parse_day)]
    observed: Option<Timestamp>,
    /// The gemeente or wijk (CBS code), for your own counts
    #[arg(long, value_name = "AREA", value_parser = codes::area)]
    area: Option<Area>,
    /// The function of whom to call
    #[arg(long, value_name = "TEXT")]
    function: String,
    /// How to reach them: a telephone number of the organisation, and when
    #[arg(long, value_name = "TEXT")]
    callback: String,
}

pub(crate) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    // Before anything is opened or sent.
    let kind: SignalType = match arguments.kind {
        codes::DraftType::Signal(kind) => kind,
        codes::DraftType::Violence => return Err(sluis_client::Error::CallInstead.into()),
    };
    if arguments.severity == Severity::Acute {
        return Err(sluis_client::Error::CallInstead.into());
    }
    let (partner, now) = (context.connect()?, context.environment.now());
    let worry = Worry {
        kind,
        resident: partner.profile().resident(&arguments.resident)?,
        severity: arguments.severity,
        observed_at: arguments.observed.map_or(now, |day| Dates::behind(day, now)),
        fact: text_of(&arguments.fact)?,
        interpretation: arguments.interpretation.as_deref().map(text_of).transpose()?,
        function: arguments.function,
        callback: arguments.callback,
        area: arguments.area,
    };
    let signal = partner.draft_signal(&worry).await?;
    context
        .screen
        .report(&SignalView::of(&signal, partner.profile())?)
}

fn text_of(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::local(format!("{} is no text in UTF-8", path.display()), ""))?;
    Ok(Zeroizing::new(text))
}
