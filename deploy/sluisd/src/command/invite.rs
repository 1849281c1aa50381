//! `sluisd invite`: invites an organisation into a running mesh.

use std::process::ExitCode;

use clap::Args;
use sluis_compose::{Ambient, Config, Invitee, invite_from_outside};
use sluis_types::{Oin, OrganisationKind};

use super::Ended;
use crate::report;

#[derive(Debug, Args)]
pub(crate) struct Invite {
    /// The organisation's OIN, 20 digits.
    oin: Oin,
    /// Its name as people know it.
    display_name: String,
    /// What it is: MUNICIPALITY, DISTRICT_TEAM, MENTAL_HEALTH, GP, WELFARE, HOUSING, SELF_DIRECTION or PEER.
    #[arg(long, value_parser = OrganisationKind::from_name)]
    kind: OrganisationKind,
    /// Contact function and telephone number; no names of people.
    #[arg(long, default_value = "")]
    contact: String,
}

impl Invite {
    pub(super) async fn run(self, config: &Config) -> Ended {
        let invitee = Invitee {
            oin: self.oin,
            display_name: self.display_name,
            kind: self.kind,
            contact: self.contact,
        };
        report::line(invite_from_outside(config, &Ambient::system()?, &invitee).await?);
        Ok(ExitCode::SUCCESS)
    }
}
