//! `sluis basis`: on what something is shared without the resident's consent.

mod record;
mod view;

use clap::{Args, Subcommand};
use sluis_types::{GrantId, ReviewOutcome};

use crate::codes;
use crate::context::Context;
use crate::failure::Failure;
use crate::names::Names;

use view::{Changed, Listed, RecordView};

/// Record on what you share without consent, and look at what was recorded
///
/// Only where the law gives a basis, between the kinds of organisation and about the data that it names. The resident
/// sees it and can object. Violence at home or child abuse: call Veilig Thuis, 0800-2000. Danger, now: call 112.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Record(record::Arguments),
    /// Confirm what a colleague recorded; never what you recorded yourself
    Confirm(Which),
    /// End a record: what was not opened by now can never be opened
    End(Which),
    List(ListArguments),
    Review(ReviewArguments),
}

/// Which record.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Which {
    /// The record, as `sluis basis list` lists it
    #[arg(value_name = "ID")]
    basis: GrantId,
}

/// List what your organisation recorded, newest first
#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// Only what waits for your privacy officer
    #[arg(long)]
    review: bool,
}

/// Say as privacy officer whether a record is right; one that is not ends
#[derive(Args, Debug)]
pub(crate) struct ReviewArguments {
    #[command(flatten)]
    which: Which,
    /// What you found
    #[arg(long, value_name = "OUTCOME", value_parser = codes::review_outcomes(), ignore_case = true)]
    outcome: ReviewOutcome,
}

pub(crate) async fn run(command: Command, context: &mut Context<'_>) -> Result<(), Failure> {
    let changed = match command {
        Command::Record(arguments) => return record::run(&arguments, context).await,
        Command::List(arguments) => return list(&arguments, context).await,
        Command::Confirm(which) => {
            let partner = context.connect()?;
            let record = partner.confirm_legal_basis(which.basis).await?;
            (record, Names::load(&partner).await?, "Confirmed.")
        }
        Command::End(which) => {
            let partner = context.connect()?;
            let record = partner.end_legal_basis(which.basis).await?;
            (record, Names::load(&partner).await?, "Ended.")
        }
        Command::Review(arguments) => {
            let partner = context.connect()?;
            let record = partner
                .review_legal_basis(arguments.which.basis, arguments.outcome)
                .await?;
            (record, Names::load(&partner).await?, "Reviewed.")
        }
    };
    let (record, names, what) = changed;
    context.screen.report(&Changed {
        what,
        record: RecordView::new(&record, &names, None),
    })
}

async fn list(arguments: &ListArguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    let mut records = Vec::new();
    for own in partner.legal_bases(arguments.review).await? {
        let label = match &own.resident {
            Some(handle) => partner.profile().label_of(handle)?,
            None => None,
        };
        records.push(RecordView::new(&own.record, &names, label));
    }
    context.screen.report(&Listed { records })
}
