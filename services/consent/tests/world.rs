//! A running consent service and callers of every kind.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sluis_consent::{Config, Consent, LiveNow, Parts, StartError, schema};
use sluis_envelope::{KeyKind, SigningKey};
use sluis_keyring::{FileBucketKeys, ServiceKeys};
use sluis_ledger::Ledger;
use sluis_proto::consent::v1::consent_service_client::ConsentServiceClient;
use sluis_proto::consent::v1::grant_event_service_client::GrantEventServiceClient;
use sluis_proto::consent::v1::resident_consent_service_client::ResidentConsentServiceClient;
use sluis_proto::consent::v1::resident_session_service_client::ResidentSessionServiceClient;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{
    Caller, CallerTokenSigner, CallerTokenVerifier, Directory, InMemory, MeshClient, MeshRole, MethodTable,
    PartnerCaller, Refusal, ResidentCaller, Stop, Timer, TokioTimer, TrustedIssuer,
};
use sluis_store::{StoreConfig, migrate};
use sluis_types::{
    Clock as _, ManualClock, Oin, OrganisationKind, ProfessionalRole, RequestId, SeededRandomness, Timestamp,
};
use tempfile::TempDir;
use tonic::Status;

use crate::circle_acts::signalling_keys;
use crate::letters::{JWT_HASH, NOW, Organisation, receipt_key};
use crate::mailbox::Mailboxes;

pub(crate) type Partner = ConsentServiceClient<MeshClient>;
pub(crate) type ResidentClient = ResidentConsentServiceClient<MeshClient>;
pub(crate) type Sessions = ResidentSessionServiceClient<MeshClient>;
pub(crate) type Events = GrantEventServiceClient<MeshClient>;

pub(crate) const ISSUER: &str = "https://login.planted.example";

/// Chance differs between services that a test starts, and after a restart.
static STARTS: AtomicU64 = AtomicU64::new(0);

/// Something of the parts that a test replaces.
pub(crate) type Change = Box<dyn FnOnce(&mut Parts)>;

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) randomness: Arc<SeededRandomness>,
    pub(crate) consent: Consent,
    pub(crate) keys: ServiceKeys,
    pub(crate) ledger: Ledger,
    pub(crate) stop: Stop,
    /// Shares.
    pub(crate) welfare: Organisation,
    /// Receives.
    pub(crate) ggz: Organisation,
    /// Has nothing to do with it.
    pub(crate) stranger: Organisation,
    /// Who receives what the law has others tell it.
    pub(crate) municipality: Organisation,
    pub(crate) store: StoreConfig,
    pub(crate) home: TempDir,
    /// Where notices arrive.
    pub(crate) mailboxes: Arc<Mailboxes>,
    served: InMemory,
}

fn caller_key(kind: KeyKind, holder: MeshRole) -> Arc<SigningKey> {
    Arc::new(SigningKey::from_seed(
        kind,
        &[16 * (holder as u8) + kind as u8; 32],
    ))
}

impl World {
    /// On a SQLite file of its own.
    pub(crate) async fn start() -> Self {
        Self::start_changed(Box::new(|_| ())).await
    }

    pub(crate) async fn start_changed(change: Change) -> Self {
        let home = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", home.path().join("consent.db").display());
        Self::start_with(
            StoreConfig::parse(&url).unwrap(),
            home,
            NOW,
            Arc::new(TokioTimer::new()),
            change,
        )
        .await
    }

    pub(crate) async fn start_on(store: &StoreConfig) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self::start_with(
            store.clone(),
            home,
            NOW,
            Arc::new(TokioTimer::new()),
            Box::new(|_| ()),
        )
        .await
    }

    pub(crate) async fn start_timed(timer: Arc<dyn Timer>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", home.path().join("consent.db").display());
        let store = StoreConfig::parse(&url).unwrap();
        Self::start_with(store, home, NOW, timer, Box::new(|_| ())).await
    }

    async fn start_with(
        store: StoreConfig,
        home: TempDir,
        now: Timestamp,
        timer: Arc<dyn Timer>,
        change: Change,
    ) -> Self {
        // The organisations are the same after a restart; what the service draws must not be.
        let organisations = SeededRandomness::new(11);
        let randomness = Arc::new(SeededRandomness::new(
            1000 + STARTS.fetch_add(1, Ordering::SeqCst),
        ));
        let clock = Arc::new(ManualClock::new(now));
        migrate(&store, &schema()).await.unwrap();
        let welfare = Organisation::new(1, OrganisationKind::Welfare, &organisations);
        let ggz = Organisation::new(2, OrganisationKind::MentalHealth, &organisations);
        let stranger = Organisation::new(3, OrganisationKind::Housing, &organisations);
        let municipality = Organisation::new(4, OrganisationKind::Municipality, &organisations);
        let all = [&welfare, &ggz, &stranger, &municipality];
        let directory = Directory::fixed(all.map(|it| it.entry.clone()));
        let stop = Stop::new();
        let mut parts = parts(home.path(), &store, &clock, &randomness, directory);
        parts.timer = timer;
        parts.stop = stop.clone();
        let mailboxes = Arc::new(Mailboxes::default());
        parts.notices = Some(mailboxes.notices());
        let (keys, ledger) = (parts.keys.clone(), parts.ledger.clone());
        change(&mut parts);
        let consent = Consent::start(Config { single_node: true }, parts).await.unwrap();
        let served = consent.host().in_memory(stop.clone());
        Self {
            clock,
            randomness,
            consent,
            keys,
            ledger,
            stop,
            welfare,
            ggz,
            stranger,
            municipality,
            store,
            home,
            mailboxes,
            served,
        }
    }

    /// Parts for another consent on this store, with keys of its own.
    pub(crate) fn spare_parts(&self, store: &StoreConfig) -> Parts {
        let home = self.home.path().join("spare");
        std::fs::create_dir(&home).unwrap();
        parts(&home, store, &self.clock, &self.randomness, Directory::fixed([]))
    }

    /// Stops the service, and gives what is left of it.
    pub(crate) async fn end(self) -> Remains {
        let now = self.now();
        self.stop.request();
        self.served.drained().await;
        self.consent.close().await;
        Remains {
            store: self.store,
            home: self.home,
            now,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn bucket_dir(&self) -> PathBuf {
        self.home.path().join("buckets")
    }

    pub(crate) fn request_id(&self) -> String {
        RequestId::random(self.randomness.as_ref()).to_string()
    }

    // --- callers ---

    pub(crate) fn mesh_client(&self, caller: Caller) -> MeshClient {
        let (kind, holder) = match &caller {
            Caller::Partner(_) | Caller::Enrolment(_) => (KeyKind::PartnerCaller, MeshRole::Gateway),
            Caller::Resident(_) => (KeyKind::ResidentCaller, MeshRole::Gateway),
            Caller::Mesh(role) => (KeyKind::MeshCaller, *role),
            Caller::Operator => (KeyKind::OperatorCaller, MeshRole::Operator),
        };
        let signer = CallerTokenSigner::new(caller_key(kind, holder), self.clock.clone());
        let table = MethodTable::of_mesh().unwrap();
        MeshClient::new(self.served.channel(), table, signer, caller, MeshRole::Consent)
    }

    pub(crate) fn professional(&self, organisation: Oin, role: ProfessionalRole) -> Partner {
        self.colleague(organisation, role, [1; 32])
    }

    pub(crate) fn colleague(&self, organisation: Oin, role: ProfessionalRole, who: [u8; 32]) -> Partner {
        let caller = Caller::Partner(PartnerCaller {
            organisation,
            professional: who,
            role,
            jwt_hash: JWT_HASH,
        });
        Partner::new(self.mesh_client(caller))
    }

    pub(crate) fn as_partner(&self, organisation: Oin) -> Partner {
        self.professional(organisation, ProfessionalRole::Professional)
    }

    pub(crate) fn as_welfare(&self) -> Partner {
        self.as_partner(self.welfare.oin)
    }

    pub(crate) fn as_ggz(&self) -> Partner {
        self.as_partner(self.ggz.oin)
    }

    pub(crate) fn as_stranger(&self) -> Partner {
        self.as_partner(self.stranger.oin)
    }

    pub(crate) fn sessions(&self, role: MeshRole) -> Sessions {
        Sessions::new(self.mesh_client(Caller::Mesh(role)))
    }

    pub(crate) fn events(&self, role: MeshRole) -> Events {
        Events::new(self.mesh_client(Caller::Mesh(role)))
    }

    /// A client of the residents' service in a session that nobody began.
    pub(crate) fn as_nobody(&self) -> ResidentClient {
        let caller = Caller::Resident(ResidentCaller {
            issuer: ISSUER.into(),
            subject: "nobody".into(),
            represents: None,
            session: [9; 32],
        });
        ResidentClient::new(self.mesh_client(caller))
    }

    /// The residents' service as somebody reaches it who is no resident.
    pub(crate) fn residents_service_as_partner(&self) -> ResidentClient {
        let caller = Caller::Partner(PartnerCaller {
            organisation: self.welfare.oin,
            professional: [1; 32],
            role: ProfessionalRole::Professional,
            jwt_hash: JWT_HASH,
        });
        ResidentClient::new(self.mesh_client(caller))
    }
}

/// What a stopped service leaves behind.
pub(crate) struct Remains {
    pub(crate) store: StoreConfig,
    pub(crate) home: TempDir,
    pub(crate) now: Timestamp,
}

impl Remains {
    /// Why the service does not start on what is left.
    pub(crate) async fn refused(&self) -> StartError {
        migrate(&self.store, &schema()).await.unwrap();
        let clock = Arc::new(ManualClock::new(self.now));
        let randomness = Arc::new(SeededRandomness::new(77));
        let directory = Directory::fixed([]);
        let parts = parts(self.home.path(), &self.store, &clock, &randomness, directory);
        let started = Consent::start(Config { single_node: true }, parts).await;
        started.map(drop).expect_err("it does not start")
    }

    /// Starts the service again on what is left.
    pub(crate) async fn start(self) -> World {
        self.start_changed(Box::new(|_| ())).await
    }

    pub(crate) async fn start_changed(self, change: Change) -> World {
        World::start_with(
            self.store,
            self.home,
            self.now,
            Arc::new(TokioTimer::new()),
            change,
        )
        .await
    }
}

/// Honest parts, with key files in `home`.
fn parts(
    home: &Path,
    store: &StoreConfig,
    clock: &Arc<ManualClock>,
    randomness: &Arc<SeededRandomness>,
    directory: Directory,
) -> Parts {
    let keys = ServiceKeys::load_or_create(&home.join("keys"), randomness.clone()).unwrap();
    let ledger = sluis_consent::ledger(&keys, "mesh.example", randomness.clone()).unwrap();
    Parts {
        store: store.clone(),
        codec: keys.row_codec(),
        index: keys.blind_index(),
        ledger: ledger.clone(),
        journal: Arc::new(ledger),
        bucket_keys: Arc::new(FileBucketKeys::open(&home.join("buckets"), randomness.clone()).unwrap()),
        liveness: Arc::new(LiveNow),
        keys,
        directory,
        receipt_key: receipt_key().verifying_key().clone(),
        signalling: Some(signalling_keys()),
        clock: clock.clone(),
        randomness: randomness.clone(),
        timer: Arc::new(TokioTimer::new()),
        verifier: CallerTokenVerifier::new(MeshRole::Consent, issuers(), clock.clone()),
        table: MethodTable::of_mesh().unwrap(),
        stop: Stop::new(),
        notices: None,
    }
}

fn issuers() -> Vec<TrustedIssuer> {
    let issuer = |kind, holder| TrustedIssuer {
        key: caller_key(kind, holder).verifying_key().clone(),
        holder,
    };
    vec![
        issuer(KeyKind::PartnerCaller, MeshRole::Gateway),
        issuer(KeyKind::ResidentCaller, MeshRole::Gateway),
        issuer(KeyKind::MeshCaller, MeshRole::Gateway),
        issuer(KeyKind::MeshCaller, MeshRole::Referral),
        issuer(KeyKind::MeshCaller, MeshRole::Signalling),
        issuer(KeyKind::MeshCaller, MeshRole::Registry),
    ]
}

/// The reason of a refused call.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(outcome: Result<T, Status>) -> ErrorReason {
    let status = outcome.expect_err("the call is refused");
    Refusal::reason_of(&status).unwrap_or_else(|| panic!("a refusal of ours, not {status:?}"))
}

/// Every file under a directory with its bytes.
pub(crate) fn every_file(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(every_file(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found
}

/// Whether `needle` stands in `haystack`.
pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
