//! `sluis whoami`: the organisation, its fingerprint, and who acts.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use crate::codes::words;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::{Report, plain};

/// Show the organisation, its fingerprint to read out to partners, and who acts; asks nobody
#[derive(Args, Debug)]
pub(crate) struct Arguments {}

#[derive(Serialize)]
struct Identity {
    oin: String,
    display_name: String,
    kind: String,
    mesh: String,
    gateway: String,
    profile: String,
    fingerprint: String,
    professional: String,
    role: &'static str,
}

impl Report for Identity {
    fn human(&self, _dates: &Dates) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{}, {}",
            plain(&self.display_name),
            words(&plain(&self.kind))
        );
        let _ = writeln!(text, "OIN          {}", self.oin);
        let _ = writeln!(
            text,
            "mesh         {} at {}",
            plain(&self.mesh),
            plain(&self.gateway)
        );
        let _ = writeln!(text, "profile      {}", self.profile);
        let _ = writeln!(
            text,
            "acting       {}, {}",
            plain(&self.professional),
            words(self.role)
        );
        let _ = writeln!(
            text,
            "fingerprint, for partners to pin:\n{}",
            grouped(&self.fingerprint)
        );
        text
    }
}

/// A fingerprint to read out: two lines of eight groups of four.
pub(super) fn grouped(fingerprint: &str) -> String {
    let groups: Vec<&str> = fingerprint
        .as_bytes()
        .chunks(4)
        .filter_map(|group| str::from_utf8(group).ok())
        .collect();
    let lines: Vec<String> = groups
        .chunks(8)
        .map(|line| format!("  {}", line.join(" ")))
        .collect();
    lines.join("\n")
}

pub(crate) fn run(_arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let profile = context.profile()?;
    let professional = context.professional()?;
    context.screen.report(&Identity {
        oin: profile.oin().to_string(),
        display_name: profile.display_name().to_owned(),
        kind: profile.kind().to_owned(),
        mesh: profile.mesh_id().to_owned(),
        gateway: profile.gateway().to_owned(),
        profile: profile.directory().display().to_string(),
        fingerprint: profile.fingerprint().to_string(),
        professional: professional.id,
        role: professional.role.name(),
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn it_reads_out_well() {
        let identity = Identity {
            oin: "00000099000000001000".to_owned(),
            display_name: "Welzijn Noord".to_owned(),
            kind: "WELFARE".to_owned(),
            mesh: "demo.sluis".to_owned(),
            gateway: "localhost:7443".to_owned(),
            profile: "profile".to_owned(),
            fingerprint: "0123456789abcdef".repeat(4),
            professional: "w.jansen".to_owned(),
            role: "PROFESSIONAL",
        };
        assert_eq!(
            identity.human(&Dates(TimeZone::UTC)),
            "Welzijn Noord, welfare\n\
             OIN          00000099000000001000\n\
             mesh         demo.sluis at localhost:7443\n\
             profile      profile\n\
             acting       w.jansen, professional\n\
             fingerprint, for partners to pin:\n  \
             0123 4567 89ab cdef 0123 4567 89ab cdef\n  \
             0123 4567 89ab cdef 0123 4567 89ab cdef\n"
        );
        let json = serde_json::to_value(&identity).expect("JSON");
        assert_eq!(
            (&json["role"], &json["oin"]),
            (&"PROFESSIONAL".into(), &"00000099000000001000".into())
        );
    }
}
