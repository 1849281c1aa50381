//! A registry that answers what the tests need, and everything to call it with.

use std::sync::{Arc, Mutex};

use sluis_envelope::{KeyKind, SigningKey};
use sluis_proto::registry::v1 as proto;
use sluis_proto::registry::v1::registry_service_server::{RegistryService, RegistryServiceServer};
use sluis_serve::{
    Caller, CallerTokenSigner, CallerTokenVerifier, EnrolmentCaller, FirstMessage, Hash, InMemory,
    ManualTimer, MeshClient, MeshRole, MethodTable, PartnerCaller, Refusal, ResidentCaller, ServiceHost,
    Stamped, Stop, Timer, TrustedIssuer, WatchPace, WatchReply, WatchSource, watch,
};
use sluis_types::{Clock, ManualClock, ProfessionalRole, SeededRandomness, Timestamp};
use tokio::sync::Notify;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

pub(crate) const START: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub(crate) const ORGANISATION: &str = "00000099000000001000";
pub(crate) const GET: &str = "/sluis.registry.v1.RegistryService/GetOrganisation";

/// An `oin` that makes `GetOrganisation` wait until it is let go.
pub(crate) const HELD: &str = "held";
/// An `oin` that makes `GetOrganisation` fail for a fault inside.
pub(crate) const FAULTY: &str = "faulty";

#[derive(Clone, Default)]
pub(crate) struct TestRegistry {
    pub(crate) seen: Arc<Mutex<Vec<(Caller, Hash)>>>,
    pub(crate) arrived: Arc<Notify>,
    pub(crate) let_go: Arc<Notify>,
    pub(crate) given_up: Arc<Notify>,
    pub(crate) pace: Option<WatchPace>,
}

/// Tells when the work on a held call is dropped.
struct Work(Arc<Notify>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[derive(Debug, thiserror::Error)]
#[error("disk on fire")]
struct Fault;

#[tonic::async_trait]
impl RegistryService for TestRegistry {
    async fn get_organisation(
        &self,
        request: Request<proto::GetOrganisationRequest>,
    ) -> Result<Response<proto::GetOrganisationResponse>, Status> {
        let seen = (Caller::of(&request)?.clone(), FirstMessage::hash_of(&request)?);
        assert!(
            request.metadata().get_bin("sluis-caller-bin").is_none(),
            "no handler sees a token"
        );
        self.seen.lock().unwrap().push(seen);
        let oin = request.into_inner().oin;
        if oin == HELD {
            let work = Work(Arc::clone(&self.given_up));
            self.arrived.notify_one();
            self.let_go.notified().await;
            std::mem::forget(work);
        }
        if oin == FAULTY {
            return Err(Refusal::internal(&Fault).into());
        }
        if oin.is_empty() {
            return Err(Refusal::not_available().into());
        }
        let organisation = proto::Organisation {
            oin,
            ..Default::default()
        };
        Ok(Response::new(proto::GetOrganisationResponse {
            organisation: Some(organisation),
        }))
    }

    type WatchOrganisationsStream = WatchReply<proto::WatchOrganisationsResponse>;

    async fn watch_organisations(
        &self,
        request: Request<proto::WatchOrganisationsRequest>,
    ) -> Result<Response<Self::WatchOrganisationsStream>, Status> {
        Caller::of(&request)?;
        let pace = self.pace.clone().expect("a test that watches gives a pace");
        Ok(Response::new(watch(Snapshot { left: 3 }, pace)))
    }

    async fn create_invitation(
        &self,
        _: Request<proto::CreateInvitationRequest>,
    ) -> Result<Response<proto::CreateInvitationResponse>, Status> {
        Ok(Response::new(proto::CreateInvitationResponse::default()))
    }

    async fn enrol(&self, _: Request<proto::EnrolRequest>) -> Result<Response<proto::EnrolResponse>, Status> {
        Ok(Response::new(proto::EnrolResponse::default()))
    }

    async fn renew_certificate(
        &self,
        _: Request<proto::RenewCertificateRequest>,
    ) -> Result<Response<proto::RenewCertificateResponse>, Status> {
        Ok(Response::new(proto::RenewCertificateResponse::default()))
    }

    async fn revoke_certificate(
        &self,
        _: Request<proto::RevokeCertificateRequest>,
    ) -> Result<Response<proto::RevokeCertificateResponse>, Status> {
        Ok(Response::new(proto::RevokeCertificateResponse::default()))
    }

    async fn publish_key(
        &self,
        _: Request<proto::PublishKeyRequest>,
    ) -> Result<Response<proto::PublishKeyResponse>, Status> {
        Ok(Response::new(proto::PublishKeyResponse::default()))
    }

    async fn list_organisations(
        &self,
        _: Request<proto::ListOrganisationsRequest>,
    ) -> Result<Response<proto::ListOrganisationsResponse>, Status> {
        Ok(Response::new(proto::ListOrganisationsResponse::default()))
    }
}

/// Three organisations, then heartbeats.
struct Snapshot {
    left: u8,
}

impl WatchSource for Snapshot {
    type Message = proto::WatchOrganisationsResponse;

    async fn read(&mut self) -> Result<Vec<Self::Message>, Refusal> {
        use proto::watch_organisations_response::Event;
        let event = Some(Event::Organisation(proto::Organisation::default()));
        let message = proto::WatchOrganisationsResponse {
            event,
            ..Default::default()
        };
        Ok(vec![message; usize::from(std::mem::take(&mut self.left))])
    }

    async fn hint(&mut self) {
        std::future::pending::<()>().await;
    }

    async fn heartbeat(&mut self) -> Result<Self::Message, Refusal> {
        use proto::watch_organisations_response::Event;
        let event = Some(Event::Heartbeat(proto::Heartbeat::default()));
        Ok(proto::WatchOrganisationsResponse {
            event,
            ..Default::default()
        })
    }
}

/// Keys, clocks and a registry, not served yet.
pub(crate) struct Bench {
    pub(crate) registry: TestRegistry,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) timer: Arc<ManualTimer>,
    pub(crate) stop: Stop,
    pub(crate) table: MethodTable,
    keys: Vec<(Arc<SigningKey>, MeshRole)>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let randomness = SeededRandomness::new(7);
        let keys = [
            (KeyKind::PartnerCaller, MeshRole::Gateway),
            (KeyKind::ResidentCaller, MeshRole::Gateway),
            (KeyKind::MeshCaller, MeshRole::Consent),
            (KeyKind::OperatorCaller, MeshRole::Operator),
        ]
        .into_iter()
        .map(|(kind, holder)| (Arc::new(SigningKey::generate(kind, &randomness)), holder))
        .collect();
        let (timer, stop) = (Arc::new(ManualTimer::new()), Stop::new());
        let pace = WatchPace {
            timer: Arc::clone(&timer) as Arc<dyn Timer>,
            stop: stop.clone(),
        };
        Self {
            registry: TestRegistry {
                pace: Some(pace),
                ..TestRegistry::default()
            },
            clock: Arc::new(ManualClock::new(START)),
            timer,
            stop,
            table: MethodTable::of_mesh().unwrap(),
            keys,
        }
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    pub(crate) fn host(&self) -> ServiceHost {
        let issuers = self
            .keys
            .iter()
            .map(|(key, holder)| TrustedIssuer {
                key: key.verifying_key().clone(),
                holder: *holder,
            })
            .collect();
        let verifier = CallerTokenVerifier::new(MeshRole::Registry, issuers, self.clock());
        let server = RegistryServiceServer::new(self.registry.clone())
            .accept_compressed(tonic::codec::CompressionEncoding::Gzip)
            .max_decoding_message_size(usize::MAX);
        let timer = Arc::clone(&self.timer) as Arc<dyn Timer>;
        ServiceHost::new(self.table.clone(), verifier, timer).add_service(server)
    }

    pub(crate) fn in_memory(&self) -> InMemory {
        self.host().in_memory(self.stop.clone())
    }

    pub(crate) fn signer(&self, kind: KeyKind) -> CallerTokenSigner {
        let (key, _) = self
            .keys
            .iter()
            .find(|(key, _)| key.kind() == kind)
            .expect("one of ours");
        CallerTokenSigner::new(Arc::clone(key), self.clock())
    }

    pub(crate) fn client(&self, channel: Channel, kind: KeyKind, caller: Caller) -> MeshClient {
        let signer = self.signer(kind);
        Stamped::new(channel, self.table.clone(), signer, caller, MeshRole::Registry)
    }

    /// A client that calls as a professional.
    pub(crate) fn partner_client(&self, channel: Channel) -> MeshClient {
        self.client(
            channel,
            KeyKind::PartnerCaller,
            partner(ProfessionalRole::Professional),
        )
    }
}

pub(crate) fn get(oin: &str) -> proto::GetOrganisationRequest {
    proto::GetOrganisationRequest { oin: oin.into() }
}

pub(crate) fn partner(role: ProfessionalRole) -> Caller {
    Caller::Partner(PartnerCaller {
        organisation: ORGANISATION.parse().unwrap(),
        professional: [1; 32],
        role,
        jwt_hash: [2; 32],
    })
}

pub(crate) fn resident() -> Caller {
    Caller::Resident(ResidentCaller {
        issuer: "https://login.example".into(),
        subject: "subject".into(),
        represents: None,
        session: [3; 32],
    })
}

pub(crate) fn newcomer() -> Caller {
    Caller::Enrolment(EnrolmentCaller { address: [4; 32] })
}
