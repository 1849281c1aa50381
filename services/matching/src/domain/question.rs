//! A question to several offers whether they have room. It says nothing of a person, nor who asks.

use std::time::Duration;

use sluis_types::{CapacityStatus, OfferId, Oin, QuestionId, Timestamp};

/// How long it can be answered.
pub(crate) const QUESTION_LIFE: Duration = Duration::from_hours(14 * 24);
/// Offers that one question asks.
pub(crate) const OFFERS_MAX: usize = 32;

/// What one offer said, if anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) offer: OfferId,
    /// Whose offer it is.
    pub(crate) organisation: Oin,
    pub(crate) answer: Option<Answer>,
}

/// Whether there is room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: CapacityStatus,
    pub(crate) weeks: u16,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) id: QuestionId,
    /// Who asks: told to nobody.
    pub(crate) asker: Oin,
    pub(crate) within_weeks: u16,
    pub(crate) open_until: Timestamp,
    pub(crate) asked: Vec<Asked>,
}

impl Question {
    /// Takes an answer. False when that offer of `organisation` was not asked, or it is too late.
    pub(crate) fn answer(
        &mut self,
        offer: OfferId,
        organisation: Oin,
        answer: Answer,
        now: Timestamp,
    ) -> bool {
        if now >= self.open_until {
            return false;
        }
        let asked = self
            .asked
            .iter_mut()
            .find(|asked| asked.offer == offer && asked.organisation == organisation);
        if let Some(asked) = asked {
            asked.answer = Some(answer);
            return true;
        }
        false
    }

    /// The offers of `organisation` that have not answered while it can be.
    pub(crate) fn unanswered(&self, organisation: Oin, now: Timestamp) -> impl Iterator<Item = OfferId> {
        let is_open = now < self.open_until;
        self.asked
            .iter()
            .filter(move |asked| is_open && asked.organisation == organisation && asked.answer.is_none())
            .map(|asked| asked.offer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_was_asked_answers_and_only_in_time() {
        let oin = |number: u8| -> Oin { format!("000000990000000{number:02}000").parse().unwrap() };
        let (now, offer) = (Timestamp::from_seconds(1), OfferId::from_bytes([1; 16]));
        let mut question = Question {
            id: QuestionId::from_bytes([9; 16]),
            asker: oin(1),
            within_weeks: 4,
            open_until: now.plus(QUESTION_LIFE),
            asked: vec![Asked {
                offer,
                organisation: oin(2),
                answer: None,
            }],
        };
        let yes = Answer {
            status: CapacityStatus::Capacity,
            weeks: 2,
        };
        assert_eq!(question.unanswered(oin(2), now).count(), 1);
        assert_eq!(question.unanswered(oin(3), now).count(), 0);
        assert!(!question.answer(offer, oin(3), yes, now));
        assert!(!question.answer(OfferId::from_bytes([2; 16]), oin(2), yes, now));
        assert!(!question.answer(offer, oin(2), yes, question.open_until));
        assert_eq!(question.asked[0].answer, None);
        assert!(question.answer(offer, oin(2), yes, now));
        assert_eq!(question.asked[0].answer, Some(yes));
        assert_eq!(question.unanswered(oin(2), now).count(), 0);
    }
}
