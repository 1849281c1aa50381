//! `sluis housing open`: a way to a home begins.

use clap::Args;
use sluis_client::HomeNeed;
use sluis_ranking::Area;
use sluis_types::{HomeAccess, LeaseKind, SizeBand, SupportBand};

use super::view::HousingView;
use crate::codes;
use crate::context::Context;
use crate::failure::Failure;
use crate::names::Names;

/// Begin a way to a home for a resident, with a landlord
///
/// Needs the resident's consent for HOUSING from you to the landlord, with HOUSING data on LIVING_SAFE_HOME. What you say
/// here is all that the landlord learns, and only from the nomination on: no diagnosis, no indication, not who you are.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// For whom: the resident's label
    #[arg(long, value_name = "LABEL")]
    resident: String,
    /// The landlord: its OIN, its name, or a part of its name
    #[arg(long, value_name = "ORGANISATION")]
    landlord: String,
    /// How large
    #[arg(long, value_name = "CODE", value_parser = codes::home_sizes(), ignore_case = true)]
    size: Option<SizeBand>,
    /// Highest rent, in euros a month
    #[arg(long, value_name = "EUROS", value_parser = clap::value_parser!(u32).range(0..=5000))]
    rent_max: u32,
    /// Where, as CBS code; may be repeated, 16 at most
    #[arg(long = "area", value_name = "CODE", value_parser = codes::area)]
    areas: Vec<Area>,
    /// It must be quiet
    #[arg(long)]
    quiet: bool,
    /// What it must have; may be repeated
    #[arg(long = "access", value_name = "CODE", value_parser = codes::home_access(), ignore_case = true)]
    access: Vec<HomeAccess>,
    /// How much support comes along [default: none]
    #[arg(long, value_name = "CODE", value_parser = codes::support_bands(), ignore_case = true)]
    support: Option<SupportBand>,
    /// In whose name the lease should be
    #[arg(long, value_name = "CODE", value_parser = codes::leases(), ignore_case = true)]
    lease: Option<LeaseKind>,
}

pub(super) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let resident = partner.profile().resident(&arguments.resident)?;
    let names = Names::load(&partner).await?;
    let landlord = names.find(&arguments.landlord)?;
    let need = HomeNeed {
        size: arguments.size,
        rent_max_euros: arguments.rent_max,
        areas: arguments.areas,
        low_stimulus: arguments.quiet,
        access: arguments.access.into_iter().collect(),
        support: arguments.support,
        lease: arguments.lease,
    };
    let housing = partner.open_housing(&resident, landlord, &need).await?;
    context.screen.report(&HousingView::of(&housing))
}
