//! A running matching service, its neighbour, and clients of every kind.

use std::sync::Arc;
use std::time::Duration;

use sluis_envelope::{GateKeyPair, GrantToken, KeyKind, ResidentTicket, Signed, SigningKey, TicketActions};
use sluis_keyring::ServiceKeys;
use sluis_ledger::Ledger;
use sluis_matching::{ConsentKeys, Matching, Parts, schema};
use sluis_proto::consent::v1::grant_event_service_server::GrantEventServiceServer;
use sluis_proto::matching::v1::attached_place_service_client::AttachedPlaceServiceClient;
use sluis_proto::matching::v1::directory_service_client::DirectoryServiceClient;
use sluis_proto::matching::v1::housing_service_client::HousingServiceClient;
use sluis_proto::matching::v1::introduction_service_client::IntroductionServiceClient;
use sluis_proto::matching::v1::place_service_client::PlaceServiceClient;
use sluis_proto::matching::v1::resident_matching_service_client::ResidentMatchingServiceClient;
use sluis_proto::matching::v1::resident_place_service_client::ResidentPlaceServiceClient;
use sluis_proto::matching::v1::{CardContent, EnrolCardRequest, PublishOfferRequest, ReportCapacityRequest};
use sluis_proto::options::v1::ErrorReason;
use sluis_ranking::OfferDocument;
use sluis_serve::{
    Caller, CallerTokenSigner, CallerTokenVerifier, InMemory, MeshClient, MeshRole, MethodTable,
    PartnerCaller, Refusal, ResidentCaller, ServiceHost, Stop, TokioTimer, TrustedIssuer,
};
use sluis_store::{StoreConfig, migrate};
use sluis_store_testing::Watcher;
use sluis_types::{
    CardId, GrantId, ManualClock, OfferId, Oin, ProfessionalRole, Randomness as _, RequestId,
    SeededRandomness, Service, Timestamp,
};
use tempfile::TempDir;
use tonic::Status;

use crate::consent::Consent;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub(crate) const DAY: Duration = Duration::from_hours(24);
pub(crate) const SESSION: [u8; 32] = [4; 32];

/// Something of the parts that a test replaces.
pub(crate) type Change = Box<dyn FnOnce(&mut Parts)>;

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) randomness: Arc<SeededRandomness>,
    pub(crate) matching: Matching,
    pub(crate) ledger: Ledger,
    pub(crate) consent: Consent,
    pub(crate) keys: ServiceKeys,
    pub(crate) stop: Stop,
    pub(crate) home: TempDir,
    served: InMemory,
}

/// A grant of one person, from one organisation to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grant {
    pub(crate) id: GrantId,
    pub(crate) from: Oin,
    pub(crate) to: Oin,
}

/// An organisation for tests.
pub(crate) fn oin(number: u8) -> Oin {
    format!("000000990000000{number:02}000").parse().unwrap()
}

/// Offers things, coordinates, is a landlord: what a test wants.
pub(crate) fn welfare() -> Oin {
    oin(1)
}

pub(crate) fn centre() -> Oin {
    oin(2)
}

pub(crate) fn coordinator() -> Oin {
    oin(3)
}

pub(crate) fn stranger() -> Oin {
    oin(9)
}

fn caller_key(kind: KeyKind) -> Arc<SigningKey> {
    Arc::new(SigningKey::from_seed(kind, &[kind as u8; 32]))
}

fn issuer(kind: KeyKind) -> TrustedIssuer {
    TrustedIssuer {
        key: caller_key(kind).verifying_key().clone(),
        holder: MeshRole::Gateway,
    }
}

fn grant_token_key() -> SigningKey {
    SigningKey::from_seed(KeyKind::GrantToken, &[41; 32])
}

pub(crate) fn ticket_key() -> SigningKey {
    SigningKey::from_seed(KeyKind::Ticket, &[42; 32])
}

/// The way to consent, behind its real chassis.
fn to_consent(keys: &ServiceKeys, consent: &Consent, clock: &Arc<ManualClock>, stop: &Stop) -> MeshClient {
    let table = MethodTable::of_mesh().unwrap();
    let trusted = vec![TrustedIssuer {
        key: sluis_matching::public_keys(keys).unwrap().mesh_caller,
        holder: MeshRole::Matching,
    }];
    let verifier = CallerTokenVerifier::new(MeshRole::Consent, trusted, clock.clone());
    let host = ServiceHost::new(table.clone(), verifier, Arc::new(TokioTimer::new()))
        .add_service(GrantEventServiceServer::new(consent.clone()))
        .in_memory(stop.clone());
    let signer = sluis_matching::mesh_signer(keys, clock.clone()).unwrap();
    let us = Caller::Mesh(MeshRole::Matching);
    let client = MeshClient::new(host.channel(), table, signer, us, MeshRole::Consent);
    tokio::spawn(host.drained());
    client
}

impl World {
    /// On a SQLite file of its own.
    pub(crate) async fn start() -> Self {
        Self::start_changed(Box::new(|_| {})).await
    }

    /// On a SQLite file of its own; what becomes of its rows is counted.
    pub(crate) async fn watched(watcher: &Watcher) -> Self {
        let watcher = watcher.clone();
        Self::start_changed(Box::new(move |parts| {
            parts.codec = watcher.counting(Arc::clone(&parts.codec));
        }))
        .await
    }

    pub(crate) async fn start_changed(change: Change) -> Self {
        let home = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", home.path().join("matching.db").display());
        Self::start_with(&StoreConfig::parse(&url).unwrap(), home, change).await
    }

    pub(crate) async fn start_on(store: &StoreConfig) -> Self {
        Self::start_with(store, tempfile::tempdir().unwrap(), Box::new(|_| {})).await
    }

    async fn start_with(store: &StoreConfig, home: TempDir, change: Change) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let randomness = Arc::new(SeededRandomness::new(11));
        let keys = ServiceKeys::load_or_create(&home.path().join("keys"), randomness.clone()).unwrap();
        migrate(store, &schema()).await.unwrap();
        let (stop, consent) = (Stop::new(), Consent::default());
        let ledger = sluis_matching::ledger(&keys, "mesh.example", randomness.clone()).unwrap();
        let callers = [
            KeyKind::PartnerCaller,
            KeyKind::ResidentCaller,
            KeyKind::MeshCaller,
        ];
        let issuers = callers.map(issuer).to_vec();
        let mut parts = Parts {
            store: store.clone(),
            codec: keys.row_codec(),
            index: keys.blind_index(),
            journal: Arc::new(ledger.clone()),
            ledger: ledger.clone(),
            keys: keys.clone(),
            clock: clock.clone(),
            randomness: randomness.clone(),
            timer: Arc::new(TokioTimer::new()),
            verifier: CallerTokenVerifier::new(MeshRole::Matching, issuers, clock.clone()),
            table: MethodTable::of_mesh().unwrap(),
            stop: stop.clone(),
            consent: to_consent(&keys, &consent, &clock, &stop),
            consent_keys: ConsentKeys {
                grant_token: vec![grant_token_key().verifying_key().clone()],
                ticket: vec![ticket_key().verifying_key().clone()],
            },
        };
        change(&mut parts);
        let matching = Matching::start(parts).await.unwrap();
        let served = matching.host().in_memory(stop.clone());
        Self {
            clock,
            randomness,
            matching,
            ledger,
            consent,
            keys,
            stop,
            home,
            served,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        sluis_types::Clock::now(self.clock.as_ref())
    }

    pub(crate) fn mesh_client(&self, kind: KeyKind, caller: Caller) -> MeshClient {
        let signer = CallerTokenSigner::new(caller_key(kind), self.clock.clone());
        let table = MethodTable::of_mesh().unwrap();
        MeshClient::new(self.served.channel(), table, signer, caller, MeshRole::Matching)
    }

    /// A coordinator of an organisation: the role that may do most here.
    fn partner(&self, organisation: Oin) -> MeshClient {
        let caller = Caller::Partner(PartnerCaller {
            organisation,
            professional: [1; 32],
            role: ProfessionalRole::Coordinator,
            jwt_hash: [2; 32],
        });
        self.mesh_client(KeyKind::PartnerCaller, caller)
    }

    pub(crate) fn directory(&self, organisation: Oin) -> DirectoryServiceClient<MeshClient> {
        DirectoryServiceClient::new(self.partner(organisation))
    }

    pub(crate) fn places(&self, organisation: Oin) -> PlaceServiceClient<MeshClient> {
        PlaceServiceClient::new(self.partner(organisation))
    }

    pub(crate) fn attached_places(&self, organisation: Oin) -> AttachedPlaceServiceClient<MeshClient> {
        AttachedPlaceServiceClient::new(self.partner(organisation))
    }

    pub(crate) fn introductions(&self, organisation: Oin) -> IntroductionServiceClient<MeshClient> {
        IntroductionServiceClient::new(self.partner(organisation))
    }

    pub(crate) fn homes(&self, organisation: Oin) -> HousingServiceClient<MeshClient> {
        HousingServiceClient::new(self.partner(organisation))
    }

    fn as_resident(&self, session: [u8; 32]) -> MeshClient {
        let caller = Caller::Resident(ResidentCaller {
            issuer: String::new(),
            subject: "session".into(),
            represents: None,
            session,
        });
        self.mesh_client(KeyKind::ResidentCaller, caller)
    }

    /// The service as a resident in this session reaches it.
    pub(crate) fn resident(&self, session: [u8; 32]) -> ResidentMatchingServiceClient<MeshClient> {
        ResidentMatchingServiceClient::new(self.as_resident(session))
    }

    /// Places as a resident in [`SESSION`] reaches them.
    pub(crate) fn resident_places(&self) -> ResidentPlaceServiceClient<MeshClient> {
        ResidentPlaceServiceClient::new(self.as_resident(SESSION))
    }

    /// The directory as a resident reaches it.
    pub(crate) fn as_resident_of_the_directory(&self) -> DirectoryServiceClient<MeshClient> {
        DirectoryServiceClient::new(self.as_resident(SESSION))
    }

    pub(crate) fn request_id(&self) -> String {
        RequestId::random(self.randomness.as_ref()).to_string()
    }

    /// An id that nothing has.
    pub(crate) fn unknown_id(&self) -> String {
        self.request_id()
    }

    /// A grant of a person at `from` for `to`.
    pub(crate) fn grant(&self, from: Oin, to: Oin) -> Grant {
        Grant {
            id: GrantId::random(self.randomness.as_ref()),
            from,
            to,
        }
    }

    /// What `Authorize` answers now: at one moment the same bytes.
    pub(crate) fn token(&self, grant: Grant) -> bytes::Bytes {
        let token = GrantToken {
            grant_id: grant.id,
            grant_version: 1,
            sender: grant.from,
            recipient: grant.to,
            gate_key: GateKeyPair::generate(&SeededRandomness::new(12)).public().clone(),
            issued_at: self.now(),
            not_after: self.now().plus(Duration::from_mins(10)),
        };
        Signed::sign(token, &grant_token_key()).encode().into()
    }

    /// What consent gives a resident in [`SESSION`] for a grant.
    pub(crate) fn ticket(&self, grant: Grant, actions: TicketActions) -> ResidentTicket {
        ResidentTicket {
            grant_id: grant.id,
            actions,
            audience: Service::Matching,
            session_hash: SESSION,
            issued_at: self.now(),
            not_after: self.now().plus(Duration::from_mins(5)),
        }
    }

    /// Publishes an offer and opens so many places.
    pub(crate) async fn offer(&self, publisher: Oin, places: u32) -> OfferId {
        let document = document(
            OfferId::random(self.randomness.as_ref()),
            publisher,
            "Samen koken",
        );
        let id = document.id.parse().unwrap();
        let request = PublishOfferRequest {
            request_id: self.request_id(),
            document: serde_json::to_vec(&document).unwrap().into(),
            expected_version: 0,
        };
        self.directory(publisher).publish_offer(request).await.unwrap();
        self.open_places(publisher, id, places).await;
        id
    }

    pub(crate) async fn open_places(&self, publisher: Oin, offer: OfferId, places: u32) {
        let request = ReportCapacityRequest {
            request_id: self.request_id(),
            offer_id: offer.to_string(),
            status: 1,
            weeks_min: 0,
            weeks_max: 0,
            places: Some(places),
        };
        self.directory(publisher).report_capacity(request).await.unwrap();
    }

    /// Puts down the card of a person, for the coordinator that the grant names.
    pub(crate) async fn enrol(&self, grant: Grant, person: [u8; 32], role: i32) -> CardId {
        let request = EnrolCardRequest {
            request_id: self.request_id(),
            grant_token: self.token(grant),
            person_tag: person.to_vec().into(),
            content: Some(card(role)),
        };
        let reply = self.introductions(grant.from).enrol_card(request).await.unwrap();
        reply.into_inner().card_id.parse().unwrap()
    }

    pub(crate) fn tag(&self) -> [u8; 32] {
        let mut tag = [0; 32];
        self.randomness.fill(&mut tag);
        tag
    }

    pub(crate) async fn end(self) -> TempDir {
        self.stop.request();
        self.served.drained().await;
        self.matching.close().await;
        self.home
    }
}

/// A card of somebody who seeks (1) or offers (2).
pub(crate) fn card(role: i32) -> CardContent {
    CardContent {
        role,
        week_parts: 0b101,
        hours_max: 3,
        distance: 2,
        area: "GM0828".into(),
        languages: vec!["nl".into()],
        tags: vec!["wandelen".into()],
        ..Default::default()
    }
}

/// A published offer: a place that is open to all, in Oss.
pub(crate) fn document(id: OfferId, publisher: Oin, name: &str) -> OfferDocument {
    let text = format!(
        r#"{{"id":"{id}","publisher":"{publisher}","organisation":"Een organisatie","name":"{name}",
            "description":"Elke dinsdag, met een gastvrouw","kind":"ACTIVITY","provision":"GENERAL","law":"GENERAL",
            "life_domains":["MEANINGFUL_DAY"],"areas":["WK082803"],"entrance":"DROP_IN",
            "updated_at_seconds":{}}}"#,
        NOW.seconds()
    );
    serde_json::from_str(&text).unwrap()
}

/// The reason of a refused call.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, Status>) -> ErrorReason {
    let status = outcome.expect_err("the call is refused");
    Refusal::reason_of(&status).unwrap_or_else(|| panic!("a refusal of ours, not {status:?}"))
}
