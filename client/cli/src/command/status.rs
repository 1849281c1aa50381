//! `sluis status`: where referrals are.

use clap::Args;
use serde::Serialize;
use sluis_types::ThreadId;

use super::referral::ReferralView;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::{Report, columns};

/// Show where a referral is, or all of them, newest first
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// One referral's thread
    #[arg(value_name = "THREAD")]
    thread: Option<ThreadId>,
}

#[derive(Serialize)]
struct Listed {
    referrals: Vec<ReferralView>,
}

impl Report for Listed {
    fn human(&self, dates: &Dates) -> String {
        if self.referrals.is_empty() {
            return "No referrals.\n".to_owned();
        }
        let row = |view: &ReferralView| {
            vec![
                view.thread_id.clone(),
                view.standing(),
                view.parties(),
                view.due(dates).unwrap_or_default(),
            ]
        };
        columns(&self.referrals.iter().map(row).collect::<Vec<_>>())
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    if let Some(thread) = arguments.thread {
        let referral = partner.referral(thread).await?;
        return context
            .screen
            .report(&ReferralView::of(&referral, &partner, &names)?);
    }
    let mut referrals = Vec::new();
    for referral in partner.referrals().await? {
        referrals.push(ReferralView::of(&referral, &partner, &names)?);
    }
    context.screen.report(&Listed { referrals })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::super::referral::tests::{names, referral, them, us};
    use super::*;

    #[test]
    fn each_referral_has_its_line() {
        let view = |state, oin, label: Option<&str>| {
            ReferralView::new(&referral(state, ""), oin, &names(), label.map(str::to_owned))
        };
        let listed = Listed {
            referrals: vec![
                view("IN_REVIEW", us(), Some("J.")),
                view("COMPLETED", them(), None),
            ],
        };
        assert_eq!(
            listed.human(&Dates(TimeZone::UTC)),
            "07070707-0707-0707-0707-070707070707  in review  to MET ggz about J.  answer by Sat 5 Dec 2026\n\
             07070707-0707-0707-0707-070707070707  completed  from Welzijn\n"
        );
        assert_eq!(
            Listed {
                referrals: Vec::new()
            }
            .human(&Dates(TimeZone::UTC)),
            "No referrals.\n"
        );
    }
}
