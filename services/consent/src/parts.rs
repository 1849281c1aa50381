//! What consent is made of, given by whoever composes it.

use std::fmt;
use std::sync::Arc;

use sluis_envelope::{KeyKind, SigningKey, VerifyingKey};
use sluis_keyring::{BlindIndex, BucketKeys, KeysError, RowCodec, ServiceKeys};
use sluis_ledger::{ACCESS_LOG_KEPT, Ledger, LedgerError, LedgerParts};
use sluis_serve::{CallerTokenSigner, CallerTokenVerifier, Directory, MethodTable, Stop, Timer};
use sluis_store::{Journal, StoreConfig};
use sluis_types::{Clock, Randomness};

use crate::domain::Liveness;
use crate::mail::Notices;

const GRANT_TOKEN: &str = "grant-token";
const TICKET: &str = "ticket";
const CONSENT_RECEIPT: &str = "consent-receipt";
const CIRCLE: &str = "circle";
const LOG: &str = "log";
const MESH_CALLER: &str = "mesh-caller";

/// What consent is made of.
pub struct Parts {
    /// The database, migrated.
    pub store: StoreConfig,
    /// Keys of this service.
    pub keys: ServiceKeys,
    /// Seals rows: [`ServiceKeys::row_codec`].
    pub codec: Arc<dyn RowCodec>,
    /// Finds rows: `keys.blind_index()`.
    pub index: Arc<dyn BlindIndex>,
    /// The log: [`ledger`].
    pub ledger: Ledger,
    /// The same log, as the store writes to it.
    pub journal: Arc<dyn Journal>,
    /// Bucket keys, outside the database and never backed up.
    pub bucket_keys: Arc<dyn BucketKeys>,
    /// The decision whether a grant is live: [`LiveNow`](crate::LiveNow).
    pub liveness: Arc<dyn Liveness>,
    /// Who is in the mesh, with which keys.
    pub directory: Directory,
    /// Referral's key for submission receipts, pinned.
    pub receipt_key: VerifyingKey,
    /// Signalling's keys, pinned; none in a mesh without signalling, where no contact box opens.
    pub signalling: Option<SignallingKeys>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub randomness: Arc<dyn Randomness>,
    /// Waiting.
    pub timer: Arc<dyn Timer>,
    /// Checks caller tokens; its audience is consent.
    pub verifier: CallerTokenVerifier,
    /// The rules of methods.
    pub table: MethodTable,
    /// Ends jobs and watches.
    pub stop: Stop,
    /// What notices are sent with; none where a mesh sends none.
    pub notices: Option<Notices>,
}

/// The keys of signalling that the gate believes.
#[derive(Clone, Debug)]
pub struct SignallingKeys {
    /// Verifies its receipts for contact boxes.
    pub receipt: VerifyingKey,
    /// Verifies its match statements.
    pub matches: VerifyingKey,
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parts(…)")
    }
}

/// The log of consent in this mesh.
///
/// # Errors
/// [`LogError`] when the key is missing or the mesh id cannot stand in a checkpoint.
pub fn ledger(
    keys: &ServiceKeys,
    mesh_id: &str,
    randomness: Arc<dyn Randomness>,
) -> Result<Ledger, LogError> {
    let signing_key = signing_key(keys, KeyKind::Log, LOG)?;
    Ok(Ledger::new(LedgerParts {
        columns: keys.columns().clone(),
        index: keys.blind_index(),
        signing_key,
        origin: format!("{mesh_id}/consent"),
        kept: ACCESS_LOG_KEPT,
        randomness,
    })?)
}

/// Why the log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Its key.
    #[error("the log key cannot be used")]
    Key(#[from] KeysError),
    /// Its name.
    #[error("the log cannot be opened")]
    Ledger(#[from] LedgerError),
}

/// The public halves of consent's keys, for who pins them.
#[derive(Clone, Debug)]
pub struct PublicKeys {
    /// Verifies grant tokens: pinned by referral and by the SDK.
    pub grant_token: VerifyingKey,
    /// Verifies resident tickets: pinned by referral.
    pub ticket: VerifyingKey,
    /// Verifies consent receipts: published, for whoever is shown one.
    pub consent_receipt: VerifyingKey,
    /// Verifies circle posts: pinned by signalling and by the SDK.
    pub circle: VerifyingKey,
    /// Verifies leaf promises and checkpoints: pinned by the SDK.
    pub log: VerifyingKey,
    /// Verifies consent's own calls: pinned by registry.
    pub mesh_caller: VerifyingKey,
}

/// The public halves of consent's keys.
///
/// # Errors
/// [`KeysError`] when a secret is missing.
pub fn public_keys(keys: &ServiceKeys) -> Result<PublicKeys, KeysError> {
    let public = |kind, name| signing_key(keys, kind, name).map(|key| key.verifying_key().clone());
    Ok(PublicKeys {
        grant_token: public(KeyKind::GrantToken, GRANT_TOKEN)?,
        ticket: public(KeyKind::Ticket, TICKET)?,
        consent_receipt: public(KeyKind::ConsentReceipt, CONSENT_RECEIPT)?,
        circle: public(KeyKind::Circle, CIRCLE)?,
        log: public(KeyKind::Log, LOG)?,
        mesh_caller: public(KeyKind::MeshCaller, MESH_CALLER)?,
    })
}

/// Signs consent's own calls to registry.
///
/// # Errors
/// [`KeysError`] when the secret is missing.
pub fn mesh_signer(keys: &ServiceKeys, clock: Arc<dyn Clock>) -> Result<CallerTokenSigner, KeysError> {
    let key = signing_key(keys, KeyKind::MeshCaller, MESH_CALLER)?;
    Ok(CallerTokenSigner::new(Arc::new(key), clock))
}

pub(crate) fn grant_token_key(keys: &ServiceKeys) -> Result<SigningKey, KeysError> {
    signing_key(keys, KeyKind::GrantToken, GRANT_TOKEN)
}

pub(crate) fn circle_key(keys: &ServiceKeys) -> Result<SigningKey, KeysError> {
    signing_key(keys, KeyKind::Circle, CIRCLE)
}

pub(crate) fn ticket_key(keys: &ServiceKeys) -> Result<SigningKey, KeysError> {
    signing_key(keys, KeyKind::Ticket, TICKET)
}

pub(crate) fn consent_receipt_key(keys: &ServiceKeys) -> Result<SigningKey, KeysError> {
    signing_key(keys, KeyKind::ConsentReceipt, CONSENT_RECEIPT)
}

fn signing_key(keys: &ServiceKeys, kind: KeyKind, name: &str) -> Result<SigningKey, KeysError> {
    Ok(SigningKey::from_seed(kind, keys.secret(name)?.expose()))
}
