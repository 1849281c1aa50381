//! `sluis signal post`: what is due, or one signal now.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;
use sluis_client::{NotPosted, Partner, Posted, SignalsTended};
use sluis_types::{SignalId, Timestamp};

use super::super::circle::view::CircleView;
use crate::codes::words;
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::screen::{Report, plain};

/// Post what is due, or one signal now
///
/// Without SIGNAL: fetches bundles and posts whatever is due, for a timer that runs it every hour or so. Each live signal
/// is posted every week, early and at a moment that chance chose. With SIGNAL: posts it now, wherever it may be posted.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Post this one now
    #[arg(value_name = "SIGNAL")]
    signal: Option<SignalId>,
}

/// What was done.
#[derive(Serialize)]
pub(crate) struct TendedView {
    circles: Vec<CircleView>,
    posted: Vec<PostedView>,
    not_posted: Vec<NotPostedView>,
    #[serde(serialize_with = "dates::serialize_optional")]
    again_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct PostedView {
    signal_id: String,
    circle: String,
    class: &'static str,
    /// Members without a contact box: their fingerprint is not pinned, or their keys changed.
    without_box: Vec<String>,
}

#[derive(Serialize)]
struct NotPostedView {
    signal_id: String,
    circle: String,
    class: &'static str,
    why: String,
    hint: &'static str,
}

impl From<&Posted> for PostedView {
    fn from(posted: &Posted) -> Self {
        Self {
            signal_id: posted.signal.to_string(),
            circle: posted.circle.to_string(),
            class: posted.class.name(),
            without_box: posted.without_box.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<&NotPosted> for NotPostedView {
    fn from(failed: &NotPosted) -> Self {
        Self {
            signal_id: failed.signal.to_string(),
            circle: failed.circle.to_string(),
            class: failed.class.name(),
            why: failed.error.to_string(),
            hint: failed.error.hint(),
        }
    }
}

impl TendedView {
    pub(crate) fn of(tended: &SignalsTended, partner: &Partner) -> Result<Self, Failure> {
        let circles = tended.circles.iter();
        Ok(Self {
            circles: circles
                .map(|circle| CircleView::of(circle, partner.profile()))
                .collect::<Result<_, _>>()?,
            posted: tended.posted.iter().map(PostedView::from).collect(),
            not_posted: tended.not_posted.iter().map(NotPostedView::from).collect(),
            again_at: Some(tended.again_at),
        })
    }

    /// Whether there is anything to tell.
    pub(crate) const fn is_empty(&self) -> bool {
        self.circles.is_empty() && self.posted.is_empty() && self.not_posted.is_empty()
    }

    fn lines(&self, dates: &Dates) -> String {
        let mut text: String = self.circles.iter().map(|circle| circle.human(dates)).collect();
        for posted in &self.posted {
            let _ = write!(text, "{}  posted as {}", posted.signal_id, words(posted.class));
            if !posted.without_box.is_empty() {
                let members = posted.without_box.join(", ");
                let _ = write!(text, "; no contact details for {members}: pin them");
            }
            text.push('\n');
        }
        for failed in &self.not_posted {
            let why = plain(&failed.why);
            let _ = writeln!(
                text,
                "{}  not posted as {}: {why}. {}",
                failed.signal_id,
                words(failed.class),
                failed.hint
            );
        }
        text
    }
}

impl Report for TendedView {
    fn human(&self, dates: &Dates) -> String {
        if self.is_empty() {
            return "Nothing is due.\n".to_owned();
        }
        self.lines(dates)
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let view = match arguments.signal {
        None => TendedView::of(&partner.tend_signals().await?, &partner)?,
        Some(signal) => {
            let posted = partner.post_signal(signal).await?;
            if posted.is_empty() {
                return Err(Failure::local(
                    "there is no circle in which this signal is posted",
                    "Ask the resident for one with `sluis circle propose`.",
                ));
            }
            TendedView {
                circles: Vec::new(),
                posted: posted.iter().map(PostedView::from).collect(),
                not_posted: Vec::new(),
                again_at: None,
            }
        }
    };
    context.screen.report(&view)
}
