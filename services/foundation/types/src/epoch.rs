//! Epochs: the weeks in which worries meet.

use std::time::Duration;

use crate::Timestamp;

/// Days in one epoch.
pub const EPOCH_DAYS: u32 = 7;
const EPOCH_SECONDS: i64 = EPOCH_DAYS as i64 * 24 * 3600;

/// One week, counted from 1970-01-01T00:00:00Z: the same for the whole mesh, so that its number says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(u32);

impl Epoch {
    /// The epoch with this number.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The number, as it stands in signed formats.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The epoch that a moment lies in; the first for moments before 1970, the last that can be named for others.
    pub fn of(moment: Timestamp) -> Self {
        let weeks = moment.seconds().div_euclid(EPOCH_SECONDS).max(0);
        Self(u32::try_from(weeks).unwrap_or(u32::MAX))
    }

    /// Its first moment.
    pub const fn starts(self) -> Timestamp {
        Timestamp::from_seconds(self.0 as i64 * EPOCH_SECONDS)
    }

    /// The first moment that lies in it no more.
    pub fn ends(self) -> Timestamp {
        self.starts()
            .plus(Duration::from_hours(u64::from(EPOCH_DAYS) * 24))
    }

    /// The epoch that follows `count` later, or the last that can be named.
    #[must_use]
    pub const fn later(self, count: u32) -> Self {
        Self(self.0.saturating_add(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_a_week_with_its_first_moment_and_without_its_last() {
        let epoch = Epoch::of(Timestamp::from_seconds(1_795_435_200));
        assert_eq!(Epoch::of(epoch.starts()), epoch);
        assert_eq!(
            Epoch::of(Timestamp::from_micros(epoch.ends().micros() - 1)),
            epoch
        );
        assert_eq!(Epoch::of(epoch.ends()), epoch.later(1));
        assert_eq!(epoch.ends().since(epoch.starts()), Duration::from_hours(168));
        assert_eq!(Epoch::of(Timestamp::from_seconds(-1)), Epoch::from_number(0));
    }
}
