//! `sluis housing`: the way from sheltered living to a home of one's own.

mod open;
mod view;

use clap::{Args, Subcommand};
use serde::Serialize;
use sluis_client::HousingCounts;
use sluis_types::{HousingId, HousingMove, LeaseKind};

use crate::codes;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::{Report, columns};

use view::HousingView;

/// Homes: from wish to settled, of which a landlord learns nothing of care
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Open(open::Arguments),
    Move(MoveArguments),
    /// Show one way to a home
    Show(Named),
    List(ListArguments),
    Count(CountArguments),
}

/// Take the next step
///
/// Who may take which stands in docs/matching.md. What somebody else changed since you looked is refused.
#[derive(Args, Debug)]
pub(crate) struct MoveArguments {
    /// Which way to a home
    #[arg(value_name = "HOUSING")]
    housing: HousingId,
    /// Which step
    #[arg(value_name = "STEP", value_parser = codes::housing_moves(), ignore_case = true)]
    step: HousingMove,
    /// In whose name the lease is, with SIGN_LEASE
    #[arg(long, value_name = "CODE", value_parser = codes::leases(), ignore_case = true)]
    lease: Option<LeaseKind>,
    /// The version that you saw [default: the newest]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    seen: Option<u32>,
}

/// Which one.
#[derive(Args, Debug)]
pub(crate) struct Named {
    /// Which way to a home
    #[arg(value_name = "HOUSING")]
    housing: HousingId,
}

/// List the ways to a home that you began, or for which you are the landlord
#[derive(Args, Debug)]
pub(crate) struct ListArguments {}

/// Count how many came how far: yours, and the whole mesh's where no count is small
#[derive(Args, Debug)]
pub(crate) struct CountArguments {}

#[derive(Serialize)]
struct Listed {
    housings: Vec<HousingView>,
}

impl Report for Listed {
    fn human(&self, dates: &Dates) -> String {
        if self.housings.is_empty() {
            return "Nobody is on the way to a home.\n".to_owned();
        }
        let row = |view: &HousingView| vec![view.id().to_owned(), view.standing(dates), view.need()];
        columns(&self.housings.iter().map(row).collect::<Vec<_>>())
    }
}

#[derive(Serialize)]
struct Counted {
    own: Counts,
    /// Null where a count above zero is below 10.
    mesh: Option<Counts>,
}

#[derive(Serialize)]
struct Counts {
    nominated: u32,
    own_lease: u32,
    intermediary_lease: u32,
    settled: u32,
    returned: u32,
}

impl From<HousingCounts> for Counts {
    fn from(counts: HousingCounts) -> Self {
        Self {
            nominated: counts.nominated,
            own_lease: counts.own_lease,
            intermediary_lease: counts.intermediary_lease,
            settled: counts.settled,
            returned: counts.returned,
        }
    }
}

impl Counts {
    fn line(&self) -> String {
        let of = self.nominated;
        format!(
            "{} of {of} with a lease of their own, {} of {of} with a lease in between, {} of {of} settled, {} of {of} returned",
            self.own_lease, self.intermediary_lease, self.settled, self.returned
        )
    }
}

impl Report for Counted {
    fn human(&self, _dates: &Dates) -> String {
        let mesh = self.mesh.as_ref().map_or(
            "not shown: a count is too small to be about nobody".to_owned(),
            Counts::line,
        );
        format!("Yours: {}.\nThe whole mesh: {mesh}.\n", self.own.line())
    }
}

pub(crate) async fn run(command: Command, context: &mut Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Open(arguments) => open::run(arguments, context).await,
        Command::Move(arguments) => run_move(&arguments, context).await,
        Command::Show(named) => {
            let housing = context.connect()?.housing(named.housing).await?;
            context.screen.report(&HousingView::of(&housing))
        }
        Command::List(ListArguments {}) => {
            let housings = context.connect()?.housings().await?;
            context.screen.report(&Listed {
                housings: housings.iter().map(HousingView::of).collect(),
            })
        }
        Command::Count(CountArguments {}) => {
            let (own, mesh) = context.connect()?.count_housing().await?;
            context.screen.report(&Counted {
                own: own.into(),
                mesh: mesh.map(Counts::from),
            })
        }
    }
}

async fn run_move(arguments: &MoveArguments, context: &mut Context<'_>) -> Result<(), Failure> {
    if (arguments.step == HousingMove::SignLease) != arguments.lease.is_some() {
        return Err(Failure::usage(
            "--lease goes with SIGN_LEASE, and SIGN_LEASE needs it",
        ));
    }
    let partner = context.connect()?;
    let version = match arguments.seen {
        Some(version) => version,
        None => partner.housing(arguments.housing).await?.version,
    };
    let moved = partner
        .move_housing(arguments.housing, version, arguments.step, arguments.lease)
        .await?;
    context.screen.report(&HousingView::of(&moved))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn counts_are_counts() {
        let counts = |settled| Counts {
            nominated: 23,
            own_lease: 12,
            intermediary_lease: 4,
            settled,
            returned: 0,
        };
        let counted = Counted {
            own: counts(9),
            mesh: None,
        };
        let text = counted.human(&Dates(TimeZone::UTC));
        assert!(
            text.contains("9 of 23 settled") && text.contains("not shown"),
            "{text}"
        );
        assert_eq!(
            serde_json::to_value(&counted).expect("JSON")["mesh"],
            serde_json::Value::Null
        );
    }
}
