//! What is done about representatives, in as few words as tests want.

use sluis_proto::consent::v1::representation_service_client::RepresentationServiceClient;
use sluis_proto::consent::v1::resident_representation_service_client::ResidentRepresentationServiceClient;
use sluis_proto::consent::v1::{self as proto, LevelOfAssurance, MandateKind};
use sluis_serve::{Caller, MeshClient, PartnerCaller};
use sluis_types::{Handle, Oin, ProfessionalRole};

use crate::acts::{Granted, Resident};
use crate::letters::JWT_HASH;
use crate::world::World;

pub(crate) type Representation = ResidentRepresentationServiceClient<MeshClient>;
pub(crate) type Recording = RepresentationServiceClient<MeshClient>;

/// A resident with a grant, and somebody who speaks for them.
pub(crate) struct Represented {
    pub(crate) granted: Granted,
    pub(crate) representative: Resident,
}

/// Who records first, and who confirms.
pub(crate) const ONE: [u8; 32] = [1; 32];
pub(crate) const OTHER: [u8; 32] = [2; 32];

/// A proxy about everything.
pub(crate) fn everything(world: &World) -> proto::CreateProxyRequest {
    proto::CreateProxyRequest {
        request_id: world.request_id(),
        label: "mijn zus".into(),
        acts: vec![1, 2, 3],
        life_domains: (1..=5).collect(),
        data_kinds: (1..=10).collect(),
        valid_days: 30,
    }
}

impl World {
    pub(crate) fn representation(&self, who: &Resident) -> Representation {
        Representation::new(self.mesh_client(who.caller.clone()))
    }

    pub(crate) fn recording(
        &self,
        organisation: Oin,
        professional: [u8; 32],
        role: ProfessionalRole,
    ) -> Recording {
        let caller = Caller::Partner(PartnerCaller {
            organisation,
            professional,
            role,
            jwt_hash: JWT_HASH,
        });
        Recording::new(self.mesh_client(caller))
    }

    pub(crate) fn worker(&self, professional: [u8; 32]) -> Recording {
        self.recording(self.welfare.oin, professional, ProfessionalRole::Professional)
    }

    /// Somebody who logs in for somebody else.
    pub(crate) async fn log_in_for(&self, subject: &str, represents: &str) -> Resident {
        let login = proto::StartSessionRequest {
            represents: represents.into(),
            ..self.login(subject, LevelOfAssurance::Substantial)
        };
        self.log_in_as(login).await
    }

    pub(crate) fn record(&self, handle: &Handle, kind: MandateKind) -> proto::RecordMandateRequest {
        proto::RecordMandateRequest {
            request_id: self.request_id(),
            handle: handle.expose(),
            kind: kind.into(),
            verification: proto::MandateVerification::Register.into(),
            document_sha256: vec![8; 32].into(),
            valid_days: 365,
            declaration: None,
        }
    }

    pub(crate) fn confirm(&self, mandate_id: &str) -> proto::ConfirmMandateRequest {
        proto::ConfirmMandateRequest {
            request_id: self.request_id(),
            mandate_id: mandate_id.into(),
        }
    }

    pub(crate) fn redeem(&self, code: &str) -> proto::RedeemMandateCodeRequest {
        proto::RedeemMandateCodeRequest {
            request_id: self.request_id(),
            code: code.into(),
        }
    }

    pub(crate) async fn proxy(&self, resident: &Resident) -> proto::CreateProxyResponse {
        let request = everything(self);
        let reply = self.representation(resident).create_proxy(request).await;
        reply.unwrap().into_inner()
    }

    pub(crate) async fn redeemed(&self, subject: &str, represents: &str, code: &str) -> Resident {
        let representative = self.log_in_for(subject, represents).await;
        let request = self.redeem(code);
        self.representation(&representative)
            .redeem_mandate_code(request)
            .await
            .unwrap();
        representative
    }

    /// Carla speaks for Anna by a proxy.
    pub(crate) async fn represented(&self, proxy: proto::CreateProxyRequest) -> Represented {
        let granted = self.granted("anna").await;
        let code = self.representation(&granted.resident).create_proxy(proxy).await;
        let representative = self
            .redeemed("carla", "anna", &code.unwrap().into_inner().code)
            .await;
        Represented {
            granted,
            representative,
        }
    }

    /// Somebody whom a court appointed, recorded and confirmed by welfare.
    pub(crate) async fn appointed(
        &self,
        subject: &str,
        represents: &str,
        handle: &Handle,
        kind: MandateKind,
    ) -> Resident {
        let recorded = self.worker(ONE).record_mandate(self.record(handle, kind)).await;
        let recorded = recorded.unwrap().into_inner();
        self.worker(OTHER)
            .confirm_mandate(self.confirm(&recorded.mandate_id))
            .await
            .unwrap();
        self.redeemed(subject, represents, &recorded.code).await
    }

    /// Carla speaks for Anna because a court said so.
    pub(crate) async fn represented_by_court(&self, kind: MandateKind) -> Represented {
        let granted = self.granted("anna").await;
        let representative = self.appointed("carla", "anna", &granted.handle, kind).await;
        Represented {
            granted,
            representative,
        }
    }

    pub(crate) async fn mandates(&self, who: &Resident) -> Vec<proto::Mandate> {
        let reply = self
            .representation(who)
            .list_mandates(proto::ListMandatesRequest {})
            .await;
        reply.unwrap().into_inner().mandates
    }
}
