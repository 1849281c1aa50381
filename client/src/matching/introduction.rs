//! Introductions: a coordinator puts two people before each other, and nobody learns of a no.

use sluis_proto::matching::v1 as wire;
use sluis_proto::matching::v1::introduction_service_client::IntroductionServiceClient;
use sluis_types::{CardId, IntroductionId, IntroductionState, Oin, Timestamp};

use super::card::Card;
use super::wire::{parsed, required};
use crate::Error;
use crate::consent::moment;
use crate::partner::Partner;

/// An introduction, as this organisation may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// Which introduction.
    pub introduction_id: IntroductionId,
    /// Where it is.
    pub state: IntroductionState,
    /// The other's card; none for the coordinator, who has both.
    pub other: Option<Card>,
    /// Until when it can be answered.
    pub answer_by: Timestamp,
    /// When the trial ends; none before both said yes.
    pub trial_until: Option<Timestamp>,
    /// When it is to be looked at again; none before both said yes.
    pub review_by: Option<Timestamp>,
    /// The other side's organisation, to exchange contact by a sealed message; none before both said yes.
    pub other_organisation: Option<Oin>,
}

/// What a side says. No reason is asked, and an answer is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntroductionAnswer {
    /// Yes.
    Yes,
    /// No. Nobody learns it.
    No {
        /// Never again with this person. Nobody is told, and it holds both ways.
        exclude: bool,
    },
}

impl Partner {
    /// Puts two people of different organisations before each other, as the coordinator of both cards. Whether they may
    /// meet is not told: a pair that must not is answered, and shown, like one that stays silent.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when one of the cards is not this coordinator's, or its grant is
    /// not live.
    pub async fn propose_introduction(&self, cards: [CardId; 2]) -> Result<Introduction, Error> {
        let message = wire::ProposeIntroductionRequest {
            request_id: self.connection.request_id().to_string(),
            card_ids: cards.iter().map(ToString::to_string).collect(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                IntroductionServiceClient::new(channel)
                    .propose_introduction(request)
                    .await
            })
            .await?;
        Introduction::read(&reply.introduction.unwrap_or_default())
    }

    /// Says yes or no in the name of the resident of this organisation's side, who said so to the worker.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `ILLEGAL_TRANSITION` when it was answered, or its time is over.
    pub async fn answer_introduction(
        &self,
        introduction: IntroductionId,
        answer: IntroductionAnswer,
    ) -> Result<Introduction, Error> {
        let (said, exclude) = match answer {
            IntroductionAnswer::Yes => (wire::IntroductionAnswer::Yes, false),
            IntroductionAnswer::No { exclude } => (wire::IntroductionAnswer::No, exclude),
        };
        let message = wire::AnswerIntroductionRequest {
            request_id: self.connection.request_id().to_string(),
            introduction_id: introduction.to_string(),
            answer: said.into(),
            exclude,
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                IntroductionServiceClient::new(channel)
                    .answer_introduction(request)
                    .await
            })
            .await?;
        Introduction::of(introduction, reply.introduction)
    }

    /// One introduction that this organisation coordinates or is a side of.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is none.
    pub async fn introduction(&self, introduction: IntroductionId) -> Result<Introduction, Error> {
        let message = wire::GetIntroductionRequest {
            introduction_id: introduction.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                IntroductionServiceClient::new(channel)
                    .get_introduction(request)
                    .await
            })
            .await?;
        Introduction::of(introduction, reply.introduction)
    }

    /// The introductions of a card of this organisation, or, without one, those that it proposed; oldest first, at most
    /// 250.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when the card is not this organisation's.
    pub async fn introductions(&self, card: Option<CardId>) -> Result<Vec<Introduction>, Error> {
        let message = wire::ListIntroductionsRequest {
            card_id: card.map(|card| card.to_string()).unwrap_or_default(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                IntroductionServiceClient::new(channel)
                    .list_introductions(request)
                    .await
            })
            .await?;
        reply.introductions.iter().map(Introduction::read).collect()
    }

    /// Says for this organisation's side that it goes well: at the end of the trial, and every three months.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `ILLEGAL_TRANSITION` when the two are not introduced, or for the coordinator.
    pub async fn review_introduction(&self, introduction: IntroductionId) -> Result<Introduction, Error> {
        let message = wire::ReviewIntroductionRequest {
            request_id: self.connection.request_id().to_string(),
            introduction_id: introduction.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                IntroductionServiceClient::new(channel)
                    .review_introduction(request)
                    .await
            })
            .await?;
        Introduction::of(introduction, reply.introduction)
    }

    /// Ends it, without a reason; nobody is told who did. `exclude`: never again with this person; not for a coordinator.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `ILLEGAL_TRANSITION` when the two are not introduced.
    pub async fn end_introduction(
        &self,
        introduction: IntroductionId,
        exclude: bool,
    ) -> Result<Introduction, Error> {
        let message = wire::EndIntroductionRequest {
            request_id: self.connection.request_id().to_string(),
            introduction_id: introduction.to_string(),
            exclude,
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                IntroductionServiceClient::new(channel)
                    .end_introduction(request)
                    .await
            })
            .await?;
        Introduction::of(introduction, reply.introduction)
    }
}

impl Introduction {
    fn of(id: IntroductionId, shown: Option<wire::Introduction>) -> Result<Self, Error> {
        let introduction = Self::read(&shown.unwrap_or_default())?;
        if introduction.introduction_id != id {
            return Err(Error::bad_answer(
                "the introduction",
                "another one than was asked for",
            ));
        }
        Ok(introduction)
    }

    fn read(shown: &wire::Introduction) -> Result<Self, Error> {
        let organisation = shown.other_organisation.as_str();
        let later = |at: &Option<prost_types::Timestamp>| at.as_ref().map(|at| moment(Some(at)));
        Ok(Self {
            introduction_id: parsed("the introduction", &shown.introduction_id)?,
            state: required("the introduction", shown.state, IntroductionState::from_number)?,
            other: shown.other.as_ref().map(Card::read).transpose()?,
            answer_by: moment(shown.answer_by.as_ref()),
            trial_until: later(&shown.trial_until),
            review_by: later(&shown.review_by),
            other_organisation: (!organisation.is_empty())
                .then(|| parsed("the introduction", organisation))
                .transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_other_is_there_before_both_said_yes() {
        let id = IntroductionId::from_bytes([4; 16]);
        let offered = wire::Introduction {
            introduction_id: id.to_string(),
            state: wire::IntroductionState::Offered.into(),
            ..wire::Introduction::default()
        };
        let read = Introduction::of(id, Some(offered.clone())).expect("an introduction");
        assert_eq!(
            (
                read.state,
                read.other_organisation,
                read.trial_until,
                read.review_by
            ),
            (IntroductionState::Offered, None, None, None)
        );
        let another = IntroductionId::from_bytes([5; 16]);
        for bad in [
            Introduction::of(another, Some(offered.clone())),
            Introduction::of(
                id,
                Some(wire::Introduction {
                    state: 0,
                    ..offered.clone()
                }),
            ),
            Introduction::of(
                id,
                Some(wire::Introduction {
                    other_organisation: "nobody".to_owned(),
                    ..offered
                }),
            ),
        ] {
            assert!(matches!(bad, Err(Error::BadAnswer { .. })), "{bad:?}");
        }
    }
}
