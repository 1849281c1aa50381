//! `sluis offers sync`: the whole sociale kaart comes here, so that questions need not go there.

use clap::Args;
use serde::Serialize;
use sluis_client::Partner;
use sluis_kaart::{Change, Kaart};
use sluis_types::Timestamp;

use super::kept;
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::screen::Report;

/// Fetch the sociale kaart, or what changed in it, and keep it in the profile
///
/// Run it from a timer, not when you look for something: then the mesh cannot tell when you do.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Forget what is kept and fetch everything: when the mesh was put back from a backup
    #[arg(long)]
    anew: bool,
}

#[derive(Serialize)]
struct Synced {
    version: u64,
    offers: u32,
    changed: usize,
    fetched_anew: bool,
    #[serde(serialize_with = "dates::serialize")]
    made_at: Timestamp,
}

impl Report for Synced {
    fn human(&self, dates: &Dates) -> String {
        let anew = if self.fetched_anew { ", all of it anew" } else { "" };
        format!(
            "{} offers as of {}; {} changed{anew}.\n",
            self.offers,
            dates.moment(self.made_at),
            self.changed
        )
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let now = context.environment.now();
    let mut kaart = kept::open(partner.profile(), now)?;
    if arguments.anew {
        kaart.forget().map_err(kept::failure)?;
    }
    let mut fetched_anew = kaart.version() == 0;
    let mut changed = fetch(&partner, &mut kaart, now).await?;
    if changed.is_none() {
        // What is kept and what the mesh signed do not go together: everything once more, and then it must.
        kaart.forget().map_err(kept::failure)?;
        fetched_anew = true;
        changed = fetch(&partner, &mut kaart, now).await?;
    }
    let changed = changed.ok_or_else(|| {
        Failure::Sdk(sluis_client::Error::BadAnswer {
            what: "the directory",
            why: "it is not what its head says".to_owned(),
        })
    })?;
    let head = kaart
        .head()
        .ok_or_else(|| Failure::local("nothing was kept", "Try again with --anew."))?;
    let report = Synced {
        version: head.version,
        offers: head.entries,
        changed,
        fetched_anew,
        made_at: head.made_at,
    };
    context.screen.report(&report)
}

/// Fetches what changed, and keeps it. None when it does not lead to what its head says.
async fn fetch(partner: &Partner, kaart: &mut Kaart, now: Timestamp) -> Result<Option<usize>, Failure> {
    let increment = partner.sync_directory(kaart.version()).await?;
    let changes: Vec<Change> = increment.changes.into_iter().map(kept::change).collect();
    match kaart.apply(&changes, increment.head, now) {
        Ok(()) => Ok(Some(changes.len())),
        Err(sluis_kaart::Error::Head(_)) => Ok(None),
        Err(error) => Err(kept::failure(error)),
    }
}
