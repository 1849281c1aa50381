//! The signalling service behind its chassis, in this process, on a database of its own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sluis_envelope::{KeyKind, SigningKey};
use sluis_keyring::{FileEpochKeys, ServiceKeys};
use sluis_ledger::Ledger;
use sluis_proto::signalling::v1::checklist::Notice;
use sluis_proto::signalling::v1::signalling_service_client::SignallingServiceClient;
use sluis_proto::signalling::v1::{
    Checklist, DraftSignalRequest, PostSignalRequest, Severity, WeighSignalRequest,
};
use sluis_serve::{
    Caller, CallerTokenSigner, CallerTokenVerifier, Directory, InMemory, MeshClient, MeshRole, MethodTable,
    PartnerCaller, ServiceHost, Sleep, Stop, Timer, TokioTimer, TrustedIssuer, to_proto_timestamp,
};
use sluis_signalling::{Config, ConsentKeys, Parts, Signalling, schema};
use sluis_store::{Store, StoreConfig, migrate};
use sluis_types::{Clock as _, Oin, OsRandomness, ProfessionalRole, RequestId, SystemClock};

use super::parties::{Organisation, key};
use crate::error::{BenchError, failed, refused};

/// What is not waited for, where only the work is looked at: ticks and holding back. Deadlines are longer.
const NOT_WAITED: Duration = Duration::from_millis(500);
/// Drafts that one professional may write in a week, and a little less.
const PER_PROFESSIONAL: usize = 18;

/// Whether answers are held back.
#[derive(Clone, Copy, Debug)]
pub(super) enum Waiting {
    /// As in every mesh.
    AsItIs,
    /// They leave when the work is done.
    Not,
}

#[derive(Debug)]
struct Unheld(TokioTimer);

impl Timer for Unheld {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep_until(&self, at: Duration) -> Sleep {
        if at <= self.0.now() + NOT_WAITED {
            Box::pin(std::future::ready(()))
        } else {
            self.0.sleep_until(at)
        }
    }
}

/// A running service.
pub(super) struct Service {
    signalling: Signalling,
    served: InMemory,
    table: MethodTable,
    stop: Stop,
    /// Drafts so far: each professional may write so many.
    drafts: usize,
}

fn issuer(kind: KeyKind) -> TrustedIssuer {
    TrustedIssuer {
        key: key(kind).verifying_key().clone(),
        holder: MeshRole::Gateway,
    }
}

/// The keys and the log of a service whose files are below a directory.
fn keys_of(home: &Path) -> Result<(ServiceKeys, Ledger), BenchError> {
    let random = Arc::new(OsRandomness);
    let keys = ServiceKeys::load_or_create(&home.join("keys"), random.clone()).map_err(failed("keys"))?;
    let ledger = sluis_signalling::ledger(&keys, "mesh.bench", random).map_err(failed("a log"))?;
    Ok((keys, ledger))
}

/// The store of such a service by itself.
pub(super) async fn store_of(url: &str, home: &Path) -> Result<Store, BenchError> {
    let (keys, ledger) = keys_of(home)?;
    let config = StoreConfig::parse(url).map_err(failed("a database"))?;
    let schema = schema();
    migrate(&config, &schema).await.map_err(failed("a database"))?;
    let parts = sluis_store::Parts {
        journal: Arc::new(ledger),
        column_keys: keys.columns().clone(),
        index: keys.blind_index(),
        clock: Arc::new(SystemClock),
        randomness: Arc::new(OsRandomness),
    };
    Store::open(&config, &schema, parts)
        .await
        .map_err(failed("a database"))
}

impl Service {
    pub(super) async fn start(
        url: &str,
        home: &Path,
        waiting: Waiting,
        organisations: &[Organisation],
    ) -> Result<Self, BenchError> {
        let (keys, ledger) = keys_of(home)?;
        let (clock, random) = (Arc::new(SystemClock), Arc::new(OsRandomness));
        let store = StoreConfig::parse(url).map_err(failed("a database"))?;
        migrate(&store, &schema()).await.map_err(failed("a database"))?;
        let timer: Arc<dyn Timer> = match waiting {
            Waiting::AsItIs => Arc::new(TokioTimer::new()),
            Waiting::Not => Arc::new(Unheld(TokioTimer::new())),
        };
        let (stop, table) = (Stop::new(), MethodTable::of_mesh().map_err(failed("the rules"))?);
        let verifier = |role, issuers| CallerTokenVerifier::new(role, issuers, clock.clone());
        // Nobody asks consent: its events are not followed here.
        let nobody = ServiceHost::new(
            table.clone(),
            verifier(MeshRole::Consent, Vec::new()),
            timer.clone(),
        )
        .in_memory(stop.clone());
        let signer = sluis_signalling::mesh_signer(&keys, clock.clone()).map_err(failed("keys"))?;
        let us = Caller::Mesh(MeshRole::Signalling);
        let consent = MeshClient::new(nobody.channel(), table.clone(), signer, us, MeshRole::Consent);
        let public = |kind| vec![key(kind).verifying_key().clone()];
        let epochs = FileEpochKeys::open(&home.join("epochs"), random.clone()).map_err(failed("keys"))?;
        let parts = Parts {
            store,
            codec: keys.row_codec(),
            index: keys.blind_index(),
            journal: Arc::new(ledger.clone()),
            ledger,
            keys: keys.clone(),
            clock: clock.clone(),
            randomness: random,
            timer,
            verifier: verifier(MeshRole::Signalling, vec![issuer(KeyKind::PartnerCaller)]),
            table: table.clone(),
            stop: stop.clone(),
            directory: Directory::fixed(organisations.iter().map(|it| it.entry.clone())),
            consent,
            epochs: Arc::new(epochs),
            consent_keys: ConsentKeys {
                grant_token: public(KeyKind::GrantToken),
                circle: public(KeyKind::Circle),
                ticket: public(KeyKind::Ticket),
            },
        };
        let signalling = Signalling::start(Config::default(), parts)
            .await
            .map_err(failed("the signalling service"))?;
        let served = signalling.host().in_memory(stop.clone());
        Ok(Self {
            signalling,
            served,
            table,
            stop,
            drafts: 0,
        })
    }

    fn client(&self, organisation: Oin, number: usize) -> SignallingServiceClient<MeshClient> {
        let mut professional = [0; 32];
        professional[..8].copy_from_slice(&(number as u64).to_be_bytes());
        let caller = Caller::Partner(PartnerCaller {
            organisation,
            professional,
            role: ProfessionalRole::Professional,
            jwt_hash: [2; 32],
        });
        let signer = CallerTokenSigner::new(Arc::new(caller_key()), Arc::new(SystemClock));
        let channel = self.served.channel();
        let client = MeshClient::new(channel, self.table.clone(), signer, caller, MeshRole::Signalling);
        SignallingServiceClient::new(client)
    }

    /// A signal that is weighed, and its id.
    pub(super) async fn signal(
        &mut self,
        organisation: Oin,
        severity: Severity,
    ) -> Result<String, BenchError> {
        self.drafts += 1;
        let mut client = self.client(organisation, self.drafts / PER_PROFESSIONAL);
        let now = to_proto_timestamp(SystemClock.now());
        let fresh = || RequestId::random(&OsRandomness).to_string();
        let draft = DraftSignalRequest {
            request_id: fresh(),
            severity: severity.into(),
            observed_at: Some(now),
        };
        let draft = client.draft_signal(draft).await.map_err(refused("a draft"))?;
        let draft = draft.into_inner().signal.unwrap_or_default();
        let weigh = WeighSignalRequest {
            request_id: fresh(),
            signal_id: draft.signal_id.clone(),
            expected_version: draft.version,
            checklist: Some(Checklist {
                first_hand: true,
                consent_tried: true,
                least_intrusive: true,
                danger: false,
                notice: Some(Notice::ToldAt(now)),
            }),
        };
        client.weigh_signal(weigh).await.map_err(refused("weighing"))?;
        Ok(draft.signal_id)
    }

    /// Posts, and tells how long the answer took in milliseconds.
    pub(super) async fn post(
        &self,
        organisation: Oin,
        request: PostSignalRequest,
    ) -> Result<f64, BenchError> {
        let mut client = self.client(organisation, 0);
        let begun = std::time::Instant::now();
        client.post_signal(request).await.map_err(refused("a post"))?;
        Ok(begun.elapsed().as_secs_f64() * 1000.0)
    }

    pub(super) async fn stop(self) {
        self.stop.request();
        self.served.drained().await;
        self.signalling.close().await;
    }
}

fn caller_key() -> SigningKey {
    key(KeyKind::PartnerCaller)
}
