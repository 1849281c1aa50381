//! `sluisd resident`: acts as a fictional resident over the development login, for trying things by hand.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use sluis_compose::Config;
use sluis_demo::resident::{Act, act};

use super::Ended;
use crate::report;

#[derive(Debug, Args)]
pub(crate) struct Resident {
    /// A fictional resident's name: the same name is the same resident.
    name: String,
    #[command(subcommand)]
    act: ResidentAct,
}

#[derive(Debug, Subcommand)]
enum ResidentAct {
    /// Make a link code for an organisation, to give to its worker.
    Code {
        /// OIN of the organisation.
        organisation: String,
    },
    /// Show what is asked.
    Requests,
    /// Grant what was asked.
    Grant {
        /// Id of the request.
        id: String,
    },
    /// Refuse what was asked.
    Refuse {
        /// Id of the request.
        id: String,
    },
    /// Show the grants.
    Grants,
    /// Withdraw a grant.
    Withdraw {
        /// Id of the grant.
        id: String,
    },
    /// Show who asked, who opened, what was refused.
    Log,
}

impl Resident {
    pub(super) async fn run(self, config: &Config) -> Ended {
        let wanted = match self.act {
            ResidentAct::Code { organisation } => Act::Code { organisation },
            ResidentAct::Requests => Act::Requests,
            ResidentAct::Grant { id } => Act::Grant { id },
            ResidentAct::Refuse { id } => Act::Refuse { id },
            ResidentAct::Grants => Act::Grants,
            ResidentAct::Withdraw { id } => Act::Withdraw { id },
            ResidentAct::Log => Act::Log,
        };
        for line in act(config, &self.name, wanted).await? {
            report::line(line);
        }
        Ok(ExitCode::SUCCESS)
    }
}
