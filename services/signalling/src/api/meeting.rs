//! The gRPC services of meetings.

use sluis_proto::signalling::v1 as proto;
use sluis_proto::signalling::v1::meeting_service_server::MeetingService;
use sluis_proto::signalling::v1::resident_meeting_service_server::ResidentMeetingService;
use tonic::{Request, Response, Status};

use super::Api;
use super::{
    answer_agenda_item, answer_invitation, close_meeting, finish_action, get_agenda_item, get_meeting,
    invite_to_meeting, leave_meeting, list_meetings, list_resident_agenda_items, object_to_agenda_item,
    open_meeting, order_agenda, plan_meeting, put_on_agenda, record_decision, start_agenda_item,
    take_off_agenda,
};

#[tonic::async_trait]
impl MeetingService for Api {
    async fn plan_meeting(
        &self,
        request: Request<proto::PlanMeetingRequest>,
    ) -> Result<Response<proto::PlanMeetingResponse>, Status> {
        Ok(Response::new(plan_meeting::handle(&self.0, &request).await?))
    }

    async fn invite_to_meeting(
        &self,
        request: Request<proto::InviteToMeetingRequest>,
    ) -> Result<Response<proto::InviteToMeetingResponse>, Status> {
        Ok(Response::new(invite_to_meeting::handle(&self.0, &request).await?))
    }

    async fn answer_invitation(
        &self,
        request: Request<proto::AnswerInvitationRequest>,
    ) -> Result<Response<proto::AnswerInvitationResponse>, Status> {
        Ok(Response::new(answer_invitation::handle(&self.0, &request).await?))
    }

    async fn leave_meeting(
        &self,
        request: Request<proto::LeaveMeetingRequest>,
    ) -> Result<Response<proto::LeaveMeetingResponse>, Status> {
        Ok(Response::new(leave_meeting::handle(&self.0, &request).await?))
    }

    async fn put_on_agenda(
        &self,
        request: Request<proto::PutOnAgendaRequest>,
    ) -> Result<Response<proto::PutOnAgendaResponse>, Status> {
        Ok(Response::new(put_on_agenda::handle(&self.0, &request).await?))
    }

    async fn take_off_agenda(
        &self,
        request: Request<proto::TakeOffAgendaRequest>,
    ) -> Result<Response<proto::TakeOffAgendaResponse>, Status> {
        Ok(Response::new(take_off_agenda::handle(&self.0, &request).await?))
    }

    async fn order_agenda(
        &self,
        request: Request<proto::OrderAgendaRequest>,
    ) -> Result<Response<proto::OrderAgendaResponse>, Status> {
        Ok(Response::new(order_agenda::handle(&self.0, &request).await?))
    }

    async fn open_meeting(
        &self,
        request: Request<proto::OpenMeetingRequest>,
    ) -> Result<Response<proto::OpenMeetingResponse>, Status> {
        Ok(Response::new(open_meeting::handle(&self.0, &request).await?))
    }

    async fn start_agenda_item(
        &self,
        request: Request<proto::StartAgendaItemRequest>,
    ) -> Result<Response<proto::StartAgendaItemResponse>, Status> {
        Ok(Response::new(start_agenda_item::handle(&self.0, &request).await?))
    }

    async fn record_decision(
        &self,
        request: Request<proto::RecordDecisionRequest>,
    ) -> Result<Response<proto::RecordDecisionResponse>, Status> {
        Ok(Response::new(record_decision::handle(&self.0, &request).await?))
    }

    async fn close_meeting(
        &self,
        request: Request<proto::CloseMeetingRequest>,
    ) -> Result<Response<proto::CloseMeetingResponse>, Status> {
        Ok(Response::new(close_meeting::handle(&self.0, &request).await?))
    }

    async fn finish_action(
        &self,
        request: Request<proto::FinishActionRequest>,
    ) -> Result<Response<proto::FinishActionResponse>, Status> {
        Ok(Response::new(finish_action::handle(&self.0, &request).await?))
    }

    async fn get_meeting(
        &self,
        request: Request<proto::GetMeetingRequest>,
    ) -> Result<Response<proto::GetMeetingResponse>, Status> {
        Ok(Response::new(get_meeting::handle(&self.0, &request).await?))
    }

    async fn list_meetings(
        &self,
        request: Request<proto::ListMeetingsRequest>,
    ) -> Result<Response<proto::ListMeetingsResponse>, Status> {
        Ok(Response::new(list_meetings::handle(&self.0, &request).await?))
    }

    async fn get_agenda_item(
        &self,
        request: Request<proto::GetAgendaItemRequest>,
    ) -> Result<Response<proto::GetAgendaItemResponse>, Status> {
        Ok(Response::new(get_agenda_item::handle(&self.0, &request).await?))
    }
}

#[tonic::async_trait]
impl ResidentMeetingService for Api {
    async fn list_resident_agenda_items(
        &self,
        request: Request<proto::ListResidentAgendaItemsRequest>,
    ) -> Result<Response<proto::ListResidentAgendaItemsResponse>, Status> {
        Ok(Response::new(
            list_resident_agenda_items::handle(&self.0, &request).await?,
        ))
    }

    async fn answer_agenda_item(
        &self,
        request: Request<proto::AnswerAgendaItemRequest>,
    ) -> Result<Response<proto::AnswerAgendaItemResponse>, Status> {
        Ok(Response::new(
            answer_agenda_item::handle(&self.0, &request).await?,
        ))
    }

    async fn object_to_agenda_item(
        &self,
        request: Request<proto::ObjectToAgendaItemRequest>,
    ) -> Result<Response<proto::ObjectToAgendaItemResponse>, Status> {
        Ok(Response::new(
            object_to_agenda_item::handle(&self.0, &request).await?,
        ))
    }
}
