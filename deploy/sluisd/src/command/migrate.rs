//! `sluisd migrate`: brings every database to the newest schema.

use std::process::ExitCode;

use sluis_compose::Config;

use super::Ended;
use crate::report;

pub(super) async fn run(config: &Config) -> Ended {
    let applied = sluis_compose::migrate(config).await?;
    if applied.is_empty() {
        report::line("every database is at the newest schema");
    }
    for name in applied {
        report::line(format_args!("applied {name}"));
    }
    Ok(ExitCode::SUCCESS)
}
