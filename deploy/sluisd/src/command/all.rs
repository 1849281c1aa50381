//! `sluisd all`: the whole mesh in one process, on embedded SQLite unless configured otherwise.

use sluis_compose::{Config, Fittings, Mesh};

use super::{Ended, begin, exit_code};
use crate::report;

pub(super) async fn run(config: &Config) -> Ended {
    let ambient = begin(config)?;
    let mesh = Mesh::start(config, ambient, &Fittings::real()).await?;
    report::line(format_args!(
        "mesh {} is up; partners connect to {}",
        config.mesh_id,
        mesh.address()
    ));
    report::line("invite an organisation: sluisd invite OIN NAME --kind WELFARE > invitation.json");
    Ok(exit_code(&mesh.ended().await))
}
