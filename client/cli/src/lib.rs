//! The partner's command, as a library: [`run`] is all of `sluis` but the process around it.
//!
//! A command opens the profile, does one thing through `sluis-client`, and reports it: short and plain for people, or
//! one JSON document for programs. What it never does: print a handle unless it is asked for, print content but by
//! `open`, or write over a file.

mod arguments;
mod body;
mod codes;
mod command;
mod context;
mod dates;
mod failure;
mod folder;
mod letter;
mod names;
mod progress;
mod screen;

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write};

use clap::{CommandFactory as _, Parser as _};
use sluis_client::Environment;

use arguments::Arguments;
use context::Context;
use failure::Exit;
use screen::Screen;

pub use failure::Exit as ExitStatus;

/// Where the command runs: its streams, its clock and randomness, its time zone and its environment variables.
pub struct Surroundings<'a> {
    /// Standard output.
    pub out: &'a mut (dyn Write + Send),
    /// Standard error.
    pub err: &'a mut (dyn Write + Send),
    /// Whether standard output is a terminal: content that comes from elsewhere is then shown without control
    /// characters.
    pub out_is_terminal: bool,
    /// Whether standard error is a terminal: only there are progress bars.
    pub err_is_terminal: bool,
    /// Clock and randomness.
    pub environment: Environment,
    /// The zone that people read times in.
    pub zone: jiff::tz::TimeZone,
    /// Looks up an environment variable.
    pub variable: fn(&str) -> Option<OsString>,
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings")
            .field("zone", &self.zone)
            .finish_non_exhaustive()
    }
}

impl<'a> Surroundings<'a> {
    /// Those of this process.
    pub fn of_this_process(out: &'a mut (dyn Write + Send), err: &'a mut (dyn Write + Send)) -> Self {
        Self {
            out,
            err,
            out_is_terminal: std::io::stdout().is_terminal(),
            err_is_terminal: std::io::stderr().is_terminal(),
            environment: Environment::system(),
            zone: jiff::tz::TimeZone::system(),
            variable: |name| std::env::var_os(name),
        }
    }
}

/// The command line as clap describes it: for documentation and completions.
pub fn command_line() -> clap::Command {
    Arguments::command()
}

/// Runs one command. The first argument is the program's name. A caller that is no `main` installs the crypto provider
/// first ([`sluis_client::install_crypto_provider`]); dropping the future stops the command.
pub async fn run(arguments: impl IntoIterator<Item = OsString>, surroundings: Surroundings<'_>) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let (stream, exit) = if error.use_stderr() {
                (surroundings.err, Exit::Usage)
            } else {
                (surroundings.out, Exit::Good)
            };
            // Nobody is left to tell when this fails.
            let _ = write!(stream, "{error}");
            return exit;
        }
    };
    let Arguments { global, command } = arguments;
    let screen = Screen::new(&global, &surroundings.zone);
    let mut context = Context {
        screen: screen.on(
            surroundings.out,
            surroundings.out_is_terminal,
            surroundings.err,
            surroundings.err_is_terminal,
        ),
        global,
        environment: surroundings.environment,
        variable: surroundings.variable,
    };
    match Box::pin(command::run(command, &mut context)).await {
        Ok(()) => Exit::Good,
        // Whoever read along has seen enough.
        Err(failure::Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Exit::Good,
        Err(failure) => {
            let exit = failure.exit();
            context.screen.failed(&failure);
            exit
        }
    }
}
