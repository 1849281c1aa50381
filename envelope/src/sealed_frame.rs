//! The frame around what is sealed to one of an organisation's sealing keys: which key, which suite, the sealed bytes.

use sluis_types::{KeyId, Randomness};
use zeroize::Zeroizing;

use crate::key::{SealingKeyPair, SealingPublicKey, Suite};
use crate::message::EnvelopeError;
use crate::wire::{FormatError, Reader, Writer};

/// What handles, bundles and notes have in common. What a thing is bound to differs, and names the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SealedFrame {
    key_id: KeyId,
    suite: Suite,
    sealed: Vec<u8>,
}

impl SealedFrame {
    /// Seals with the best suite of the key; `bound` gives the HPKE info for its id.
    pub(crate) fn seal(
        plaintext: &[u8],
        to: &SealingPublicKey,
        bound: impl FnOnce(KeyId) -> Vec<u8>,
        randomness: &dyn Randomness,
    ) -> Result<Self, EnvelopeError> {
        let (key_id, suite) = (to.id(), to.best_suite());
        Ok(Self {
            key_id,
            suite,
            sealed: to.seal(suite, &bound(key_id), plaintext, randomness)?,
        })
    }

    /// Reads a frame around a plaintext of `length` bytes.
    pub(crate) fn read(reader: &mut Reader<'_>, length: usize) -> Result<Self, FormatError> {
        let key_id = KeyId::from_bytes(reader.array()?);
        let suite = Suite::from_number(reader.u16()?)?;
        Ok(Self {
            key_id,
            suite,
            sealed: reader.take(suite.sealed_bytes(length))?.to_vec(),
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.key_id.as_bytes())
            .u16(self.suite.number())
            .bytes(&self.sealed);
    }

    /// The sealing key that opens it.
    pub(crate) const fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The plaintext: [`EnvelopeError::WrongKey`] for another key than the frame names, and
    /// [`EnvelopeError::CannotOpen`] when it was bound to something else or was changed.
    pub(crate) fn open(
        &self,
        key: &SealingKeyPair,
        bound: impl FnOnce(KeyId) -> Vec<u8>,
    ) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        if key.id() != self.key_id {
            return Err(EnvelopeError::WrongKey);
        }
        Ok(key.open(self.suite, &bound(self.key_id), &self.sealed)?)
    }
}
