//! What the operator reads on the terminal. Everything else goes to the log.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the operator's terminal"
)]

use std::error::Error;
use std::fmt::Display;

/// One line for the operator.
pub(crate) fn line(text: impl Display) {
    println!("{text}");
}

/// An error with all its causes: an operator may see them.
pub(crate) fn failure(error: &(dyn Error + 'static)) {
    eprintln!("sluisd: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
}
