//! The keys directory: one folder a part, made on first use.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sluis_keyring::ServiceKeys;
use sluis_serve::{MeshRole, TlsIdentity, TlsRoots};
use sluis_types::Randomness;

use crate::error::ComposeError;
use crate::trust::AllKeys;

/// Name of the CA's certificate beside the keys of a role that runs apart.
pub(crate) const CA_FILE: &str = "ca.pem";

/// The folder of a part's keys.
pub(crate) fn folder(keys_dir: &Path, role: MeshRole) -> PathBuf {
    keys_dir.join(role.name())
}

/// The folder of the certificate authority.
pub(crate) fn ca_folder(keys_dir: &Path) -> PathBuf {
    keys_dir.join("ca")
}

impl AllKeys {
    /// The keys of all parts, made where they are missing.
    ///
    /// # Errors
    /// [`ComposeError::Keys`] when a file cannot be read, written or believed.
    pub fn load_or_create(keys_dir: &Path, randomness: &Arc<dyn Randomness>) -> Result<Self, ComposeError> {
        let keys = |role| ServiceKeys::load_or_create(&folder(keys_dir, role), Arc::clone(randomness));
        Ok(Self {
            registry: keys(MeshRole::Registry)?,
            consent: keys(MeshRole::Consent)?,
            referral: keys(MeshRole::Referral)?,
            matching: keys(MeshRole::Matching)?,
            signalling: keys(MeshRole::Signalling)?,
            gateway: keys(MeshRole::Gateway)?,
            operator: keys(MeshRole::Operator)?,
        })
    }
}

/// The role certificate of a part that runs apart: `role.pem` and `role.key` in its folder.
///
/// # Errors
/// [`ComposeError::Tls`] when they cannot be read.
pub(crate) fn role_identity(keys_dir: &Path, role: MeshRole) -> Result<TlsIdentity, ComposeError> {
    let folder = folder(keys_dir, role);
    Ok(TlsIdentity::load(
        &folder.join("role.pem"),
        &folder.join("role.key"),
    )?)
}

/// The CA's certificate, beside the folders of the parts.
///
/// # Errors
/// [`ComposeError::Tls`] when it cannot be read.
pub(crate) fn roots(keys_dir: &Path) -> Result<TlsRoots, ComposeError> {
    Ok(TlsRoots::load(&keys_dir.join(CA_FILE))?)
}
