//! The Rust end of `tests/interop`: reads one request as JSON from standard input and writes one answer as JSON.
//!
//! `seal` makes all keys, a grant token and a message, and opens it once, so that the answer holds all that a vector
//! holds (`docs/envelope.md`, §12) but the secrets inside. `open` takes such a message that another program made.

mod fields;
mod open;
mod parties;
mod seal;

use std::error::Error;
use std::io::Write as _;

use crate::fields::Fields;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let request = Fields(serde_json::from_reader(std::io::stdin())?);
    let answer = match request.text("command")? {
        "seal" => seal::seal(&request)?,
        "open" => open::open(&request)?,
        other => return Err(format!("unknown command {other}").into()),
    };
    serde_json::to_writer(std::io::stdout(), &answer)?;
    std::io::stdout().flush()?;
    Ok(())
}
