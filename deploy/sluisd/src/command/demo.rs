//! `sluisd demo`: a referral from beginning to end, with an attacker.

use std::process::ExitCode;

use clap::Args;
use sluis_demo::Play;

use super::{Ended, stop_on_signal};

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// End when the play is over: 0 when every step went as it ought.
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub(super) async fn run(self) -> Ended {
        let play = Play::prepare()?;
        stop_on_signal(play.stop())?;
        let as_it_ought = play.run(self.once).await?;
        Ok(if as_it_ought {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
