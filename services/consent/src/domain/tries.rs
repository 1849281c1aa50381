//! Wrong link codes, counted: five in 15 minutes close the door for the rest of them.

use std::time::Duration;

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_types::Timestamp;

/// Wrong tries that are allowed within [`TRIES_WINDOW`].
pub(crate) const TRIES_MAX: usize = 5;
/// How long a wrong try counts.
pub(crate) const TRIES_WINDOW: Duration = Duration::from_mins(15);

/// The moments of the last wrong tries, oldest first; zeros where there were fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Tries([Timestamp; TRIES_MAX]);

impl Tries {
    /// When the next try is welcome; none when it is now.
    pub(crate) fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.closed_after(TRIES_MAX, now)
    }

    /// When the next try is welcome where `allowed` of them are, from one to [`TRIES_MAX`]; none when it is now.
    pub(crate) fn closed_after(&self, allowed: usize, now: Timestamp) -> Option<Timestamp> {
        let at = self.0[TRIES_MAX - allowed.clamp(1, TRIES_MAX)];
        let opens = at.plus(TRIES_WINDOW);
        (at != Timestamp::default() && now < opens).then_some(opens)
    }

    /// Counts a wrong try.
    pub(crate) fn add(&mut self, now: Timestamp) {
        self.0.rotate_left(1);
        self.0[TRIES_MAX - 1] = now;
    }

    /// Whether no try counts any more.
    pub(crate) fn are_over(&self, now: Timestamp) -> bool {
        now >= self.0[TRIES_MAX - 1].plus(TRIES_WINDOW)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        for at in self.0 {
            writer.i64(at.micros());
        }
        writer.finish()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let mut tries = Self::default();
        for at in &mut tries.0 {
            *at = Timestamp::from_micros(reader.i64()?);
        }
        reader.finish()?;
        Ok(tries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_try_waits_until_the_first_is_old() {
        let mut tries = Tries::default();
        for minute in 0..5 {
            let now = Timestamp::from_seconds(1000 + 60 * minute);
            assert_eq!(tries.closed_until(now), None, "try {minute}");
            tries.add(now);
        }
        let opens = Timestamp::from_seconds(1000 + 15 * 60);
        assert_eq!(tries.closed_until(Timestamp::from_seconds(1300)), Some(opens));
        assert_eq!(tries.closed_until(opens), None);
        let last = Timestamp::from_seconds(1240 + 15 * 60);
        assert_eq!(tries.closed_after(1, opens), Some(last));
        assert_eq!(tries.closed_after(1, last), None);
        assert_eq!(Tries::default().closed_after(1, opens), None);
        assert!(!tries.are_over(opens));
        assert!(tries.are_over(Timestamp::from_seconds(1240 + 15 * 60)));
        assert_eq!(Tries::decode(&tries.encode()), Ok(tries));
    }
}
