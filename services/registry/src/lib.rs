//! Who is in the mesh, and with which keys.
//!
//! The operator invites an organisation; the organisation makes its keys itself, states them under its identity key
//! and gets a certificate; from then on it renews, revokes and states anew by itself. Everybody else follows the list
//! of organisations. The registry can hand out wrong keys only in ways that show: it never signs a key, it passes on
//! what organisations signed, whole chains, and whoever reads them verifies them.
//!
//! Invariants:
//! - An invitation opens once, within its time, for the organisation it was made for; its code is kept as an HMAC.
//! - A chain of key statements has no gaps and is never rewritten; a certificate is issued for a key only that the
//!   newest statement lists; a revoked certificate stays revoked.
//! - Every act and every refusal by what is stored has its leaf in the log.
//!
//! What may live here: organisations, their keys and certificates, the mesh CA. What may not: anything about people.
//! Deliberately absent: replacing a lost identity key, and removing an organisation.

mod api;
pub mod ca;
mod config;
mod domain;
mod error;
mod jobs;
mod store;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sluis_envelope::{KeyKind, SigningKey, VerifyingKey};
use sluis_keyring::{BlindIndex, KeysError, ServiceKeys};
use sluis_ledger::{Ledger, LedgerError, LedgerParts};
use sluis_proto::registry::v1::registry_service_server::RegistryServiceServer;
use sluis_serve::{CallerTokenVerifier, MethodTable, SealedTokens, ServiceHost, Stop, Timer};
use sluis_store::{MigrationSet, OpenError, Parts as StoreParts, Schema, Statement, Store, StoreConfig};
use sluis_types::{Clock, Randomness};

use ca::MeshCa;
pub use config::{Config, ConfigError};
pub use domain::MeshPins;

/// The registry's own migrations.
pub static MIGRATIONS: MigrationSet = sluis_store::migrations!("registry": "0001_organisation");

/// Everything that the registry's database holds.
pub fn schema() -> Schema {
    Schema::of(&[&sluis_ledger::MIGRATIONS, &MIGRATIONS])
}

/// Every statement of this crate, for the test that prepares each on both databases.
pub fn statements() -> &'static [Statement] {
    store::sql::ALL
}

/// What the registry works with.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Its database, migrated.
    pub store: StoreConfig,
    /// Its keys; the secret `log` is the seed of its log key.
    pub keys: ServiceKeys,
    /// The authority that signs certificates.
    pub ca: MeshCa,
    /// Keys of other services that invitations pin.
    pub pins: MeshPins,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub randomness: Arc<dyn Randomness>,
    /// What waits.
    pub timer: Arc<dyn Timer>,
    /// Who may call.
    pub verifier: CallerTokenVerifier,
    /// The rules of all methods.
    pub table: MethodTable,
    /// The wish to end.
    pub stop: Stop,
}

/// The registry's own public keys, for pinning.
#[derive(Clone, Debug)]
pub struct PublicKeys {
    /// Its log key.
    pub log: VerifyingKey,
}

/// The public halves of the registry's keys.
///
/// # Errors
/// [`KeysError`] when a secret is missing and cannot be made.
pub fn public_keys(keys: &ServiceKeys) -> Result<PublicKeys, KeysError> {
    Ok(PublicKeys {
        log: log_key(keys)?.verifying_key().clone(),
    })
}

/// What the log says of joining and of keys is kept this long: as long as what was signed with them may be disputed.
const LOG_KEPT: Duration = Duration::from_hours(20 * 366 * 24);

fn log_key(keys: &ServiceKeys) -> Result<SigningKey, KeysError> {
    Ok(SigningKey::from_seed(KeyKind::Log, keys.secret("log")?.expose()))
}

/// Why the registry did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A secret is missing.
    #[error("the registry's keys cannot be used")]
    Keys(#[from] KeysError),
    /// The log refuses its key or name.
    #[error("the registry's log cannot be opened")]
    Ledger(#[from] LedgerError),
    /// The database cannot be used.
    #[error("the registry's database cannot be opened")]
    Store(#[from] OpenError),
}

/// The registry, running on its database. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
    verifier: CallerTokenVerifier,
    table: MethodTable,
}

/// What handlers work with.
struct Inner {
    config: Config,
    store: Store,
    ledger: Ledger,
    ca: MeshCa,
    pins: MeshPins,
    index: Arc<dyn BlindIndex>,
    tokens: SealedTokens,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    timer: Arc<dyn Timer>,
    stop: Stop,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("store", &self.inner.store)
            .finish_non_exhaustive()
    }
}

impl Registry {
    /// Opens the database and the log. Serves nothing and runs nothing yet.
    ///
    /// # Errors
    /// [`StartError`] says what is missing; nothing was changed.
    pub async fn start(config: Config, parts: Parts) -> Result<Self, StartError> {
        config.check()?;
        let Parts {
            store,
            keys,
            ca,
            pins,
            clock,
            randomness,
            timer,
            verifier,
            table,
            stop,
        } = parts;
        let ledger = Ledger::new(LedgerParts {
            columns: keys.columns().clone(),
            index: keys.blind_index(),
            signing_key: log_key(&keys)?,
            origin: format!("{}/registry", config.mesh_id),
            kept: LOG_KEPT,
            randomness: Arc::clone(&randomness),
        })?;
        let store_parts = StoreParts {
            journal: Arc::new(ledger.clone()),
            column_keys: keys.columns().clone(),
            index: keys.blind_index(),
            clock: Arc::clone(&clock),
            randomness: Arc::clone(&randomness),
        };
        let store = Store::open(&store, &schema(), store_parts).await?;
        let tokens = SealedTokens::new(keys.columns().clone());
        let index = keys.blind_index();
        let inner = Arc::new(Inner {
            config,
            store,
            ledger,
            ca,
            pins,
            index,
            tokens,
            clock,
            randomness,
            timer,
            stop,
        });
        Ok(Self {
            inner,
            verifier,
            table,
        })
    }

    /// The registry behind the chassis, ready to be served.
    pub fn host(&self) -> ServiceHost {
        let server = RegistryServiceServer::new(api::Api(Arc::clone(&self.inner)));
        ServiceHost::new(
            self.table.clone(),
            self.verifier.clone(),
            Arc::clone(&self.inner.timer),
        )
        .add_service(server.max_decoding_message_size(usize::MAX))
    }

    /// What the registry does by itself; ends some time after the stop.
    pub fn jobs(&self) -> impl Future<Output = ()> + Send + use<> {
        jobs::run(Arc::clone(&self.inner))
    }

    /// Closes the database, after what is under way.
    pub async fn close(self) {
        self.inner.store.close().await;
    }
}
