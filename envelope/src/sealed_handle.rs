//! A handle on its way from consent to the organisation that it is for.

use sluis_types::{Handle, KeyId, Oin, Randomness};

use crate::hash::info;
use crate::key::{OrganisationKey, SealingKeyPair, SealingPublicKey, Suite};
use crate::message::EnvelopeError;
use crate::wire::{FormatError, Reader, VERSION, Writer};

/// Length of the plaintext.
const HANDLE_BYTES: usize = 16;

fn handle_info(organisation: Oin, key: KeyId) -> Vec<u8> {
    info("sluis/v1/handle", &[organisation.as_bytes(), key.as_bytes()])
}

/// An organisation's own name for a resident, sealed to one of its sealing keys (`docs/envelope.md`, "Sealed handle").
///
/// Not signed: it comes over the authenticated connection that it was asked on, and opens for the organisation only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedHandle {
    key_id: KeyId,
    suite: Suite,
    sealed: Vec<u8>,
}

impl SealedHandle {
    /// Seals a handle to an organisation, with the best suite of its key, and gives the layout.
    ///
    /// # Errors
    /// [`EnvelopeError::CannotOpen`] when the key cannot be sealed to.
    pub fn seal(
        handle: &Handle,
        to: &OrganisationKey<SealingPublicKey>,
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, EnvelopeError> {
        let (key_id, suite) = (to.key.id(), to.key.best_suite());
        let bound = handle_info(to.organisation, key_id);
        let sealed = to.key.seal(suite, &bound, handle.as_bytes(), randomness)?;
        Ok(Self {
            key_id,
            suite,
            sealed,
        }
        .encode())
    }

    /// Reads a sealed handle and nothing more.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let key_id = KeyId::from_bytes(reader.array()?);
        let suite = Suite::from_number(reader.u16()?)?;
        let sealed = reader.take(suite.sealed_bytes(HANDLE_BYTES))?.to_vec();
        reader.finish()?;
        Ok(Self {
            key_id,
            suite,
            sealed,
        })
    }

    /// The layout.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .u16(VERSION)
            .bytes(self.key_id.as_bytes())
            .u16(self.suite.number())
            .bytes(&self.sealed);
        writer.finish()
    }

    /// The sealing key that opens it.
    pub const fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The handle.
    ///
    /// # Errors
    /// [`EnvelopeError::WrongKey`] for another key than it names; [`EnvelopeError::CannotOpen`] when it was sealed for
    /// another organisation or was changed.
    pub fn open(&self, organisation: Oin, key: &SealingKeyPair) -> Result<Handle, EnvelopeError> {
        if key.id() != self.key_id {
            return Err(EnvelopeError::WrongKey);
        }
        let opened = key.open(self.suite, &handle_info(organisation, self.key_id), &self.sealed)?;
        let bytes = opened.as_slice().try_into();
        Ok(Handle::from_bytes(
            bytes.map_err(|_| FormatError::Invalid { field: "handle" })?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_types::SeededRandomness;

    fn oin(text: &str) -> Oin {
        text.parse().unwrap()
    }

    #[test]
    fn a_handle_opens_for_its_organisation_and_key_only() {
        let chance = SeededRandomness::new(1);
        let (own, other) = (oin("00000099000000001000"), oin("00000099000000002000"));
        let handle = Handle::from_bytes([7; 16]);
        let both = SealingKeyPair::generate(&chance);
        let narrow = SealingKeyPair::generate(&chance).into_x25519_only();
        for pair in [&both, &narrow] {
            let to = OrganisationKey {
                organisation: own,
                key: pair.public().clone(),
            };
            let bytes = SealedHandle::seal(&handle, &to, &chance).unwrap();
            let sealed = SealedHandle::parse(&bytes).unwrap();
            assert_eq!((sealed.key_id(), sealed.encode()), (pair.id(), bytes.clone()));
            assert_eq!(sealed.open(own, pair), Ok(handle));
            assert_eq!(sealed.open(other, pair), Err(EnvelopeError::CannotOpen));
            let stranger = SealingKeyPair::generate(&chance);
            assert_eq!(sealed.open(own, &stranger), Err(EnvelopeError::WrongKey));
            for cut in 0..bytes.len() {
                assert!(SealedHandle::parse(&bytes[..cut]).is_err());
            }
            let trailing = [bytes.as_slice(), &[0]].concat();
            assert_eq!(SealedHandle::parse(&trailing), Err(FormatError::TrailingBytes));
            let mut changed = bytes;
            *changed.last_mut().unwrap() ^= 1;
            assert_eq!(
                SealedHandle::parse(&changed).unwrap().open(own, pair),
                Err(EnvelopeError::CannotOpen)
            );
        }
    }
}
