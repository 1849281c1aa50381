//! The command `sluis`, run in this process on a profile.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sluis_cli::{ExitStatus, Surroundings};
use sluis_client::Environment;

/// A person at a terminal of an organisation.
pub(crate) struct Desk {
    profile: PathBuf,
    environment: Environment,
}

impl Desk {
    pub(crate) fn at(profile: &Path) -> Self {
        Self::with(profile, Environment::system())
    }

    pub(crate) fn with(profile: &Path, environment: Environment) -> Self {
        Self {
            profile: profile.to_owned(),
            environment,
        }
    }

    /// Runs a command that must do what it says; gives its document.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Value {
        let (exit, document) = self.try_run(arguments).await;
        assert_eq!(exit, ExitStatus::Good, "{arguments:?}: {document}");
        document
    }

    /// Runs a command that the mesh must refuse; gives the reason.
    pub(crate) async fn refused(&self, arguments: &[&str]) -> String {
        let (exit, document) = self.try_run(arguments).await;
        assert_eq!(exit, ExitStatus::Refused, "{arguments:?}: {document}");
        text(&document["error"]["reason"])
    }

    pub(crate) async fn try_run(&self, arguments: &[&str]) -> (ExitStatus, Value) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let surroundings = Surroundings {
            out: &mut out,
            err: &mut err,
            out_is_terminal: false,
            err_is_terminal: false,
            environment: self.environment.clone(),
            zone: jiff::tz::TimeZone::UTC,
            variable: |_| None,
        };
        let always = ["sluis", "--json", "--professional", "w.jansen", "--profile"].map(OsString::from);
        let line = always
            .into_iter()
            .chain([self.profile.clone().into_os_string()])
            .chain(arguments.iter().map(OsString::from));
        let exit = Box::pin(sluis_cli::run(line, surroundings)).await;
        let said = String::from_utf8_lossy(&out);
        let document = serde_json::from_slice(&out);
        let errors = String::from_utf8_lossy(&err);
        (
            exit,
            document.unwrap_or_else(|_| panic!("{arguments:?}: {said}{errors}")),
        )
    }
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}
