//! The key that a recipient makes for one open request and throws away after the reply.

use std::fmt;

use sluis_types::Randomness;
use zeroize::Zeroizing;

use super::{PrivateHalf, PublicHalf, SealFailed, Suite};
use crate::chance;
use crate::wire::{FormatError, Reader, Writer};

/// The public half of a request key: one suite.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestPublicKey(PublicHalf);

impl RequestPublicKey {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let suite = Suite::from_number(reader.u16()?)?;
        PublicHalf::parse(suite, reader.take(suite.public_bytes())?).map(Self)
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.u16(self.suite().number()).bytes(&self.to_bytes());
    }

    /// The public bytes: 32 or 1216, by the suite.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }

    /// The suite that the reply is sealed with.
    pub const fn suite(&self) -> Suite {
        self.0.suite()
    }

    pub(crate) fn seal(
        &self,
        info: &[u8],
        plain: &[u8],
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, SealFailed> {
        self.0.seal(info, plain, randomness)
    }
}

impl fmt::Debug for RequestPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestPublicKey({:?})", self.suite())
    }
}

/// A request key. Zeroized when dropped; prints nothing but its suite.
pub struct RequestKeyPair {
    public: RequestPublicKey,
    private: PrivateHalf,
}

impl RequestKeyPair {
    /// A fresh key (takes 32 bytes of randomness: the X25519 scalar or the X-Wing seed).
    pub fn generate(suite: Suite, randomness: &dyn Randomness) -> Self {
        let private = PrivateHalf::from_seed(suite, &chance::secret(randomness));
        Self {
            public: RequestPublicKey(private.public()),
            private,
        }
    }

    /// The public half.
    pub const fn public(&self) -> &RequestPublicKey {
        &self.public
    }

    pub(crate) fn open(&self, info: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFailed> {
        self.private.open(info, sealed)
    }
}

impl fmt::Debug for RequestKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestKeyPair({:?})", self.public.suite())
    }
}
