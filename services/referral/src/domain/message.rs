//! The life of a message.

use sluis_types::{MessageId, Timestamp};

use super::thread::Cause;

/// Where a message is in its life. The numbers are those of the proto enum `MessageState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageState {
    Submitted = 1,
    Delivered = 2,
    Opened = 3,
    ResealNeeded = 4,
    Replaced = 5,
    Cancelled = 6,
    Expired = 7,
}

impl MessageState {
    pub(crate) const ALL: [Self; 7] = [
        Self::Submitted,
        Self::Delivered,
        Self::Opened,
        Self::ResealNeeded,
        Self::Replaced,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The state that a number stands for.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| *state as u8 == number)
    }

    /// Whether the recipient could still open it.
    pub(crate) const fn is_open_to_opening(self) -> bool {
        matches!(self, Self::Submitted | Self::Delivered)
    }

    /// Whether a message in this state, sealed under one version of its grant, may be replaced by one sealed under
    /// another. What must be sealed again is not sealed again under the version that is over.
    pub(crate) const fn gives_way_to(self, version: u32, newer: u32) -> bool {
        match self {
            Self::ResealNeeded => newer > version,
            Self::Submitted | Self::Delivered => newer >= version,
            Self::Opened | Self::Replaced | Self::Cancelled | Self::Expired => false,
        }
    }
}

/// What happens to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageEvent {
    /// It arrived in the recipient's system.
    Deliver,
    /// It was opened.
    Open,
    /// Its grant has a newer version.
    Supersede,
    /// Another message takes its place.
    Replace,
    /// Its consent ended, or its referral was taken back or stopped.
    Cancel(Cause),
    /// It was not opened in time.
    Expire,
}

impl MessageEvent {
    #[cfg(test)]
    const ALL: [Self; 6] = [
        Self::Deliver,
        Self::Open,
        Self::Supersede,
        Self::Replace,
        Self::Cancel(Cause::Sender),
        Self::Expire,
    ];
}

/// The state machine: event, from where, to where, and whether the ciphertext goes. What is not here changes nothing.
type Rule = (
    fn(MessageEvent) -> bool,
    &'static [MessageState],
    MessageState,
    Ciphertext,
);

/// What becomes of the ciphertext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ciphertext {
    Stays,
    Goes,
}

const UNOPENED: &[MessageState] = &[
    MessageState::Submitted,
    MessageState::Delivered,
    MessageState::ResealNeeded,
];
const OPENABLE: &[MessageState] = &[MessageState::Submitted, MessageState::Delivered];

const TABLE: &[Rule] = &[
    (
        |event| event == MessageEvent::Deliver,
        &[MessageState::Submitted],
        MessageState::Delivered,
        Ciphertext::Stays,
    ),
    (
        |event| event == MessageEvent::Open,
        OPENABLE,
        MessageState::Opened,
        Ciphertext::Stays,
    ),
    (
        |event| event == MessageEvent::Supersede,
        OPENABLE,
        MessageState::ResealNeeded,
        Ciphertext::Goes,
    ),
    (
        |event| event == MessageEvent::Replace,
        UNOPENED,
        MessageState::Replaced,
        Ciphertext::Goes,
    ),
    (
        |event| matches!(event, MessageEvent::Cancel(_)),
        UNOPENED,
        MessageState::Cancelled,
        Ciphertext::Goes,
    ),
    (
        |event| event == MessageEvent::Expire,
        OPENABLE,
        MessageState::Expired,
        Ciphertext::Goes,
    ),
];

/// What changes of a message; everything else stands in its manifest and receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageLife {
    /// Where it is.
    pub(crate) state: MessageState,
    /// Why, where the state alone does not say.
    pub(crate) cause: Cause,
    /// Since when.
    pub(crate) changed_at: Timestamp,
    /// Its place among the messages of its recipient.
    pub(crate) position: i64,
    /// The message that took its place.
    pub(crate) replaced_by: Option<MessageId>,
    /// Whether the ciphertext is still there.
    pub(crate) has_ciphertext: bool,
}

impl MessageLife {
    /// A message that was just received.
    pub(crate) const fn received(now: Timestamp, position: i64) -> Self {
        Self {
            state: MessageState::Submitted,
            cause: Cause::None,
            changed_at: now,
            position,
            replaced_by: None,
            has_ciphertext: true,
        }
    }

    /// This life after an event, and whether the ciphertext goes now; none when the event changes nothing.
    pub(crate) fn after(mut self, event: MessageEvent, now: Timestamp) -> Option<(Self, Ciphertext)> {
        let (_, _, to, ciphertext) = TABLE
            .iter()
            .find(|(is, from, _, _)| is(event) && from.contains(&self.state))?;
        // What a newer grant version already took is not taken twice.
        let ciphertext = if self.has_ciphertext {
            *ciphertext
        } else {
            Ciphertext::Stays
        };
        self.state = *to;
        self.changed_at = now;
        self.cause = match event {
            MessageEvent::Cancel(cause) => cause,
            MessageEvent::Expire => Cause::Time,
            _ => Cause::None,
        };
        if ciphertext == Ciphertext::Goes {
            self.has_ciphertext = false;
        }
        Some((self, ciphertext))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EXPECTED: &[(MessageState, MessageEvent, MessageState)] = &[
        (
            MessageState::Submitted,
            MessageEvent::Deliver,
            MessageState::Delivered,
        ),
        (MessageState::Submitted, MessageEvent::Open, MessageState::Opened),
        (MessageState::Delivered, MessageEvent::Open, MessageState::Opened),
        (
            MessageState::Submitted,
            MessageEvent::Supersede,
            MessageState::ResealNeeded,
        ),
        (
            MessageState::Delivered,
            MessageEvent::Supersede,
            MessageState::ResealNeeded,
        ),
        (
            MessageState::Submitted,
            MessageEvent::Replace,
            MessageState::Replaced,
        ),
        (
            MessageState::Delivered,
            MessageEvent::Replace,
            MessageState::Replaced,
        ),
        (
            MessageState::ResealNeeded,
            MessageEvent::Replace,
            MessageState::Replaced,
        ),
        (
            MessageState::Submitted,
            MessageEvent::Cancel(Cause::Sender),
            MessageState::Cancelled,
        ),
        (
            MessageState::Delivered,
            MessageEvent::Cancel(Cause::Sender),
            MessageState::Cancelled,
        ),
        (
            MessageState::ResealNeeded,
            MessageEvent::Cancel(Cause::Sender),
            MessageState::Cancelled,
        ),
        (
            MessageState::Submitted,
            MessageEvent::Expire,
            MessageState::Expired,
        ),
        (
            MessageState::Delivered,
            MessageEvent::Expire,
            MessageState::Expired,
        ),
    ];

    fn life(state: MessageState) -> MessageLife {
        let has_ciphertext = matches!(
            state,
            MessageState::Submitted | MessageState::Delivered | MessageState::Opened
        );
        MessageLife {
            state,
            has_ciphertext,
            ..MessageLife::received(Timestamp::from_seconds(1), 7)
        }
    }

    #[test]
    fn every_pair_of_state_and_event_is_as_the_domain_says() {
        for state in MessageState::ALL {
            for event in MessageEvent::ALL {
                let expected = EXPECTED
                    .iter()
                    .find(|row| (row.0, row.1) == (state, event))
                    .map(|row| row.2);
                let after = life(state).after(event, Timestamp::from_seconds(2));
                assert_eq!(after.map(|(life, _)| life.state), expected, "{state:?} {event:?}");
            }
            assert_eq!(MessageState::from_number(state as u8), Some(state));
        }
        assert_eq!(MessageState::from_number(0), None);
        assert_eq!(MessageState::from_number(8), None);
    }

    #[test]
    fn a_message_gives_way_to_no_older_version() {
        for state in MessageState::ALL {
            let is_unopened = UNOPENED.contains(&state);
            let may_be_equal = OPENABLE.contains(&state);
            assert!(!state.gives_way_to(2, 1), "{state:?}");
            assert_eq!(state.gives_way_to(2, 2), may_be_equal, "{state:?}");
            assert_eq!(state.gives_way_to(2, 3), is_unopened, "{state:?}");
        }
    }

    proptest! {
        #[test]
        fn only_what_can_still_be_opened_or_was_opened_has_ciphertext(
            steps in proptest::collection::vec(0_usize..6, 0..20)
        ) {
            let mut life = life(MessageState::Submitted);
            let mut times_gone = 0;
            for (second, step) in steps.into_iter().enumerate() {
                let now = Timestamp::from_seconds(i64::try_from(second).unwrap() + 2);
                let was = life;
                if let Some((next, ciphertext)) = life.after(MessageEvent::ALL[step], now) {
                    prop_assert_ne!(next.state, was.state);
                    prop_assert_eq!(next.position, was.position, "keeps its place");
                    times_gone += i32::from(ciphertext == Ciphertext::Goes);
                    life = next;
                }
                let may_have = matches!(
                    life.state,
                    MessageState::Submitted | MessageState::Delivered | MessageState::Opened
                );
                prop_assert_eq!(life.has_ciphertext, may_have);
                prop_assert_eq!(times_gone, i32::from(!may_have), "goes once");
            }
        }
    }
}
