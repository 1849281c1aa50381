//! `sluis waitlist`: not now, and about when.

use clap::Args;
use sluis_client::Command;
use sluis_types::ThreadId;

use super::referral::{ReferralView, advance};
use crate::context::Context;
use crate::failure::Failure;
use crate::names::Names;

/// Put a referral on the waiting list, or tell a new expectation
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The referral's thread
    #[arg(value_name = "THREAD")]
    thread: ThreadId,
    /// Expected wait in weeks
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=520))]
    weeks: u32,
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    let command = Command::Waitlist {
        expected_weeks: arguments.weeks,
    };
    let referral = advance(&partner, arguments.thread, command).await?;
    context
        .screen
        .report(&ReferralView::of(&referral, &partner, &names)?)
}
