//! What an operator sets. Limits are constants beside what they limit.

use std::time::Duration;

use serde::Deserialize;

/// The settings of consent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Set where PostgreSQL is one server without a standby: losing its disk then loses what was acknowledged. SQLite is
    /// always one node.
    pub single_node: bool,
}

/// How long a resident's session lasts at most, whatever happens in it.
pub(crate) const SESSION_LIFE: Duration = Duration::from_hours(1);
/// How long the code of a mandate can be redeemed.
pub(crate) const MANDATE_CODE_LIFE: Duration = Duration::from_hours(7 * 24);
/// How long the code in a letter can be redeemed: as long as recorded consent lasts at most by default.
pub(crate) const LETTER_CODE_LIFE: Duration = Duration::from_hours(92 * 24);
/// How long a grant token lasts: the longest that its format allows.
pub(crate) const GRANT_TOKEN_LIFE: Duration =
    Duration::from_mins(sluis_envelope::limits::GRANT_TOKEN_MINUTES_MAX);
/// How long a resident ticket lasts: the longest that its format allows.
pub(crate) const TICKET_LIFE: Duration =
    Duration::from_mins(sluis_envelope::limits::RESIDENT_TICKET_MINUTES_MAX);
/// How often the timer looks for what is due. Gate keys of expired grants are to be gone within five minutes.
pub(crate) const DUE_EVERY: Duration = Duration::from_mins(1);
/// How often the list of notices is looked at.
pub(crate) const NOTICES_EVERY: Duration = Duration::from_mins(1);
/// How often old requests and events are forgotten.
pub(crate) const PURGE_EVERY: Duration = Duration::from_hours(1);
/// How long events are kept for those who watch.
pub(crate) const EVENTS_KEPT: Duration = Duration::from_hours(30 * 24);
/// How often the holder of the bucket keys says that it is there.
pub(crate) const HOLD_EVERY: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_settings_are_refused() {
        assert!(serde_json::from_str::<Config>("{}").is_ok_and(|config| !config.single_node));
        assert!(serde_json::from_str::<Config>("{\"single_nod\":true}").is_err());
    }
}
