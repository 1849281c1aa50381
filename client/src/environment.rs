//! Where time and chance come from.

use std::sync::Arc;

use sluis_types::{Clock, OsRandomness, Randomness, SystemClock, Timestamp};

/// Where time and chance come from. [`Environment::system`] outside tests.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub randomness: Arc<dyn Randomness>,
}

impl Environment {
    /// This machine's clock and randomness.
    pub fn system() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            randomness: Arc::new(OsRandomness),
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
