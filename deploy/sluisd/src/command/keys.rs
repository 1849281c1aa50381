//! `sluisd keys`: makes the secrets and certificates of roles that run apart.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use sluis_compose::{Ambient, Config, TRUST_FILE, make_role_keys};
use sluis_serve::MeshRole;

use super::Ended;
use crate::report;

#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make the keys and a fresh certificate (30 days) of one role: registry, consent, referral, signalling,
    /// matching or gateway.
    Role {
        /// Which role.
        name: String,
    },
}

impl Keys {
    pub(super) fn run(self, config: &Config) -> Ended {
        let KeysCommand::Role { name } = self.command;
        let known = [
            MeshRole::Registry,
            MeshRole::Consent,
            MeshRole::Referral,
            MeshRole::Matching,
            MeshRole::Signalling,
            MeshRole::Gateway,
        ];
        let role = known
            .into_iter()
            .find(|role| role.name() == name)
            .ok_or("roles are registry, consent, referral, signalling, matching and gateway")?;
        make_role_keys(config, role, &Ambient::system()?)?;
        let keys = config.keys_dir.display();
        report::line(format_args!(
            "made {keys}/{name}, {keys}/{TRUST_FILE} and {keys}/ca.pem"
        ));
        report::line("carry these three, and nothing else, to where the role runs");
        Ok(ExitCode::SUCCESS)
    }
}
