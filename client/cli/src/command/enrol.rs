//! `sluis enrol`: from an invitation to a profile.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use sluis_client::{Invitation, Profile};

use super::whoami::grouped;
use crate::context::{Context, PROFESSIONAL_FILE, StoredProfessional};
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::{Report, plain};

/// Join a mesh with the operator's invitation: makes the organisation's keys here, gets a certificate
///
/// With --professional or --role, the profile remembers who acts when nobody says otherwise.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The invitation, as the operator handed it over
    #[arg(value_name = "INVITATION.json")]
    invitation: PathBuf,
}

#[derive(Serialize)]
struct Enrolled {
    oin: String,
    display_name: String,
    mesh: String,
    gateway: String,
    profile: String,
    fingerprint: String,
}

impl Report for Enrolled {
    fn human(&self, _dates: &Dates) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{} ({}) is enrolled in {}.",
            plain(&self.display_name),
            self.oin,
            plain(&self.mesh)
        );
        let _ = writeln!(
            text,
            "The profile is in {}. Keep a copy of it in a safe place: it holds the keys.",
            self.profile
        );
        let _ = writeln!(
            text,
            "Your fingerprint, for partners to pin:\n{}",
            grouped(&self.fingerprint)
        );
        text
    }
}

impl Enrolled {
    fn of(profile: &Profile) -> Self {
        Self {
            oin: profile.oin().to_string(),
            display_name: profile.display_name().to_owned(),
            mesh: profile.mesh_id().to_owned(),
            gateway: profile.gateway().to_owned(),
            profile: profile.directory().display().to_string(),
            fingerprint: profile.fingerprint().to_string(),
        }
    }
}

pub(crate) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let json =
        std::fs::read(&arguments.invitation).map_err(|error| Failure::file(&arguments.invitation, error))?;
    let invitation = Invitation::parse(&json)?;
    let directory = context.directory()?;
    let profile = sluis_client::enrol(&invitation, &directory, &context.environment).await?;
    if context.global.professional.is_some() || context.global.role.is_some() {
        let professional = context.professional()?;
        let stored = StoredProfessional {
            id: professional.id,
            role: professional.role.name().to_owned(),
        };
        profile.store_file(
            PROFESSIONAL_FILE,
            &serde_json::to_vec(&stored).expect("two texts"),
        )?;
    }
    context.screen.report(&Enrolled::of(&profile))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn it_says_where_the_keys_are_and_what_to_read_out() {
        let enrolled = Enrolled {
            oin: "00000099000000001000".to_owned(),
            display_name: "Welzijn Noord".to_owned(),
            mesh: "demo.sluis".to_owned(),
            gateway: "localhost:7443".to_owned(),
            profile: "profile".to_owned(),
            fingerprint: "ab".repeat(32),
        };
        assert_eq!(
            enrolled.human(&Dates(TimeZone::UTC)),
            "Welzijn Noord (00000099000000001000) is enrolled in demo.sluis.\n\
             The profile is in profile. Keep a copy of it in a safe place: it holds the keys.\n\
             Your fingerprint, for partners to pin:\n  \
             abab abab abab abab abab abab abab abab\n  \
             abab abab abab abab abab abab abab abab\n"
        );
    }
}
