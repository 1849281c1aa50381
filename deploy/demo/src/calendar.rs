//! A clock that runs like the machine's, some days ahead: so that weeks pass in a play without anybody waiting.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sluis_types::{Clock, SystemClock, Timestamp};

/// The machine's clock, moved on. Shared through an `Arc` by a mesh and its partners.
#[derive(Debug, Default)]
pub struct Calendar {
    /// Microseconds that it is ahead.
    ahead: AtomicI64,
}

impl Calendar {
    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        self.ahead.fetch_add(micros, Ordering::SeqCst);
    }

    /// Goes on until a moment; one that is behind changes nothing.
    pub fn pass_until(&self, moment: Timestamp) {
        self.pass(moment.since(self.now()));
    }

    /// Back to the machine's own time.
    pub fn come_back(&self) {
        self.ahead.store(0, Ordering::SeqCst);
    }
}

impl Clock for Calendar {
    fn now(&self) -> Timestamp {
        let now = SystemClock.now().micros();
        Timestamp::from_micros(now.saturating_add(self.ahead.load(Ordering::SeqCst)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_and_comes_back() {
        let (calendar, day) = (Calendar::default(), Duration::from_hours(24));
        let begun = SystemClock.now();
        calendar.pass(day);
        assert!(calendar.now() >= begun.plus(day));
        calendar.pass_until(begun);
        assert!(calendar.now() >= begun.plus(day), "never backwards");
        calendar.pass_until(begun.plus(3 * day));
        assert!(calendar.now() >= begun.plus(3 * day));
        calendar.come_back();
        assert!(calendar.now() < begun.plus(day));
    }
}
