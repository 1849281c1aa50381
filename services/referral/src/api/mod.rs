//! One file per RPC: what it says, how the request is read, what happens.

mod acknowledge_messages;
mod command;
mod download_blob;
mod get_message;
mod get_referral;
mod list_inbox;
mod list_referrals;
mod list_resident_referrals;
mod reply;
mod report_opened;
mod status_commands;
mod stop_resident_referral;
mod submission;
mod submit_message;
mod submit_messages;
mod ticket;
mod upload_blob;
mod watch_mailbox;

use std::pin::Pin;
use std::sync::Arc;

use futures_util::Stream;
use sluis_proto::referral::v1 as proto;
use sluis_proto::referral::v1::referral_service_server::ReferralService;
use sluis_proto::referral::v1::resident_referral_service_server::ResidentReferralService;
use sluis_serve::WatchReply;
use tonic::{Request, Response, Status, Streaming};

use crate::context::Context;

/// The gRPC services.
#[derive(Clone)]
pub(crate) struct Api(Arc<Context>);

impl Api {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        Self(context)
    }
}

/// A stream that is made as it is read: nothing waits in it.
type Pulled<M> = Pin<Box<dyn Stream<Item = Result<M, Status>> + Send>>;

#[tonic::async_trait]
impl ReferralService for Api {
    type SubmitMessagesStream = Pulled<proto::SubmitMessagesResponse>;
    type WatchMailboxStream = WatchReply<proto::WatchMailboxResponse>;
    type DownloadBlobStream = Pulled<proto::DownloadBlobResponse>;

    async fn upload_blob(
        &self,
        request: Request<Streaming<proto::UploadBlobRequest>>,
    ) -> Result<Response<proto::UploadBlobResponse>, Status> {
        Ok(Response::new(upload_blob::handle(&self.0, request).await?))
    }

    async fn submit_message(
        &self,
        request: Request<proto::SubmitMessageRequest>,
    ) -> Result<Response<proto::SubmitMessageResponse>, Status> {
        Ok(Response::new(submit_message::handle(&self.0, request).await?))
    }

    async fn submit_messages(
        &self,
        request: Request<Streaming<proto::SubmitMessagesRequest>>,
    ) -> Result<Response<Self::SubmitMessagesStream>, Status> {
        Ok(Response::new(submit_messages::handle(&self.0, request)?))
    }

    async fn watch_mailbox(
        &self,
        request: Request<proto::WatchMailboxRequest>,
    ) -> Result<Response<Self::WatchMailboxStream>, Status> {
        Ok(Response::new(watch_mailbox::handle(&self.0, &request).await?))
    }

    async fn list_inbox(
        &self,
        request: Request<proto::ListInboxRequest>,
    ) -> Result<Response<proto::ListInboxResponse>, Status> {
        Ok(Response::new(list_inbox::handle(&self.0, &request).await?))
    }

    async fn get_message(
        &self,
        request: Request<proto::GetMessageRequest>,
    ) -> Result<Response<proto::GetMessageResponse>, Status> {
        Ok(Response::new(get_message::handle(&self.0, &request).await?))
    }

    async fn download_blob(
        &self,
        request: Request<proto::DownloadBlobRequest>,
    ) -> Result<Response<Self::DownloadBlobStream>, Status> {
        Ok(Response::new(download_blob::handle(&self.0, &request).await?))
    }

    async fn acknowledge_messages(
        &self,
        request: Request<proto::AcknowledgeMessagesRequest>,
    ) -> Result<Response<proto::AcknowledgeMessagesResponse>, Status> {
        Ok(Response::new(
            acknowledge_messages::handle(&self.0, &request).await?,
        ))
    }

    async fn report_opened(
        &self,
        request: Request<proto::ReportOpenedRequest>,
    ) -> Result<Response<proto::ReportOpenedResponse>, Status> {
        Ok(Response::new(report_opened::handle(&self.0, &request).await?))
    }

    async fn get_referral(
        &self,
        request: Request<proto::GetReferralRequest>,
    ) -> Result<Response<proto::GetReferralResponse>, Status> {
        Ok(Response::new(get_referral::handle(&self.0, &request).await?))
    }

    async fn list_referrals(
        &self,
        request: Request<proto::ListReferralsRequest>,
    ) -> Result<Response<proto::ListReferralsResponse>, Status> {
        Ok(Response::new(list_referrals::handle(&self.0, &request).await?))
    }

    async fn accept_referral(
        &self,
        request: Request<proto::AcceptReferralRequest>,
    ) -> Result<Response<proto::AcceptReferralResponse>, Status> {
        Ok(Response::new(status_commands::accept(&self.0, &request).await?))
    }

    async fn waitlist_referral(
        &self,
        request: Request<proto::WaitlistReferralRequest>,
    ) -> Result<Response<proto::WaitlistReferralResponse>, Status> {
        Ok(Response::new(status_commands::waitlist(&self.0, &request).await?))
    }

    async fn reject_referral(
        &self,
        request: Request<proto::RejectReferralRequest>,
    ) -> Result<Response<proto::RejectReferralResponse>, Status> {
        Ok(Response::new(status_commands::reject(&self.0, &request).await?))
    }

    async fn start_referral(
        &self,
        request: Request<proto::StartReferralRequest>,
    ) -> Result<Response<proto::StartReferralResponse>, Status> {
        Ok(Response::new(status_commands::start(&self.0, &request).await?))
    }

    async fn complete_referral(
        &self,
        request: Request<proto::CompleteReferralRequest>,
    ) -> Result<Response<proto::CompleteReferralResponse>, Status> {
        Ok(Response::new(status_commands::complete(&self.0, &request).await?))
    }

    async fn cancel_referral(
        &self,
        request: Request<proto::CancelReferralRequest>,
    ) -> Result<Response<proto::CancelReferralResponse>, Status> {
        Ok(Response::new(status_commands::cancel(&self.0, &request).await?))
    }

    async fn stop_referral(
        &self,
        request: Request<proto::StopReferralRequest>,
    ) -> Result<Response<proto::StopReferralResponse>, Status> {
        Ok(Response::new(status_commands::stop(&self.0, &request).await?))
    }
}

#[tonic::async_trait]
impl ResidentReferralService for Api {
    async fn list_resident_referrals(
        &self,
        request: Request<proto::ListResidentReferralsRequest>,
    ) -> Result<Response<proto::ListResidentReferralsResponse>, Status> {
        Ok(Response::new(
            list_resident_referrals::handle(&self.0, &request).await?,
        ))
    }

    async fn stop_resident_referral(
        &self,
        request: Request<proto::StopResidentReferralRequest>,
    ) -> Result<Response<proto::StopResidentReferralResponse>, Status> {
        Ok(Response::new(
            stop_resident_referral::handle(&self.0, &request).await?,
        ))
    }
}
