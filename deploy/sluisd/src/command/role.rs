//! One role alone.

use sluis_compose::{Config, run_role};
use sluis_serve::MeshRole;

use super::{Ended, begin, exit_code};

pub(super) async fn run(config: &Config, role: MeshRole) -> Ended {
    let ambient = begin(config)?;
    Ok(exit_code(&run_role(config, role, &ambient).await?))
}
