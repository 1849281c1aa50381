//! A resident's session, and what can be done in it: one function per method of the resident's services.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use sluis_envelope::hash;
use sluis_proto::consent::v1 as consent;
use sluis_proto::consent::v1::resident_assisted_service_client::ResidentAssistedServiceClient;
use sluis_proto::consent::v1::resident_circle_service_client::ResidentCircleServiceClient;
use sluis_proto::consent::v1::resident_consent_service_client::ResidentConsentServiceClient;
use sluis_proto::consent::v1::resident_legal_basis_service_client::ResidentLegalBasisServiceClient;
use sluis_proto::consent::v1::resident_notice_service_client::ResidentNoticeServiceClient;
use sluis_proto::consent::v1::resident_receipt_service_client::ResidentReceiptServiceClient;
use sluis_proto::consent::v1::resident_representation_service_client::ResidentRepresentationServiceClient;
use sluis_proto::consent::v1::{LevelOfAssurance, TicketAction, TicketAudience};
use sluis_proto::matching::v1 as matching;
use sluis_proto::matching::v1::directory_service_client::DirectoryServiceClient;
use sluis_proto::matching::v1::resident_matching_service_client::ResidentMatchingServiceClient;
use sluis_proto::matching::v1::resident_place_service_client::ResidentPlaceServiceClient;
use sluis_proto::referral::v1 as referral;
use sluis_proto::referral::v1::resident_referral_service_client::ResidentReferralServiceClient;
use sluis_proto::registry::v1 as registry;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_proto::signalling::v1::resident_meeting_service_client::ResidentMeetingServiceClient;
use sluis_proto::signalling::v1::resident_signalling_service_client::ResidentSignallingServiceClient;
use sluis_serve::{Caller, MeshClient, ResidentCaller};
use sluis_types::{GrantId, Randomness, RequestId, ThreadId, Timestamp};
use tonic::Status;

use super::calls::{Calls, bearer_of};
use super::side::Ways;

const LIST_REFERRALS: &str = "/sluis.referral.v1.ResidentReferralService/ListResidentReferrals";
const STOP_REFERRAL: &str = "/sluis.referral.v1.ResidentReferralService/StopResidentReferral";

/// A live session: the only authority to act as a resident. Made by [`crate::ResidentSide::session`] only, for one
/// page or command; a later one asks again.
///
/// Its functions take and give the messages of the services. What changes something carries a `request_id` that the
/// page made together with its form, so that sending the form twice is one act. Each error is a refusal with a reason
/// ([`sluis_serve::Refusal::reason_of`]).
pub struct Session {
    resident: Caller,
    /// The resident to services other than consent.
    pub(super) bearer: Caller,
    represents_somebody: bool,
    level_of_assurance: LevelOfAssurance,
    expires_at: Timestamp,
    consent: ResidentConsentServiceClient<MeshClient>,
    assisted: ResidentAssistedServiceClient<MeshClient>,
    representation: ResidentRepresentationServiceClient<MeshClient>,
    receipts: ResidentReceiptServiceClient<MeshClient>,
    notices: ResidentNoticeServiceClient<MeshClient>,
    circle: ResidentCircleServiceClient<MeshClient>,
    bases: ResidentLegalBasisServiceClient<MeshClient>,
    referral: ResidentReferralServiceClient<MeshClient>,
    pub(super) introductions: ResidentMatchingServiceClient<MeshClient>,
    pub(super) places: ResidentPlaceServiceClient<MeshClient>,
    directory: DirectoryServiceClient<MeshClient>,
    pub(super) meetings: ResidentMeetingServiceClient<MeshClient>,
    pub(super) signalling: ResidentSignallingServiceClient<MeshClient>,
    registry: RegistryServiceClient<MeshClient>,
    pub(super) calls: Arc<Calls>,
    pub(super) randomness: Arc<dyn Randomness>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session(…)")
    }
}

impl Session {
    pub(super) fn new(
        resident: ResidentCaller,
        level_of_assurance: LevelOfAssurance,
        expires_at: Timestamp,
        ways: &Ways,
        calls: Arc<Calls>,
        randomness: Arc<dyn Randomness>,
    ) -> Self {
        let bearer = Caller::Resident(bearer_of(&resident.session));
        let represents_somebody = resident.represents.is_some();
        let resident = Caller::Resident(resident);
        Self {
            consent: ResidentConsentServiceClient::new(ways.consent.speaking_as(resident.clone())),
            assisted: ResidentAssistedServiceClient::new(ways.consent.speaking_as(resident.clone())),
            representation: ResidentRepresentationServiceClient::new(
                ways.consent.speaking_as(resident.clone()),
            ),
            receipts: ResidentReceiptServiceClient::new(ways.consent.speaking_as(resident.clone())),
            notices: ResidentNoticeServiceClient::new(ways.consent.speaking_as(resident.clone())),
            circle: ResidentCircleServiceClient::new(ways.consent.speaking_as(resident.clone())),
            bases: ResidentLegalBasisServiceClient::new(ways.consent.speaking_as(resident.clone())),
            referral: ResidentReferralServiceClient::new(ways.referral.speaking_as(bearer.clone())),
            introductions: ResidentMatchingServiceClient::new(ways.matching.speaking_as(bearer.clone())),
            places: ResidentPlaceServiceClient::new(ways.matching.speaking_as(bearer.clone())),
            directory: DirectoryServiceClient::new(ways.matching.speaking_as(bearer.clone())),
            meetings: ResidentMeetingServiceClient::new(ways.signalling.speaking_as(bearer.clone())),
            signalling: ResidentSignallingServiceClient::new(ways.signalling.speaking_as(bearer.clone())),
            registry: RegistryServiceClient::new(ways.registry.speaking_as(bearer.clone())),
            resident,
            bearer,
            represents_somebody,
            level_of_assurance,
            expires_at,
            calls,
            randomness,
        }
    }

    /// How sure the provider was of who logged in.
    pub fn level_of_assurance(&self) -> LevelOfAssurance {
        self.level_of_assurance
    }

    /// When the session ends at the latest.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Whether a representative is logged in, and not the resident.
    pub fn represents_somebody(&self) -> bool {
        self.represents_somebody
    }

    /// The referrals that run or ran under one grant.
    ///
    /// # Errors
    /// NOT_AVAILABLE when there is no such grant of this resident.
    pub async fn list_referrals(
        &self,
        grant_id: GrantId,
    ) -> Result<referral::ListResidentReferralsResponse, Status> {
        let ticket = self.ticket_to_look(grant_id, TicketAudience::Referral).await?;
        let message = referral::ListResidentReferralsRequest { ticket };
        let request = self.calls.prepare(LIST_REFERRALS, &self.bearer, message)?;
        Calls::outcome(self.referral.clone().list_resident_referrals(request).await)
    }

    /// Stops a referral that runs under one grant.
    ///
    /// # Errors
    /// NOT_AVAILABLE when there is no such grant of this resident, or no such referral under it.
    pub async fn stop_referral(
        &self,
        request_id: RequestId,
        grant_id: GrantId,
        thread_id: ThreadId,
    ) -> Result<referral::StopResidentReferralResponse, Status> {
        let attempt = attempt_of(request_id, grant_id);
        let to = TicketAudience::Referral;
        let ticket = self.ticket(attempt, grant_id, to, &[TicketAction::Stop]).await?;
        let message = referral::StopResidentReferralRequest {
            request_id: request_id.to_string(),
            ticket,
            thread_id: thread_id.to_string(),
        };
        let request = self.calls.prepare(STOP_REFERRAL, &self.bearer, message)?;
        Calls::outcome(self.referral.clone().stop_resident_referral(request).await)
    }

    pub(super) async fn ticket(
        &self,
        attempt: RequestId,
        grant_id: GrantId,
        audience: TicketAudience,
        actions: &[TicketAction],
    ) -> Result<Bytes, Status> {
        let message = consent::IssueTicketRequest {
            request_id: attempt.to_string(),
            grant_id: grant_id.to_string(),
            audience: audience.into(),
            actions: actions.iter().map(|action| i32::from(*action)).collect(),
        };
        Ok(self.issue_ticket(message).await?.ticket)
    }
}

/// The attempt to get a ticket for an act: an act that is repeated must bring the same one.
pub(super) fn attempt_of(request_id: RequestId, grant_id: GrantId) -> RequestId {
    let attempt = hash(
        "sluis/v1/ticket-attempt",
        &[request_id.as_bytes(), grant_id.as_bytes()],
    );
    RequestId::from_slice(&attempt[..16]).expect("16 bytes are a request id")
}

/// Declares the functions that are one call each.
macro_rules! calls {
    ($($(#[$doc:meta])* $function:ident: $client:ident as $caller:ident, $package:ident, $service:literal, $method:literal,
        $request:ident -> $reply:ident;)+) => {
        impl Session {
            $(
                $(#[$doc])*
                pub async fn $function(&self, message: $package::$request) -> Result<$package::$reply, Status> {
                    let method = concat!("/sluis.", stringify!($package), ".v1.", $service, "/", $method);
                    let request = self.calls.prepare(method, &self.$caller, message)?;
                    Calls::outcome(self.$client.clone().$function(request).await)
                }
            )+
        }

        /// Every method that a function here calls.
        #[cfg(test)]
        const METHODS: &[&str] = &[
            $(concat!("/sluis.", stringify!($package), ".v1.", $service, "/", $method),)+
            LIST_REFERRALS,
            STOP_REFERRAL,
            super::introductions::LIST_INTRODUCTIONS,
            super::introductions::ANSWER_INTRODUCTION,
            super::introductions::END_INTRODUCTION,
            super::places::LIST_PLACES,
            super::agenda::LIST_AGENDA_ITEMS,
            super::agenda::ANSWER_AGENDA_ITEM,
            super::agenda::OBJECT_TO_AGENDA_ITEM,
            super::matches::LIST_MATCHES,
            super::matches::ANSWER_MATCH,
            super::matches::OBJECT_TO_MATCH,
        ];
    };
}

calls! {
    /// Makes a link code for one organisation.
    create_link_code: consent as resident, consent, "ResidentConsentService", "CreateLinkCode",
        CreateLinkCodeRequest -> CreateLinkCodeResponse;
    /// The organisations that the resident is linked with.
    list_links: consent as resident, consent, "ResidentConsentService", "ListLinks",
        ListLinksRequest -> ListLinksResponse;
    /// The proposals that wait for an answer.
    list_proposals: consent as resident, consent, "ResidentConsentService", "ListProposals",
        ListProposalsRequest -> ListProposalsResponse;
    /// Grants a proposal, whole or in part. Needs a level of assurance of at least substantial.
    grant_consent: consent as resident, consent, "ResidentConsentService", "GrantConsent",
        GrantConsentRequest -> GrantConsentResponse;
    /// Refuses a proposal.
    refuse_consent: consent as resident, consent, "ResidentConsentService", "RefuseConsent",
        RefuseConsentRequest -> RefuseConsentResponse;
    /// Puts a proposal aside.
    defer_consent: consent as resident, consent, "ResidentConsentService", "DeferConsent",
        DeferConsentRequest -> DeferConsentResponse;
    /// The grants, live ones first.
    list_grants: consent as resident, consent, "ResidentConsentService", "ListGrants",
        ListGrantsRequest -> ListGrantsResponse;
    /// Takes something away from a grant.
    narrow_grant: consent as resident, consent, "ResidentConsentService", "NarrowGrant",
        NarrowGrantRequest -> NarrowGrantResponse;
    /// Pauses a grant.
    suspend_grant: consent as resident, consent, "ResidentConsentService", "SuspendGrant",
        SuspendGrantRequest -> SuspendGrantResponse;
    /// Resumes a paused grant.
    resume_grant: consent as resident, consent, "ResidentConsentService", "ResumeGrant",
        ResumeGrantRequest -> ResumeGrantResponse;
    /// Ends a grant for good. The answer comes when its key is destroyed.
    withdraw_grant: consent as resident, consent, "ResidentConsentService", "WithdrawGrant",
        WithdrawGrantRequest -> WithdrawGrantResponse;
    /// The circles that wait for an answer. [`Session::refuse_consent`] and [`Session::defer_consent`] answer them too.
    list_circle_proposals: circle as resident, consent, "ResidentCircleService", "ListCircleProposals",
        ListCircleProposalsRequest -> ListCircleProposalsResponse;
    /// The circles, live ones first. [`Session::suspend_grant`], [`Session::resume_grant`] and
    /// [`Session::withdraw_grant`] take their ids.
    list_circles: circle as resident, consent, "ResidentCircleService", "ListCircles",
        ListCirclesRequest -> ListCirclesResponse;
    /// Grants a circle, whole or without some members or classes. Needs a level of assurance of at least substantial.
    grant_circle: circle as resident, consent, "ResidentCircleService", "GrantCircle",
        GrantCircleRequest -> GrantCircleResponse;
    /// Leaves members or classes out of a circle.
    narrow_circle: circle as resident, consent, "ResidentCircleService", "NarrowCircle",
        NarrowCircleRequest -> NarrowCircleResponse;
    /// Who asked, who opened, what was refused.
    list_access: consent as resident, consent, "ResidentConsentService", "ListAccess",
        ListAccessRequest -> ListAccessResponse;
    /// Breaks with an organisation: its handle goes, and every grant to it or from it ends.
    disconnect_organisation: consent as resident, consent, "ResidentConsentService", "DisconnectOrganisation",
        DisconnectOrganisationRequest -> DisconnectOrganisationResponse;
    /// Breaks the tie between this login and what is behind it. The session is over then.
    disconnect_login: consent as resident, consent, "ResidentConsentService", "DisconnectLogin",
        DisconnectLoginRequest -> DisconnectLoginResponse;
    /// A ticket for another service. [`Session::list_referrals`] and [`Session::stop_referral`] get their own.
    issue_ticket: consent as resident, consent, "ResidentConsentService", "IssueTicket",
        IssueTicketRequest -> IssueTicketResponse;
    /// Brings what stands behind a letter's code behind this login.
    redeem_letter_code: assisted as resident, consent, "ResidentAssistedService", "RedeemLetterCode",
        RedeemLetterCodeRequest -> RedeemLetterCodeResponse;
    /// Who may speak for the resident; for a representative, its own mandates.
    list_mandates: representation as resident, consent, "ResidentRepresentationService", "ListMandates",
        ListMandatesRequest -> ListMandatesResponse;
    /// Authorises somebody, and gives a code for them. Needs the resident's own login.
    create_proxy: representation as resident, consent, "ResidentRepresentationService", "CreateProxy",
        CreateProxyRequest -> CreateProxyResponse;
    /// Makes a mandate the representative's: the one thing that a login with `represents` can do without one.
    redeem_mandate_code: representation as resident, consent, "ResidentRepresentationService", "RedeemMandateCode",
        RedeemMandateCodeRequest -> RedeemMandateCodeResponse;
    /// Ends a mandate that the resident gave.
    end_mandate: representation as resident, consent, "ResidentRepresentationService", "EndMandate",
        EndMandateRequest -> EndMandateResponse;
    /// Disputes a mandate that an organisation recorded: nothing can be done with it any more.
    dispute_mandate: representation as resident, consent, "ResidentRepresentationService", "DisputeMandate",
        DisputeMandateRequest -> DisputeMandateResponse;
    /// The newest receipts, newest first.
    list_receipts: receipts as resident, consent, "ResidentReceiptService", "ListReceipts",
        ListReceiptsRequest -> ListReceiptsResponse;
    /// One receipt, signed.
    get_receipt: receipts as resident, consent, "ResidentReceiptService", "GetReceipt",
        GetReceiptRequest -> GetReceiptResponse;
    /// On what organisations share about the resident without consent, live ones first.
    list_legal_bases: bases as resident, consent, "ResidentLegalBasisService", "ListLegalBases",
        ListLegalBasesRequest -> ListLegalBasesResponse;
    /// Objects to one of those: a privacy officer of the organisation must look at it.
    object_to_legal_basis: bases as resident, consent, "ResidentLegalBasisService", "ObjectToLegalBasis",
        ObjectToLegalBasisRequest -> ObjectToLegalBasisResponse;
    /// Where notices go, masked.
    get_notice_address: notices as resident, consent, "ResidentNoticeService", "GetNoticeAddress",
        GetNoticeAddressRequest -> GetNoticeAddressResponse;
    /// Gives an address for notices: a code is mailed there. Needs a level of assurance of at least substantial.
    set_notice_address: notices as resident, consent, "ResidentNoticeService", "SetNoticeAddress",
        SetNoticeAddressRequest -> SetNoticeAddressResponse;
    /// Enters the code that was mailed.
    confirm_notice_address: notices as resident, consent, "ResidentNoticeService", "ConfirmNoticeAddress",
        ConfirmNoticeAddressRequest -> ConfirmNoticeAddressResponse;
    /// Takes the address away.
    remove_notice_address: notices as resident, consent, "ResidentNoticeService", "RemoveNoticeAddress",
        RemoveNoticeAddressRequest -> RemoveNoticeAddressResponse;
    /// One offer of the directory.
    get_offer: directory as bearer, matching, "DirectoryService", "GetOffer",
        GetOfferRequest -> GetOfferResponse;
    /// Offers by area, life domain and words.
    search_offers: directory as bearer, matching, "DirectoryService", "SearchOffers",
        SearchOffersRequest -> SearchOffersResponse;
    /// One organisation of the mesh.
    get_organisation: registry as bearer, registry, "RegistryService", "GetOrganisation",
        GetOrganisationRequest -> GetOrganisationResponse;
    /// The organisations of the mesh, page by page.
    list_organisations: registry as bearer, registry, "RegistryService", "ListOrganisations",
        ListOrganisationsRequest -> ListOrganisationsResponse;
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_serve::{MethodTable, Side};
    use std::collections::BTreeSet;

    #[test]
    fn every_method_for_residents_has_its_function() {
        let table = MethodTable::of_mesh().expect("the committed descriptor set is sound");
        let stated: BTreeSet<&str> = table
            .iter()
            .filter(|rules| rules.sides.contains(Side::Resident))
            .map(|rules| rules.path.as_str())
            .collect();
        assert_eq!(METHODS.iter().copied().collect::<BTreeSet<_>>(), stated);
    }

    #[test]
    fn outside_consent_a_resident_is_the_session_and_nothing_else() {
        let bearer = bearer_of(&[0xab; 32]);
        assert_eq!(bearer.subject, "ab".repeat(32));
        assert_eq!((bearer.issuer.as_str(), bearer.represents), ("", None));
    }
}
