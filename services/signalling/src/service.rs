//! The whole: from parts to a running service.

use std::fmt;
use std::sync::Arc;

use sluis_envelope::{KeyKind, SigningKey, VerifyingKey};
use sluis_keyring::{BlindIndex, EpochKeys, KeysError, RowCodec, ServiceKeys};
use sluis_ledger::{ACCESS_LOG_KEPT, Ledger, LedgerError, LedgerParts, Sequencer};
use sluis_proto::signalling::v1::meeting_service_server::MeetingServiceServer;
use sluis_proto::signalling::v1::resident_meeting_service_server::ResidentMeetingServiceServer;
use sluis_proto::signalling::v1::resident_signalling_service_server::ResidentSignallingServiceServer;
use sluis_proto::signalling::v1::signalling_service_server::SignallingServiceServer;
use sluis_serve::{
    CallerTokenSigner, CallerTokenVerifier, Directory, MeshClient, MethodTable, Refusal, SealedTokens,
    ServiceHost, Stop, Timer, WatchPace,
};
use sluis_store::{Journal, OpenError, Store, StoreConfig};
use sluis_types::{Clock, Randomness};

use crate::api::Api;
use crate::config::Config;
use crate::context::Context;
use crate::jobs;
use crate::store::schema;
use crate::store::vault::Vault;

/// Consent's keys, as they were pinned. Several of a kind overlap while one is rotated.
#[derive(Clone, Debug)]
pub struct ConsentKeys {
    /// Sign grant tokens.
    pub grant_token: Vec<VerifyingKey>,
    /// Sign circle posts.
    pub circle: Vec<VerifyingKey>,
    /// Sign resident tickets.
    pub ticket: Vec<VerifyingKey>,
}

/// What the service is made of. Made by whoever composes the mesh.
pub struct Parts {
    /// Where the database is; it must be migrated.
    pub store: StoreConfig,
    /// The service's own keys.
    pub keys: ServiceKeys,
    /// Seals rows: [`ServiceKeys::row_codec`].
    pub codec: Arc<dyn RowCodec>,
    /// Hides the keys of rows: `keys.blind_index()`.
    pub index: Arc<dyn BlindIndex>,
    /// The service's log: [`ledger`].
    pub ledger: Ledger,
    /// What writes leaves: the ledger itself.
    pub journal: Arc<dyn Journal>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub randomness: Arc<dyn Randomness>,
    /// Time that waits.
    pub timer: Arc<dyn Timer>,
    /// Whose calls are taken.
    pub verifier: CallerTokenVerifier,
    /// The rules of all methods.
    pub table: MethodTable,
    /// Ends everything.
    pub stop: Stop,
    /// Who is in the mesh.
    pub directory: Directory,
    /// The way to consent, in this role's own name.
    pub consent: MeshClient,
    /// Consent's keys.
    pub consent_keys: ConsentKeys,
    /// The peppers of epochs, outside the database.
    pub epochs: Arc<dyn EpochKeys>,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parts(…)")
    }
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration.
    #[error("match_event_days must be 1 to 90")]
    EventDays,
    /// A key is missing.
    #[error("a key of the signalling service cannot be had")]
    Keys(#[from] KeysError),
    /// The log cannot be made.
    #[error("the log of the signalling service cannot be made")]
    Ledger(#[from] LedgerError),
    /// The database cannot be opened.
    #[error("the database of the signalling service cannot be opened")]
    Store(#[from] OpenError),
}

/// The public halves of this service's keys, for those who pin them.
#[derive(Clone, Debug)]
pub struct PublicKeys {
    /// Signs receipts for contact boxes.
    pub receipt: VerifyingKey,
    /// Signs match statements.
    pub match_statement: VerifyingKey,
    /// Signs leaf promises and checkpoints.
    pub log: VerifyingKey,
    /// Signs this role's calls to others.
    pub mesh_caller: VerifyingKey,
}

fn signing_key(keys: &ServiceKeys, name: &str, kind: KeyKind) -> Result<SigningKey, KeysError> {
    Ok(SigningKey::from_seed(kind, keys.secret(name)?.expose()))
}

/// The public halves of this service's keys.
///
/// # Errors
/// [`KeysError`] when a key is missing.
pub fn public_keys(keys: &ServiceKeys) -> Result<PublicKeys, KeysError> {
    let public = |name, kind| Ok::<_, KeysError>(signing_key(keys, name, kind)?.verifying_key().clone());
    Ok(PublicKeys {
        receipt: public("receipt", KeyKind::Receipt)?,
        match_statement: public("match", KeyKind::Match)?,
        log: public("log", KeyKind::Log)?,
        mesh_caller: public("mesh-caller", KeyKind::MeshCaller)?,
    })
}

/// What signs this role's calls to other roles.
///
/// # Errors
/// [`KeysError`] when the key is missing.
pub fn mesh_signer(keys: &ServiceKeys, clock: Arc<dyn Clock>) -> Result<CallerTokenSigner, KeysError> {
    let key = signing_key(keys, "mesh-caller", KeyKind::MeshCaller)?;
    Ok(CallerTokenSigner::new(Arc::new(key), clock))
}

/// This service's log, named after the mesh.
///
/// # Errors
/// [`StartError`] when a key is missing or the name cannot stand in a checkpoint.
pub fn ledger(
    keys: &ServiceKeys,
    mesh_id: &str,
    randomness: Arc<dyn Randomness>,
) -> Result<Ledger, StartError> {
    Ok(Ledger::new(LedgerParts {
        columns: keys.columns().clone(),
        index: keys.blind_index(),
        signing_key: signing_key(keys, "log", KeyKind::Log)?,
        origin: format!("{mesh_id}/signalling"),
        kept: ACCESS_LOG_KEPT,
        randomness,
    })?)
}

/// The signalling service.
#[derive(Clone)]
pub struct Signalling {
    context: Arc<Context>,
    consent: MeshClient,
    config: Config,
    table: MethodTable,
    verifier: CallerTokenVerifier,
    timer: Arc<dyn Timer>,
    stop: Stop,
}

impl fmt::Debug for Signalling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signalling")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Signalling {
    /// Opens the database. Reaches nobody else; see [`Signalling::jobs`].
    ///
    /// # Errors
    /// [`StartError`]; nothing was changed then.
    pub async fn start(config: Config, parts: Parts) -> Result<Self, StartError> {
        if !(1..=90).contains(&config.match_event_days) {
            return Err(StartError::EventDays);
        }
        let receipt_key = signing_key(&parts.keys, "receipt", KeyKind::Receipt)?;
        let match_key = Arc::new(signing_key(&parts.keys, "match", KeyKind::Match)?);
        let store_parts = sluis_store::Parts {
            journal: parts.journal,
            column_keys: parts.keys.columns().clone(),
            index: Arc::clone(&parts.index),
            clock: Arc::clone(&parts.clock),
            randomness: Arc::clone(&parts.randomness),
        };
        let store = Store::open(&parts.store, &schema(), store_parts).await?;
        let context = Context {
            store,
            vault: Vault::new(parts.codec, parts.index),
            ledger: parts.ledger,
            clock: parts.clock,
            randomness: parts.randomness,
            directory: parts.directory,
            receipt_key,
            match_key,
            epochs: parts.epochs,
            consent_keys: parts.consent_keys,
            tokens: SealedTokens::new(parts.keys.columns().clone()),
            pace: WatchPace {
                timer: Arc::clone(&parts.timer),
                stop: parts.stop.clone(),
            },
        };
        Ok(Self {
            context: Arc::new(context),
            consent: parts.consent,
            config,
            table: parts.table,
            verifier: parts.verifier,
            timer: parts.timer,
            stop: parts.stop,
        })
    }

    /// The gRPC services, ready to be served.
    pub fn host(&self) -> ServiceHost {
        let api = Api::new(Arc::clone(&self.context));
        // The host bounds every message by its method's rules before these see it.
        let signalling = SignallingServiceServer::new(api.clone()).max_decoding_message_size(usize::MAX);
        let resident =
            ResidentSignallingServiceServer::new(api.clone()).max_decoding_message_size(usize::MAX);
        let meeting = MeetingServiceServer::new(api.clone()).max_decoding_message_size(usize::MAX);
        let resident_meeting = ResidentMeetingServiceServer::new(api).max_decoding_message_size(usize::MAX);
        ServiceHost::new(self.table.clone(), self.verifier.clone(), Arc::clone(&self.timer))
            .add_service(signalling)
            .add_service(resident)
            .add_service(meeting)
            .add_service(resident_meeting)
    }

    /// Everything that runs beside the calls: following consent, timers, the end of epochs, tidying up, the log's sequencer. Ends with
    /// the stop.
    pub fn jobs(&self) -> impl Future<Output = ()> + Send + 'static {
        let context = Arc::clone(&self.context);
        let stop = self.stop.clone();
        let sequencer = Sequencer::new(&context.ledger, context.store.clone());
        let follower = jobs::follow::run(Arc::clone(&context), self.consent.clone(), stop.clone());
        let timers = jobs::timers::run(Arc::clone(&context), self.config.match_event_days, stop.clone());
        async move {
            let cancelled = tokio_util::sync::CancellationToken::new();
            let _cancel_with_this = cancelled.clone().drop_guard();
            let sequencing = sequencer.run(cancelled.clone());
            let stopping = async {
                stop.requested().await;
                cancelled.cancel();
            };
            tokio::join!(sequencing, follower, timers, stopping);
        }
    }

    /// One pass of the timers, which [`Signalling::jobs`] does every 30 seconds: what is due now happens. Tells how
    /// much did.
    ///
    /// # Errors
    /// The refusal that a caller would hear: the database cannot be reached.
    pub async fn run_timers(&self) -> Result<u64, Refusal> {
        jobs::timers::pass(&self.context, self.config.match_event_days).await
    }

    /// Closes the database.
    pub async fn close(self) {
        self.context.store.close().await;
    }
}
