//! `sluis signal withdraw`: take a signal back.

use clap::Args;
use sluis_types::SignalId;

use super::view::SignalView;
use crate::context::Context;
use crate::failure::Failure;

/// Take a signal back; what was posted this week stays until the week ends
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The signal
    #[arg(value_name = "SIGNAL")]
    signal: SignalId,
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let before = partner.signal(arguments.signal).await?;
    let signal = partner.withdraw_signal(arguments.signal, before.version).await?;
    context
        .screen
        .report(&SignalView::of(&signal, partner.profile())?)
}
