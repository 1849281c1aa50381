//! What a resident does about matches of signals: sees them, answers, objects.

use sluis_proto::consent::v1::{TicketAction, TicketAudience};
use sluis_proto::signalling::v1 as signalling;
use sluis_types::{GrantId, MatchId, RequestId};
use tonic::Status;

use super::calls::Calls;
use super::session::{Session, attempt_of};

pub(super) const LIST_MATCHES: &str = "/sluis.signalling.v1.ResidentSignallingService/ListResidentMatches";
pub(super) const ANSWER_MATCH: &str = "/sluis.signalling.v1.ResidentSignallingService/AnswerMatch";
pub(super) const OBJECT_TO_MATCH: &str = "/sluis.signalling.v1.ResidentSignallingService/ObjectToMatch";

const TO: TicketAudience = TicketAudience::Signalling;

impl Session {
    /// The matches of signals under one circle.
    ///
    /// # Errors
    /// NOT_AVAILABLE when there is no such circle of this resident.
    pub async fn list_matches(
        &self,
        circle: GrantId,
    ) -> Result<signalling::ListResidentMatchesResponse, Status> {
        let ticket = self.ticket_to_look(circle, TO).await?;
        let message = signalling::ListResidentMatchesRequest { ticket };
        let request = self.calls.prepare(LIST_MATCHES, &self.bearer, message)?;
        Calls::outcome(self.signalling.clone().list_resident_matches(request).await)
    }

    /// Says yes to help, or no, when the lead asked. No has no consequence.
    ///
    /// # Errors
    /// NOT_AVAILABLE when there is no such circle of this resident, or no such match under it.
    pub async fn answer_match(
        &self,
        request_id: RequestId,
        circle: GrantId,
        match_id: MatchId,
        agree: bool,
    ) -> Result<signalling::AnswerMatchResponse, Status> {
        let attempt = attempt_of(request_id, circle);
        let message = signalling::AnswerMatchRequest {
            request_id: request_id.to_string(),
            ticket: self.ticket(attempt, circle, TO, &[TicketAction::Decide]).await?,
            match_id: match_id.to_string(),
            agree,
        };
        let request = self.calls.prepare(ANSWER_MATCH, &self.bearer, message)?;
        Calls::outcome(self.signalling.clone().answer_match(request).await)
    }

    /// Objects to a match: it is hidden at once.
    ///
    /// # Errors
    /// NOT_AVAILABLE when there is no such circle of this resident, or no such match under it.
    pub async fn object_to_match(
        &self,
        request_id: RequestId,
        circle: GrantId,
        match_id: MatchId,
    ) -> Result<signalling::ObjectToMatchResponse, Status> {
        let attempt = attempt_of(request_id, circle);
        let message = signalling::ObjectToMatchRequest {
            request_id: request_id.to_string(),
            ticket: self.ticket(attempt, circle, TO, &[TicketAction::Stop]).await?,
            match_id: match_id.to_string(),
        };
        let request = self.calls.prepare(OBJECT_TO_MATCH, &self.bearer, message)?;
        Calls::outcome(self.signalling.clone().object_to_match(request).await)
    }
}
