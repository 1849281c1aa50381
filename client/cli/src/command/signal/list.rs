//! `sluis signal list`: this organisation's signals and matches.

use clap::Args;
use serde::Serialize;

use super::view::{MatchView, SignalView};
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::{Report, columns};

/// List your organisation's signals and its matches
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Those that ended, too
    #[arg(long)]
    all: bool,
}

#[derive(Serialize)]
struct Listed {
    signals: Vec<SignalView>,
    matches: Vec<MatchView>,
}

impl Report for Listed {
    fn human(&self, dates: &Dates) -> String {
        if self.signals.is_empty() && self.matches.is_empty() {
            return "No signal lives.\n".to_owned();
        }
        let signals: Vec<_> = self.signals.iter().map(|signal| signal.cells(dates)).collect();
        let matches: Vec<_> = self.matches.iter().map(|found| found.cells(dates)).collect();
        let mut text = columns(&signals);
        if !matches.is_empty() {
            text.push_str("Matches:\n");
            text.push_str(&columns(&matches));
        }
        text
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    let mut listed = Listed {
        signals: Vec::new(),
        matches: Vec::new(),
    };
    for signal in partner.signals().await? {
        if arguments.all || !signal.has_ended() {
            listed.signals.push(SignalView::of(&signal, partner.profile())?);
        }
    }
    for found in partner.matches().await? {
        if arguments.all || !found.has_ended() {
            listed.matches.push(MatchView::of(&found, &names));
        }
    }
    context.screen.report(&listed)
}
