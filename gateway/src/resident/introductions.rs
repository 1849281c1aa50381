//! What a resident does about introductions: sees them, answers, ends them.

use sluis_proto::consent::v1::{TicketAction, TicketAudience};
use sluis_proto::matching::v1 as matching;
use sluis_types::{GrantId, IntroductionId, RequestId};
use tonic::Status;

use super::calls::Calls;
use super::session::{Session, attempt_of};

pub(super) const LIST_INTRODUCTIONS: &str =
    "/sluis.matching.v1.ResidentMatchingService/ListResidentIntroductions";
pub(super) const ANSWER_INTRODUCTION: &str =
    "/sluis.matching.v1.ResidentMatchingService/AnswerResidentIntroduction";
pub(super) const END_INTRODUCTION: &str =
    "/sluis.matching.v1.ResidentMatchingService/EndResidentIntroduction";

const TO: TicketAudience = TicketAudience::Matching;

impl Session {
    /// The introductions under one grant: where two people are put before each other.
    ///
    /// # Errors
    /// NOT_AVAILABLE when there is no such grant of this resident.
    pub async fn list_introductions(
        &self,
        grant_id: GrantId,
    ) -> Result<matching::ListResidentIntroductionsResponse, Status> {
        let ticket = self.ticket_to_look(grant_id, TO).await?;
        let message = matching::ListResidentIntroductionsRequest { ticket };
        let request = self.calls.prepare(LIST_INTRODUCTIONS, &self.bearer, message)?;
        Calls::outcome(
            self.introductions
                .clone()
                .list_resident_introductions(request)
                .await,
        )
    }

    /// Says yes or no to an introduction under one grant; with a no, perhaps never to be asked about that person again.
    ///
    /// # Errors
    /// NOT_AVAILABLE when there is no such grant of this resident, or no such introduction under it.
    pub async fn answer_introduction(
        &self,
        request_id: RequestId,
        grant_id: GrantId,
        introduction_id: IntroductionId,
        answer: matching::IntroductionAnswer,
        exclude: bool,
    ) -> Result<matching::AnswerResidentIntroductionResponse, Status> {
        let attempt = attempt_of(request_id, grant_id);
        let message = matching::AnswerResidentIntroductionRequest {
            request_id: request_id.to_string(),
            ticket: self
                .ticket(attempt, grant_id, TO, &[TicketAction::Decide])
                .await?,
            introduction_id: introduction_id.to_string(),
            answer: answer.into(),
            exclude,
        };
        let request = self.calls.prepare(ANSWER_INTRODUCTION, &self.bearer, message)?;
        Calls::outcome(
            self.introductions
                .clone()
                .answer_resident_introduction(request)
                .await,
        )
    }

    /// Ends an introduction under one grant.
    ///
    /// # Errors
    /// NOT_AVAILABLE when there is no such grant of this resident, or no such introduction under it.
    pub async fn end_introduction(
        &self,
        request_id: RequestId,
        grant_id: GrantId,
        introduction_id: IntroductionId,
        exclude: bool,
    ) -> Result<matching::EndResidentIntroductionResponse, Status> {
        let attempt = attempt_of(request_id, grant_id);
        let message = matching::EndResidentIntroductionRequest {
            request_id: request_id.to_string(),
            ticket: self.ticket(attempt, grant_id, TO, &[TicketAction::Stop]).await?,
            introduction_id: introduction_id.to_string(),
            exclude,
        };
        let request = self.calls.prepare(END_INTRODUCTION, &self.bearer, message)?;
        Calls::outcome(
            self.introductions
                .clone()
                .end_resident_introduction(request)
                .await,
        )
    }
}
