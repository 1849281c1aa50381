//! The commands, one file each.

mod all;
mod bench;
mod check_config;
#[cfg(feature = "demo")]
mod demo;
mod invite;
mod keys;
mod migrate;
#[cfg(feature = "demo")]
mod resident;
mod role;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sluis_compose::{Ambient, Config};
use sluis_serve::{Drain, Stop};

/// What every command ends with.
pub(crate) type Ended = Result<ExitCode, Box<dyn Error>>;

/// A privacy-preserving referral and signalling mesh.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
pub(crate) struct Sluisd {
    /// Configuration file (TOML). Without one, everything has a default; the environment (SLUIS__…) goes over it.
    #[arg(long, short, global = true, env = "SLUIS_CONFIG")]
    config: Option<PathBuf>,
    /// Read the configuration, say what is wrong with it, and do nothing.
    #[arg(long)]
    check_config: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole mesh in this process.
    All,
    /// Run the public gateway alone.
    Gateway,
    /// Run the registry alone.
    Registry,
    /// Run the consent service alone.
    Consent,
    /// Run the referral service alone.
    Referral,
    /// Run the matching service alone.
    Matching,
    /// Run the signalling service alone.
    Signalling,
    /// Bring every database to the newest schema.
    Migrate,
    /// Make keys and certificates.
    Keys(keys::Keys),
    /// Invite an organisation: prints its invitation, once.
    Invite(invite::Invite),
    /// Measure the mesh beside yardsticks of its own.
    Bench(bench::Bench),
    /// Play a referral from beginning to end, with an attacker; then stay up.
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// Act as a fictional resident, for trying things by hand.
    #[cfg(feature = "demo")]
    Resident(resident::Resident),
}

impl Sluisd {
    pub(crate) fn run(self) -> Ended {
        let config = Config::load(self.config.as_deref())?;
        if self.check_config {
            return check_config::run();
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            match self.command {
                None => Err("a command is needed: try `sluisd all`, or `sluisd --help`".into()),
                Some(Command::All) => all::run(&config).await,
                Some(Command::Gateway) => role::run(&config, sluis_serve::MeshRole::Gateway).await,
                Some(Command::Registry) => role::run(&config, sluis_serve::MeshRole::Registry).await,
                Some(Command::Consent) => role::run(&config, sluis_serve::MeshRole::Consent).await,
                Some(Command::Referral) => role::run(&config, sluis_serve::MeshRole::Referral).await,
                Some(Command::Matching) => role::run(&config, sluis_serve::MeshRole::Matching).await,
                Some(Command::Signalling) => role::run(&config, sluis_serve::MeshRole::Signalling).await,
                Some(Command::Migrate) => migrate::run(&config).await,
                Some(Command::Keys(keys)) => keys.run(&config),
                Some(Command::Invite(invite)) => invite.run(&config).await,
                Some(Command::Bench(bench)) => bench.run().await,
                #[cfg(feature = "demo")]
                Some(Command::Demo(demo)) => demo.run().await,
                #[cfg(feature = "demo")]
                Some(Command::Resident(resident)) => resident.run(&config).await,
            }
        })
    }
}

/// Begins logging, and listens for SIGTERM and SIGINT: the first asks for a drain, the second ends at once.
fn begin(config: &Config) -> Result<Ambient, Box<dyn Error>> {
    sluis_serve::init_tracing(config.log.format.into(), &config.log.filter)?;
    let ambient = Ambient::system()?;
    stop_on_signal(ambient.stop.clone())?;
    Ok(ambient)
}

/// Asks for a drain on the first SIGTERM or SIGINT, and ends the process on the second.
fn stop_on_signal(stop: Stop) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        for asked_before in [false, true] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if asked_before {
                std::process::exit(130);
            }
            stop.request();
        }
    });
    Ok(())
}

/// The exit code after a drain: 0 when everything that was in flight was finished.
fn exit_code(drain: &Drain) -> ExitCode {
    match drain {
        Drain::Finished => ExitCode::SUCCESS,
        Drain::CutOff { tasks } => {
            tracing::warn!(tasks, "cut off what did not finish in time");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Sluisd::command().debug_assert();
    }
}
