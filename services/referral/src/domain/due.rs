//! What time does to messages and referrals.

use std::time::Duration;

use sluis_types::Timestamp;

use super::message::MessageState;
use super::thread::{Actor, Kind, Opening};

/// How many microseconds a stored due time is rounded up to: finer ones would tell rows apart.
const HOUR_MICROS: i64 = 3_600_000_000;

/// What of a message, and of the referral that it opens, matters to time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timed {
    pub(crate) state: MessageState,
    pub(crate) has_ciphertext: bool,
    pub(crate) expires: Timestamp,
    pub(crate) respond_by: Option<Timestamp>,
    /// The referral, where this message opens it.
    pub(crate) opens: Option<Opening>,
}

/// What time asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DueAct {
    /// The message was not opened in time.
    ExpireMessage,
    /// The message was not sealed again in time.
    GiveUpReseal,
    /// The referral was not answered by twice the time that was asked.
    ExpireReferral,
    /// The message was opened, and its life is over: the ciphertext goes, the referral stays.
    PurgeCiphertext,
}

/// What is due now, and when to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) act: Option<DueAct>,
    /// The next deadline if nothing else happens; none when nothing is left to wait for.
    pub(crate) next: Option<Timestamp>,
}

impl Timed {
    /// Every deadline that lies before this message, each with what it asks for.
    fn deadlines(self) -> impl Iterator<Item = (Timestamp, DueAct)> {
        let of_message = match self.state {
            MessageState::Submitted | MessageState::Delivered => Some((self.expires, DueAct::ExpireMessage)),
            MessageState::ResealNeeded => {
                Some((self.respond_by.unwrap_or(self.expires), DueAct::GiveUpReseal))
            }
            MessageState::Opened if self.has_ciphertext => Some((self.expires, DueAct::PurgeCiphertext)),
            MessageState::Opened
            | MessageState::Replaced
            | MessageState::Cancelled
            | MessageState::Expired => None,
        };
        let of_referral = self
            .opens
            .filter(|opening| opening.stage.permits(Kind::Expire, Actor::Mesh))
            .and_then(|opening| {
                Some((
                    twice(opening.received_at, opening.respond_by?),
                    DueAct::ExpireReferral,
                ))
            });
        of_message.into_iter().chain(of_referral)
    }

    /// What is due at `now`.
    pub(crate) fn at(self, now: Timestamp) -> Due {
        Due {
            act: self
                .deadlines()
                .filter(|(at, _)| *at <= now)
                .min_by_key(|(at, _)| *at)
                .map(|(_, act)| act),
            next: self.deadlines().map(|(at, _)| at).min(),
        }
    }
}

/// Twice the time that was given for an answer.
fn twice(received_at: Timestamp, respond_by: Timestamp) -> Timestamp {
    let given: Duration = respond_by.since(received_at);
    respond_by.plus(given)
}

/// A due time as it is stored: the full hour at or after it.
pub(crate) fn stored_hour(at: Timestamp) -> Timestamp {
    let hours = at.micros().div_euclid(HOUR_MICROS);
    let rest = at.micros().rem_euclid(HOUR_MICROS);
    Timestamp::from_micros(
        hours
            .saturating_add(i64::from(rest > 0))
            .saturating_mul(HOUR_MICROS),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::thread::{Active, Cause, Stage};
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_seconds(hours * 3600)
    }

    fn timed(state: MessageState, opens: Option<Stage>) -> Timed {
        Timed {
            state,
            has_ciphertext: true,
            expires: at(160),
            respond_by: Some(at(120)),
            opens: opens.map(|stage| Opening {
                stage,
                received_at: at(100),
                respond_by: Some(at(120)),
            }),
        }
    }

    #[test]
    fn deadlines_in_their_order() {
        let opening = timed(MessageState::Submitted, Some(Stage::Active(Active::Submitted)));
        assert_eq!(
            opening.at(at(110)),
            Due {
                act: None,
                next: Some(at(140))
            }
        );
        assert_eq!(opening.at(at(140)).act, Some(DueAct::ExpireReferral));
        let note = timed(MessageState::Submitted, None);
        assert_eq!(
            note.at(at(159)),
            Due {
                act: None,
                next: Some(at(160))
            }
        );
        assert_eq!(note.at(at(160)).act, Some(DueAct::ExpireMessage));
        let reseal = timed(MessageState::ResealNeeded, None);
        assert_eq!(reseal.at(at(120)).act, Some(DueAct::GiveUpReseal));
        let opened = timed(MessageState::Opened, Some(Stage::Active(Active::Accepted)));
        assert_eq!(
            opened.at(at(150)),
            Due {
                act: None,
                next: Some(at(160))
            }
        );
        assert_eq!(opened.at(at(161)).act, Some(DueAct::PurgeCiphertext));
        let over = timed(MessageState::Cancelled, Some(Stage::Cancelled(Cause::Sender)));
        assert_eq!(
            over.at(at(1000)),
            Due {
                act: None,
                next: None
            }
        );
    }

    #[test]
    fn an_opened_referral_without_an_answer_expires_too() {
        let in_review = timed(MessageState::Opened, Some(Stage::Active(Active::InReview)));
        assert_eq!(in_review.at(at(140)).act, Some(DueAct::ExpireReferral));
        let unhurried = in_review.opens.map(|opening| Opening {
            respond_by: None,
            ..opening
        });
        let unanswerable = Timed {
            opens: unhurried,
            ..in_review
        };
        assert_eq!(unanswerable.at(at(140)).act, None);
    }

    proptest! {
        #[test]
        fn stored_hours_are_whole_and_never_early(micros in 0_i64..4_000_000_000_000_000) {
            let stored = stored_hour(Timestamp::from_micros(micros));
            prop_assert!(stored.micros() >= micros && stored.micros() - micros < HOUR_MICROS);
            prop_assert_eq!(stored.micros() % HOUR_MICROS, 0);
            prop_assert_eq!(stored_hour(stored), stored);
        }
    }
}
