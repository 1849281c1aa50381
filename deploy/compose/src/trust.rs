//! Which public key belongs to which part of the mesh, and what it may speak for.
//!
//! One file, `trust.json` in the keys directory, holds all of them. It is public, but whoever can write it decides whom
//! the parts believe: it is distributed with the role certificates, by the operator.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sluis_envelope::{FormatError, KeyKind, SigningKey, VerifyingKey};
use sluis_keyring::{KeysError, ServiceKeys};
use sluis_serve::{MeshRole, TrustedIssuer};
use sluis_types::KeyId;

/// Name of the file in the keys directory.
pub const TRUST_FILE: &str = "trust.json";
/// Name of the operator's secret.
pub(crate) const OPERATOR_SECRET: &str = "operator-caller";

/// The public keys of a mesh's parts, 32 bytes each in hexadecimal.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// Signs the registry's log.
    pub registry_log: Key,
    /// Signs grant tokens.
    pub grant_token: Key,
    /// Signs resident tickets.
    pub ticket: Key,
    /// Signs circle posts.
    pub circle: Key,
    /// Signs consent's log.
    pub consent_log: Key,
    /// Speaks for consent to others.
    pub consent_caller: Key,
    /// Signs submission receipts.
    pub receipt: Key,
    /// Signs referral's log.
    pub referral_log: Key,
    /// Speaks for referral to others.
    pub referral_caller: Key,
    /// Signs directory heads.
    pub directory: Key,
    /// Signs matching's log.
    pub matching_log: Key,
    /// Speaks for matching to others.
    pub matching_caller: Key,
    /// Signs receipts for contact boxes.
    pub signalling_receipt: Key,
    /// Signs match statements.
    pub match_statement: Key,
    /// Signs signalling's log.
    pub signalling_log: Key,
    /// Speaks for signalling to others.
    pub signalling_caller: Key,
    /// Speaks for partners and newcomers.
    pub partner_caller: Key,
    /// Speaks for residents.
    pub resident_caller: Key,
    /// Speaks for the gateway itself.
    pub gateway_caller: Key,
    /// Speaks for the operator.
    pub operator_caller: Key,
}

/// A public key as the file holds it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    fn of(key: &VerifyingKey) -> Self {
        Self(KeyId::from_bytes(*key.as_bytes()).to_string())
    }

    /// The key, for verifying.
    ///
    /// # Errors
    /// [`TrustError`] for anything but 64 hexadecimal digits of a key.
    pub fn verifying(&self, kind: KeyKind) -> Result<VerifyingKey, TrustError> {
        let bytes: KeyId = self.0.parse().map_err(|_| TrustError::Text)?;
        Ok(VerifyingKey::from_bytes(kind, bytes.as_bytes())?)
    }

    /// The 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why the trust of a mesh cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Not 64 hexadecimal digits.
    #[error("a public key is 64 hexadecimal digits")]
    Text,
    /// Not a key.
    #[error("not a public key")]
    Key(#[from] FormatError),
    /// A service's own keys cannot be used.
    #[error("a service's keys cannot be used")]
    Keys(#[from] KeysError),
    /// The file cannot be read.
    #[error("trust.json cannot be read")]
    File(#[source] std::io::Error),
    /// The file does not hold what it should.
    #[error("trust.json does not hold the public keys of a mesh")]
    Json(#[source] serde_json::Error),
}

/// The keys of all parts, where one operator has them together.
#[derive(Debug)]
pub struct AllKeys {
    /// The registry's.
    pub registry: ServiceKeys,
    /// Consent's.
    pub consent: ServiceKeys,
    /// Referral's.
    pub referral: ServiceKeys,
    /// Matching's.
    pub matching: ServiceKeys,
    /// Signalling's.
    pub signalling: ServiceKeys,
    /// The gateway's.
    pub gateway: ServiceKeys,
    /// The operator's.
    pub operator: ServiceKeys,
}

impl Trust {
    /// The public halves of all parts' keys.
    ///
    /// # Errors
    /// [`TrustError::Keys`] where a secret can be neither read nor made.
    pub fn of(keys: &AllKeys) -> Result<Self, TrustError> {
        let registry = sluis_registry::public_keys(&keys.registry)?;
        let consent = sluis_consent::public_keys(&keys.consent)?;
        let referral = sluis_referral::public_keys(&keys.referral)?;
        let matching = sluis_matching::public_keys(&keys.matching)?;
        let signalling = sluis_signalling::public_keys(&keys.signalling)?;
        let gateway = sluis_gateway::public_keys(&keys.gateway)?;
        Ok(Self {
            registry_log: Key::of(&registry.log),
            grant_token: Key::of(&consent.grant_token),
            ticket: Key::of(&consent.ticket),
            circle: Key::of(&consent.circle),
            consent_log: Key::of(&consent.log),
            consent_caller: Key::of(&consent.mesh_caller),
            receipt: Key::of(&referral.receipt),
            referral_log: Key::of(&referral.log),
            referral_caller: Key::of(&referral.mesh_caller),
            directory: Key::of(&matching.directory),
            matching_log: Key::of(&matching.log),
            matching_caller: Key::of(&matching.mesh_caller),
            signalling_receipt: Key::of(&signalling.receipt),
            match_statement: Key::of(&signalling.match_statement),
            signalling_log: Key::of(&signalling.log),
            signalling_caller: Key::of(&signalling.mesh_caller),
            partner_caller: Key::of(&gateway.partner_caller),
            resident_caller: Key::of(&gateway.resident_caller),
            gateway_caller: Key::of(&gateway.mesh_caller),
            operator_caller: Key::of(operator_key(&keys.operator)?.verifying_key()),
        })
    }

    /// Reads `trust.json`.
    ///
    /// # Errors
    /// [`TrustError::File`] or [`TrustError::Json`].
    pub fn load(keys_dir: &Path) -> Result<Self, TrustError> {
        let bytes = std::fs::read(keys_dir.join(TRUST_FILE)).map_err(TrustError::File)?;
        serde_json::from_slice(&bytes).map_err(TrustError::Json)
    }

    /// Writes `trust.json`.
    ///
    /// # Errors
    /// [`TrustError::File`].
    pub fn store(&self, keys_dir: &Path) -> Result<(), TrustError> {
        let json = serde_json::to_vec_pretty(self).map_err(TrustError::Json)?;
        std::fs::write(keys_dir.join(TRUST_FILE), json).map_err(TrustError::File)
    }

    /// Whom the registry believes: everybody who may ask it, and the operator.
    pub(crate) fn registry_issuers(&self) -> Result<Vec<TrustedIssuer>, TrustError> {
        let mut issuers = self.gateway_issuers()?;
        issuers.push(mesh(&self.consent_caller, MeshRole::Consent)?);
        issuers.push(mesh(&self.referral_caller, MeshRole::Referral)?);
        issuers.push(mesh(&self.signalling_caller, MeshRole::Signalling)?);
        issuers.push(TrustedIssuer {
            key: self.operator_caller.verifying(KeyKind::OperatorCaller)?,
            holder: MeshRole::Operator,
        });
        Ok(issuers)
    }

    /// Whom consent believes: the gateway, referral and signalling for what they watch, and matching for what it asks.
    pub(crate) fn consent_issuers(&self) -> Result<Vec<TrustedIssuer>, TrustError> {
        let mut issuers = self.gateway_issuers()?;
        issuers.push(mesh(&self.referral_caller, MeshRole::Referral)?);
        issuers.push(mesh(&self.signalling_caller, MeshRole::Signalling)?);
        issuers.push(mesh(&self.matching_caller, MeshRole::Matching)?);
        Ok(issuers)
    }

    /// Whom matching believes: the gateway.
    pub(crate) fn matching_issuers(&self) -> Result<Vec<TrustedIssuer>, TrustError> {
        self.gateway_issuers()
    }

    /// Whom referral believes: the gateway.
    pub(crate) fn referral_issuers(&self) -> Result<Vec<TrustedIssuer>, TrustError> {
        self.gateway_issuers()
    }

    /// Whom signalling believes: the gateway.
    pub(crate) fn signalling_issuers(&self) -> Result<Vec<TrustedIssuer>, TrustError> {
        self.gateway_issuers()
    }

    fn gateway_issuers(&self) -> Result<Vec<TrustedIssuer>, TrustError> {
        Ok(vec![
            TrustedIssuer {
                key: self.partner_caller.verifying(KeyKind::PartnerCaller)?,
                holder: MeshRole::Gateway,
            },
            TrustedIssuer {
                key: self.resident_caller.verifying(KeyKind::ResidentCaller)?,
                holder: MeshRole::Gateway,
            },
            mesh(&self.gateway_caller, MeshRole::Gateway)?,
        ])
    }
}

fn mesh(key: &Key, holder: MeshRole) -> Result<TrustedIssuer, TrustError> {
    Ok(TrustedIssuer {
        key: key.verifying(KeyKind::MeshCaller)?,
        holder,
    })
}

/// The key that speaks for the operator.
pub(crate) fn operator_key(keys: &ServiceKeys) -> Result<SigningKey, KeysError> {
    let seed = keys.secret(OPERATOR_SECRET)?;
    Ok(SigningKey::from_seed(KeyKind::OperatorCaller, seed.expose()))
}
