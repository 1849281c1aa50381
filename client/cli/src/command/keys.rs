//! `sluis keys rotate`: new keys before the old ones are worn.

use clap::{Args, Subcommand};
use serde::Serialize;
use sluis_types::ProfessionalRole;

use crate::codes;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::Report;

/// The organisation's own keys
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Rotate(Rotate),
}

/// Make a new sealing key and publish it; signing and JWT keys too when half of their life is over
///
/// Old keys stay in the profile, to open old messages with. Acts as ORGANISATION_ADMIN unless --role says otherwise.
/// Needs the identity key in the profile.
#[derive(Args, Debug)]
pub(crate) struct Rotate {
    /// Leave a sealing key alone that is younger than 30 days: for a timer
    #[arg(long)]
    if_due: bool,
}

#[derive(Serialize)]
struct Rotated {
    rotated: Vec<&'static str>,
}

impl Report for Rotated {
    fn human(&self, _dates: &Dates) -> String {
        if self.rotated.is_empty() {
            "Not due: nothing was replaced.\n".to_owned()
        } else {
            format!(
                "Replaced and published: {}. Make a new copy of the profile.\n",
                codes::list(self.rotated.iter().copied())
            )
        }
    }
}

pub(crate) async fn run(command: &Command, context: &mut Context<'_>) -> Result<(), Failure> {
    let Command::Rotate(arguments) = command;
    let partner = context.connect_as(Some(ProfessionalRole::OrganisationAdmin))?;
    let rotated = partner.rotate_keys(arguments.if_due).await?;
    context.screen.report(&Rotated { rotated })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn it_says_what_was_replaced() {
        let said = |rotated| Rotated { rotated }.human(&Dates(TimeZone::UTC));
        assert_eq!(said(vec![]), "Not due: nothing was replaced.\n");
        assert_eq!(
            said(vec!["SEALING", "JWT"]),
            "Replaced and published: sealing, jwt. Make a new copy of the profile.\n"
        );
    }
}
