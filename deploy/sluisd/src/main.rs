//! `sluisd`: the mesh in one binary, all of it or one role.

mod command;
mod report;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // Before any TLS: the provider decides whether the post-quantum key exchange is there.
    sluis_serve::install_crypto_provider();
    let command = command::Sluisd::parse();
    match command.run() {
        Ok(code) => code,
        Err(error) => {
            report::failure(&*error);
            ExitCode::FAILURE
        }
    }
}
