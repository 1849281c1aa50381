//! `sluis accept`, `start`, `complete`, `cancel`, `stop`: a referral moves one step, and nothing else is told.

use clap::Args;
use sluis_client::Command;
use sluis_types::ThreadId;

use super::referral::{ReferralView, advance};
use crate::context::Context;
use crate::failure::Failure;
use crate::names::Names;

/// Which referral.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The referral's thread
    #[arg(value_name = "THREAD")]
    thread: ThreadId,
}

/// A step that needs no further word.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Accept,
    Start,
    Complete,
    Cancel,
    Stop,
}

impl From<Step> for Command {
    fn from(step: Step) -> Self {
        match step {
            Step::Accept => Self::Accept,
            Step::Start => Self::Start,
            Step::Complete => Self::Complete,
            Step::Cancel => Self::Cancel,
            Step::Stop => Self::Stop,
        }
    }
}

pub(crate) async fn run(step: Step, arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    let referral = advance(&partner, arguments.thread, step.into()).await?;
    context
        .screen
        .report(&ReferralView::of(&referral, &partner, &names)?)
}
