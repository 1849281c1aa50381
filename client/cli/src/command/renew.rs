//! `sluis renew`: the next certificate.

use clap::Args;
use serde::Serialize;
use sluis_types::{ProfessionalRole, Timestamp};

use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::screen::Report;

/// With less than this left, a certificate is due.
const DUE: std::time::Duration = std::time::Duration::from_hours(30 * 24);

/// Get a certificate for a fresh TLS key; the old one works until its end
///
/// Acts as ORGANISATION_ADMIN unless --role says otherwise. Needs the identity key in the profile. Programs that run on
/// (`inbox --watch`) use the old certificate until they are started again.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Do nothing while the certificate has more than 30 days left: for a timer
    #[arg(long)]
    if_due: bool,
}

#[derive(Serialize)]
struct Renewed {
    renewed: bool,
    #[serde(serialize_with = "dates::serialize")]
    ends: Timestamp,
}

impl Report for Renewed {
    fn human(&self, dates: &Dates) -> String {
        let ends = dates.day(self.ends);
        if self.renewed {
            format!("The new certificate is valid until {ends}.\n")
        } else {
            format!("Not due: the certificate is valid until {ends}.\n")
        }
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect_as(Some(ProfessionalRole::OrganisationAdmin))?;
    let now_ends = partner.profile().certificate_ends()?;
    let renewed = !arguments.if_due || now_ends.since(context.environment.now()) < DUE;
    let ends = if renewed {
        partner.renew_certificate().await?
    } else {
        now_ends
    };
    context.screen.report(&Renewed { renewed, ends })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn it_says_until_when() {
        let ends = Timestamp::from_seconds(1_795_446_600);
        let said = |renewed| Renewed { renewed, ends }.human(&Dates(TimeZone::UTC));
        assert_eq!(
            said(true),
            "The new certificate is valid until Mon 23 Nov 2026.\n"
        );
        assert_eq!(
            said(false),
            "Not due: the certificate is valid until Mon 23 Nov 2026.\n"
        );
    }
}
