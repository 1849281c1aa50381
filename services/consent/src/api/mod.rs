//! The gRPC services: one file per method. A handler decodes, authorises, reads or writes, and replies.

mod acknowledge_circle_bundle;
mod answer_proposal;
mod authorize;
mod begin_grant;
mod change_grant;
mod change_legal_basis;
mod change_mandate;
mod check_login_source;
mod confirm_consent;
mod confirm_legal_basis;
mod confirm_mandate;
mod confirm_notice_address;
mod convert;
mod convert_circle;
mod convert_legal_basis;
mod convert_mandate;
mod count_failed_login;
mod create_link_code;
mod create_proxy;
mod defer_consent;
mod derived;
mod disconnect_login;
mod disconnect_organisation;
mod dispute_mandate;
mod end_grants;
mod end_legal_basis;
mod end_mandate;
mod end_session;
mod get_consent_status;
mod get_grant_states;
mod get_notice_address;
mod get_receipt;
mod get_receipt_keys;
mod get_session;
mod grant_circle;
mod grant_consent;
mod issue_ticket;
mod list_access;
mod list_circle_bundles;
mod list_circle_proposals;
mod list_circles;
mod list_grants;
mod list_legal_bases;
mod list_links;
mod list_mandates;
mod list_own_legal_bases;
mod list_proposals;
mod list_receipts;
mod narrow_circle;
mod narrow_grant;
mod object_to_legal_basis;
mod open_gate;
mod owned;
mod propose_circle;
mod propose_consent;
mod receipt_json;
mod record_consent;
mod record_legal_basis;
mod record_mandate;
mod redeem_letter_code;
mod redeem_link_code;
mod redeem_mandate_code;
mod refuse_consent;
mod remove_notice_address;
mod resume_grant;
mod review_legal_basis;
mod set_notice_address;
mod start_assisted;
mod start_session;
mod suspend_grant;
mod watch_grants;
mod withdraw_all;
mod withdraw_grant;

use std::sync::Arc;

use sluis_proto::consent::v1 as proto;
use sluis_proto::consent::v1::assisted_service_server::AssistedService;
use sluis_proto::consent::v1::circle_service_server::CircleService;
use sluis_proto::consent::v1::consent_service_server::ConsentService;
use sluis_proto::consent::v1::grant_event_service_server::GrantEventService;
use sluis_proto::consent::v1::legal_basis_service_server::LegalBasisService;
use sluis_proto::consent::v1::receipt_key_service_server::ReceiptKeyService;
use sluis_proto::consent::v1::representation_service_server::RepresentationService;
use sluis_proto::consent::v1::resident_assisted_service_server::ResidentAssistedService;
use sluis_proto::consent::v1::resident_circle_service_server::ResidentCircleService;
use sluis_proto::consent::v1::resident_consent_service_server::ResidentConsentService;
use sluis_proto::consent::v1::resident_legal_basis_service_server::ResidentLegalBasisService;
use sluis_proto::consent::v1::resident_notice_service_server::ResidentNoticeService;
use sluis_proto::consent::v1::resident_receipt_service_server::ResidentReceiptService;
use sluis_proto::consent::v1::resident_representation_service_server::ResidentRepresentationService;
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
    disconnect_organisation(DisconnectOrganisationRequest) -> DisconnectOrganisationResponse;
    disconnect_login(DisconnectLoginRequest) -> DisconnectLoginResponse;
    issue_ticket(IssueTicketRequest) -> IssueTicketResponse;
}

service! { AssistedService:
    start_assisted(StartAssistedRequest) -> StartAssistedResponse;
    record_consent(RecordConsentRequest) -> RecordConsentResponse;
    confirm_consent(ConfirmConsentRequest) -> ConfirmConsentResponse;
    withdraw_all(WithdrawAllRequest) -> WithdrawAllResponse;
}

service! { ResidentAssistedService:
    redeem_letter_code(RedeemLetterCodeRequest) -> RedeemLetterCodeResponse;
}

service! { ResidentReceiptService:
    list_receipts(ListReceiptsRequest) -> ListReceiptsResponse;
    get_receipt(GetReceiptRequest) -> GetReceiptResponse;
}

#[tonic::async_trait]
impl ReceiptKeyService for Api {
    async fn get_receipt_keys(
        &self,
        request: Request<proto::GetReceiptKeysRequest>,
    ) -> Result<Response<proto::GetReceiptKeysResponse>, Status> {
        respond(get_receipt_keys::handle(&self.0, &request).await)
    }
}

service! { RepresentationService:
    record_mandate(RecordMandateRequest) -> RecordMandateResponse;
    confirm_mandate(ConfirmMandateRequest) -> ConfirmMandateResponse;
}

service! { ResidentRepresentationService:
    list_mandates(ListMandatesRequest) -> ListMandatesResponse;
    create_proxy(CreateProxyRequest) -> CreateProxyResponse;
    redeem_mandate_code(RedeemMandateCodeRequest) -> RedeemMandateCodeResponse;
    end_mandate(EndMandateRequest) -> EndMandateResponse;
    dispute_mandate(DisputeMandateRequest) -> DisputeMandateResponse;
}

service! { ResidentNoticeService:
    get_notice_address(GetNoticeAddressRequest) -> GetNoticeAddressResponse;
    set_notice_address(SetNoticeAddressRequest) -> SetNoticeAddressResponse;
    confirm_notice_address(ConfirmNoticeAddressRequest) -> ConfirmNoticeAddressResponse;
    remove_notice_address(RemoveNoticeAddressRequest) -> RemoveNoticeAddressResponse;
}

service! { CircleService:
    propose_circle(ProposeCircleRequest) -> ProposeCircleResponse;
    list_circle_bundles(ListCircleBundlesRequest) -> ListCircleBundlesResponse;
    acknowledge_circle_bundle(AcknowledgeCircleBundleRequest) -> AcknowledgeCircleBundleResponse;
}

service! { ResidentCircleService:
    list_circle_proposals(ListCircleProposalsRequest) -> ListCircleProposalsResponse;
    list_circles(ListCirclesRequest) -> ListCirclesResponse;
    grant_circle(GrantCircleRequest) -> GrantCircleResponse;
    narrow_circle(NarrowCircleRequest) -> NarrowCircleResponse;
}

service! { LegalBasisService:
    record_legal_basis(RecordLegalBasisRequest) -> RecordLegalBasisResponse;
    confirm_legal_basis(ConfirmLegalBasisRequest) -> ConfirmLegalBasisResponse;
    end_legal_basis(EndLegalBasisRequest) -> EndLegalBasisResponse;
    list_own_legal_bases(ListOwnLegalBasesRequest) -> ListOwnLegalBasesResponse;
    review_legal_basis(ReviewLegalBasisRequest) -> ReviewLegalBasisResponse;
}

service! { ResidentLegalBasisService:
    list_legal_bases(ListLegalBasesRequest) -> ListLegalBasesResponse;
    object_to_legal_basis(ObjectToLegalBasisRequest) -> ObjectToLegalBasisResponse;
}

service! { ResidentSessionService:
    start_session(StartSessionRequest) -> StartSessionResponse;
    get_session(GetSessionRequest) -> GetSessionResponse;
    check_login_source(CheckLoginSourceRequest) -> CheckLoginSourceResponse;
    count_failed_login(CountFailedLoginRequest) -> CountFailedLoginResponse;
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
