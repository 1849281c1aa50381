//! Asking many offers at once whether they have room, and answering for one's own. The question says nothing of a
//! person, nor who asks.

use sluis_proto::matching::v1 as wire;
use sluis_proto::matching::v1::place_service_client::PlaceServiceClient;
use sluis_types::{CapacityStatus, OfferId, QuestionId, Timestamp};

use super::wire::{optional, parsed};
use crate::Error;
use crate::consent::moment;
use crate::partner::Partner;

/// A question about one offer of this organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapacityQuestion {
    /// Which question.
    pub question_id: QuestionId,
    /// Which offer.
    pub offer_id: OfferId,
    /// Within how many weeks a place is looked for; 0 means now.
    pub within_weeks: u32,
    /// Until when it can be answered.
    pub open_until: Timestamp,
}

/// What one offer answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapacityAnswer {
    /// Which offer.
    pub offer_id: OfferId,
    /// Whether there is room; none while it has not answered.
    pub status: Option<CapacityStatus>,
    /// Expected wait in weeks.
    pub weeks: u32,
}

impl Partner {
    /// Asks up to 32 offers at once whether they have room within so many weeks; 0 means now. Gives the question's id,
    /// to read the answers with, and until when they may come.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when one of the offers is not there.
    pub async fn ask_capacity(
        &self,
        offers: &[OfferId],
        within_weeks: u32,
    ) -> Result<(QuestionId, Timestamp), Error> {
        let message = wire::AskCapacityRequest {
            request_id: self.connection.request_id().to_string(),
            offer_ids: offers.iter().map(ToString::to_string).collect(),
            within_weeks,
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                PlaceServiceClient::new(channel).ask_capacity(request).await
            })
            .await?;
        let question = parsed("the question", &reply.question_id)?;
        Ok((question, moment(reply.open_until.as_ref())))
    }

    /// What was answered so far to a question of this organisation, in the order of the question.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when it is not this organisation's question.
    pub async fn capacity_answers(&self, question: QuestionId) -> Result<Vec<CapacityAnswer>, Error> {
        let message = wire::GetCapacityAnswersRequest {
            question_id: question.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                PlaceServiceClient::new(channel)
                    .get_capacity_answers(request)
                    .await
            })
            .await?;
        reply.answers.iter().map(CapacityAnswer::read).collect()
    }

    /// The questions that wait for an answer of this organisation, oldest first; at most 200.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn capacity_questions(&self) -> Result<Vec<CapacityQuestion>, Error> {
        let reply = self
            .connection
            .call(
                wire::ListCapacityQuestionsRequest {},
                |channel, request| async move {
                    PlaceServiceClient::new(channel)
                        .list_capacity_questions(request)
                        .await
                },
            )
            .await?;
        reply.questions.iter().map(CapacityQuestion::read).collect()
    }

    /// Answers a question for one offer of this organisation. A later answer takes the place of an earlier one.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when that offer of this organisation was not asked.
    pub async fn answer_capacity(
        &self,
        question: QuestionId,
        offer_id: OfferId,
        status: CapacityStatus,
        weeks: u32,
    ) -> Result<(), Error> {
        let message = wire::AnswerCapacityQuestionRequest {
            request_id: self.connection.request_id().to_string(),
            question_id: question.to_string(),
            offer_id: offer_id.to_string(),
            status: i32::from(status.number()),
            weeks,
        };
        self.connection
            .call(message, |channel, request| async move {
                PlaceServiceClient::new(channel)
                    .answer_capacity_question(request)
                    .await
            })
            .await
            .map(drop)
    }
}

impl CapacityQuestion {
    fn read(shown: &wire::CapacityQuestion) -> Result<Self, Error> {
        Ok(Self {
            question_id: parsed("the question", &shown.question_id)?,
            offer_id: parsed("the question", &shown.offer_id)?,
            within_weeks: shown.within_weeks,
            open_until: moment(shown.open_until.as_ref()),
        })
    }
}

impl CapacityAnswer {
    fn read(shown: &wire::CapacityAnswer) -> Result<Self, Error> {
        Ok(Self {
            offer_id: parsed("the answer", &shown.offer_id)?,
            status: optional("the answer", shown.status, CapacityStatus::from_number)?,
            weeks: shown.weeks,
        })
    }
}
