//! `sluisd --check-config`: the configuration was read already; nothing else is touched.

use std::process::ExitCode;

use super::Ended;
use crate::report;

#[expect(clippy::unnecessary_wraps, reason = "every command ends alike")]
pub(super) fn run() -> Ended {
    report::line("the configuration is valid");
    Ok(ExitCode::SUCCESS)
}
