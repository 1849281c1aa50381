//! `sluis offers`: this organisation's part of the sociale kaart.

mod export;
mod import;
mod shelf;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// This organisation's offers in the sociale kaart
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Import(import::Arguments),
    Export(export::Arguments),
}

pub(crate) fn run(command: Command, context: &mut Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Import(arguments) => import::run(&arguments, context),
        Command::Export(arguments) => export::run(&arguments, context),
    }
}
