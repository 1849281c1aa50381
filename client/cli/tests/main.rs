//! The command as a whole, without a mesh: its help is what the documentation says, its exit codes are what it says.

mod help;
mod offline;

use std::ffi::OsString;

use sluis_cli::{ExitStatus, Surroundings};

/// What a command did: exit, standard output, standard error.
pub(crate) struct Outcome {
    pub(crate) exit: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `sluis` with these arguments, on no terminal.
pub(crate) fn sluis<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> Outcome {
    sluis_client::install_crypto_provider();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let surroundings = Surroundings {
        out: &mut out,
        err: &mut err,
        out_is_terminal: false,
        err_is_terminal: false,
        environment: sluis_client::Environment::system(),
        zone: jiff::tz::TimeZone::UTC,
        variable: |_| None,
    };
    let arguments = std::iter::once(OsString::from("sluis")).chain(arguments.into_iter().map(Into::into));
    let exit = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(sluis_cli::run(arguments, surroundings));
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Outcome {
        exit,
        out: text(out),
        err: text(err),
    }
}
