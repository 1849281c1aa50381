//! `sluis offers search`: the coarse search, for machines that cannot hold the directory.

use clap::Args;
use serde::Serialize;
use sluis_ranking::Area;
use sluis_types::LifeDomain;

use super::OfferView;
use crate::codes;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::{Report, columns, plain};

/// Search the sociale kaart in the mesh, coarsely: give it nothing about a person
///
/// The mesh sees area, domain and words. `sluis offers sync` and `sluis match` look without telling anybody.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// CBS code of a gemeente or wijk
    #[arg(long, value_name = "CODE", value_parser = codes::area)]
    area: Area,
    /// A life domain
    #[arg(long, value_name = "CODE", value_parser = codes::life_domains(), ignore_case = true)]
    domain: LifeDomain,
    /// Words that all must be in the offer
    #[arg(long, value_name = "TEXT", default_value = "")]
    words: String,
}

#[derive(Serialize)]
struct Found {
    offers: Vec<OfferView>,
}

impl Report for Found {
    fn human(&self, _dates: &Dates) -> String {
        if self.offers.is_empty() {
            return "Nothing.\n".to_owned();
        }
        let row = |view: &OfferView| {
            vec![
                view.offer_id.clone(),
                plain(&view.offer.name),
                plain(&view.offer.organisation),
                codes::words(&view.offer.kind),
            ]
        };
        columns(&self.offers.iter().map(row).collect::<Vec<_>>())
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let found = partner
        .search_offers(arguments.area, arguments.domain, &arguments.words)
        .await?;
    context.screen.report(&Found {
        offers: found.iter().map(OfferView::from).collect(),
    })
}
