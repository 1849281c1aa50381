//! `sluis circle`: ask a resident for a circle, and fetch what comes of it.

mod bundles;
mod propose;
pub(super) mod view;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// Circles: organisations that may find out that they worry about the same thing, because the resident said so
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Propose(propose::Arguments),
    Bundles(bundles::Arguments),
}

pub(crate) async fn run(command: Command, context: &mut Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Propose(arguments) => propose::run(arguments, context).await,
        Command::Bundles(arguments) => bundles::run(&arguments, context).await,
    }
}
