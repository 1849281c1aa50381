//! What became of an organisation's signals, by the quarter in which they were first seen.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use sluis_types::Timestamp;

use super::life::{Open, Outcome, Stage};
use super::signal::Signal;

/// Quarters that are told.
pub(crate) const QUARTERS_MAX: usize = 8;

/// A quarter of a year, by UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quarter {
    pub(crate) year: u32,
    /// 1 to 4.
    pub(crate) number: u32,
}

impl Quarter {
    /// The quarter that a moment lies in.
    pub(crate) fn of(at: Timestamp) -> Self {
        let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let day = at.to_zoned_datetime(TimeZone::UTC).date();
        Self {
            year: u32::from(day.year().unsigned_abs()),
            number: u32::from((day.month().unsigned_abs() - 1) / 3 + 1),
        }
    }
}

/// What became of the signals of one quarter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) registered: u32,
    pub(crate) met: u32,
    pub(crate) closed: u32,
    pub(crate) unfounded: u32,
    pub(crate) withdrawn: u32,
    pub(crate) expired: u32,
    pub(crate) objected: u32,
    /// How many of the registered ones each professional wrote down.
    by_drafter: BTreeMap<[u8; 32], u32>,
}

impl Count {
    /// How many professionals wrote them down.
    pub(crate) fn drafters(&self) -> u32 {
        u32::try_from(self.by_drafter.len()).unwrap_or(u32::MAX)
    }

    /// How many the one wrote down who wrote most.
    pub(crate) fn most_by_one(&self) -> u32 {
        self.by_drafter.values().copied().max().unwrap_or_default()
    }
}

/// The counts of every quarter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts(BTreeMap<Quarter, Count>);

impl Counts {
    /// Counts one more signal, as it is at `now`. A draft is none.
    pub(crate) fn add(&mut self, signal: &Signal, now: Timestamp) {
        let stage = signal.stage_at(now);
        if signal.stage == Stage::Open(Open::Draft) || signal.was_draft_only() {
            return;
        }
        let count = self
            .0
            .entry(Quarter::of(signal.observation.first_at))
            .or_default();
        let of_drafter = count.by_drafter.entry(signal.drafter.professional).or_default();
        *of_drafter = of_drafter.saturating_add(1);
        let mut note = |is: bool, which: fn(&mut Count) -> &mut u32| {
            let field = which(count);
            *field = field.saturating_add(u32::from(is));
        };
        note(true, |count| &mut count.registered);
        note(!signal.matches.is_empty(), |count| &mut count.met);
        note(matches!(stage, Stage::Closed(_)), |count| &mut count.closed);
        note(stage == Stage::Closed(Outcome::Unfounded), |count| {
            &mut count.unfounded
        });
        note(stage == Stage::Withdrawn, |count| &mut count.withdrawn);
        note(stage == Stage::Expired, |count| &mut count.expired);
        note(stage == Stage::Closed(Outcome::ObjectionUpheld), |count| {
            &mut count.objected
        });
    }

    /// The newest quarters, newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = (Quarter, &Count)> + '_ {
        self.0
            .iter()
            .rev()
            .take(QUARTERS_MAX)
            .map(|(quarter, count)| (*quarter, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_begins_on_the_first_of_january_april_july_and_october() {
        let of = |text: &str| {
            let at: jiff::Timestamp = text.parse().unwrap();
            let quarter = Quarter::of(Timestamp::from_micros(at.as_microsecond()));
            (quarter.year, quarter.number)
        };
        assert_eq!(of("2026-01-01T00:00:00Z"), (2026, 1));
        assert_eq!(of("2026-03-31T23:59:59Z"), (2026, 1));
        assert_eq!(of("2026-04-01T00:00:00Z"), (2026, 2));
        assert_eq!(of("2026-12-31T23:59:59Z"), (2026, 4));
    }
}
