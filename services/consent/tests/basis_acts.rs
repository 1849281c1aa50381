//! What organisations and residents do about other legal bases, in as few words as tests want.

use sluis_envelope::{OpenedMessage, Scope};
use sluis_proto::consent::v1::legal_basis_service_client::LegalBasisServiceClient;
use sluis_proto::consent::v1::resident_legal_basis_service_client::ResidentLegalBasisServiceClient;
use sluis_proto::consent::v1::{
    self as proto, BasisCheck, DataKind, DeferralReason, LegalArticle, LegalBasis,
};
use sluis_serve::{Caller, MeshClient, PartnerCaller, to_proto_timestamp};
use sluis_types::{CodeSet, Handle, LifeDomain, MessageKind, Oin, ProfessionalRole, Purpose, RequestId};
use tonic::Status;

use crate::acts::{Resident, Sent};
use crate::letters::{DAY, JWT_HASH, Organisation};
use crate::representatives::{ONE, OTHER};
use crate::world::World;

pub(crate) type Bases = LegalBasisServiceClient<MeshClient>;
pub(crate) type ResidentBases = ResidentLegalBasisServiceClient<MeshClient>;

/// The privacy officer of whichever organisation.
pub(crate) const OFFICER: [u8; 32] = [5; 32];

/// A signal about these kinds of data.
pub(crate) fn signal_scope(kinds: &[sluis_types::DataKind]) -> Scope {
    Scope::new(
        CodeSet::EMPTY.with(Purpose::Signal),
        CodeSet::EMPTY.with(LifeDomain::LivingSafeHome),
        kinds.iter().copied().collect(),
    )
    .unwrap()
}

/// What every basis of these tests lets through.
pub(crate) fn contact() -> Scope {
    signal_scope(&[sluis_types::DataKind::Contact])
}

impl World {
    pub(crate) fn bases(&self, organisation: Oin, professional: [u8; 32], role: ProfessionalRole) -> Bases {
        let caller = Caller::Partner(PartnerCaller {
            organisation,
            professional,
            role,
            jwt_hash: JWT_HASH,
        });
        Bases::new(self.mesh_client(caller))
    }

    /// A professional of an organisation.
    pub(crate) fn basing(&self, organisation: &Organisation, professional: [u8; 32]) -> Bases {
        self.bases(organisation.oin, professional, ProfessionalRole::Professional)
    }

    /// The privacy officer of an organisation.
    pub(crate) fn officer(&self, organisation: &Organisation) -> Bases {
        self.bases(organisation.oin, OFFICER, ProfessionalRole::PrivacyOfficer)
    }

    pub(crate) fn bases_of(&self, resident: &Resident) -> ResidentBases {
        ResidentBases::new(self.mesh_client(resident.caller.clone()))
    }

    fn recording_basis(
        &self,
        handle: &Handle,
        basis: LegalBasis,
        to: &Organisation,
        checks: &[BasisCheck],
    ) -> proto::RecordLegalBasisRequest {
        proto::RecordLegalBasisRequest {
            request_id: self.request_id(),
            handle: handle.expose(),
            basis: basis.into(),
            article: LegalArticle::Unspecified.into(),
            recipient: to.oin.to_string(),
            life_domains: vec![proto::LifeDomain::LivingSafeHome.into()],
            data_kinds: vec![DataKind::Contact.into()],
            checks: checks.iter().map(|check| i32::from(*check)).collect(),
            document_sha256: vec![6; 32].into(),
            valid_days: 0,
            deferral: None,
            ask_again_at: None,
        }
    }

    /// Housing tells the municipality of arrears.
    pub(crate) fn arrears(&self, handle: &Handle) -> proto::RecordLegalBasisRequest {
        let checks = [
            BasisCheck::ContactSought,
            BasisCheck::HelpPointedOut,
            BasisCheck::RemindedInWriting,
            BasisCheck::MinimalData,
        ];
        proto::RecordLegalBasisRequest {
            article: LegalArticle::BgsRentArrears.into(),
            data_kinds: vec![DataKind::Contact.into(), DataKind::Financial.into()],
            ..self.recording_basis(handle, LegalBasis::StatutoryDuty, &self.municipality, &checks)
        }
    }

    /// Welfare breaks secrecy towards GGZ.
    pub(crate) fn danger(&self, handle: &Handle) -> proto::RecordLegalBasisRequest {
        let checks = [
            BasisCheck::SeriousHarm,
            BasisCheck::NoOtherWay,
            BasisCheck::ConsentTried,
            BasisCheck::PeerConsulted,
            BasisCheck::MinimalData,
        ];
        self.recording_basis(handle, LegalBasis::ConflictOfDuties, &self.ggz, &checks)
    }

    /// Welfare tells GGZ because life is in danger.
    pub(crate) fn emergency(&self, handle: &Handle) -> proto::RecordLegalBasisRequest {
        let checks = [
            BasisCheck::CannotBeAsked,
            BasisCheck::SeriousHarm,
            BasisCheck::MinimalData,
        ];
        proto::RecordLegalBasisRequest {
            ask_again_at: Some(to_proto_timestamp(self.now().plus(DAY / 2))),
            ..self.recording_basis(handle, LegalBasis::VitalInterest, &self.ggz, &checks)
        }
    }

    /// The resident is told later.
    pub(crate) fn deferred(&self, days: u32) -> proto::Deferral {
        proto::Deferral {
            until: Some(to_proto_timestamp(self.now().plus(DAY * days))),
            reason: DeferralReason::ResidentAtRisk.into(),
        }
    }

    pub(crate) async fn record_basis(
        &self,
        by: &Organisation,
        request: proto::RecordLegalBasisRequest,
    ) -> proto::LegalBasisRecord {
        let reply = self.basing(by, ONE).record_legal_basis(request).await;
        reply.unwrap().into_inner().record.unwrap()
    }

    pub(crate) fn confirming_basis(&self, id: &str) -> proto::ConfirmLegalBasisRequest {
        proto::ConfirmLegalBasisRequest {
            request_id: self.request_id(),
            legal_basis_id: id.into(),
        }
    }

    /// The second person looks at it.
    pub(crate) async fn confirm_basis(&self, by: &Organisation, id: &str) -> proto::LegalBasisRecord {
        let request = self.confirming_basis(id);
        let reply = self.basing(by, OTHER).confirm_legal_basis(request).await;
        reply.unwrap().into_inner().record.unwrap()
    }

    pub(crate) fn ending_basis(&self, id: &str) -> proto::EndLegalBasisRequest {
        proto::EndLegalBasisRequest {
            request_id: self.request_id(),
            legal_basis_id: id.into(),
        }
    }

    pub(crate) async fn end_basis(&self, by: &Organisation, id: &str) -> proto::LegalBasisRecord {
        let request = self.ending_basis(id);
        let reply = self.basing(by, ONE).end_legal_basis(request).await;
        reply.unwrap().into_inner().record.unwrap()
    }

    pub(crate) fn reviewing(
        &self,
        id: &str,
        outcome: proto::ReviewOutcome,
    ) -> proto::ReviewLegalBasisRequest {
        proto::ReviewLegalBasisRequest {
            request_id: self.request_id(),
            legal_basis_id: id.into(),
            outcome: outcome.into(),
        }
    }

    pub(crate) fn objecting(&self, id: &str) -> proto::ObjectToLegalBasisRequest {
        proto::ObjectToLegalBasisRequest {
            request_id: self.request_id(),
            legal_basis_id: id.into(),
        }
    }

    /// What the resident sees.
    pub(crate) async fn seen_bases(&self, resident: &Resident) -> Vec<proto::LegalBasisRecord> {
        let request = proto::ListLegalBasesRequest {};
        let reply = self.bases_of(resident).list_legal_bases(request).await;
        reply.unwrap().into_inner().records
    }

    /// What the organisation's privacy officer finds in the queue.
    pub(crate) async fn queue(&self, organisation: &Organisation) -> Vec<proto::OwnLegalBasis> {
        let request = proto::ListOwnLegalBasesRequest {
            review_waits: true,
            ..proto::ListOwnLegalBasesRequest::default()
        };
        let reply = self.officer(organisation).list_own_legal_bases(request).await;
        reply.unwrap().into_inner().records
    }

    pub(crate) fn asking_on(
        &self,
        basis: &str,
        handle: &Handle,
        to: &Organisation,
        scope: &Scope,
    ) -> proto::AuthorizeRequest {
        let numbers = |codes: Vec<u8>| codes.into_iter().map(i32::from).collect();
        proto::AuthorizeRequest {
            request_id: self.request_id(),
            handle: handle.expose(),
            recipient: to.oin.to_string(),
            scope: Some(proto::Scope {
                purposes: numbers(
                    scope
                        .purposes()
                        .iter()
                        .map(sluis_types::Purpose::number)
                        .collect(),
                ),
                life_domains: numbers(
                    scope
                        .life_domains()
                        .iter()
                        .map(sluis_types::LifeDomain::number)
                        .collect(),
                ),
                data_kinds: numbers(
                    scope
                        .data_kinds()
                        .iter()
                        .map(sluis_types::DataKind::number)
                        .collect(),
                ),
            }),
            legal_basis_id: basis.into(),
        }
    }

    /// A message of this kind on a basis, sealed and submitted now.
    pub(crate) async fn send_on(
        &self,
        basis: &str,
        handle: &Handle,
        [from, to]: [&Organisation; 2],
        kind: MessageKind,
        scope: Scope,
    ) -> Result<Sent, Status> {
        let request = self.asking_on(basis, handle, to, &scope);
        let reply = self.as_partner(from.oin).authorize(request).await?.into_inner();
        let token = self.read_token(&reply.grant_token);
        Ok(Sent {
            envelope: from.seal_as(kind, to, &token, scope, self.randomness.as_ref()),
            at: self.now(),
        })
    }

    /// A signal from welfare to GGZ.
    pub(crate) async fn signal_on(&self, basis: &str, handle: &Handle) -> Result<Sent, Status> {
        let way = [&self.welfare, &self.ggz];
        self.send_on(basis, handle, way, MessageKind::Signal, contact())
            .await
    }

    /// Opens a message in the name of whoever it is for.
    pub(crate) async fn open_by(&self, sent: &Sent, by: &Organisation) -> Result<OpenedMessage, Status> {
        let id = RequestId::random(self.randomness.as_ref());
        let (bytes, pending) = by.ask(&sent.envelope, id, sent.at, self.now(), self.randomness.as_ref());
        let request = proto::OpenGateRequest {
            request_id: id.to_string(),
            open_request: bytes.into(),
        };
        let reply = self.as_partner(by.oin).open_gate(request).await?.into_inner();
        Ok(pending.complete(&reply.open_reply).unwrap())
    }

    /// A resident whom housing knows, with arrears that were recorded and confirmed.
    pub(crate) async fn in_arrears(&self, subject: &str) -> (Resident, Handle, proto::LegalBasisRecord) {
        let resident = self.log_in(subject).await;
        let handle = self.link(&resident, &self.stranger).await;
        let record = self.record_basis(&self.stranger, self.arrears(&handle)).await;
        let record = self.confirm_basis(&self.stranger, &record.legal_basis_id).await;
        (resident, handle, record)
    }
}
