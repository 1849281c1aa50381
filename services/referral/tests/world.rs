//! A running referral service, its neighbours, and clients of every kind.

use std::sync::Arc;

use sluis_envelope::{KeyKind, SealedEnvelope, SigningKey};
use sluis_keyring::ServiceKeys;
use sluis_ledger::Ledger;
use sluis_proto::consent::v1::grant_event_service_server::GrantEventServiceServer;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::referral_service_client::ReferralServiceClient;
use sluis_proto::referral::v1::resident_referral_service_client::ResidentReferralServiceClient;
use sluis_proto::referral::v1::{
    AcknowledgeMessagesRequest, GetReferralRequest, Referral as Shown, ReportOpenedRequest,
    SubmitMessageResponse,
};
use sluis_referral::{Config, ConsentKeys, Parts, Referral, schema};
use sluis_serve::{
    Caller, CallerTokenSigner, CallerTokenVerifier, Directory, InMemory, MeshClient, MeshRole, MethodTable,
    PartnerCaller, Refusal, ResidentCaller, ServiceHost, Stop, Timer, TokioTimer, TrustedIssuer,
};
use sluis_store::{StoreConfig, migrate};
use sluis_store_testing::Watcher;
use sluis_types::{
    ManualClock, MessageId, MessageKind, Oin, OrganisationKind, ProfessionalRole, RequestId,
    SeededRandomness, ThreadId, Timestamp,
};
use tempfile::TempDir;
use tonic::Status;

use crate::consent::Consent;
use crate::letters::{Grant, Letter, NOW, Organisation, grant_token_key, submission, ticket_key};

pub(crate) type Client = ReferralServiceClient<MeshClient>;
pub(crate) const SESSION: [u8; 32] = [4; 32];

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) randomness: Arc<SeededRandomness>,
    pub(crate) referral: Referral,
    pub(crate) ledger: Ledger,
    pub(crate) consent: Consent,
    pub(crate) keys: ServiceKeys,
    pub(crate) stop: Stop,
    /// Refers.
    pub(crate) welfare: Organisation,
    /// Is asked.
    pub(crate) ggz: Organisation,
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
}

impl Neighbours {
    fn parts(
        &self,
        keys: &ServiceKeys,
        clock: &Arc<ManualClock>,
        randomness: &Arc<SeededRandomness>,
        stop: &Stop,
    ) -> Parts {
        let ledger = sluis_referral::ledger(keys, "mesh.example", randomness.clone()).unwrap();
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
            verifier: CallerTokenVerifier::new(MeshRole::Referral, issuers, clock.clone()),
            table: MethodTable::of_mesh().unwrap(),
            stop: stop.clone(),
            directory: self.directory.clone(),
            consent: self.consent.clone(),
            consent_keys: ConsentKeys {
                grant_token: vec![grant_token_key().verifying_key().clone()],
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
        let url = format!("sqlite:{}", home.path().join("referral.db").display());
        let store = StoreConfig::parse(&url).unwrap();
        Self::start_with(&store, home, Arc::new(TokioTimer::new()), None).await
    }

    pub(crate) async fn start_on(store: &StoreConfig) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self::start_with(store, home, Arc::new(TokioTimer::new()), None).await
    }

    pub(crate) async fn start_timed(timer: Arc<dyn Timer>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", home.path().join("referral.db").display());
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
        let url = format!("sqlite:{}", home.path().join("referral.db").display());
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
        let welfare = Organisation::new(1, OrganisationKind::Welfare, randomness.as_ref());
        let ggz = Organisation::new(2, OrganisationKind::MentalHealth, randomness.as_ref());
        let stranger = Organisation::new(3, OrganisationKind::Housing, randomness.as_ref());
        let entries = [&welfare, &ggz, &stranger].map(|it| it.entry.clone());
        let stop = Stop::new();
        let table = MethodTable::of_mesh().unwrap();

        let consent = Consent::default();
        let our_key = sluis_referral::public_keys(&keys).unwrap().mesh_caller;
        let trusted = vec![TrustedIssuer {
            key: our_key,
            holder: MeshRole::Referral,
        }];
        let verifier = CallerTokenVerifier::new(MeshRole::Consent, trusted, clock.clone());
        let consent_host = ServiceHost::new(table.clone(), verifier, timer.clone())
            .add_service(GrantEventServiceServer::new(consent.clone()))
            .in_memory(stop.clone());
        let signer = sluis_referral::mesh_signer(&keys, clock.clone()).unwrap();
        let us = Caller::Mesh(MeshRole::Referral);
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
        };
        let mut parts = neighbours.parts(&keys, &clock, &randomness, &stop);
        let ledger = parts.ledger.clone();
        if let Some(change) = change {
            change(&mut parts);
        }
        let referral = Referral::start(Config::default(), parts).await.unwrap();
        let served = referral.host().in_memory(stop.clone());
        Self {
            clock,
            randomness,
            referral,
            ledger,
            consent,
            keys,
            stop,
            welfare,
            ggz,
            stranger,
            home,
            served,
            neighbours,
        }
    }

    /// Another process of the same service, on the same database with the same keys.
    pub(crate) async fn replica(&self) -> Referral {
        let parts = self
            .neighbours
            .parts(&self.keys, &self.clock, &self.randomness, &self.stop);
        Referral::start(Config::default(), parts).await.unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        sluis_types::Clock::now(self.clock.as_ref())
    }

    fn mesh_client(&self, kind: KeyKind, caller: Caller) -> MeshClient {
        let signer = CallerTokenSigner::new(caller_key(kind), self.clock.clone());
        let table = MethodTable::of_mesh().unwrap();
        MeshClient::new(self.served.channel(), table, signer, caller, MeshRole::Referral)
    }

    /// The service as a professional of this organisation reaches it.
    pub(crate) fn client(&self, organisation: Oin) -> Client {
        let caller = Caller::Partner(PartnerCaller {
            organisation,
            professional: [1; 32],
            role: ProfessionalRole::Professional,
            jwt_hash: [2; 32],
        });
        Client::new(self.mesh_client(KeyKind::PartnerCaller, caller)).max_decoding_message_size(usize::MAX)
    }

    pub(crate) fn as_welfare(&self) -> Client {
        self.client(self.welfare.oin)
    }

    pub(crate) fn as_ggz(&self) -> Client {
        self.client(self.ggz.oin)
    }

    pub(crate) fn as_stranger(&self) -> Client {
        self.client(self.stranger.oin)
    }

    /// The service as a resident in this session reaches it.
    pub(crate) fn as_resident(&self, session: [u8; 32]) -> ResidentReferralServiceClient<MeshClient> {
        let caller = Caller::Resident(ResidentCaller {
            issuer: String::new(),
            subject: "session".into(),
            represents: None,
            session,
        });
        ResidentReferralServiceClient::new(self.mesh_client(KeyKind::ResidentCaller, caller))
    }

    pub(crate) fn request_id(&self) -> String {
        RequestId::random(self.randomness.as_ref()).to_string()
    }

    pub(crate) fn thread_id(&self) -> ThreadId {
        ThreadId::random(self.randomness.as_ref())
    }

    /// A grant from welfare to GGZ.
    pub(crate) fn grant(&self) -> Grant {
        Grant::new(self.welfare.oin, self.ggz.oin, self.randomness.as_ref())
    }

    /// A grant from GGZ back to welfare.
    pub(crate) fn grant_back(&self) -> Grant {
        Grant::new(self.ggz.oin, self.welfare.oin, self.randomness.as_ref())
    }

    pub(crate) fn letter(&self, kind: MessageKind, thread: ThreadId) -> Letter {
        Letter::new(kind, thread, self.now(), self.randomness.as_ref())
    }

    fn organisation(&self, oin: Oin) -> &Organisation {
        [&self.welfare, &self.ggz, &self.stranger]
            .into_iter()
            .find(|it| it.oin == oin)
            .unwrap()
    }

    pub(crate) fn seal(&self, letter: Letter, grant: &Grant) -> SealedEnvelope {
        let (sender, recipient) = (self.organisation(grant.from), self.organisation(grant.to));
        letter.seal(
            sender,
            recipient,
            &grant.token(self.now()),
            self.randomness.as_ref(),
        )
    }

    /// Seals a letter under a grant and submits it in the sender's name.
    pub(crate) async fn send(&self, letter: Letter, grant: &Grant) -> Result<SubmitMessageResponse, Status> {
        let envelope = self.seal(letter, grant);
        let request = submission(&envelope, &grant.token(self.now()));
        Ok(self
            .client(grant.from)
            .submit_message(request)
            .await?
            .into_inner())
    }

    /// A submitted referral.
    pub(crate) async fn refer(&self, grant: &Grant) -> (ThreadId, MessageId) {
        let thread = self.thread_id();
        let letter = self.letter(MessageKind::Referral, thread);
        let id = letter.id();
        self.send(letter, grant).await.unwrap();
        (thread, id)
    }

    pub(crate) async fn acknowledge(&self, ids: &[MessageId]) {
        let request = AcknowledgeMessagesRequest {
            request_id: self.request_id(),
            message_ids: ids.iter().map(ToString::to_string).collect(),
        };
        self.as_ggz().acknowledge_messages(request).await.unwrap();
    }

    /// Reports a message opened in the name of GGZ, and gives its state.
    pub(crate) async fn open(&self, id: MessageId) -> i32 {
        let request = ReportOpenedRequest {
            request_id: self.request_id(),
            message_id: id.to_string(),
        };
        self.as_ggz()
            .report_opened(request)
            .await
            .unwrap()
            .into_inner()
            .state
    }

    /// The referral as welfare sees it.
    pub(crate) async fn shown(&self, thread: ThreadId) -> Shown {
        let request = GetReferralRequest {
            thread_id: thread.to_string(),
        };
        self.as_welfare()
            .get_referral(request)
            .await
            .unwrap()
            .into_inner()
            .referral
            .unwrap()
    }

    pub(crate) async fn end(self) -> TempDir {
        self.stop.request();
        self.served.drained().await;
        self.referral.close().await;
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
