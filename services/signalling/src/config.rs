//! What an operator sets. Limits are constants where they are used.

use serde::Deserialize;

/// Settings of the signalling service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How many days back a resume token of WatchMatches reaches, 1 to 90. What is older starts again from a snapshot.
    pub match_event_days: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self { match_event_days: 7 }
    }
}
