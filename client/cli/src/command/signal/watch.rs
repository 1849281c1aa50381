//! `sluis signal watch`: matches, as they come, and posting by itself.

use std::pin::pin;
use std::time::Duration;

use clap::Args;
use futures_util::StreamExt as _;
use serde::Serialize;
use sluis_client::{MatchEvent, Partner};
use sluis_proto::options::v1::ErrorReason;

use super::post::TendedView;
use super::view::MatchView;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::Report;

/// How long to wait after a look that failed.
const AFTER_FAILURE: Duration = Duration::from_mins(1);
/// How long to wait after a look that this role may not take: it will not be allowed in a minute.
const AFTER_ROLE_REFUSED: Duration = Duration::from_hours(24);

/// Go on until interrupted: print matches as they come, and post what is due
#[derive(Args, Debug)]
pub(crate) struct Arguments {}

/// One line of a watch.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    Match(MatchView),
    SignalsTended(TendedView),
    SignalsNotTended { why: String, hint: &'static str },
}

impl Report for Line {
    fn human(&self, dates: &Dates) -> String {
        match self {
            Self::Match(found) => found.human(dates),
            Self::SignalsTended(tended) => tended.human(dates),
            Self::SignalsNotTended { why, hint } => {
                format!(
                    "Signals are not looked after now: {}. {hint}\n",
                    crate::screen::plain(why)
                )
            }
        }
    }
}

/// When signals are looked after next.
pub(crate) struct Tending {
    due: tokio::time::Instant,
}

impl Tending {
    /// Due at once.
    pub(crate) fn begin() -> Self {
        Self {
            due: tokio::time::Instant::now(),
        }
    }

    /// Waits until it is time.
    pub(crate) async fn is_due(&self) {
        tokio::time::sleep_until(self.due).await;
    }

    /// Looks after signals, prints what there is to tell, and says when to look again. A look that fails is said and
    /// tried again: whatever else runs goes on.
    pub(crate) async fn look(&mut self, partner: &Partner, context: &mut Context<'_>) -> Result<(), Failure> {
        let wait = match partner.tend_signals().await {
            Ok(tended) => {
                let view = TendedView::of(&tended, partner)?;
                if !view.is_empty() {
                    context.screen.report(&Line::SignalsTended(view))?;
                }
                tended.again_at.since(context.environment.now())
            }
            Err(error) => {
                context.screen.report(&Line::SignalsNotTended {
                    why: error.to_string(),
                    hint: error.hint(),
                })?;
                if error.reason() == Some(ErrorReason::RoleRefused) {
                    AFTER_ROLE_REFUSED
                } else {
                    AFTER_FAILURE
                }
            }
        };
        self.due = tokio::time::Instant::now() + wait;
        Ok(())
    }
}

pub(crate) async fn run(_arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    context.screen.remark("Watching; Ctrl-C ends it.");
    let mut events = pin!(partner.watch_matches());
    let mut tending = Tending::begin();
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            () = tending.is_due() => {
                tending.look(&partner, context).await?;
                continue;
            }
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        match event {
            Some(Ok(MatchEvent::Begun)) => {}
            Some(Ok(MatchEvent::Match(found))) => {
                context
                    .screen
                    .report(&Line::Match(MatchView::of(&found, &names)))?;
            }
            Some(Err(error)) => return Err(error.into()),
            None => return Ok(()),
        }
    }
}
