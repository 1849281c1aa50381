//! `sluis withdraw-all`: a resident told you that they stop with everything.

use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::Report;

/// Record that a resident withdraws everything, wherever it was given
///
/// Ask no reason. The answer is the same whatever there was to end.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The resident's label
    #[arg(long, value_name = "LABEL")]
    resident: String,
}

#[derive(Serialize)]
struct Withdrawn {
    resident: String,
}

impl Report for Withdrawn {
    fn human(&self, _dates: &Dates) -> String {
        "Done. Nothing may be shared with this resident's consent any more; what was opened before cannot be taken \
         back.\nWhat the law lets be shared without consent does not end by it: the resident sees it, and can object.\n"
            .to_owned()
    }
}

pub(crate) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let resident = partner.profile().resident(&arguments.resident)?;
    partner.withdraw_all(&resident).await?;
    context.screen.report(&Withdrawn {
        resident: arguments.resident,
    })
}
