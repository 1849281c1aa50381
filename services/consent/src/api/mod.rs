//! The gRPC services: one file per method. A handler decodes, authorises, reads or writes, and replies.

mod answer_proposal;
mod authorize;
mod change_grant;
mod convert;
mod create_link_code;
mod defer_consent;
mod end_session;
mod get_consent_status;
mod get_grant_states;
mod get_session;
mod grant_consent;
mod issue_ticket;
mod list_access;
mod list_grants;
mod list_links;
mod list_proposals;
mod narrow_grant;
mod open_gate;
mod owned;
mod propose_consent;
mod redeem_link_code;
mod refuse_consent;
mod resume_grant;
mod start_session;
mod suspend_grant;
mod watch_grants;
mod withdraw_grant;

use std::sync::Arc;

use sluis_proto::consent::v1 as proto;
use sluis_proto::consent::v1::consent_service_server::ConsentService;
use sluis_proto::consent::v1::grant_event_service_server::GrantEventService;
use sluis_proto::consent::v1::resident_consent_service_server::ResidentConsentService;
use sluis_proto::consent::v1::resident_session_service_server::ResidentSessionService;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, MeshRole, Refusal, WatchReply};
use tonic::{Request, Response, Status};

use crate::desk::Desk;

/// All services of consent over one desk.
#[derive(Clone, Debug)]
pub(crate) struct Api(pub(crate) Arc<Desk>);

fn respond<T>(done: Result<T, Refusal>) -> Result<Response<T>, Status> {
    done.map(Response::new).map_err(Status::from)
}

/// That one of these parts of the mesh calls.
fn require_role<T>(request: &Request<T>, roles: &[MeshRole]) -> Result<MeshRole, Refusal> {
    let role = Caller::of(request)?.mesh()?;
    if roles.contains(&role) {
        Ok(role)
    } else {
        Err(Refusal::new(ErrorReason::CallerRefused))
    }
}

/// A gRPC service whose unary methods are each the `handle` of a module.
macro_rules! service {
    ($trait:ident: $($method:ident($request:ident) -> $response:ident;)+ $({ $($more:tt)+ })?) => {
        #[tonic::async_trait]
        impl $trait for Api {
            $($($more)+)?
            $(
                async fn $method(
                    &self,
                    request: Request<proto::$request>,
                ) -> Result<Response<proto::$response>, Status> {
                    respond($method::handle(&self.0, request).await)
                }
            )+
        }
    };
}

service! { ConsentService:
    redeem_link_code(RedeemLinkCodeRequest) -> RedeemLinkCodeResponse;
    propose_consent(ProposeConsentRequest) -> ProposeConsentResponse;
    get_consent_status(GetConsentStatusRequest) -> GetConsentStatusResponse;
    authorize(AuthorizeRequest) -> AuthorizeResponse;
    open_gate(OpenGateRequest) -> OpenGateResponse;
}

service! { ResidentConsentService:
    create_link_code(CreateLinkCodeRequest) -> CreateLinkCodeResponse;
    list_links(ListLinksRequest) -> ListLinksResponse;
    list_proposals(ListProposalsRequest) -> ListProposalsResponse;
    grant_consent(GrantConsentRequest) -> GrantConsentResponse;
    refuse_consent(RefuseConsentRequest) -> RefuseConsentResponse;
    defer_consent(DeferConsentRequest) -> DeferConsentResponse;
    list_grants(ListGrantsRequest) -> ListGrantsResponse;
    narrow_grant(NarrowGrantRequest) -> NarrowGrantResponse;
    suspend_grant(SuspendGrantRequest) -> SuspendGrantResponse;
    resume_grant(ResumeGrantRequest) -> ResumeGrantResponse;
    withdraw_grant(WithdrawGrantRequest) -> WithdrawGrantResponse;
    list_access(ListAccessRequest) -> ListAccessResponse;
    issue_ticket(IssueTicketRequest) -> IssueTicketResponse;
}

service! { ResidentSessionService:
    start_session(StartSessionRequest) -> StartSessionResponse;
    get_session(GetSessionRequest) -> GetSessionResponse;
    end_session(EndSessionRequest) -> EndSessionResponse;
}

service! { GrantEventService:
    get_grant_states(GetGrantStatesRequest) -> GetGrantStatesResponse;
    {
        type WatchGrantsStream = WatchReply<proto::WatchGrantsResponse>;

        async fn watch_grants(
            &self,
            request: Request<proto::WatchGrantsRequest>,
        ) -> Result<Response<Self::WatchGrantsStream>, Status> {
            respond(watch_grants::handle(&self.0, &request))
        }
    }
}
