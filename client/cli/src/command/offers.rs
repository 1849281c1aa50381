//! `sluis offers`: this organisation's part of the sociale kaart, and the whole of it.

mod answer;
mod ask;
mod capacity;
mod export;
mod import;
pub(super) mod kept;
mod leaving;
mod publish;
mod published;
mod retire;
mod search;
mod shelf;
mod sync;

use clap::Subcommand;
use serde::Serialize;
use sluis_client::ListedOffer;
use sluis_ranking::OfferDocument;

use crate::context::Context;
use crate::failure::Failure;

/// The sociale kaart: this organisation's offers, and everybody's
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Import(import::Arguments),
    Export(export::Arguments),
    Publish(publish::Arguments),
    Retire(retire::Arguments),
    Capacity(capacity::Arguments),
    Sync(sync::Arguments),
    Search(search::Arguments),
    Ask(ask::Arguments),
    Answer(answer::Arguments),
}

pub(crate) async fn run(command: Command, context: &mut Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Import(arguments) => import::run(&arguments, context),
        Command::Export(arguments) => export::run(&arguments, context),
        Command::Publish(arguments) => publish::run(&arguments, context).await,
        Command::Retire(arguments) => retire::run(&arguments, context).await,
        Command::Capacity(arguments) => capacity::run(&arguments, context).await,
        Command::Sync(arguments) => sync::run(&arguments, context).await,
        Command::Search(arguments) => search::run(&arguments, context).await,
        Command::Ask(arguments) => ask::run(&arguments, context).await,
        Command::Answer(arguments) => answer::run(&arguments, context).await,
    }
}

/// An offer as the mesh has it, for programs.
#[derive(Serialize)]
struct OfferView {
    offer_id: String,
    version: u32,
    offer: OfferDocument,
}

impl From<&ListedOffer> for OfferView {
    fn from(listed: &ListedOffer) -> Self {
        Self {
            offer_id: listed.offer.id.to_string(),
            version: listed.version,
            offer: (&listed.offer).into(),
        }
    }
}
