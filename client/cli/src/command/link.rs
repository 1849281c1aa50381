//! `sluis link`: a resident shows a code, and gets a name here.

use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::Report;

/// Turn the code that a resident shows you into a link with that resident
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The code: it works once, for 15 minutes
    code: String,
    /// What to call the resident here; nobody else sees it
    #[arg(long = "as", value_name = "LABEL")]
    label: String,
}

#[derive(Serialize)]
struct Linked {
    label: String,
    /// Whether the resident had another label here already.
    known_as: Option<String>,
}

impl Report for Linked {
    fn human(&self, _dates: &Dates) -> String {
        match &self.known_as {
            Some(known) => format!("Linked. {} is known here as {known}, too.\n", self.label),
            None => format!(
                "Linked. Ask for consent with `sluis consent ask --resident {:?}`.\n",
                self.label
            ),
        }
    }
}

pub(crate) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    // A code works once: what would go wrong afterwards is looked at first.
    partner.profile().check_free_label(&arguments.label)?;
    let handle = partner.redeem_link_code(&arguments.code).await?;
    let known_as = partner.profile().label_of(&handle)?;
    partner.profile().name_resident(&arguments.label, handle)?;
    context.screen.report(&Linked {
        label: arguments.label,
        known_as,
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn it_says_what_comes_next() {
        let said = |known_as: Option<&str>| {
            let linked = Linked {
                label: "Ans B.".to_owned(),
                known_as: known_as.map(str::to_owned),
            };
            linked.human(&Dates(TimeZone::UTC))
        };
        assert_eq!(
            said(None),
            "Linked. Ask for consent with `sluis consent ask --resident \"Ans B.\"`.\n"
        );
        assert_eq!(said(Some("A.")), "Linked. Ans B. is known here as A., too.\n");
    }
}
