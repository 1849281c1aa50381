//! One file per RPC: what it says, how the request is read, what happens.

mod acknowledge_match;
mod agenda_message;
mod answer_agenda_item;
mod answer_invitation;
mod answer_match;
mod close_match;
mod close_meeting;
mod command;
mod contact_resident;
mod count_signals;
mod draft_signal;
mod finish_action;
mod get_agenda_item;
mod get_match;
mod get_meeting;
mod get_signal;
mod invite_to_meeting;
mod leave_meeting;
mod list_matches;
mod list_meetings;
mod list_resident_agenda_items;
mod list_resident_matches;
mod list_signals;
mod meeting;
mod meeting_change;
mod meeting_fields;
mod meeting_reply;
mod object_to_agenda_item;
mod object_to_match;
mod open_meeting;
mod order_agenda;
mod plan_meeting;
mod post_signal;
mod posting;
mod put_on_agenda;
mod record_decision;
mod renew_signal;
mod reply;
mod resident_agenda;
mod resident_command;
mod settle_objection;
mod signal_change;
mod start_agenda_item;
mod take_lead;
mod take_off_agenda;
mod ticket;
mod watch_matches;
mod weigh_signal;
mod withdraw_signal;

use std::sync::Arc;

use sluis_proto::signalling::v1 as proto;
use sluis_proto::signalling::v1::resident_signalling_service_server::ResidentSignallingService;
use sluis_proto::signalling::v1::signalling_service_server::SignallingService;
use sluis_serve::WatchReply;
use tonic::{Request, Response, Status};

use crate::context::Context;

/// The gRPC services.
#[derive(Clone)]
pub(crate) struct Api(Arc<Context>);

impl Api {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self(context)
    }
}

#[tonic::async_trait]
impl SignallingService for Api {
    type WatchMatchesStream = WatchReply<proto::WatchMatchesResponse>;

    async fn draft_signal(
        &self,
        request: Request<proto::DraftSignalRequest>,
    ) -> Result<Response<proto::DraftSignalResponse>, Status> {
        Ok(Response::new(draft_signal::handle(&self.0, &request).await?))
    }

    async fn weigh_signal(
        &self,
        request: Request<proto::WeighSignalRequest>,
    ) -> Result<Response<proto::WeighSignalResponse>, Status> {
        Ok(Response::new(weigh_signal::handle(&self.0, &request).await?))
    }

    async fn renew_signal(
        &self,
        request: Request<proto::RenewSignalRequest>,
    ) -> Result<Response<proto::RenewSignalResponse>, Status> {
        Ok(Response::new(renew_signal::handle(&self.0, &request).await?))
    }

    async fn withdraw_signal(
        &self,
        request: Request<proto::WithdrawSignalRequest>,
    ) -> Result<Response<proto::WithdrawSignalResponse>, Status> {
        Ok(Response::new(withdraw_signal::handle(&self.0, &request).await?))
    }

    async fn get_signal(
        &self,
        request: Request<proto::GetSignalRequest>,
    ) -> Result<Response<proto::GetSignalResponse>, Status> {
        Ok(Response::new(get_signal::handle(&self.0, &request).await?))
    }

    async fn list_signals(
        &self,
        request: Request<proto::ListSignalsRequest>,
    ) -> Result<Response<proto::ListSignalsResponse>, Status> {
        Ok(Response::new(list_signals::handle(&self.0, &request).await?))
    }

    async fn count_signals(
        &self,
        request: Request<proto::CountSignalsRequest>,
    ) -> Result<Response<proto::CountSignalsResponse>, Status> {
        Ok(Response::new(count_signals::handle(&self.0, &request).await?))
    }

    async fn post_signal(
        &self,
        request: Request<proto::PostSignalRequest>,
    ) -> Result<Response<proto::PostSignalResponse>, Status> {
        Ok(Response::new(post_signal::handle(&self.0, &request).await?))
    }

    async fn watch_matches(
        &self,
        request: Request<proto::WatchMatchesRequest>,
    ) -> Result<Response<Self::WatchMatchesStream>, Status> {
        Ok(Response::new(watch_matches::handle(&self.0, &request).await?))
    }

    async fn get_match(
        &self,
        request: Request<proto::GetMatchRequest>,
    ) -> Result<Response<proto::GetMatchResponse>, Status> {
        Ok(Response::new(get_match::handle(&self.0, &request).await?))
    }

    async fn list_matches(
        &self,
        request: Request<proto::ListMatchesRequest>,
    ) -> Result<Response<proto::ListMatchesResponse>, Status> {
        Ok(Response::new(list_matches::handle(&self.0, &request).await?))
    }

    async fn acknowledge_match(
        &self,
        request: Request<proto::AcknowledgeMatchRequest>,
    ) -> Result<Response<proto::AcknowledgeMatchResponse>, Status> {
        Ok(Response::new(acknowledge_match::handle(&self.0, &request).await?))
    }

    async fn take_lead(
        &self,
        request: Request<proto::TakeLeadRequest>,
    ) -> Result<Response<proto::TakeLeadResponse>, Status> {
        Ok(Response::new(take_lead::handle(&self.0, &request).await?))
    }

    async fn contact_resident(
        &self,
        request: Request<proto::ContactResidentRequest>,
    ) -> Result<Response<proto::ContactResidentResponse>, Status> {
        Ok(Response::new(contact_resident::handle(&self.0, &request).await?))
    }

    async fn close_match(
        &self,
        request: Request<proto::CloseMatchRequest>,
    ) -> Result<Response<proto::CloseMatchResponse>, Status> {
        Ok(Response::new(close_match::handle(&self.0, &request).await?))
    }

    async fn settle_objection(
        &self,
        request: Request<proto::SettleObjectionRequest>,
    ) -> Result<Response<proto::SettleObjectionResponse>, Status> {
        Ok(Response::new(settle_objection::handle(&self.0, &request).await?))
    }
}

#[tonic::async_trait]
impl ResidentSignallingService for Api {
    async fn list_resident_matches(
        &self,
        request: Request<proto::ListResidentMatchesRequest>,
    ) -> Result<Response<proto::ListResidentMatchesResponse>, Status> {
        Ok(Response::new(
            list_resident_matches::handle(&self.0, &request).await?,
        ))
    }

    async fn answer_match(
        &self,
        request: Request<proto::AnswerMatchRequest>,
    ) -> Result<Response<proto::AnswerMatchResponse>, Status> {
        Ok(Response::new(answer_match::handle(&self.0, &request).await?))
    }

    async fn object_to_match(
        &self,
        request: Request<proto::ObjectToMatchRequest>,
    ) -> Result<Response<proto::ObjectToMatchResponse>, Status> {
        Ok(Response::new(object_to_match::handle(&self.0, &request).await?))
    }
}
