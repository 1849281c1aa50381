//! The mesh with one thing that goes wrong: at one step of ending a grant it stands still for good, or fails once.
//!
//! Whoever started it kills it there and starts the real `sluisd` on what it left. A program of the tests: it is built
//! with them and shipped to nobody.

mod halt;
mod journal;
mod keys;
mod step;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use sluis_compose::{Ambient, Config, Fittings, Mesh};

use halt::{Halt, say};
use journal::HaltingJournal;
use keys::HaltingKeys;
use step::{Mishap, Step};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    sluis_serve::install_crypto_provider();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, step, mishap] = arguments.as_slice() else {
        return Err("usage: CONFIGURATION STEP stand-still|fail-once".into());
    };
    let step = Step::ALL
        .into_iter()
        .find(|one| one.name() == step)
        .ok_or("no such step")?;
    let mishap = [Mishap::StandStill, Mishap::FailOnce]
        .into_iter()
        .find(|one| one.name() == mishap)
        .ok_or("no such mishap")?;
    let config = Config::load(Some(Path::new(file)))?;
    let mesh = Mesh::start(
        &config,
        Ambient::system()?,
        &fittings(&config, &Halt::new(step, mishap)),
    )
    .await?;
    say(format_args!("mesh {} is up", config.mesh_id));
    mesh.ended().await;
    Ok(())
}

fn fittings(config: &Config, halt: &Halt) -> Fittings {
    let (dir, keys_halt, journal_halt) = (config.bucket_dir(), halt.clone(), halt.clone());
    Fittings {
        bucket_keys: Box::new(move |real| {
            let (dir, halt) = (dir.clone(), keys_halt.clone());
            Arc::new(HaltingKeys { real, halt, dir })
        }),
        consent_journal: Box::new(move |real| {
            let halt = journal_halt.clone();
            Arc::new(HaltingJournal { real, halt })
        }),
        ..Fittings::real()
    }
}
