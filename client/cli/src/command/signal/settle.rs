//! `sluis signal settle`: decide on a resident's objection.

use clap::Args;
use sluis_client::MatchCommand;
use sluis_types::{MatchId, ProfessionalRole};

use super::follow_up::{advance, report};
use crate::context::Context;
use crate::failure::Failure;

/// Decide on a resident's objection to a match, within 10 working days
///
/// Acts in the role COORDINATOR unless --role says PRIVACY_OFFICER. What nobody decides on in time counts as right.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The match
    #[arg(value_name = "MATCH")]
    id: MatchId,
    /// The match stands
    #[arg(long, required_unless_present = "upheld", conflicts_with = "upheld")]
    stands: bool,
    /// The objection is right: the match is closed
    #[arg(long)]
    upheld: bool,
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect_as(Some(ProfessionalRole::Coordinator))?;
    let command = MatchCommand::Settle {
        stands: arguments.stands,
    };
    let changed = advance(&partner, arguments.id, command).await?;
    report(&partner, &changed, context).await
}
