//! Whether there is room, and how long that is believed.

use std::time::Duration;

use sluis_types::{CapacityStatus, Timestamp};

use crate::text::{InvalidOffer, ShortText};

/// How long a stated capacity is believed, in days.
pub const STALE_AFTER_DAYS: u64 = 14;
/// Longest waiting time that can be stated, in weeks.
pub const WAIT_WEEKS_MAX: u16 = 520;

/// A waiting time in weeks, from the shortest to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weeks {
    min: u16,
    max: u16,
}

impl Weeks {
    /// From `min` to `max` weeks.
    ///
    /// # Errors
    /// [`InvalidOffer`] when they are the wrong way round or beyond ten years.
    pub const fn new(min: u16, max: u16) -> Result<Self, InvalidOffer> {
        if min > max || max > WAIT_WEEKS_MAX {
            return Err(InvalidOffer::new("capacity.wait_weeks", "not a range of weeks"));
        }
        Ok(Self { min, max })
    }

    /// The shortest, in weeks.
    pub const fn min(self) -> u16 {
        self.min
    }

    /// The longest, in weeks.
    pub const fn max(self) -> u16 {
        self.max
    }
}

/// What the offering organisation said of its room, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Whether there is room.
    pub status: CapacityStatus,
    /// How long one waits, where one waits.
    pub wait: Option<Weeks>,
    /// When this was said.
    pub updated_at: Timestamp,
    /// Anything else, in words.
    pub note: ShortText,
}

/// What a stated capacity means at a moment, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Availability {
    /// There is room. It promises nothing about eligibility.
    Room,
    /// There is a waitlist, of so many weeks where that is stated.
    Waitlist(Option<Weeks>),
    /// A talk comes first.
    AssessmentFirst,
    /// Nothing was said, or too long ago to be believed.
    Unknown,
    /// There is no room.
    Full,
}

impl Capacity {
    /// Whether it was said too long ago to be believed.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.since(self.updated_at) > Duration::from_secs(STALE_AFTER_DAYS * 24 * 60 * 60)
    }

    /// What it means now: what is stale is unknown, never room and never full.
    pub fn availability(&self, now: Timestamp) -> Availability {
        if self.is_stale(now) {
            return Availability::Unknown;
        }
        match self.status {
            CapacityStatus::Capacity => Availability::Room,
            CapacityStatus::NoCapacity => Availability::Full,
            CapacityStatus::Waitlist => Availability::Waitlist(self.wait),
            CapacityStatus::AdditionalAssessmentRequired => Availability::AssessmentFirst,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_a_fortnight_ago_is_no_longer_believed() {
        let said = Timestamp::from_seconds(1_000_000);
        let fortnight = Duration::from_secs(STALE_AFTER_DAYS * 24 * 60 * 60);
        for status in CapacityStatus::ALL.iter().copied() {
            let capacity = Capacity {
                status,
                wait: None,
                updated_at: said,
                note: ShortText::default(),
            };
            assert_ne!(capacity.availability(said.plus(fortnight)), Availability::Unknown);
            let later = said.plus(fortnight).plus(Duration::from_micros(1));
            assert_eq!(capacity.availability(later), Availability::Unknown, "{status:?}");
        }
    }

    #[test]
    fn a_waiting_time_has_an_end() {
        assert!(Weeks::new(2, 1).is_err() && Weeks::new(0, WAIT_WEEKS_MAX + 1).is_err());
        assert!(Weeks::new(1, 2).expect("weeks") < Weeks::new(1, 3).expect("weeks"));
    }
}
