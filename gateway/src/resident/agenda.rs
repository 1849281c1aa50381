//! What a resident does about items on agendas of meetings: sees them, says whether they come, objects.

use sluis_proto::consent::v1::{TicketAction, TicketAudience};
use sluis_proto::signalling::v1 as signalling;
use sluis_types::{AgendaItemId, GrantId, RequestId};
use tonic::Status;

use super::calls::Calls;
use super::session::{Session, attempt_of};

pub(super) const LIST_AGENDA_ITEMS: &str =
    "/sluis.signalling.v1.ResidentMeetingService/ListResidentAgendaItems";
pub(super) const ANSWER_AGENDA_ITEM: &str = "/sluis.signalling.v1.ResidentMeetingService/AnswerAgendaItem";
pub(super) const OBJECT_TO_AGENDA_ITEM: &str =
    "/sluis.signalling.v1.ResidentMeetingService/ObjectToAgendaItem";

const TO: TicketAudience = TicketAudience::Signalling;

impl Session {
    /// The items on agendas under one grant, or about a match of one circle.
    ///
    /// # Errors
    /// NOT_AVAILABLE when there is no such grant or circle of this resident.
    pub async fn list_agenda_items(
        &self,
        grant_id: GrantId,
    ) -> Result<signalling::ListResidentAgendaItemsResponse, Status> {
        let ticket = self.ticket_to_look(grant_id, TO).await?;
        let message = signalling::ListResidentAgendaItemsRequest { ticket };
        let request = self.calls.prepare(LIST_AGENDA_ITEMS, &self.bearer, message)?;
        Calls::outcome(self.meetings.clone().list_resident_agenda_items(request).await)
    }

    /// Says that the resident comes, sends somebody, or does not come. Not coming has no consequence.
    ///
    /// # Errors
    /// NOT_AVAILABLE when there is no such grant or circle of this resident, or no such item under it.
    pub async fn answer_agenda_item(
        &self,
        request_id: RequestId,
        grant_id: GrantId,
        item_id: AgendaItemId,
        presence: signalling::ResidentPresence,
    ) -> Result<signalling::AnswerAgendaItemResponse, Status> {
        let attempt = attempt_of(request_id, grant_id);
        let message = signalling::AnswerAgendaItemRequest {
            request_id: request_id.to_string(),
            ticket: self
                .ticket(attempt, grant_id, TO, &[TicketAction::Decide])
                .await?,
            item_id: item_id.to_string(),
            presence: presence.into(),
        };
        let request = self.calls.prepare(ANSWER_AGENDA_ITEM, &self.bearer, message)?;
        Calls::outcome(self.meetings.clone().answer_agenda_item(request).await)
    }

    /// Objects to an item: it is hidden at once, and what was told about the resident is erased.
    ///
    /// # Errors
    /// NOT_AVAILABLE when there is no such grant or circle of this resident, or no such item under it.
    pub async fn object_to_agenda_item(
        &self,
        request_id: RequestId,
        grant_id: GrantId,
        item_id: AgendaItemId,
    ) -> Result<signalling::ObjectToAgendaItemResponse, Status> {
        let attempt = attempt_of(request_id, grant_id);
        let message = signalling::ObjectToAgendaItemRequest {
            request_id: request_id.to_string(),
            ticket: self.ticket(attempt, grant_id, TO, &[TicketAction::Stop]).await?,
            item_id: item_id.to_string(),
        };
        let request = self.calls.prepare(OBJECT_TO_AGENDA_ITEM, &self.bearer, message)?;
        Calls::outcome(self.meetings.clone().object_to_agenda_item(request).await)
    }
}
