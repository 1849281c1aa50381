//! A bundle on its way from consent to the member that it is for.

use std::fmt;

use sluis_types::{KeyId, Oin, Randomness};
use zeroize::Zeroizing;

use super::CircleBundle;
use crate::hash::info;
use crate::key::{OrganisationKey, SealingKeyPair, SealingPublicKey};
use crate::limits::CIRCLE_BUNDLE_BYTES;
use crate::message::{EnvelopeError, check_padding};
use crate::sealed_frame::SealedFrame;
use crate::wire::{FormatError, Reader, VERSION, Writer};

fn bundle_info(organisation: Oin, key: KeyId) -> Vec<u8> {
    info(
        "sluis/v1/circle-bundle",
        &[organisation.as_bytes(), key.as_bytes()],
    )
}

/// A member's bundle, sealed to one of its sealing keys (`docs/envelope.md`, "Circles"). All have one length, so that
/// it tells neither how long a circle lives nor what it is about.
///
/// Not signed: it comes over the authenticated connection that it was asked on, opens for the organisation only, and
/// its posts are signed.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedBundle {
    frame: SealedFrame,
}

impl SealedBundle {
    /// Seals a bundle to its member, with the best suite of its key, and gives the layout.
    ///
    /// # Errors
    /// [`EnvelopeError::WrongOrganisation`] for another organisation's key; [`EnvelopeError::CannotOpen`] when the key
    /// cannot be sealed to.
    pub fn seal(
        bundle: &CircleBundle,
        to: &OrganisationKey<SealingPublicKey>,
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, EnvelopeError> {
        if to.organisation != bundle.organisation() {
            return Err(EnvelopeError::WrongOrganisation);
        }
        let bound = |key| bundle_info(to.organisation, key);
        let frame = SealedFrame::seal(&pad(&bundle.encode()), &to.key, bound, randomness)?;
        Ok(Self { frame }.encode())
    }

    /// Reads a sealed bundle and nothing more.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let frame = SealedFrame::read(&mut reader, CIRCLE_BUNDLE_BYTES)?;
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

    /// The bundle. That consent signed its posts is still to be checked ([`CircleBundle::verify`]).
    ///
    /// # Errors
    /// [`EnvelopeError::WrongKey`] for another key than it names; [`EnvelopeError::CannotOpen`] when it was sealed for
    /// another organisation or was changed; [`EnvelopeError::Format`] and [`EnvelopeError::WrongOrganisation`] for what
    /// is inside.
    pub fn open(&self, organisation: Oin, key: &SealingKeyPair) -> Result<CircleBundle, EnvelopeError> {
        let padded = self.frame.open(key, |id| bundle_info(organisation, id))?;
        let bundle = CircleBundle::parse(unpad(&padded)?)?;
        if bundle.organisation() != organisation {
            return Err(EnvelopeError::WrongOrganisation);
        }
        Ok(bundle)
    }
}

impl fmt::Debug for SealedBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedBundle({:?})", self.key_id())
    }
}

/// Length (u32), bytes, zeros: always [`CIRCLE_BUNDLE_BYTES`].
fn pad(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = u32::try_from(bytes.len()).expect("bundles are far below 4 GiB");
    let mut out = Zeroizing::new(Vec::with_capacity(CIRCLE_BUNDLE_BYTES));
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
    assert!(out.len() <= CIRCLE_BUNDLE_BYTES, "the longest bundle fits");
    out.resize(CIRCLE_BUNDLE_BYTES, 0);
    out
}

fn unpad(padded: &[u8]) -> Result<&[u8], FormatError> {
    let mut reader = Reader::new(padded);
    let bytes = reader.bytes32(padded.len())?;
    check_padding(reader.take(reader.rest_len())?)?;
    Ok(bytes)
}
