//! Ed25519 (RFC 8032) with strict verification.

use std::fmt;

use ed25519_dalek::Signer as _;
use sluis_types::{KeyId, Randomness};
use zeroize::Zeroizing;

use super::KeyKind;
use crate::chance;
use crate::count::{Operation, count};
use crate::hash::info;
use crate::wire::{FormatError, Reader};

/// Length of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// A signature that is not the key's over these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not match")]
pub struct BadSignature;

/// The private half of an Ed25519 key. Zeroized when dropped; prints its id only.
pub struct SigningKey {
    public: VerifyingKey,
    private: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// A fresh key.
    pub fn generate(kind: KeyKind, randomness: &dyn Randomness) -> Self {
        Self::from_seed(kind, &chance::secret(randomness))
    }

    /// The key of an RFC 8032 private key (32 bytes).
    pub fn from_seed(kind: KeyKind, seed: &[u8; 32]) -> Self {
        let private = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = VerifyingKey::wrap(kind, private.verifying_key());
        Self { public, private }
    }

    /// The RFC 8032 private key.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.private.to_bytes())
    }

    /// Kind and seed (33 bytes), for a sealed store.
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(33));
        bytes.push(self.kind().number());
        bytes.extend_from_slice(self.seed().as_slice());
        bytes
    }

    /// The key that [`SigningKey::to_secret_bytes`] wrote.
    ///
    /// # Errors
    /// [`FormatError`] for anything else.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let kind = KeyKind::from_number(reader.u8()?)?;
        let seed = Zeroizing::new(reader.array()?);
        reader.finish()?;
        Ok(Self::from_seed(kind, &seed))
    }

    /// What the key is for.
    pub const fn kind(&self) -> KeyKind {
        self.public.kind
    }

    /// The key's name.
    pub const fn id(&self) -> KeyId {
        self.public.id
    }

    /// The public half.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    /// Signs tag, a zero byte, and the body.
    pub fn sign(&self, tag: &str, body: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.sign_raw(&info(tag, &[body]))
    }

    /// Signs bytes as they are: for checkpoints, whose form is not ours.
    pub(crate) fn sign_raw(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        count(Operation::Sign);
        self.private.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?} {:?})", self.kind(), self.id())
    }
}

/// The public half of an Ed25519 key.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    kind: KeyKind,
    id: KeyId,
    public: ed25519_dalek::VerifyingKey,
}

impl VerifyingKey {
    fn wrap(kind: KeyKind, public: ed25519_dalek::VerifyingKey) -> Self {
        Self {
            kind,
            id: kind.key_id(&[public.as_bytes()]),
            public,
        }
    }

    /// The key of its 32 bytes.
    ///
    /// # Errors
    /// [`FormatError::Invalid`] for bytes that are no point, not its canonical form, or a point of small order.
    pub fn from_bytes(kind: KeyKind, bytes: &[u8; 32]) -> Result<Self, FormatError> {
        let invalid = FormatError::Invalid { field: "Ed25519 key" };
        let public = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| invalid)?;
        if public.is_weak() || public.to_edwards().compress().as_bytes() != bytes {
            return Err(invalid);
        }
        Ok(Self::wrap(kind, public))
    }

    /// What the key is for.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key's name.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The 32 bytes (RFC 8032 §5.1.5).
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.public.as_bytes()
    }

    /// Checks a signature that [`SigningKey::sign`] made.
    ///
    /// # Errors
    /// [`BadSignature`] when it is not this key's over these bytes.
    pub fn verify(
        &self,
        tag: &str,
        body: &[u8],
        signature: &[u8; SIGNATURE_BYTES],
    ) -> Result<(), BadSignature> {
        self.verify_raw(&info(tag, &[body]), signature)
    }

    pub(crate) fn verify_raw(
        &self,
        message: &[u8],
        signature: &[u8; SIGNATURE_BYTES],
    ) -> Result<(), BadSignature> {
        count(Operation::Verify);
        self.public
            .verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature))
            .map_err(|_| BadSignature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({:?} {:?})", self.kind, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_types::SeededRandomness;

    #[test]
    fn a_signature_is_bound_to_key_tag_and_body() {
        let randomness = SeededRandomness::new(1);
        let key = SigningKey::generate(KeyKind::Signing, &randomness);
        let other = SigningKey::generate(KeyKind::Signing, &randomness);
        let signature = key.sign("tag", b"body");
        assert_eq!(key.verifying_key().verify("tag", b"body", &signature), Ok(()));
        assert!(key.verifying_key().verify("tag", b"bodY", &signature).is_err());
        assert!(key.verifying_key().verify("taG", b"body", &signature).is_err());
        assert!(other.verifying_key().verify("tag", b"body", &signature).is_err());
    }

    #[test]
    fn a_key_names_itself_after_its_kind_too() {
        let bytes = *SigningKey::from_seed(KeyKind::Log, &[7; 32])
            .verifying_key()
            .as_bytes();
        let log = VerifyingKey::from_bytes(KeyKind::Log, &bytes).unwrap();
        let receipt = VerifyingKey::from_bytes(KeyKind::Receipt, &bytes).unwrap();
        assert_ne!(log.id(), receipt.id());
    }

    #[test]
    fn keys_round_trip_and_never_print_their_seed() {
        let key = SigningKey::from_seed(KeyKind::Log, &[0xab; 32]);
        let again = SigningKey::from_secret_bytes(&key.to_secret_bytes()).unwrap();
        assert_eq!(again.id(), key.id());
        assert!(!format!("{key:?}").contains("abab"));
        assert!(SigningKey::from_secret_bytes(&[1; 32]).is_err());
        assert!(SigningKey::from_secret_bytes(&[7; 33]).is_err());
    }

    #[test]
    fn weak_and_non_canonical_keys_are_refused() {
        // The identity, a point of order 8, and the identity written as p + 1.
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut non_canonical = [0xff; 32];
        (non_canonical[0], non_canonical[31]) = (0xee, 0x7f);
        let order_8: [u8; 32] = [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ];
        for bytes in [identity, non_canonical, order_8] {
            assert!(VerifyingKey::from_bytes(KeyKind::Signing, &bytes).is_err());
        }
    }
}
