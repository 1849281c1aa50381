//! Keys that cover both suites under one id: an organisation's sealing keys and the gate keys of grants.

use std::fmt;
use std::marker::PhantomData;

use sluis_types::{KeyId, Randomness};
use zeroize::Zeroizing;

use super::{KeyKind, PrivateHalf, PublicHalf, SealFailed, Suite};
use crate::chance;
use crate::wire::{FormatError, Reader, Writer};

/// What a hybrid key is for; only [`Sealing`] and [`Gate`] are.
pub trait HybridUse: private::Closed + 'static {
    /// The kind that is hashed into the key's id.
    const KIND: KeyKind;
}

mod private {
    pub trait Closed {}
}

/// Marks the sealing keys of organisations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {}
/// Marks the gate keys of grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {}

impl private::Closed for Sealing {}
impl private::Closed for Gate {}
impl HybridUse for Sealing {
    const KIND: KeyKind = KeyKind::Sealing;
}
impl HybridUse for Gate {
    const KIND: KeyKind = KeyKind::Gate;
}

/// The public half of an organisation's sealing key.
pub type SealingPublicKey = HybridPublicKey<Sealing>;
/// An organisation's sealing key.
pub type SealingKeyPair = HybridKeyPair<Sealing>;
/// The public half of a grant version's gate key.
pub type GatePublicKey = HybridPublicKey<Gate>;
/// A grant version's gate key.
pub type GateKeyPair = HybridKeyPair<Gate>;

/// First byte of a key: X25519 alone.
const X25519_ONLY: u8 = 1;
/// First byte of a key: X25519 and X-Wing.
const BOTH_SUITES: u8 = 3;

/// The public half of a hybrid key.
pub struct HybridPublicKey<U> {
    id: KeyId,
    x25519: PublicHalf,
    x_wing: Option<PublicHalf>,
    for_use: PhantomData<fn() -> U>,
}

impl<U: HybridUse> HybridPublicKey<U> {
    fn new(x25519: PublicHalf, x_wing: Option<PublicHalf>) -> Self {
        let second = x_wing.as_ref().map(PublicHalf::to_bytes).unwrap_or_default();
        Self {
            id: U::KIND.key_id(&[&x25519.to_bytes(), &second]),
            x25519,
            x_wing,
            for_use: PhantomData,
        }
    }

    /// Reads what [`HybridPublicKey::encode`] wrote, and nothing more.
    ///
    /// # Errors
    /// [`FormatError`] for anything else; points of small order and second encodings of a point are refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let key = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(key)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let suites = reader.u8()?;
        if suites != X25519_ONLY && suites != BOTH_SUITES {
            return Err(FormatError::Suite);
        }
        let x25519 = PublicHalf::parse(Suite::X25519, reader.take(Suite::X25519.public_bytes())?)?;
        let x_wing = (suites == BOTH_SUITES)
            .then(|| PublicHalf::parse(Suite::XWing, reader.take(Suite::XWing.public_bytes())?))
            .transpose()?;
        Ok(Self::new(x25519, x_wing))
    }

    /// The layout of the key: suites, X25519 key, X-Wing key (33 or 1249 bytes).
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.finish()
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer
            .u8(if self.x_wing.is_some() {
                BOTH_SUITES
            } else {
                X25519_ONLY
            })
            .bytes(&self.x25519.to_bytes());
        if let Some(key) = &self.x_wing {
            writer.bytes(&key.to_bytes());
        }
    }

    /// The key's name.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Whether one can seal to this key with `suite`.
    pub const fn supports(&self, suite: Suite) -> bool {
        matches!(suite, Suite::X25519) || self.x_wing.is_some()
    }

    /// X-Wing where the key has it.
    pub const fn best_suite(&self) -> Suite {
        if self.x_wing.is_some() {
            Suite::XWing
        } else {
            Suite::X25519
        }
    }

    /// The same key without its X-Wing half, as a platform without ML-KEM publishes it. It has another id.
    #[must_use]
    pub fn x25519_only(&self) -> Self {
        Self::new(self.x25519.clone(), None)
    }

    pub(crate) fn seal(
        &self,
        suite: Suite,
        info: &[u8],
        plain: &[u8],
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, SealFailed> {
        match suite {
            Suite::X25519 => self.x25519.seal(info, plain, randomness),
            Suite::XWing => self
                .x_wing
                .as_ref()
                .ok_or(SealFailed)?
                .seal(info, plain, randomness),
        }
    }
}

impl<U> Clone for HybridPublicKey<U> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            x25519: self.x25519.clone(),
            x_wing: self.x_wing.clone(),
            for_use: PhantomData,
        }
    }
}

/// The id is a hash over all public bytes.
impl<U> PartialEq for HybridPublicKey<U> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl<U> Eq for HybridPublicKey<U> {}

impl<U: HybridUse> fmt::Debug for HybridPublicKey<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HybridPublicKey({:?} {:?})", U::KIND, self.id)
    }
}

/// The private half of a hybrid key. Zeroized when dropped; prints its id only.
pub struct HybridKeyPair<U> {
    public: HybridPublicKey<U>,
    x25519: PrivateHalf,
    x_wing: Option<PrivateHalf>,
    secret: Zeroizing<Vec<u8>>,
}

impl<U: HybridUse> HybridKeyPair<U> {
    /// A fresh key of both suites.
    pub fn generate(randomness: &dyn Randomness) -> Self {
        let x25519 = chance::secret(randomness);
        Self::from_seeds(&x25519, Some(&chance::secret(randomness)))
    }

    fn from_seeds(x25519: &[u8; 32], x_wing: Option<&[u8; 32]>) -> Self {
        let mut secret = Zeroizing::new(Vec::with_capacity(65));
        secret.push(if x_wing.is_some() {
            BOTH_SUITES
        } else {
            X25519_ONLY
        });
        secret.extend_from_slice(x25519);
        if let Some(seed) = x_wing {
            secret.extend_from_slice(seed);
        }
        let x25519 = PrivateHalf::from_seed(Suite::X25519, x25519);
        let x_wing = x_wing.map(|seed| PrivateHalf::from_seed(Suite::XWing, seed));
        Self {
            public: HybridPublicKey::new(x25519.public(), x_wing.as_ref().map(PrivateHalf::public)),
            x25519,
            x_wing,
            secret,
        }
    }

    /// Suites, X25519 scalar, X-Wing seed (33 or 65 bytes), for a sealed store.
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        self.secret.clone()
    }

    /// The key that [`HybridKeyPair::to_secret_bytes`] wrote.
    ///
    /// # Errors
    /// [`FormatError`] for anything else.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let suites = reader.u8()?;
        let x25519 = Zeroizing::new(reader.array()?);
        let x_wing = match suites {
            X25519_ONLY => None,
            BOTH_SUITES => Some(Zeroizing::new(reader.array()?)),
            _ => return Err(FormatError::Suite),
        };
        reader.finish()?;
        Ok(Self::from_seeds(&x25519, x_wing.as_deref()))
    }

    /// The same key without its X-Wing half. It has another id.
    #[must_use]
    pub fn into_x25519_only(self) -> Self {
        let mut reader = Reader::new(&self.secret[1..]);
        let x25519 = Zeroizing::new(reader.array().expect("the X25519 scalar is always there"));
        Self::from_seeds(&x25519, None)
    }

    /// The key's name.
    pub const fn id(&self) -> KeyId {
        self.public.id
    }

    /// The public half.
    pub const fn public(&self) -> &HybridPublicKey<U> {
        &self.public
    }

    pub(crate) fn open(
        &self,
        suite: Suite,
        info: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SealFailed> {
        match suite {
            Suite::X25519 => self.x25519.open(info, sealed),
            Suite::XWing => self.x_wing.as_ref().ok_or(SealFailed)?.open(info, sealed),
        }
    }
}

impl<U: HybridUse> fmt::Debug for HybridKeyPair<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HybridKeyPair({:?} {:?})", U::KIND, self.public.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_types::SeededRandomness;

    #[test]
    fn pairs_round_trip_and_never_print_their_seeds() {
        let pair = SealingKeyPair::from_secret_bytes(&[&[3; 1][..], &[0xab; 64]].concat()).unwrap();
        assert_eq!(*pair.to_secret_bytes(), [&[3; 1][..], &[0xab; 64]].concat());
        assert!(!format!("{pair:?}").contains("abab"));
        assert!(SealingKeyPair::from_secret_bytes(&[3; 64]).is_err());
        assert!(SealingKeyPair::from_secret_bytes(&[2; 65]).is_err());
    }

    #[test]
    fn public_keys_round_trip_and_name_their_use() {
        let pair = SealingKeyPair::generate(&SeededRandomness::new(1));
        let bytes = pair.public().encode();
        assert_eq!(bytes.len(), 1249);
        assert_eq!(SealingPublicKey::parse(&bytes).as_ref(), Ok(pair.public()));
        assert_ne!(GatePublicKey::parse(&bytes).unwrap().id(), pair.id());
        let narrow = pair.public().x25519_only();
        assert_eq!(narrow.encode().len(), 33);
        assert_ne!(narrow.id(), pair.id());
        assert_eq!(narrow.best_suite(), Suite::X25519);
        assert_eq!(pair.into_x25519_only().id(), narrow.id());
    }
}
