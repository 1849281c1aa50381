//! A running signalling service, its neighbours, and clients of every kind.

use std::sync::Arc;

use sluis_envelope::{KeyKind, SigningKey};
use sluis_keyring::{FileEpochKeys, ServiceKeys};
use sluis_ledger::Ledger;
use sluis_proto::consent::v1::grant_event_service_server::GrantEventServiceServer;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::checklist::Notice;
use sluis_proto::signalling::v1::resident_signalling_service_client::ResidentSignallingServiceClient;
use sluis_proto::signalling::v1::signalling_service_client::SignallingServiceClient;
use sluis_proto::signalling::v1::{
    Checklist, DraftSignalRequest, GetMatchRequest, GetMatchResponse, GetSignalRequest, ListMatchesRequest,
    Match, PostSignalRequest, Severity, Signal, WeighSignalRequest,
};
use sluis_serve::{
    Caller, CallerTokenSigner, CallerTokenVerifier, Directory, InMemory, MeshClient, MeshRole, MethodTable,
    PartnerCaller, Refusal, ResidentCaller, ServiceHost, Stop, Timer, TokioTimer, TrustedIssuer,
    to_proto_timestamp,
};
use sluis_signalling::{Config, ConsentKeys, Parts, Signalling, schema};
use sluis_store::{Store, StoreConfig, migrate};
use sluis_store_testing::Watcher;
use sluis_types::{
    ManualClock, MatchClass, Oin, OrganisationKind, ProfessionalRole, RequestId, SeededRandomness, Timestamp,
};
use tempfile::TempDir;
use tonic::Status;

use crate::circles::{Circle, NOW, Organisation, circle_key, grant_token_key, ticket_key};
use crate::consent::Consent;

pub(crate) type Client = SignallingServiceClient<MeshClient>;
pub(crate) const SESSION: [u8; 32] = [4; 32];

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) randomness: Arc<SeededRandomness>,
    pub(crate) signalling: Signalling,
    pub(crate) ledger: Ledger,
    pub(crate) consent: Consent,
    pub(crate) keys: ServiceKeys,
    pub(crate) stop: Stop,
    /// The members of circles: housing, welfare and GGZ.
    pub(crate) members: [Organisation; 3],
    /// Has nothing to do with it.
    pub(crate) stranger: Organisation,
    pub(crate) home: TempDir,
    served: InMemory,
    neighbours: Neighbours,
}

/// What stands around the service.
struct Neighbours {
    store: StoreConfig,
    timer: Arc<dyn Timer>,
    directory: Directory,
    consent: MeshClient,
    epochs: FileEpochKeys,
}

impl Neighbours {
    fn parts(
        &self,
        keys: &ServiceKeys,
        clock: &Arc<ManualClock>,
        randomness: &Arc<SeededRandomness>,
        stop: &Stop,
    ) -> Parts {
        let ledger = sluis_signalling::ledger(keys, "mesh.example", randomness.clone()).unwrap();
        let issuers = vec![issuer(KeyKind::PartnerCaller), issuer(KeyKind::ResidentCaller)];
        Parts {
            store: self.store.clone(),
            codec: keys.row_codec(),
            index: keys.blind_index(),
            journal: Arc::new(ledger.clone()),
            ledger,
            keys: keys.clone(),
            clock: clock.clone(),
            randomness: randomness.clone(),
            timer: self.timer.clone(),
            verifier: CallerTokenVerifier::new(MeshRole::Signalling, issuers, clock.clone()),
            table: MethodTable::of_mesh().unwrap(),
            stop: stop.clone(),
            directory: self.directory.clone(),
            consent: self.consent.clone(),
            epochs: Arc::new(self.epochs.clone()),
            consent_keys: ConsentKeys {
                grant_token: vec![grant_token_key().verifying_key().clone()],
                circle: vec![circle_key().verifying_key().clone()],
                ticket: vec![ticket_key().verifying_key().clone()],
            },
        }
    }
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

/// Something of the parts that a test replaces.
pub(crate) type Change = Box<dyn FnOnce(&mut Parts)>;

impl World {
    /// On a SQLite file of its own, with real time for ticks.
    pub(crate) async fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", home.path().join("signalling.db").display());
        let store = StoreConfig::parse(&url).unwrap();
        Self::start_with(&store, home, Arc::new(TokioTimer::new()), None).await
    }

    pub(crate) async fn start_on(store: &StoreConfig) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self::start_with(store, home, Arc::new(TokioTimer::new()), None).await
    }

    pub(crate) async fn start_timed(timer: Arc<dyn Timer>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", home.path().join("signalling.db").display());
        Self::start_with(&StoreConfig::parse(&url).unwrap(), home, timer, None).await
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
        let url = format!("sqlite:{}", home.path().join("signalling.db").display());
        let store = StoreConfig::parse(&url).unwrap();
        Self::start_with(&store, home, Arc::new(TokioTimer::new()), Some(change)).await
    }

    async fn start_with(
        store: &StoreConfig,
        home: TempDir,
        timer: Arc<dyn Timer>,
        change: Option<Change>,
    ) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let randomness = Arc::new(SeededRandomness::new(11));
        let keys = ServiceKeys::load_or_create(&home.path().join("keys"), randomness.clone()).unwrap();
        migrate(store, &schema()).await.unwrap();
        let member = |number, kind| Organisation::new(number, kind, randomness.as_ref());
        let members = [
            member(1, OrganisationKind::Housing),
            member(2, OrganisationKind::Welfare),
            member(3, OrganisationKind::MentalHealth),
        ];
        let stranger = member(4, OrganisationKind::Gp);
        let entries: Vec<_> = members
            .iter()
            .chain([&stranger])
            .map(|it| it.entry.clone())
            .collect();
        let stop = Stop::new();
        let table = MethodTable::of_mesh().unwrap();

        let consent = Consent::default();
        let our_key = sluis_signalling::public_keys(&keys).unwrap().mesh_caller;
        let trusted = vec![TrustedIssuer {
            key: our_key,
            holder: MeshRole::Signalling,
        }];
        let verifier = CallerTokenVerifier::new(MeshRole::Consent, trusted, clock.clone());
        let consent_host = ServiceHost::new(table.clone(), verifier, timer.clone())
            .add_service(GrantEventServiceServer::new(consent.clone()))
            .in_memory(stop.clone());
        let signer = sluis_signalling::mesh_signer(&keys, clock.clone()).unwrap();
        let us = Caller::Mesh(MeshRole::Signalling);
        let to_consent = MeshClient::new(
            consent_host.channel(),
            table.clone(),
            signer,
            us,
            MeshRole::Consent,
        );
        tokio::spawn(consent_host.drained());

        let neighbours = Neighbours {
            store: store.clone(),
            timer,
            directory: Directory::fixed(entries),
            consent: to_consent,
            epochs: FileEpochKeys::open(&home.path().join("epochs"), randomness.clone()).unwrap(),
        };
        let mut parts = neighbours.parts(&keys, &clock, &randomness, &stop);
        let ledger = parts.ledger.clone();
        if let Some(change) = change {
            change(&mut parts);
        }
        let signalling = Signalling::start(Config::default(), parts).await.unwrap();
        let served = signalling.host().in_memory(stop.clone());
        Self {
            clock,
            randomness,
            signalling,
            ledger,
            consent,
            keys,
            stop,
            members,
            stranger,
            home,
            served,
            neighbours,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        sluis_types::Clock::now(self.clock.as_ref())
    }

    pub(crate) fn mesh_client(&self, kind: KeyKind, caller: Caller) -> MeshClient {
        let signer = CallerTokenSigner::new(caller_key(kind), self.clock.clone());
        let table = MethodTable::of_mesh().unwrap();
        MeshClient::new(self.served.channel(), table, signer, caller, MeshRole::Signalling)
    }

    /// The service as a professional of this organisation reaches it.
    pub(crate) fn client(&self, organisation: Oin) -> Client {
        self.as_person(organisation, 1, ProfessionalRole::Professional)
    }

    /// The service as this person reaches it.
    pub(crate) fn as_person(&self, organisation: Oin, number: u8, role: ProfessionalRole) -> Client {
        let caller = Caller::Partner(PartnerCaller {
            organisation,
            professional: [number; 32],
            role,
            jwt_hash: [2; 32],
        });
        Client::new(self.mesh_client(KeyKind::PartnerCaller, caller)).max_decoding_message_size(usize::MAX)
    }

    pub(crate) fn as_stranger(&self) -> Client {
        self.client(self.stranger.oin)
    }

    /// The service as a resident in this session reaches it.
    pub(crate) fn as_resident(&self, session: [u8; 32]) -> ResidentSignallingServiceClient<MeshClient> {
        let caller = Caller::Resident(ResidentCaller {
            issuer: String::new(),
            subject: "session".into(),
            represents: None,
            session,
        });
        ResidentSignallingServiceClient::new(self.mesh_client(KeyKind::ResidentCaller, caller))
    }

    pub(crate) fn request_id(&self) -> String {
        RequestId::random(self.randomness.as_ref()).to_string()
    }

    /// A circle of all members.
    pub(crate) fn circle(&self) -> Circle {
        let members = self.members.iter().map(|member| member.oin).collect();
        Circle::new(members, self.randomness.as_ref())
    }

    pub(crate) fn draft(&self, severity: Severity) -> DraftSignalRequest {
        DraftSignalRequest {
            request_id: self.request_id(),
            severity: severity.into(),
            observed_at: Some(to_proto_timestamp(self.now())),
        }
    }

    pub(crate) fn weighing(&self, draft: &Signal) -> WeighSignalRequest {
        WeighSignalRequest {
            request_id: self.request_id(),
            signal_id: draft.signal_id.clone(),
            expected_version: draft.version,
            checklist: Some(Checklist {
                first_hand: true,
                consent_tried: true,
                least_intrusive: true,
                danger: false,
                notice: Some(Notice::ToldAt(to_proto_timestamp(self.now()))),
            }),
        }
    }

    /// A registered signal of a member.
    pub(crate) async fn signal(&self, member: usize, severity: Severity) -> Signal {
        let oin = self.members[member].oin;
        let draft = self.client(oin).draft_signal(self.draft(severity)).await.unwrap();
        let draft = draft.into_inner().signal.unwrap();
        let weighing = self.weighing(&draft);
        let mut second = self.as_person(oin, 2, ProfessionalRole::Professional);
        second
            .weigh_signal(weighing)
            .await
            .unwrap()
            .into_inner()
            .signal
            .unwrap()
    }

    /// The request that posts a signal of a member in a circle, now.
    pub(crate) fn posting(&self, circle: &Circle, member: usize, signal: &Signal) -> PostSignalRequest {
        let sender = &self.members[member];
        let boxes = circle
            .others(sender.oin)
            .into_iter()
            .map(|oin| circle.contact_box(sender, self.member(oin), self.now(), self.randomness.as_ref()));
        PostSignalRequest {
            request_id: self.request_id(),
            signal_id: signal.signal_id.clone(),
            post: circle.post(sender.oin, self.now(), MatchClass::OutOfSight).into(),
            strong: signal.severity() >= Severity::Worry,
            contact_boxes: boxes.map(Into::into).collect(),
        }
    }

    fn member(&self, oin: Oin) -> &Organisation {
        self.members.iter().find(|member| member.oin == oin).unwrap()
    }

    /// Posts a signal of a member.
    pub(crate) async fn post(&self, circle: &Circle, member: usize, signal: &Signal) -> Result<(), Status> {
        let request = self.posting(circle, member, signal);
        let mut client = self.as_person(self.members[member].oin, 9, ProfessionalRole::System);
        client.post_signal(request).await.map(drop)
    }

    /// A match of the first two members, and their signals.
    pub(crate) async fn met(&self, circle: &Circle) -> (Match, [Signal; 2]) {
        let signals = [
            self.signal(0, Severity::Attention).await,
            self.signal(1, Severity::Worry).await,
        ];
        self.post(circle, 0, &signals[0]).await.unwrap();
        self.post(circle, 1, &signals[1]).await.unwrap();
        let get = GetSignalRequest {
            signal_id: signals[1].signal_id.clone(),
        };
        let mut client = self.client(self.members[1].oin);
        let met = client.get_signal(get).await.unwrap().into_inner().signal.unwrap();
        let matched = self.got(1, &met.match_ids[0]).await.r#match.unwrap();
        (matched, signals)
    }

    /// The matches of a member.
    pub(crate) async fn matches(&self, member: usize) -> Vec<Match> {
        let request = ListMatchesRequest {
            page_size: 200,
            ..Default::default()
        };
        let mut client = self.client(self.members[member].oin);
        client.list_matches(request).await.unwrap().into_inner().matches
    }

    /// A match as a member gets it.
    pub(crate) async fn got(&self, member: usize, match_id: &str) -> GetMatchResponse {
        let request = GetMatchRequest {
            match_id: match_id.to_owned(),
        };
        let mut client = self.client(self.members[member].oin);
        client.get_match(request).await.unwrap().into_inner()
    }

    /// A view of its own on the database of this world.
    pub(crate) async fn store_of_its_own(&self) -> Store {
        let parts = sluis_store::Parts {
            journal: Arc::new(self.ledger.clone()),
            column_keys: self.keys.columns().clone(),
            index: self.keys.blind_index(),
            clock: self.clock.clone(),
            randomness: self.randomness.clone(),
        };
        Store::open(&self.neighbours.store, &schema(), parts)
            .await
            .unwrap()
    }

    pub(crate) async fn end(self) -> TempDir {
        self.stop.request();
        self.served.drained().await;
        self.signalling.close().await;
        self.home
    }
}

/// The reason of a refused call.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, Status>) -> ErrorReason {
    let status = outcome.expect_err("the call is refused");
    Refusal::reason_of(&status).unwrap_or_else(|| panic!("a refusal of ours, not {status:?}"))
}

/// An entry of the metadata of a refused call.
#[track_caller]
pub(crate) fn told<T: std::fmt::Debug>(outcome: Result<T, Status>, key: &str) -> String {
    use tonic_types::StatusExt as _;
    let status = outcome.expect_err("the call is refused");
    let details = status.get_error_details();
    details.error_info().unwrap().metadata[key].clone()
}
