//! `sluis introduce list`: introductions of a card, those that were proposed, or the cards that wait.

use clap::Args;
use serde::Serialize;
use sluis_types::CardId;

use super::view::{CardView, IntroductionView};
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::{Report, columns};

/// List the introductions that you proposed, those of a card of yours, or the cards that you may introduce
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Those of this card, which you put down
    #[arg(long, value_name = "CARD")]
    card: Option<CardId>,
    /// The cards that you may introduce, as their coordinator
    #[arg(long, conflicts_with = "card")]
    cards: bool,
}

#[derive(Serialize)]
struct Introductions {
    introductions: Vec<IntroductionView>,
}

impl Report for Introductions {
    fn human(&self, dates: &Dates) -> String {
        if self.introductions.is_empty() {
            return "No introductions.\n".to_owned();
        }
        let row = |view: &IntroductionView| vec![view.id().to_owned(), view.standing(dates)];
        columns(&self.introductions.iter().map(row).collect::<Vec<_>>())
    }
}

#[derive(Serialize)]
struct Cards {
    cards: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    card_id: String,
    organisation: String,
    card: CardView,
}

impl Report for Cards {
    fn human(&self, _dates: &Dates) -> String {
        if self.cards.is_empty() {
            return "No cards.\n".to_owned();
        }
        let row = |line: &Line| vec![line.card_id.clone(), line.organisation.clone(), line.card.line()];
        columns(&self.cards.iter().map(row).collect::<Vec<_>>())
    }
}

pub(super) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    if arguments.cards {
        let cards = partner.cards().await?;
        let line = |enrolled: &sluis_client::EnrolledCard| Line {
            card_id: enrolled.card_id.to_string(),
            organisation: enrolled.organisation.to_string(),
            card: CardView::of(&enrolled.card),
        };
        return context.screen.report(&Cards {
            cards: cards.iter().map(line).collect(),
        });
    }
    let introductions = partner.introductions(arguments.card).await?;
    context.screen.report(&Introductions {
        introductions: introductions.iter().map(IntroductionView::of).collect(),
    })
}
