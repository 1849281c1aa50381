//! Waiting as a value: whoever waits is given a [`Timer`], so that tests need not sleep.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

/// Replies of methods whose answer could tell whether somebody exists leave on multiples of this.
pub const TICK: Duration = Duration::from_millis(20);

/// A wait that is under way.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A monotonic clock that one can wait on. [`TokioTimer`] in a running mesh, [`ManualTimer`] in tests.
pub trait Timer: fmt::Debug + Send + Sync + 'static {
    /// Time since a fixed moment of this timer's own choice.
    fn now(&self) -> Duration;
    /// Waits until [`Timer::now`] is `at` or later.
    fn sleep_until(&self, at: Duration) -> Sleep;
}

/// The first multiple of [`TICK`] after `now`.
pub fn next_tick(now: Duration) -> Duration {
    let tick_nanos = TICK.as_nanos();
    let next = (now.as_nanos() / tick_nanos + 1) * tick_nanos;
    Duration::from_nanos(u64::try_from(next).unwrap_or(u64::MAX))
}

/// The runtime's own monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct TokioTimer {
    origin: Instant,
}

impl TokioTimer {
    /// A timer whose zero is this moment.
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Default for TokioTimer {
    fn default() -> Self {
        Self::new()
    }
}

impl Timer for TokioTimer {
    fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    fn sleep_until(&self, at: Duration) -> Sleep {
        Box::pin(tokio::time::sleep_until(self.origin + at))
    }
}

/// A timer that stands still until it is moved; shared through an `Arc`.
#[derive(Default)]
pub struct ManualTimer {
    state: Mutex<ManualState>,
    somebody_waits: Notify,
}

#[derive(Default)]
struct ManualState {
    now: Duration,
    waiting: Vec<(Duration, oneshot::Sender<()>)>,
}

impl ManualTimer {
    /// A timer that shows zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the timer forward and wakes whoever waited for a moment up to the new one.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.state();
        state.now += duration;
        let now = state.now;
        let (due, waiting) = std::mem::take(&mut state.waiting)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        state.waiting = waiting;
        drop(state);
        let due: Vec<(Duration, oneshot::Sender<()>)> = due;
        for (_, wake) in due {
            // Who stopped waiting needs no waking.
            let _gone = wake.send(());
        }
    }

    /// Waits until somebody waits for exactly the moment `at`, so that a test advances at the right time.
    pub async fn until_awaited(&self, at: Duration) {
        loop {
            let notified = self.somebody_waits.notified();
            let awaited = self
                .state()
                .waiting
                .iter()
                .any(|(moment, wake)| *moment == at && !wake.is_closed());
            if awaited {
                return;
            }
            notified.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, ManualState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ManualTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManualTimer({:?})", self.state().now)
    }
}

impl Timer for ManualTimer {
    fn now(&self) -> Duration {
        self.state().now
    }

    fn sleep_until(&self, at: Duration) -> Sleep {
        let mut state = self.state();
        if at <= state.now {
            return Box::pin(std::future::ready(()));
        }
        let (wake, woken) = oneshot::channel();
        state.waiting.retain(|(_, wake)| !wake.is_closed());
        state.waiting.push((at, wake));
        drop(state);
        self.somebody_waits.notify_waiters();
        Box::pin(async move {
            if woken.await.is_err() {
                // The timer is gone: its time never comes.
                std::future::pending::<()>().await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn the_next_tick_is_a_multiple_and_never_now() {
        assert_eq!(next_tick(Duration::ZERO), TICK);
        assert_eq!(next_tick(Duration::from_millis(19)), TICK);
        assert_eq!(next_tick(TICK), 2 * TICK);
        assert_eq!(next_tick(Duration::from_nanos(20_000_001)), 2 * TICK);
    }

    #[tokio::test]
    async fn a_manual_timer_wakes_in_time_and_not_before() {
        let timer = Arc::new(ManualTimer::new());
        let wait = |at: u64| tokio::spawn(timer.sleep_until(Duration::from_secs(at)));
        let (first, second) = (wait(1), wait(2));
        timer.advance(Duration::from_secs(1));
        first.await.expect("woken");
        assert!(!second.is_finished());
        timer.until_awaited(Duration::from_secs(2)).await;
        timer.advance(Duration::from_secs(1));
        second.await.expect("woken");
        timer.sleep_until(Duration::from_secs(2)).await;
    }
}
