//! What this service knows of a grant: only what consent's watch told, and only what concerns messages.

use super::message::{MessageEvent, MessageState};
use super::thread::{Cause, Event};

/// How a grant stands. A grant of which nothing was heard stands as a new one: its token decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// It ended, with all its versions. Final.
    pub(crate) ended: bool,
    /// Versions before this one are superseded. Never falls.
    pub(crate) live_from: u32,
    /// It is paused.
    pub(crate) paused: bool,
}

/// What consent's watch says of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantChange {
    /// It ended.
    Ended,
    /// This version was replaced by a newer one, which is live: a grant that was paused is not any more.
    Superseded {
        /// The version that is over.
        version: u32,
    },
    /// It is paused.
    Paused,
    /// It is live again.
    Resumed,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            ended: false,
            live_from: 1,
            paused: false,
        }
    }
}

impl Standing {
    /// Whether a message sealed under this version may be submitted.
    pub(crate) const fn admits(self, version: u32) -> bool {
        !self.ended && !self.paused && version >= self.live_from
    }

    /// This standing after a change. The same change again changes nothing.
    #[must_use]
    pub(crate) fn after(self, change: GrantChange) -> Self {
        match change {
            GrantChange::Ended => Self { ended: true, ..self },
            GrantChange::Superseded { version } => {
                let live_from = self.live_from.max(version.saturating_add(1));
                Self {
                    live_from,
                    // A repeat says nothing of a pause that came after it.
                    paused: self.paused && live_from == self.live_from,
                    ..self
                }
            }
            GrantChange::Paused => Self { paused: true, ..self },
            GrantChange::Resumed => Self {
                paused: false,
                ..self
            },
        }
    }

    /// This standing after consent told how the grant stands: `live` is the live or paused version, 0 for none.
    #[must_use]
    pub(crate) fn reconciled(self, live: u32, paused: bool) -> Self {
        if live == 0 {
            return self.after(GrantChange::Ended);
        }
        let live_from = self.live_from.max(live);
        Self {
            live_from,
            paused,
            ..self
        }
    }

    /// What that means for a message of this version.
    pub(crate) const fn for_message(self, version: u32, state: MessageState) -> Option<MessageEvent> {
        if self.ended {
            return Some(MessageEvent::Cancel(Cause::ConsentWithdrawn));
        }
        if version < self.live_from && state.is_open_to_opening() {
            return Some(MessageEvent::Supersede);
        }
        None
    }

    /// What that means for a referral that was opened under this grant.
    pub(crate) const fn for_thread(self) -> Event {
        if self.ended {
            Event::ConsentEnded
        } else if self.paused {
            Event::ConsentPaused
        } else {
            Event::ConsentResumed
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change() -> impl Strategy<Value = GrantChange> {
        prop_oneof![
            Just(GrantChange::Ended),
            (1_u32..6).prop_map(|version| GrantChange::Superseded { version }),
            Just(GrantChange::Paused),
            Just(GrantChange::Resumed),
        ]
    }

    #[test]
    fn what_ended_superseded_or_paused_admits_nothing() {
        let fresh = Standing::default();
        assert!(fresh.admits(1) && fresh.admits(9));
        assert!(!fresh.after(GrantChange::Ended).admits(9));
        assert!(!fresh.after(GrantChange::Paused).admits(1));
        assert!(
            fresh
                .after(GrantChange::Paused)
                .after(GrantChange::Resumed)
                .admits(1)
        );
        let superseded = fresh.after(GrantChange::Superseded { version: 2 });
        assert!(!superseded.admits(2) && superseded.admits(3));
        let extreme = fresh.after(GrantChange::Superseded { version: u32::MAX });
        assert!(!extreme.admits(5));
    }

    #[test]
    fn a_newer_version_is_live_whatever_the_one_before_it_was() {
        let lost_its_key = Standing::default().after(GrantChange::Paused);
        let confirmed = lost_its_key.after(GrantChange::Superseded { version: 1 });
        assert!(confirmed.admits(2) && !confirmed.admits(1));
        let paused_since = confirmed.after(GrantChange::Paused);
        assert!(
            !paused_since
                .after(GrantChange::Superseded { version: 1 })
                .admits(2),
            "a repeat resumes nothing"
        );
    }

    #[test]
    fn what_consent_says_of_a_grant_after_missed_events() {
        let fresh = Standing::default();
        assert!(fresh.reconciled(0, false).ended);
        assert_eq!(
            fresh.reconciled(3, true),
            Standing {
                ended: false,
                live_from: 3,
                paused: true
            }
        );
        assert!(
            fresh.after(GrantChange::Ended).reconciled(3, false).ended,
            "an end is final"
        );
    }

    #[test]
    fn a_message_follows_its_grant() {
        let fresh = Standing::default();
        assert_eq!(fresh.for_message(1, MessageState::Submitted), None);
        let superseded = fresh.after(GrantChange::Superseded { version: 1 });
        let event = superseded.for_message(1, MessageState::Delivered);
        assert_eq!(event, Some(MessageEvent::Supersede));
        assert_eq!(superseded.for_message(1, MessageState::ResealNeeded), None);
        assert_eq!(superseded.for_message(2, MessageState::Delivered), None);
        assert_eq!(
            superseded
                .after(GrantChange::Ended)
                .for_message(2, MessageState::ResealNeeded),
            Some(MessageEvent::Cancel(Cause::ConsentWithdrawn))
        );
        assert_eq!(
            fresh
                .after(GrantChange::Paused)
                .for_message(1, MessageState::Submitted),
            None
        );
    }

    proptest! {
        #[test]
        fn repeats_change_nothing_and_ends_stay(changes in proptest::collection::vec(change(), 0..20)) {
            let mut standing = Standing::default();
            for change in changes {
                let next = standing.after(change);
                prop_assert_eq!(next.after(change), next);
                prop_assert!(next.ended >= standing.ended && next.live_from >= standing.live_from);
                standing = next;
            }
        }
    }
}
