//! The whole: from parts to a running service.

use std::fmt;
use std::sync::Arc;

use sluis_envelope::{KeyKind, SigningKey, VerifyingKey};
use sluis_keyring::{BlindIndex, KeysError, RowCodec, ServiceKeys};
use sluis_ledger::{ACCESS_LOG_KEPT, Ledger, LedgerError, LedgerParts, Sequencer};
use sluis_proto::consent::v1::grant_event_service_client::GrantEventServiceClient;
use sluis_proto::matching::v1::attached_place_service_server::AttachedPlaceServiceServer;
use sluis_proto::matching::v1::directory_service_server::DirectoryServiceServer;
use sluis_proto::matching::v1::housing_service_server::HousingServiceServer;
use sluis_proto::matching::v1::introduction_service_server::IntroductionServiceServer;
use sluis_proto::matching::v1::place_service_server::PlaceServiceServer;
use sluis_proto::matching::v1::resident_matching_service_server::ResidentMatchingServiceServer;
use sluis_proto::matching::v1::resident_place_service_server::ResidentPlaceServiceServer;
use sluis_serve::{
    CallerTokenSigner, CallerTokenVerifier, MeshClient, MethodTable, SealedTokens, ServiceHost, Stop, Timer,
};
use sluis_store::{Journal, OpenError, Store, StoreConfig};
use sluis_types::{Clock, Randomness};

use crate::api::Api;
use crate::context::Context;
use crate::jobs;
use crate::listing::Listing;
use crate::store::schema;
use crate::store::vault::Vault;

/// Consent's keys, as they were pinned. Several of a kind overlap while one is rotated.
#[derive(Clone, Debug)]
pub struct ConsentKeys {
    /// Sign grant tokens.
    pub grant_token: Vec<VerifyingKey>,
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
    /// The way to consent, in this role's own name.
    pub consent: MeshClient,
    /// Consent's keys.
    pub consent_keys: ConsentKeys,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parts(…)")
    }
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A key is missing.
    #[error("a key of the matching service cannot be had")]
    Keys(#[from] KeysError),
    /// The log cannot be made.
    #[error("the log of the matching service cannot be made")]
    Ledger(#[from] LedgerError),
    /// The database cannot be opened.
    #[error("the database of the matching service cannot be opened")]
    Store(#[from] OpenError),
}

/// The public halves of this service's keys, for those who pin them.
#[derive(Clone, Debug)]
pub struct PublicKeys {
    /// Signs directory heads.
    pub directory: VerifyingKey,
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
        directory: public("directory", KeyKind::Directory)?,
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
        origin: format!("{mesh_id}/matching"),
        kept: ACCESS_LOG_KEPT,
        randomness,
    })?)
}

/// The matching service.
#[derive(Clone)]
pub struct Matching {
    context: Arc<Context>,
    ledger: Ledger,
    table: MethodTable,
    verifier: CallerTokenVerifier,
    timer: Arc<dyn Timer>,
    stop: Stop,
}

impl fmt::Debug for Matching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Matching(…)")
    }
}

impl Matching {
    /// Opens the database. Reaches nobody else; see [`Matching::jobs`].
    ///
    /// # Errors
    /// [`StartError`]; nothing was changed then.
    pub async fn start(parts: Parts) -> Result<Self, StartError> {
        let directory_key = signing_key(&parts.keys, "directory", KeyKind::Directory)?;
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
            clock: parts.clock,
            randomness: parts.randomness,
            timer: Arc::clone(&parts.timer),
            consent: GrantEventServiceClient::new(parts.consent),
            consent_keys: parts.consent_keys,
            tokens: SealedTokens::new(parts.keys.columns().clone()),
            listing: Listing::default(),
            directory_key,
        };
        Ok(Self {
            context: Arc::new(context),
            ledger: parts.ledger,
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
        let directory = DirectoryServiceServer::new(api.clone()).max_decoding_message_size(usize::MAX);
        let places = PlaceServiceServer::new(api.clone()).max_decoding_message_size(usize::MAX);
        let attached = AttachedPlaceServiceServer::new(api.clone()).max_decoding_message_size(usize::MAX);
        let seen = ResidentPlaceServiceServer::new(api.clone()).max_decoding_message_size(usize::MAX);
        let introductions = IntroductionServiceServer::new(api.clone()).max_decoding_message_size(usize::MAX);
        let residents = ResidentMatchingServiceServer::new(api.clone()).max_decoding_message_size(usize::MAX);
        let housing = HousingServiceServer::new(api).max_decoding_message_size(usize::MAX);
        ServiceHost::new(self.table.clone(), self.verifier.clone(), Arc::clone(&self.timer))
            .add_service(directory)
            .add_service(places)
            .add_service(attached)
            .add_service(seen)
            .add_service(introductions)
            .add_service(residents)
            .add_service(housing)
    }

    /// Everything that runs beside the calls: tidying up and the log's sequencer. Ends with the stop.
    pub fn jobs(&self) -> impl Future<Output = ()> + Send + 'static {
        let context = Arc::clone(&self.context);
        let stop = self.stop.clone();
        let sequencer = Sequencer::new(&self.ledger, context.store.clone());
        let tidying = jobs::tidy::run(context, stop.clone());
        async move {
            let cancelled = tokio_util::sync::CancellationToken::new();
            let _cancel_with_this = cancelled.clone().drop_guard();
            let sequencing = sequencer.run(cancelled.clone());
            let stopping = async {
                stop.requested().await;
                cancelled.cancel();
            };
            tokio::join!(sequencing, tidying, stopping);
        }
    }

    /// Closes the database.
    pub async fn close(self) {
        self.context.store.close().await;
    }
}
