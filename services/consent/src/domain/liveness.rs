//! Whether a grant is live at this moment: the one decision that every yes depends on.

use std::fmt;

use sluis_types::Timestamp;

use super::State;

/// What liveness is decided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Where the grant is in its life.
    pub state: State,
    /// When it ends by itself.
    pub valid_until: Timestamp,
}

/// Decides whether a grant is live. Asked before each yes: of `Authorize`, of `GetConsentStatus` and of the gate.
pub trait Liveness: fmt::Debug + Send + Sync + 'static {
    /// Whether a grant that stands so is live at `now`.
    fn is_live(&self, standing: &Standing, now: Timestamp) -> bool;
}

/// Live is what is active and not past its end. Expiry counts from its moment on, whether a timer came by or not.
#[derive(Clone, Copy, Debug, Default)]
pub struct LiveNow;

impl Liveness for LiveNow {
    fn is_live(&self, standing: &Standing, now: Timestamp) -> bool {
        standing.state == State::Active && now < standing.valid_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Pause;

    #[test]
    fn only_an_active_grant_before_its_end_is_live() {
        let end = Timestamp::from_seconds(100);
        let before = Timestamp::from_micros(end.micros() - 1);
        let live = |state, now| {
            LiveNow.is_live(
                &Standing {
                    state,
                    valid_until: end,
                },
                now,
            )
        };
        assert!(live(State::Active, before));
        assert!(!live(State::Active, end));
        for state in [
            State::Recorded,
            State::Suspended(Pause::Asked),
            State::Suspended(Pause::Restored),
            State::Withdrawn { at: before },
            State::Expired { at: before },
        ] {
            assert!(!live(state, before), "{state:?}");
        }
    }
}
