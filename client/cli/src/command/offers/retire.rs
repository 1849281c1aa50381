//! `sluis offers retire`: an offer leaves the sociale kaart.

use clap::Args;
use serde::Serialize;
use sluis_types::{OfferId, ProfessionalRole};

use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::{Report, plain};

/// Take an offer of your organisation out of the sociale kaart
///
/// Places that are held stay held until they are claimed, released or end. Acts as COORDINATOR unless you say another
/// role.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Which offer
    #[arg(value_name = "OFFER")]
    offer: OfferId,
}

#[derive(Serialize)]
struct Retired {
    offer_id: String,
    name: String,
}

impl Report for Retired {
    fn human(&self, _dates: &Dates) -> String {
        format!("{} is no longer offered.\n", plain(&self.name))
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect_as(Some(ProfessionalRole::Coordinator))?;
    let listed = partner.offer(arguments.offer).await?;
    partner.retire_offer(arguments.offer, listed.version).await?;
    context.screen.report(&Retired {
        offer_id: arguments.offer.to_string(),
        name: listed.offer.name.to_string(),
    })
}
