//! What a signal rests on: how serious it is, when it was seen, and until when it may live.

use std::time::Duration;

use sluis_types::Timestamp;

const DAY: Duration = Duration::from_hours(24);
const DAY_MICROS: i64 = 86_400_000_000;
/// No signal lives longer than this after its first observation.
const LIFE_DAYS_MAX: u32 = 365;
/// How old an observation may be when it is written down.
const OBSERVATION_DAYS_MAX: u32 = 30;
/// How far ahead of ours the sender's clock may be.
const SKEW: Duration = Duration::from_mins(1);

/// How serious it is. Acute danger is no signal: see [`crate::domain::answering`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Something to keep an eye on.
    Attention = 1,
    /// A worry.
    Worry = 2,
    /// Serious. A second pair of eyes is needed.
    Serious = 3,
}

impl Severity {
    pub(crate) const ALL: [Self; 3] = [Self::Attention, Self::Worry, Self::Serious];

    /// The severity that a number stands for.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| *severity as u8 == number)
    }

    /// One more; the most serious stays.
    const fn raised(self) -> Self {
        match self {
            Self::Attention => Self::Worry,
            Self::Worry | Self::Serious => Self::Serious,
        }
    }

    /// Whether it can make a match: of all that meet, one at least must.
    pub(crate) const fn is_strong(self) -> bool {
        matches!(self, Self::Worry | Self::Serious)
    }

    /// Days that a signal lives after it was seen.
    const fn days(self) -> u32 {
        match self {
            Self::Attention => 60,
            Self::Worry => 90,
            Self::Serious => 180,
        }
    }
}

/// What a signal rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Observation {
    /// How serious: as it was seen, or more when nobody acknowledged a match in time.
    pub(crate) severity: Severity,
    /// How serious it was seen to be: what its life goes by.
    pub(crate) seen_as: Severity,
    /// When it was seen first.
    pub(crate) first_at: Timestamp,
    /// When it was seen last.
    pub(crate) last_at: Timestamp,
}

/// Why an observation is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unobserved {
    /// It lies in the future.
    Future,
    /// It is too old to be written down now.
    Old,
    /// It is no newer than what is known: nothing is renewed by itself.
    NotFresh,
}

impl Observation {
    /// Something that is written down now.
    ///
    /// # Errors
    /// [`Unobserved::Future`] and [`Unobserved::Old`].
    pub(crate) fn new(severity: Severity, at: Timestamp, now: Timestamp) -> Result<Self, Unobserved> {
        if at > now.plus(SKEW) {
            return Err(Unobserved::Future);
        }
        if at.plus(OBSERVATION_DAYS_MAX * DAY) < now {
            return Err(Unobserved::Old);
        }
        Ok(Self {
            severity,
            seen_as: severity,
            first_at: at,
            last_at: at,
        })
    }

    /// Seen again, perhaps more or less serious: the only way to a longer life, and for people to a higher severity.
    ///
    /// # Errors
    /// [`Unobserved`].
    pub(crate) fn again(self, severity: Severity, at: Timestamp, now: Timestamp) -> Result<Self, Unobserved> {
        let fresh = Self::new(severity, at, now)?;
        if at <= self.last_at {
            return Err(Unobserved::NotFresh);
        }
        Ok(Self {
            first_at: self.first_at,
            ..fresh
        })
    }

    /// More serious by one, because nobody acknowledged a match in time. It lives no longer by this: nothing is renewed
    /// without being seen again.
    #[must_use]
    pub(crate) const fn escalated(self) -> Self {
        Self {
            severity: self.severity.raised(),
            ..self
        }
    }

    /// When the signal ends if it is not seen again: at the end of a whole day, so that no time tells rows apart.
    pub(crate) fn expires(self) -> Timestamp {
        let by_severity = self.last_at.plus(self.seen_as.days() * DAY);
        let at_most = self.first_at.plus(LIFE_DAYS_MAX * DAY);
        let micros = by_severity.min(at_most).micros();
        Timestamp::from_micros(micros.div_euclid(DAY_MICROS).saturating_mul(DAY_MICROS))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

    #[test]
    fn each_severity_has_its_life_and_only_two_are_strong() {
        for (severity, days, strong) in [
            (Severity::Attention, 60, false),
            (Severity::Worry, 90, true),
            (Severity::Serious, 180, true),
        ] {
            let observation = Observation::new(severity, NOW, NOW).unwrap();
            let life = observation.expires().since(NOW);
            assert!(life <= days * DAY && life > (days - 1) * DAY, "{severity:?}");
            assert_eq!(severity.is_strong(), strong);
            assert_eq!(Severity::from_number(severity as u8), Some(severity));
        }
        assert_eq!(Severity::from_number(4), None, "acute is no signal");
    }

    #[test]
    fn nothing_is_renewed_without_being_seen_again() {
        let first = Observation::new(Severity::Worry, NOW, NOW).unwrap();
        let later = NOW.plus(10 * DAY);
        assert_eq!(
            first.again(Severity::Serious, NOW, later),
            Err(Unobserved::NotFresh)
        );
        assert_eq!(
            first.again(Severity::Worry, later.plus(DAY), later),
            Err(Unobserved::Future)
        );
        let seen = first.again(Severity::Serious, later, later).unwrap();
        assert_eq!((seen.first_at, seen.last_at), (NOW, later));
        assert!(seen.expires() > first.expires());
        let old = NOW.minus(31 * DAY);
        assert_eq!(Observation::new(Severity::Worry, old, NOW), Err(Unobserved::Old));
    }

    #[test]
    fn escalating_raises_by_one_and_lengthens_nothing() {
        let seen = Observation::new(Severity::Attention, NOW, NOW).unwrap();
        let (once, twice) = (seen.escalated(), seen.escalated().escalated());
        assert_eq!(
            (once.severity, twice.severity, twice.escalated().severity),
            (Severity::Worry, Severity::Serious, Severity::Serious)
        );
        assert_eq!(twice.expires(), seen.expires());
        // What is seen again is as serious as it is seen to be.
        let later = NOW.plus(DAY);
        let again = twice.again(Severity::Attention, later, later).unwrap();
        assert_eq!(
            (again.severity, again.seen_as),
            (Severity::Attention, Severity::Attention)
        );
    }

    proptest! {
        #[test]
        fn no_chain_of_observations_outlives_a_year(steps in proptest::collection::vec((1_u32..60, 1_u8..4), 0..40)) {
            let mut now = NOW;
            let mut observation = Observation::new(Severity::Serious, now, now).unwrap();
            for (days, severity) in steps {
                now = now.plus(days * DAY);
                observation = observation.again(Severity::from_number(severity).unwrap(), now, now).unwrap();
                prop_assert!(observation.expires().since(NOW) <= LIFE_DAYS_MAX * DAY);
                prop_assert!(observation.expires().since(now) <= 180 * DAY);
                prop_assert_eq!(observation.expires().micros() % DAY_MICROS, 0);
            }
        }
    }
}
