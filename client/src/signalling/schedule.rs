//! When a live signal is posted: once in every epoch that it lives in, early, and at a moment that chance chose once.
//!
//! A moment is drawn when an epoch is first looked at, and kept: who could restart the sender would otherwise draw again
//! until a moment suits. Each circle and class has a moment of its own, so that posts of one signal do not come together.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sluis_types::{Epoch, Randomness, Timestamp};

/// Posts keep so far from both ends of their epoch: clocks need not agree to the second, and an epoch has no margin.
pub(crate) const MARGIN: Duration = Duration::from_mins(2);
/// The part of an epoch that is early. Signals end on whole days: one that lives in an epoch at all lives this long in it.
pub(crate) const EARLY: Duration = Duration::from_hours(24);
/// What begins to live later in an epoch is posted within this time.
pub(crate) const SOON: Duration = Duration::from_hours(1);
/// How long to wait after a post that was refused: the circle may be paused, or a clock wrong.
const AFTER_REFUSAL: Duration = Duration::from_hours(6);
/// How often one post is tried within an epoch when it is refused.
const REFUSALS_MAX: u8 = 2;

/// What is planned, or was done, at one circle and class in one epoch.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Slot {
    /// Number of the epoch.
    epoch: u32,
    /// The moment, in microseconds since 1970.
    at: i64,
    /// The version of the circle that was posted in; 0 before.
    posted: u32,
    /// The version of the circle that was refused last, and how often; 0 before.
    refused: u32,
    refusals: u8,
}

impl Slot {
    /// The slot of the epoch that `now` lies in: the one that there is, or a fresh one.
    pub(crate) fn of(before: Option<Self>, now: Timestamp, randomness: &dyn Randomness) -> Self {
        let epoch = Epoch::of(now);
        match before {
            Some(same) if same.epoch == epoch.number() => same,
            _ => Self {
                epoch: epoch.number(),
                at: moment_in(epoch, now, randomness).micros(),
                posted: 0,
                refused: 0,
                refusals: 0,
            },
        }
    }

    /// When it is to be posted in this version of the circle; none when that is done, or given up for this epoch.
    pub(crate) fn due(&self, version: u32) -> Option<Timestamp> {
        let refusals = if self.refused == version { self.refusals } else { 0 };
        if self.posted == version || refusals >= REFUSALS_MAX {
            return None;
        }
        // What was tried in a version that is over is posted again at once.
        let at_once = (self.posted != 0 || self.refused != 0) && refusals == 0;
        Some(if at_once {
            Epoch::from_number(self.epoch).starts()
        } else {
            Timestamp::from_micros(self.at)
        })
    }

    /// The moment that chance chose.
    #[cfg(test)]
    pub(crate) fn moment(&self) -> Timestamp {
        Timestamp::from_micros(self.at)
    }

    /// Posted in this version of the circle.
    #[must_use]
    pub(crate) const fn posted_in(self, version: u32) -> Self {
        Self {
            posted: version,
            ..self
        }
    }

    /// Refused in this version of the circle: tried once more, later.
    #[must_use]
    pub(crate) fn refused_in(self, version: u32, now: Timestamp) -> Self {
        let refusals = if self.refused == version { self.refusals } else { 0 };
        Self {
            at: now.plus(AFTER_REFUSAL).micros(),
            refused: version,
            refusals: refusals.saturating_add(1),
            ..self
        }
    }

    /// Could not be made for now: tried again later, so that nobody is told of it every minute.
    #[must_use]
    pub(crate) fn put_off(self, now: Timestamp) -> Self {
        let last = Epoch::from_number(self.epoch).ends().minus(MARGIN);
        Self {
            at: now.plus(SOON).min(last).micros(),
            ..self
        }
    }
}

/// A moment in what is left of the early part of an epoch, or soon where that is over; within the epoch, always.
fn moment_in(epoch: Epoch, now: Timestamp, randomness: &dyn Randomness) -> Timestamp {
    let from = now.max(epoch.starts().plus(MARGIN));
    let early_ends = epoch.starts().plus(EARLY);
    let until = if from < early_ends {
        early_ends
    } else {
        from.plus(SOON)
    };
    let until = until.min(epoch.ends().minus(MARGIN));
    from.plus(up_to(until.since(from), randomness))
}

/// A span below another one; none below none.
fn up_to(span: Duration, randomness: &dyn Randomness) -> Duration {
    let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    if micros == 0 {
        return Duration::ZERO;
    }
    let mut bytes = [0; 8];
    randomness.fill(&mut bytes);
    // The bias of a remainder of 64 bits is far below what anybody could see.
    Duration::from_micros(u64::from_be_bytes(bytes) % micros)
}

/// When to look at signals next, after the moments that are planned: not later than the next epoch begins.
pub(crate) fn next_look(
    now: Timestamp,
    planned: impl Iterator<Item = Timestamp>,
    at_the_latest: Duration,
) -> Timestamp {
    let boundary = Epoch::of(now).ends().plus(MARGIN);
    planned
        .chain([boundary, now.plus(at_the_latest)])
        .filter(|at| *at > now)
        .min()
        .unwrap_or(boundary)
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
