//! A handle on its way from consent to the organisation that it is for.

use sluis_types::{Handle, KeyId, Oin, Randomness};

use crate::hash::info;
use crate::key::{OrganisationKey, SealingKeyPair, SealingPublicKey};
use crate::message::EnvelopeError;
use crate::sealed_frame::SealedFrame;
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
    frame: SealedFrame,
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
        let bound = |key| handle_info(to.organisation, key);
        let frame = SealedFrame::seal(handle.as_bytes(), &to.key, bound, randomness)?;
        Ok(Self { frame }.encode())
    }

    /// Reads a sealed handle and nothing more.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let frame = SealedFrame::read(&mut reader, HANDLE_BYTES)?;
        reader.finish()?;
        Ok(Self { frame })
    }

    /// The layout.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.frame.write(writer.u16(VERSION));
        writer.finish()
    }

    /// The sealing key that opens it.
    pub const fn key_id(&self) -> KeyId {
        self.frame.key_id()
    }

    /// The handle.
    ///
    /// # Errors
    /// [`EnvelopeError::WrongKey`] for another key than it names; [`EnvelopeError::CannotOpen`] when it was sealed for
    /// another organisation or was changed.
    pub fn open(&self, organisation: Oin, key: &SealingKeyPair) -> Result<Handle, EnvelopeError> {
        let opened = self.frame.open(key, |id| handle_info(organisation, id))?;
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
