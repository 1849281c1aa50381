//! Counts of homes: 9 of 23, and never a percentage.

use sluis_types::is_small_count;

use super::housing::{Housing, Lease, State};

/// How many came how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) nominated: u32,
    pub(crate) own_lease: u32,
    pub(crate) intermediary_lease: u32,
    pub(crate) settled: u32,
    pub(crate) returned: u32,
}

impl Tally {
    /// What one way to a home counts for.
    pub(crate) fn of(housing: &Housing) -> Self {
        let count = u32::from;
        Self {
            nominated: count(housing.was_nominated()),
            own_lease: count(housing.lease == Some(Lease::Own)),
            intermediary_lease: count(housing.lease == Some(Lease::Intermediary)),
            settled: count(housing.state == State::Settled),
            returned: count(housing.state == State::Returned),
        }
    }

    /// Both together.
    #[must_use]
    pub(crate) fn plus(self, other: Self) -> Self {
        self.each(other, u32::saturating_add)
    }

    /// This without the other.
    #[must_use]
    pub(crate) fn minus(self, other: Self) -> Self {
        self.each(other, u32::saturating_sub)
    }

    fn each(self, other: Self, join: fn(u32, u32) -> u32) -> Self {
        Self {
            nominated: join(self.nominated, other.nominated),
            own_lease: join(self.own_lease, other.own_lease),
            intermediary_lease: join(self.intermediary_lease, other.intermediary_lease),
            settled: join(self.settled, other.settled),
            returned: join(self.returned, other.returned),
        }
    }

    /// The counts, where none above zero is small. One small count withholds all: the others would tell it.
    pub(crate) fn publishable(self) -> Option<Self> {
        let rest = self
            .nominated
            .saturating_sub(self.own_lease + self.intermediary_lease);
        let counts = [
            self.nominated,
            self.own_lease,
            self.intermediary_lease,
            self.settled,
            self.returned,
            rest,
        ];
        counts
            .into_iter()
            .all(|count| !is_small_count(count))
            .then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_of_twenty_three_is_for_the_pilot_only() {
        let pilot = Tally {
            nominated: 23,
            own_lease: 9,
            ..Tally::default()
        };
        assert_eq!(pilot.publishable(), None);
        let larger = Tally {
            nominated: 46,
            own_lease: 18,
            ..Tally::default()
        };
        assert_eq!(larger.publishable(), Some(larger));
        let telling = Tally {
            nominated: 46,
            own_lease: 40,
            ..Tally::default()
        };
        assert_eq!(telling.publishable(), None, "six are left over");
        assert_eq!(larger.minus(pilot).plus(pilot), larger);
        assert_eq!(Tally::default().publishable(), Some(Tally::default()));
    }
}
