//! `sluis signal acknowledge`, `lead`, `contact`, `close`: a match moves one step.

use clap::Args;
use sluis_client::{Match, MatchCommand, MatchOutcome, Partner};
use sluis_types::MatchId;

use super::view::MatchView;
use crate::codes;
use crate::context::Context;
use crate::failure::Failure;
use crate::names::Names;

/// Which match.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The match
    #[arg(value_name = "MATCH")]
    id: MatchId,
}

/// End a match that is followed up, with its outcome
///
/// When the resident wants help of another organisation, ask for consent with `sluis consent ask`, send the referral with
/// `sluis send`, and close the match as REFERRED.
#[derive(Args, Debug)]
pub(crate) struct CloseArguments {
    /// The match
    #[arg(value_name = "MATCH")]
    id: MatchId,
    /// How: REFERRED, RESOLVED, NO_ACTION, UNFOUNDED or MOVED
    #[arg(long, value_name = "OUTCOME", value_parser = codes::outcomes(), ignore_case = true, hide_possible_values = true)]
    outcome: MatchOutcome,
}

/// A step that needs no further word.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Acknowledge,
    Lead,
    Contact,
}

impl From<Step> for MatchCommand {
    fn from(step: Step) -> Self {
        match step {
            Step::Acknowledge => Self::Acknowledge,
            Step::Lead => Self::TakeLead,
            Step::Contact => Self::ContactResident,
        }
    }
}

pub(super) async fn run(step: Step, arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let changed = advance(&partner, arguments.id, step.into()).await?;
    report(&partner, &changed, context).await
}

pub(super) async fn close(arguments: &CloseArguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let changed = advance(&partner, arguments.id, MatchCommand::Close(arguments.outcome)).await?;
    report(&partner, &changed, context).await
}

/// Moves a match as it is now.
pub(super) async fn advance(partner: &Partner, id: MatchId, command: MatchCommand) -> Result<Match, Failure> {
    let version = partner.found_match(id).await?.version;
    Ok(partner.match_command(id, version, command).await?)
}

pub(super) async fn report(
    partner: &Partner,
    changed: &Match,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let names = Names::load(partner).await?;
    context.screen.report(&MatchView::of(changed, &names))
}
