//! A running registry, and clients of every kind.

use std::sync::Arc;

use sluis_envelope::{KeyKind, SigningKey, VerifyingKey};
use sluis_keyring::ServiceKeys;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_proto::registry::v1::{
    CreateInvitationRequest, CreateInvitationResponse, EnrolResponse, OrganisationKind,
};
use sluis_registry::ca::MeshCa;
use sluis_registry::{Config, MeshPins, Parts, Registry, schema};
use sluis_serve::{
    Caller, CallerTokenSigner, CallerTokenVerifier, EnrolmentCaller, InMemory, ManualTimer, MeshClient,
    MeshRole, MethodTable, PartnerCaller, Refusal, ResidentCaller, Stop, Timer, TrustedIssuer,
};
use sluis_store::{StoreConfig, migrate};
use sluis_types::{ManualClock, Oin, ProfessionalRole, RequestId, SeededRandomness, Timestamp};
use tempfile::TempDir;
use tonic::Status;

use crate::newcomer::Newcomer;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
pub(crate) type Client = RegistryServiceClient<MeshClient>;

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) timer: Arc<ManualTimer>,
    pub(crate) registry: Registry,
    pub(crate) ca: MeshCa,
    pub(crate) stop: Stop,
    pub(crate) home: TempDir,
    served: InMemory,
    randomness: Arc<SeededRandomness>,
}

fn caller_key(kind: KeyKind) -> Arc<SigningKey> {
    Arc::new(SigningKey::from_seed(kind, &[kind as u8; 32]))
}

fn pin(kind: KeyKind, seed: u8) -> VerifyingKey {
    SigningKey::from_seed(kind, &[seed; 32]).verifying_key().clone()
}

pub(crate) fn pins() -> MeshPins {
    MeshPins {
        grant_token: pin(KeyKind::GrantToken, 1),
        receipt: pin(KeyKind::Receipt, 2),
        consent_log: pin(KeyKind::Log, 3),
        referral_log: pin(KeyKind::Log, 4),
        circle: pin(KeyKind::Circle, 5),
        directory: pin(KeyKind::Directory, 6),
        signalling_receipt: pin(KeyKind::Receipt, 7),
        match_statement: pin(KeyKind::Match, 8),
        matching_log: pin(KeyKind::Log, 9),
        signalling_log: pin(KeyKind::Log, 10),
    }
}

fn issuer(kind: KeyKind, holder: MeshRole) -> TrustedIssuer {
    TrustedIssuer {
        key: caller_key(kind).verifying_key().clone(),
        holder,
    }
}

pub(crate) fn config() -> Config {
    Config {
        mesh_id: "mesh.example".into(),
        gateway: "gateway.example:8443".into(),
        gateway_name: "gateway.example".into(),
        ca: None,
    }
}

impl World {
    /// On a SQLite file of its own.
    pub(crate) async fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", home.path().join("registry.db").display());
        Self::start_on(&StoreConfig::parse(&url).unwrap(), home).await
    }

    pub(crate) async fn start_on(store: &StoreConfig, home: TempDir) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let timer = Arc::new(ManualTimer::new());
        let randomness = Arc::new(SeededRandomness::new(7));
        let keys = ServiceKeys::load_or_create(&home.path().join("keys"), randomness.clone()).unwrap();
        let ca = MeshCa::load_or_create(&home.path().join("ca"), clock.clone(), randomness.clone()).unwrap();
        migrate(store, &schema()).await.unwrap();
        let issuers = vec![
            issuer(KeyKind::PartnerCaller, MeshRole::Gateway),
            issuer(KeyKind::ResidentCaller, MeshRole::Gateway),
            issuer(KeyKind::OperatorCaller, MeshRole::Operator),
            issuer(KeyKind::MeshCaller, MeshRole::Consent),
        ];
        let stop = Stop::new();
        let parts = Parts {
            store: store.clone(),
            keys,
            ca: ca.clone(),
            pins: pins(),
            clock: clock.clone(),
            randomness: randomness.clone(),
            timer: timer.clone(),
            verifier: CallerTokenVerifier::new(MeshRole::Registry, issuers, clock.clone()),
            table: MethodTable::of_mesh().unwrap(),
            stop: stop.clone(),
        };
        let registry = Registry::start(config(), parts).await.unwrap();
        let served = registry.host().in_memory(stop.clone());
        Self {
            clock,
            timer,
            registry,
            ca,
            stop,
            home,
            served,
            randomness,
        }
    }

    /// The registry as `caller` reaches it.
    pub(crate) fn client(&self, caller: Caller) -> Client {
        RegistryServiceClient::new(self.mesh_client(caller)).max_decoding_message_size(usize::MAX)
    }

    pub(crate) fn mesh_client(&self, caller: Caller) -> MeshClient {
        let kind = match &caller {
            Caller::Partner(_) | Caller::Enrolment(_) => KeyKind::PartnerCaller,
            Caller::Resident(_) => KeyKind::ResidentCaller,
            Caller::Mesh(_) => KeyKind::MeshCaller,
            Caller::Operator => KeyKind::OperatorCaller,
        };
        let signer = CallerTokenSigner::new(caller_key(kind), self.clock.clone());
        let table = MethodTable::of_mesh().unwrap();
        MeshClient::new(self.served.channel(), table, signer, caller, MeshRole::Registry)
    }

    pub(crate) fn operator(&self) -> Client {
        self.client(Caller::Operator)
    }

    pub(crate) fn newcomer(&self) -> Client {
        self.client(enrolling())
    }

    pub(crate) fn consent(&self) -> Client {
        self.client(Caller::Mesh(MeshRole::Consent))
    }

    pub(crate) fn admin(&self, oin: Oin) -> Client {
        self.client(partner(oin, ProfessionalRole::OrganisationAdmin))
    }

    pub(crate) fn clock_now(&self) -> Timestamp {
        sluis_types::Clock::now(self.clock.as_ref())
    }

    pub(crate) fn request_id(&self) -> String {
        RequestId::random(self.randomness.as_ref()).to_string()
    }

    pub(crate) fn invitation_of(&self, oin: Oin) -> CreateInvitationRequest {
        CreateInvitationRequest {
            request_id: self.request_id(),
            oin: oin.to_string(),
            display_name: "Welzijn Noord".into(),
            kind: OrganisationKind::Welfare.into(),
            contact: "Aanmeldpunt, 010 000 0000".into(),
        }
    }

    /// Invites an organisation and gives the code.
    pub(crate) async fn invite(&self, oin: Oin) -> String {
        let reply = self
            .operator()
            .create_invitation(self.invitation_of(oin))
            .await
            .unwrap();
        code(reply.get_ref())
    }

    /// Makes a newcomer a member.
    pub(crate) async fn enrol(&self, newcomer: &Newcomer) -> EnrolResponse {
        let code = self.invite(newcomer.oin).await;
        let request = newcomer.enrol_request(&self.request_id(), &code, NOW);
        self.newcomer().enrol(request).await.unwrap().into_inner()
    }

    pub(crate) async fn end(self) {
        self.stop.request();
        self.served.drained().await;
        self.registry.close().await;
    }
}

/// The code in an invitation.
pub(crate) fn code(reply: &CreateInvitationResponse) -> String {
    let document: serde_json::Value = serde_json::from_str(&reply.invitation).unwrap();
    document["code"].as_str().unwrap().to_owned()
}

pub(crate) fn partner(organisation: Oin, role: ProfessionalRole) -> Caller {
    Caller::Partner(PartnerCaller {
        organisation,
        professional: [1; 32],
        role,
        jwt_hash: [2; 32],
    })
}

pub(crate) fn enrolling() -> Caller {
    Caller::Enrolment(EnrolmentCaller { address: [3; 32] })
}

pub(crate) fn resident() -> Caller {
    Caller::Resident(ResidentCaller {
        issuer: "https://login.example".into(),
        subject: "someone".into(),
        represents: None,
        session: [4; 32],
    })
}

pub(crate) fn oin(number: u8) -> Oin {
    format!("000000990000000010{number:02}").parse().unwrap()
}

/// The reason of a refused call.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, Status>) -> ErrorReason {
    let status = outcome.expect_err("the call is refused");
    Refusal::reason_of(&status).unwrap_or_else(|| panic!("a refusal of ours, not {status:?}"))
}

/// What a watch of the world's timer waits for: half a second at a time.
pub(crate) async fn let_pass(timer: &ManualTimer, halves: u32) {
    let half = std::time::Duration::from_millis(500);
    for _ in 0..halves {
        timer.until_awaited(timer.now() + half).await;
        timer.advance(half);
    }
}
