//! `sluis signal renew`: it was seen again.

use clap::Args;
use sluis_client::{Error, Severity};
use sluis_types::{SignalId, Timestamp};

use super::view::SignalView;
use crate::codes;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;

/// Tell that a worry was seen again: the only way to a longer life
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The signal
    #[arg(value_name = "SIGNAL")]
    signal: SignalId,
    /// How serious it now is [default: as it was]
    #[arg(long, value_name = "SEVERITY", value_parser = codes::severities(), ignore_case = true, hide_possible_values = true)]
    severity: Option<Severity>,
    /// On which day it was seen again, YYYY-MM-DD [default: now]
    #[arg(long, value_name = "DAY", value_parser = Dates::parse_day)]
    observed: Option<Timestamp>,
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    if arguments.severity == Some(Severity::Acute) {
        return Err(Error::CallInstead.into());
    }
    let partner = context.connect()?;
    let before = partner.signal(arguments.signal).await?;
    let severity = arguments.severity.unwrap_or(before.severity);
    let now = context.environment.now();
    let observed = arguments.observed.map_or(now, |day| Dates::behind(day, now));
    let signal = partner
        .renew_signal(arguments.signal, before.version, severity, observed)
        .await?;
    context
        .screen
        .report(&SignalView::of(&signal, partner.profile())?)
}
