//! The gRPC interface: one file per method.

mod call;
mod create_invitation;
mod enrol;
mod get_organisation;
mod list_organisations;
mod message;
mod publish_key;
mod renew_certificate;
mod revoke_certificate;
mod watch_organisations;

use std::sync::Arc;

use sluis_proto::registry::v1::registry_service_server::RegistryService;
use sluis_proto::registry::v1::{
    CreateInvitationRequest, CreateInvitationResponse, EnrolRequest, EnrolResponse, GetOrganisationRequest,
    GetOrganisationResponse, ListOrganisationsRequest, ListOrganisationsResponse, PublishKeyRequest,
    PublishKeyResponse, RenewCertificateRequest, RenewCertificateResponse, RevokeCertificateRequest,
    RevokeCertificateResponse, WatchOrganisationsRequest, WatchOrganisationsResponse,
};
use sluis_serve::{Refusal, WatchReply};
use sluis_store::{Command, Stored};
use tonic::{Request, Response, Status};

use crate::Inner;
use crate::domain::Refused;
use crate::error::Error;
use call::Call;

/// The service, for a generated server.
#[derive(Clone)]
pub(crate) struct Api(pub(crate) Arc<Inner>);

fn reply<M>(outcome: Result<M, Refusal>) -> Result<Response<M>, Status> {
    Ok(Response::new(outcome?))
}

#[tonic::async_trait]
impl RegistryService for Api {
    async fn create_invitation(
        &self,
        request: Request<CreateInvitationRequest>,
    ) -> Result<Response<CreateInvitationResponse>, Status> {
        reply(create_invitation::handle(&self.0, &request).await)
    }

    async fn enrol(&self, request: Request<EnrolRequest>) -> Result<Response<EnrolResponse>, Status> {
        reply(enrol::handle(&self.0, &request).await)
    }

    async fn renew_certificate(
        &self,
        request: Request<RenewCertificateRequest>,
    ) -> Result<Response<RenewCertificateResponse>, Status> {
        reply(renew_certificate::handle(&self.0, &request).await)
    }

    async fn revoke_certificate(
        &self,
        request: Request<RevokeCertificateRequest>,
    ) -> Result<Response<RevokeCertificateResponse>, Status> {
        reply(revoke_certificate::handle(&self.0, &request).await)
    }

    async fn publish_key(
        &self,
        request: Request<PublishKeyRequest>,
    ) -> Result<Response<PublishKeyResponse>, Status> {
        reply(publish_key::handle(&self.0, &request).await)
    }

    async fn get_organisation(
        &self,
        request: Request<GetOrganisationRequest>,
    ) -> Result<Response<GetOrganisationResponse>, Status> {
        reply(get_organisation::handle(&self.0, &request).await)
    }

    async fn list_organisations(
        &self,
        request: Request<ListOrganisationsRequest>,
    ) -> Result<Response<ListOrganisationsResponse>, Status> {
        reply(list_organisations::handle(&self.0, &request).await)
    }

    type WatchOrganisationsStream = WatchReply<WatchOrganisationsResponse>;

    async fn watch_organisations(
        &self,
        request: Request<WatchOrganisationsRequest>,
    ) -> Result<Response<Self::WatchOrganisationsStream>, Status> {
        reply(watch_organisations::handle(&self.0, &request))
    }
}

impl Inner {
    /// Does what a request asks, once, and gives its answer.
    async fn write<C>(&self, call: &Call, command: C) -> Result<C::Reply, Error>
    where
        C: Command<Refusal = Refused, Error = Error>,
        C::Reply: Stored,
    {
        let written = self.store.write(call.request(), command).await?;
        written.answer.map_err(Error::Refused)
    }
}
