//! What organisations and residents do, in as few words as tests want.

use sluis_envelope::{GrantToken, OpenedMessage, Scope, SealedEnvelope, SealedHandle, Signed, Verified};
use sluis_proto::consent::v1::{self as proto, LevelOfAssurance};
use sluis_serve::{Caller, MeshRole, ResidentCaller, session_hash};
use sluis_types::{DataKind, GrantId, Handle, Oin, RequestId, Timestamp};
use tonic::Status;

use crate::letters::{Organisation, scope};
use crate::world::{ISSUER, ResidentClient, World};

/// A resident who logged in.
pub(crate) struct Resident {
    pub(crate) caller: Caller,
    pub(crate) client: ResidentClient,
    pub(crate) token: Vec<u8>,
}

/// What most tests begin with: a resident whom welfare knows, and who lets welfare share with GGZ.
pub(crate) struct Granted {
    pub(crate) resident: Resident,
    /// Welfare's handle.
    pub(crate) handle: Handle,
    pub(crate) grant: proto::Grant,
}

impl Granted {
    pub(crate) fn id(&self) -> GrantId {
        self.grant.grant_id.parse().unwrap()
    }
}

/// A submitted message.
pub(crate) struct Sent {
    pub(crate) envelope: SealedEnvelope,
    pub(crate) at: Timestamp,
}

impl World {
    /// A fresh login of somebody who logged in before.
    pub(crate) async fn again(&self, subject: &str, granted: Granted) -> Granted {
        let resident = self.log_in(subject).await;
        Granted { resident, ..granted }
    }
}

impl World {
    // --- residents ---

    pub(crate) fn login(&self, subject: &str, level: LevelOfAssurance) -> proto::StartSessionRequest {
        proto::StartSessionRequest {
            request_id: self.request_id(),
            issuer: ISSUER.into(),
            subject: subject.into(),
            represents: String::new(),
            level_of_assurance: level.into(),
        }
    }

    pub(crate) async fn log_in(&self, subject: &str) -> Resident {
        self.log_in_as(self.login(subject, LevelOfAssurance::Substantial))
            .await
    }

    pub(crate) async fn log_in_as(&self, login: proto::StartSessionRequest) -> Resident {
        let started = self
            .sessions(MeshRole::Gateway)
            .start_session(login.clone())
            .await
            .unwrap()
            .into_inner();
        let caller = Caller::Resident(ResidentCaller {
            issuer: login.issuer,
            subject: login.subject,
            represents: (!login.represents.is_empty()).then_some(login.represents),
            session: session_hash(&started.session_token),
        });
        let client = ResidentClient::new(self.mesh_client(caller.clone()));
        Resident {
            caller,
            client,
            token: started.session_token.to_vec(),
        }
    }

    // --- links ---

    pub(crate) async fn code(&self, resident: &Resident, organisation: Oin) -> proto::CreateLinkCodeResponse {
        let request = proto::CreateLinkCodeRequest {
            request_id: self.request_id(),
            oin: organisation.to_string(),
        };
        resident
            .client
            .clone()
            .create_link_code(request)
            .await
            .unwrap()
            .into_inner()
    }

    pub(crate) fn redeeming(&self, code: &str) -> proto::RedeemLinkCodeRequest {
        proto::RedeemLinkCodeRequest {
            request_id: self.request_id(),
            code: code.into(),
        }
    }

    /// The handle that an organisation gets for a code.
    pub(crate) fn open_handle(organisation: &Organisation, sealed: &[u8]) -> Handle {
        let sealed = SealedHandle::parse(sealed).unwrap();
        sealed.open(organisation.oin, &organisation.sealing).unwrap()
    }

    pub(crate) async fn link(&self, resident: &Resident, organisation: &Organisation) -> Handle {
        let code = self.code(resident, organisation.oin).await.code;
        let request = self.redeeming(&code);
        let reply = self
            .as_partner(organisation.oin)
            .redeem_link_code(request)
            .await
            .unwrap()
            .into_inner();
        Self::open_handle(organisation, &reply.sealed_handle)
    }

    // --- grants ---

    pub(crate) fn question(&self, provisions: Vec<proto::Provision>) -> proto::Proposal {
        proto::Proposal {
            discloser: self.welfare.oin.to_string(),
            recipient: self.ggz.oin.to_string(),
            provisions,
            valid_days: 0,
        }
    }

    pub(crate) fn proposing(
        &self,
        handle: &Handle,
        proposals: Vec<proto::Proposal>,
    ) -> proto::ProposeConsentRequest {
        proto::ProposeConsentRequest {
            request_id: self.request_id(),
            handle: handle.expose(),
            proposals,
        }
    }

    /// Welfare asks by a handle that may be nobody's.
    pub(crate) async fn ask_unseen(&self, handle: &Handle) {
        let question = self.question(vec![provision()]);
        self.as_welfare()
            .propose_consent(self.proposing(handle, vec![question]))
            .await
            .unwrap();
    }

    /// Welfare asks; the resident's newest question.
    pub(crate) async fn ask(
        &self,
        resident: &Resident,
        handle: &Handle,
        question: proto::Proposal,
    ) -> proto::PendingProposal {
        self.as_welfare()
            .propose_consent(self.proposing(handle, vec![question]))
            .await
            .unwrap();
        self.waiting(resident).await.into_iter().next().unwrap()
    }

    pub(crate) async fn waiting(&self, resident: &Resident) -> Vec<proto::PendingProposal> {
        let reply = resident
            .client
            .clone()
            .list_proposals(proto::ListProposalsRequest {})
            .await;
        reply.unwrap().into_inner().proposals
    }

    pub(crate) fn granting(&self, proposal: &proto::PendingProposal) -> proto::GrantConsentRequest {
        proto::GrantConsentRequest {
            request_id: self.request_id(),
            proposal_id: proposal.proposal_id.clone(),
            provisions: proposal.proposal.as_ref().unwrap().provisions.clone(),
            valid_days: 0,
            notice: Some(notice()),
        }
    }

    pub(crate) async fn grant(&self, resident: &Resident, proposal: &proto::PendingProposal) -> proto::Grant {
        let reply = resident
            .client
            .clone()
            .grant_consent(self.granting(proposal))
            .await;
        reply.unwrap().into_inner().grant.unwrap()
    }

    /// A resident whom welfare knows, and who lets it share contact, plan and situation with GGZ.
    pub(crate) async fn granted(&self, subject: &str) -> Granted {
        let resident = self.log_in(subject).await;
        let handle = self.link(&resident, &self.welfare).await;
        let proposal = self
            .ask(&resident, &handle, self.question(vec![provision()]))
            .await;
        let grant = self.grant(&resident, &proposal).await;
        Granted {
            resident,
            handle,
            grant,
        }
    }

    pub(crate) async fn grants(&self, resident: &Resident) -> Vec<proto::Grant> {
        let reply = resident
            .client
            .clone()
            .list_grants(proto::ListGrantsRequest {})
            .await;
        reply.unwrap().into_inner().grants
    }

    pub(crate) fn withdrawing(&self, grant: &proto::Grant) -> proto::WithdrawGrantRequest {
        proto::WithdrawGrantRequest {
            request_id: self.request_id(),
            grant_id: grant.grant_id.clone(),
        }
    }

    pub(crate) async fn withdraw(&self, granted: &Granted) -> proto::Grant {
        let reply = granted
            .resident
            .client
            .clone()
            .withdraw_grant(self.withdrawing(&granted.grant))
            .await;
        reply.unwrap().into_inner().grant.unwrap()
    }

    // --- decisions ---

    pub(crate) fn asking_to_send(&self, handle: &Handle, kinds: &[DataKind]) -> proto::AuthorizeRequest {
        let scope = scope(kinds);
        proto::AuthorizeRequest {
            request_id: self.request_id(),
            handle: handle.expose(),
            recipient: self.ggz.oin.to_string(),
            legal_basis_id: String::new(),
            scope: Some(proto::Scope {
                purposes: scope.purposes().iter().map(|it| i32::from(it.number())).collect(),
                life_domains: scope
                    .life_domains()
                    .iter()
                    .map(|it| i32::from(it.number()))
                    .collect(),
                data_kinds: scope
                    .data_kinds()
                    .iter()
                    .map(|it| i32::from(it.number()))
                    .collect(),
            }),
        }
    }

    pub(crate) fn read_token(&self, token: &[u8]) -> Verified<GrantToken> {
        let key = sluis_consent::public_keys(&self.keys).unwrap().grant_token;
        Signed::parse(token).unwrap().verify(&key, self.now()).unwrap()
    }

    pub(crate) async fn authorize(&self, handle: &Handle) -> Result<Verified<GrantToken>, Status> {
        let request = self.asking_to_send(handle, &[DataKind::Plan]);
        let reply = self.as_welfare().authorize(request).await?.into_inner();
        Ok(self.read_token(&reply.grant_token))
    }

    /// A message from welfare to GGZ that was sealed and submitted now.
    pub(crate) async fn send(&self, handle: &Handle) -> Sent {
        self.send_with(handle, scope(&[DataKind::Plan])).await
    }

    /// The same, with another scope inside than was asked for.
    pub(crate) async fn send_with(&self, handle: &Handle, scope: Scope) -> Sent {
        let token = self.authorize(handle).await.unwrap();
        let envelope = self
            .welfare
            .seal(&self.ggz, &token, scope, self.randomness.as_ref());
        Sent {
            envelope,
            at: self.now(),
        }
    }

    /// Opens a message in the name of GGZ.
    pub(crate) async fn open(&self, sent: &Sent) -> Result<OpenedMessage, Status> {
        let (request, pending) = self.opening(sent);
        let reply = self.as_ggz().open_gate(request).await?.into_inner();
        Ok(pending.complete(&reply.open_reply).unwrap())
    }

    pub(crate) fn opening(&self, sent: &Sent) -> (proto::OpenGateRequest, sluis_envelope::PendingOpen) {
        let id = RequestId::random(self.randomness.as_ref());
        let (bytes, pending) =
            self.ggz
                .ask(&sent.envelope, id, sent.at, self.now(), self.randomness.as_ref());
        (
            proto::OpenGateRequest {
                request_id: id.to_string(),
                open_request: bytes.into(),
            },
            pending,
        )
    }

    /// The resident's log, all of it, newest first.
    pub(crate) async fn log(&self, resident: &Resident) -> Vec<proto::AccessEntry> {
        let request = proto::ListAccessRequest {
            page_size: 200,
            page_token: String::new(),
        };
        resident
            .client
            .clone()
            .list_access(request)
            .await
            .unwrap()
            .into_inner()
            .entries
    }
}

pub(crate) fn notice() -> proto::Notice {
    proto::Notice {
        notice_id: "share-consent".into(),
        version: 3,
        language: "nl".into(),
        sha256: vec![5; 32].into(),
    }
}

/// Contact, situation and plan on fitting support, for a referral.
pub(crate) fn provision() -> proto::Provision {
    provision_of(
        proto::Purpose::Referral,
        &[
            proto::DataKind::Contact,
            proto::DataKind::Situation,
            proto::DataKind::Plan,
        ],
    )
}

pub(crate) fn provision_of(purpose: proto::Purpose, kinds: &[proto::DataKind]) -> proto::Provision {
    proto::Provision {
        purpose: purpose.into(),
        life_domains: vec![proto::LifeDomain::FittingSupport.into()],
        data_kinds: kinds.iter().map(|kind| (*kind).into()).collect(),
        objection: false,
    }
}
