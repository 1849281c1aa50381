//! `sluis introduce`: two people are put before each other; nobody learns of a no.

mod card;
mod list;
mod view;

use clap::{Args, Subcommand, ValueEnum};
use sluis_client::IntroductionAnswer;
use sluis_types::{CardId, IntroductionId, ProfessionalRole};

use crate::context::Context;
use crate::failure::Failure;

use view::IntroductionView;

/// Introductions: a resident and a buddy, volunteer or expert by experience
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Card(card::Arguments),
    Propose(ProposeArguments),
    Answer(AnswerArguments),
    Review(Named),
    End(EndArguments),
    List(list::Arguments),
}

/// Put two cards before each other, as their coordinator
///
/// Each side sees the other's card and has 14 days. Whether the two may meet is not told. Acts as COORDINATOR unless you
/// say another role.
#[derive(Args, Debug)]
pub(crate) struct ProposeArguments {
    /// A card
    #[arg(value_name = "CARD")]
    first: CardId,
    /// A card that another organisation put down
    #[arg(value_name = "CARD")]
    second: CardId,
}

/// Say yes or no for the resident of your side, who told you so
///
/// No reason is asked, an answer is final, and nobody learns of a no.
#[derive(Args, Debug)]
pub(crate) struct AnswerArguments {
    /// Which introduction
    #[arg(value_name = "INTRODUCTION")]
    introduction: IntroductionId,
    /// What the resident says
    #[arg(value_name = "ANSWER")]
    answer: Said,
    /// With a no: never again with this person. Nobody is told, and it holds both ways
    #[arg(long)]
    never_again: bool,
}

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Said {
    /// Yes
    Yes,
    /// No
    No,
}

/// Say for your side that it goes well: at the end of the trial, and every three months
#[derive(Args, Debug)]
pub(crate) struct Named {
    /// Which introduction
    #[arg(value_name = "INTRODUCTION")]
    introduction: IntroductionId,
}

/// End an introduction, without a reason; nobody is told who did
#[derive(Args, Debug)]
pub(crate) struct EndArguments {
    /// Which introduction
    #[arg(value_name = "INTRODUCTION")]
    introduction: IntroductionId,
    /// Never again with this person. Nobody is told, and it holds both ways. Not for the coordinator
    #[arg(long)]
    never_again: bool,
}

pub(crate) async fn run(command: Command, context: &mut Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Card(arguments) => card::run(arguments, context).await,
        Command::Propose(arguments) => {
            let partner = context.connect_as(Some(ProfessionalRole::Coordinator))?;
            let cards = [arguments.first, arguments.second];
            let proposed = partner.propose_introduction(cards).await?;
            context.screen.report(&IntroductionView::of(&proposed))
        }
        Command::Answer(arguments) => {
            let answer = answer_of(&arguments)?;
            let answered = context
                .connect()?
                .answer_introduction(arguments.introduction, answer)
                .await?;
            context.screen.report(&IntroductionView::of(&answered))
        }
        Command::Review(named) => {
            let reviewed = context.connect()?.review_introduction(named.introduction).await?;
            context.screen.report(&IntroductionView::of(&reviewed))
        }
        Command::End(arguments) => {
            let ended = context
                .connect()?
                .end_introduction(arguments.introduction, arguments.never_again)
                .await?;
            context.screen.report(&IntroductionView::of(&ended))
        }
        Command::List(arguments) => list::run(&arguments, context).await,
    }
}

fn answer_of(arguments: &AnswerArguments) -> Result<IntroductionAnswer, Failure> {
    match (arguments.answer, arguments.never_again) {
        (Said::Yes, true) => Err(Failure::usage("--never-again goes with a no")),
        (Said::Yes, false) => Ok(IntroductionAnswer::Yes),
        (Said::No, exclude) => Ok(IntroductionAnswer::No { exclude }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_again_goes_with_a_no() {
        let answer = |answer, never_again| {
            answer_of(&AnswerArguments {
                introduction: IntroductionId::from_bytes([1; 16]),
                answer,
                never_again,
            })
        };
        assert_eq!(answer(Said::Yes, false).expect("a yes"), IntroductionAnswer::Yes);
        assert_eq!(
            answer(Said::No, true).expect("a no"),
            IntroductionAnswer::No { exclude: true }
        );
        assert!(matches!(answer(Said::Yes, true), Err(Failure::Usage { .. })));
    }
}
