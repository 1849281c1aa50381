//! The keys that the gateway signs caller tokens with.

use std::sync::Arc;

use sluis_envelope::{KeyKind, SigningKey, VerifyingKey};
use sluis_keyring::{KeysError, ServiceKeys};
use sluis_serve::{CallerTokenSigner, MeshRole, TrustedIssuer};
use sluis_types::Clock;

const PARTNER_CALLER: &str = "partner-caller";
const RESIDENT_CALLER: &str = "resident-caller";
const MESH_CALLER: &str = "mesh-caller";

/// What services trust of a gateway.
#[derive(Clone, Debug)]
pub struct PublicKeys {
    /// Speaks for partners, and for newcomers that enrol.
    pub partner_caller: VerifyingKey,
    /// Speaks for residents.
    pub resident_caller: VerifyingKey,
    /// Speaks for the gateway itself.
    pub mesh_caller: VerifyingKey,
}

impl PublicKeys {
    /// All of them, as a service's verifier takes them.
    pub fn issuers(&self) -> Vec<TrustedIssuer> {
        [&self.partner_caller, &self.resident_caller, &self.mesh_caller]
            .into_iter()
            .map(|key| TrustedIssuer {
                key: key.clone(),
                holder: MeshRole::Gateway,
            })
            .collect()
    }
}

/// The public halves of a gateway's keys.
///
/// # Errors
/// [`KeysError`] when a secret is missing.
pub fn public_keys(keys: &ServiceKeys) -> Result<PublicKeys, KeysError> {
    let public = |name, kind| Ok::<_, KeysError>(signing_key(keys, name, kind)?.verifying_key().clone());
    Ok(PublicKeys {
        partner_caller: public(PARTNER_CALLER, KeyKind::PartnerCaller)?,
        resident_caller: public(RESIDENT_CALLER, KeyKind::ResidentCaller)?,
        mesh_caller: public(MESH_CALLER, KeyKind::MeshCaller)?,
    })
}

/// Signs for calls in the gateway's own name: sessions, and the directory's stream.
///
/// # Errors
/// [`KeysError`] when the secret is missing.
pub fn mesh_signer(keys: &ServiceKeys, clock: Arc<dyn Clock>) -> Result<CallerTokenSigner, KeysError> {
    signer(keys, MESH_CALLER, KeyKind::MeshCaller, clock)
}

pub(crate) fn partner_signer(
    keys: &ServiceKeys,
    clock: Arc<dyn Clock>,
) -> Result<CallerTokenSigner, KeysError> {
    signer(keys, PARTNER_CALLER, KeyKind::PartnerCaller, clock)
}

pub(crate) fn resident_signer(
    keys: &ServiceKeys,
    clock: Arc<dyn Clock>,
) -> Result<CallerTokenSigner, KeysError> {
    signer(keys, RESIDENT_CALLER, KeyKind::ResidentCaller, clock)
}

fn signer(
    keys: &ServiceKeys,
    name: &str,
    kind: KeyKind,
    clock: Arc<dyn Clock>,
) -> Result<CallerTokenSigner, KeysError> {
    Ok(CallerTokenSigner::new(
        Arc::new(signing_key(keys, name, kind)?),
        clock,
    ))
}

fn signing_key(keys: &ServiceKeys, name: &str, kind: KeyKind) -> Result<SigningKey, KeysError> {
    Ok(SigningKey::from_seed(kind, keys.secret(name)?.expose()))
}
