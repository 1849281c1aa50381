//! What may stand on the command line. The arguments of a command are in its own file.

use std::path::PathBuf;

use clap::{Args, Parser};
use sluis_types::ProfessionalRole;

use crate::codes;
use crate::command::Command;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  2  the command line is not acceptable
  3  the mesh refused, or the resident does not allow it
  4  the mesh cannot be reached
  5  the profile or a file is missing or not what it should be
  6  a pin, a key or a signature does not hold: send nothing before it is cleared up
  7  doctor found something broken";

/// Send and answer referrals over a Sluis mesh.
#[derive(Debug, Parser)]
#[command(name = "sluis", version, after_help = EXIT_CODES, disable_help_subcommand = true, term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// The organisation's profile [default: `sluis` in the user's data directory]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "SLUIS_PROFILE",
        hide_env_values = true
    )]
    pub(crate) profile: Option<PathBuf>,
    /// Who acts, as the organisation calls them [default: from `professional.json`, else the user's name]
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) professional: Option<String>,
    /// In which role [default: from `professional.json`, else PROFESSIONAL]
    #[arg(long, global = true, value_name = "ROLE", value_parser = codes::roles(), ignore_case = true, hide_possible_values = true)]
    pub(crate) role: Option<ProfessionalRole>,
    /// Print JSON for programs instead of text for people
    #[arg(long, global = true)]
    pub(crate) json: bool,
}
