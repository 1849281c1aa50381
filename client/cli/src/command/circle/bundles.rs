//! `sluis circle bundles`: fetch what residents allowed.

use clap::Args;
use serde::Serialize;

use super::view::CircleView;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::Report;

/// Fetch the bundles that wait, and list the circles that your organisation is in
///
/// A bundle holds the posts of every week; it is checked, kept in the profile, and then forgotten by the mesh. A circle
/// about a resident without a label says that you do not know them yet: link with them, and it is the same resident.
#[derive(Args, Debug)]
pub(crate) struct Arguments {}

#[derive(Serialize)]
struct Listed {
    /// How many came now.
    fetched: usize,
    circles: Vec<CircleView>,
}

impl Report for Listed {
    fn human(&self, dates: &Dates) -> String {
        if self.circles.is_empty() {
            return "Your organisation is in no circle.\n".to_owned();
        }
        self.circles.iter().map(|circle| circle.human(dates)).collect()
    }
}

pub(crate) async fn run(_arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let fetched = partner.fetch_circles().await?.len();
    let circles = partner.profile().circles()?;
    let views = circles
        .iter()
        .map(|circle| CircleView::of(circle, partner.profile()));
    context.screen.report(&Listed {
        fetched,
        circles: views.collect::<Result<_, _>>()?,
    })
}
