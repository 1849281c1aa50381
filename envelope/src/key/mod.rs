//! Keys. A key's id is a hash over its kind and its public bytes, so whoever holds a key can check its name, and
//! a key of one kind never passes for one of another.

mod hybrid;
mod organisation;
mod request;
mod signing;
mod suite;

pub use hybrid::{Gate, GateKeyPair, GatePublicKey, HybridKeyPair, HybridPublicKey, HybridUse};
pub use hybrid::{Sealing, SealingKeyPair, SealingPublicKey};
pub use organisation::OrganisationKey;
pub use request::{RequestKeyPair, RequestPublicKey};
pub use signing::{BadSignature, SIGNATURE_BYTES, SigningKey, VerifyingKey};
pub use suite::Suite;
pub(crate) use suite::{PrivateHalf, PublicHalf, SealFailed};

use sluis_types::KeyId;

use crate::hash::Hasher;
use crate::wire::FormatError;

/// What a key is for. The number is part of the key's id. 7 is reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum KeyKind {
    /// Signs the key statements of an organisation (Ed25519).
    Identity = 1,
    /// Signs the messages and open requests of an organisation (Ed25519).
    Signing = 2,
    /// Opens what is sealed to an organisation (X25519 and X-Wing).
    Sealing = 3,
    /// Signs the JWTs of an organisation's professionals.
    Jwt = 4,
    /// The key of an organisation's TLS certificate.
    Tls = 5,
    /// The second gate of one grant version (X25519 and X-Wing).
    Gate = 6,
    /// Signs grant tokens (consent, Ed25519).
    GrantToken = 8,
    /// Signs submission receipts (referral, Ed25519).
    Receipt = 9,
    /// Signs resident tickets (consent, Ed25519).
    Ticket = 10,
    /// Signs leaf promises and checkpoints (each service, Ed25519).
    Log = 11,
    /// Signs caller tokens for partners (gateway, Ed25519).
    PartnerCaller = 12,
    /// Signs caller tokens for residents (gateway, Ed25519).
    ResidentCaller = 13,
    /// Signs caller tokens of a part of the mesh that calls another in its own name (each service, Ed25519).
    MeshCaller = 14,
    /// Signs caller tokens for the operator's commands (operator, Ed25519).
    OperatorCaller = 15,
    /// Signs circle posts (consent, Ed25519).
    Circle = 16,
    /// Signs match statements (signalling, Ed25519).
    Match = 17,
    /// Signs directory heads (matching, Ed25519).
    Directory = 18,
    /// Signs consent receipts (consent, Ed25519).
    ConsentReceipt = 19,
}

impl KeyKind {
    /// The number in key ids and layouts.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The kind of a number.
    ///
    /// # Errors
    /// [`FormatError::Invalid`] for a number without a kind.
    pub const fn from_number(number: u8) -> Result<Self, FormatError> {
        Ok(match number {
            1 => Self::Identity,
            2 => Self::Signing,
            3 => Self::Sealing,
            4 => Self::Jwt,
            5 => Self::Tls,
            6 => Self::Gate,
            8 => Self::GrantToken,
            9 => Self::Receipt,
            10 => Self::Ticket,
            11 => Self::Log,
            12 => Self::PartnerCaller,
            13 => Self::ResidentCaller,
            14 => Self::MeshCaller,
            15 => Self::OperatorCaller,
            16 => Self::Circle,
            17 => Self::Match,
            18 => Self::Directory,
            19 => Self::ConsentReceipt,
            _ => return Err(FormatError::Invalid { field: "key kind" }),
        })
    }

    /// The id of the key of this kind with these public parts: `H("sluis/v1/key-id", kind, parts…)`.
    pub(crate) fn key_id(self, parts: &[&[u8]]) -> KeyId {
        let start = Hasher::new("sluis/v1/key-id").part(&[self.number()]);
        let hasher = parts.iter().fold(start, |hasher, part| hasher.part(part));
        KeyId::from_bytes(hasher.finish())
    }
}
