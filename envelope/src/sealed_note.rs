//! What a sender keeps of its own signal: fact and interpretation, each sealed to the sender itself.

use std::fmt;

use sluis_types::{KeyId, Oin, Randomness, SignalId};
use zeroize::Zeroizing;

use crate::hash::info;
use crate::key::{OrganisationKey, SealingKeyPair, SealingPublicKey};
use crate::limits::{SIGNAL_NOTE_BYTES, SIGNAL_TEXT_BYTES_MAX};
use crate::message::{EnvelopeError, check_padding};
use crate::sealed_frame::SealedFrame;
use crate::wire::{FormatError, Reader, VERSION, Writer};

/// Which of a signal's texts it is. They are sealed apart, so that the one can be shown without the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum NotePart {
    /// What was seen or heard.
    Fact = 1,
    /// What the sender makes of it.
    Interpretation = 2,
}

impl NotePart {
    fn from_number(number: u8) -> Result<Self, FormatError> {
        match number {
            1 => Ok(Self::Fact),
            2 => Ok(Self::Interpretation),
            _ => Err(FormatError::Invalid { field: "note part" }),
        }
    }
}

/// One text of a signal, sealed to one of its own sender's sealing keys (`docs/envelope.md`, "Circles"). All have one
/// length. It never travels: a text moves under consent, in a message of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedNote {
    part: NotePart,
    frame: SealedFrame,
}

fn note_info(organisation: Oin, signal: SignalId, part: NotePart, key: KeyId) -> Vec<u8> {
    info(
        "sluis/v1/signal-note",
        &[
            organisation.as_bytes(),
            signal.as_bytes(),
            &[part as u8],
            key.as_bytes(),
        ],
    )
}

impl SealedNote {
    /// Seals a text of a signal to the organisation whose signal it is, and gives the layout.
    ///
    /// # Errors
    /// [`EnvelopeError::Draft`] for a text of more than [`SIGNAL_TEXT_BYTES_MAX`] bytes; [`EnvelopeError::CannotOpen`]
    /// when the key cannot be sealed to.
    pub fn seal(
        text: &str,
        (signal, part): (SignalId, NotePart),
        to: &OrganisationKey<SealingPublicKey>,
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, EnvelopeError> {
        if text.len() > SIGNAL_TEXT_BYTES_MAX {
            return Err(EnvelopeError::Draft { field: "text" });
        }
        let bound = |key| note_info(to.organisation, signal, part, key);
        let frame = SealedFrame::seal(&pad(text), &to.key, bound, randomness)?;
        Ok(Self { part, frame }.encode())
    }

    /// Reads a sealed note and nothing more.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let part = NotePart::from_number(reader.u8()?)?;
        let frame = SealedFrame::read(&mut reader, SIGNAL_NOTE_BYTES)?;
        reader.finish()?;
        Ok(Self { part, frame })
    }

    /// The layout.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.frame.write(writer.u16(VERSION).u8(self.part as u8));
        writer.finish()
    }

    /// Which text it is.
    pub const fn part(&self) -> NotePart {
        self.part
    }

    /// The sealing key that opens it.
    pub const fn key_id(&self) -> KeyId {
        self.frame.key_id()
    }

    /// The text.
    ///
    /// # Errors
    /// [`EnvelopeError::WrongKey`] for another key than it names; [`EnvelopeError::CannotOpen`] when it is of another
    /// organisation or signal, or was changed; [`EnvelopeError::Format`] for what is inside.
    pub fn open(
        &self,
        organisation: Oin,
        signal: SignalId,
        key: &SealingKeyPair,
    ) -> Result<Zeroizing<String>, EnvelopeError> {
        let bound = |id| note_info(organisation, signal, self.part, id);
        let padded = self.frame.open(key, bound)?;
        Ok(unpad(&padded)?)
    }
}

impl fmt::Debug for SealedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedNote({:?}, {:?})", self.part, self.key_id())
    }
}

/// Length (u16), text, zeros: always [`SIGNAL_NOTE_BYTES`].
fn pad(text: &str) -> Zeroizing<Vec<u8>> {
    let length = u16::try_from(text.len()).expect("a text of a signal is short");
    let mut out = Zeroizing::new(Vec::with_capacity(SIGNAL_NOTE_BYTES));
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(text.as_bytes());
    out.resize(SIGNAL_NOTE_BYTES, 0);
    out
}

fn unpad(padded: &[u8]) -> Result<Zeroizing<String>, FormatError> {
    let mut reader = Reader::new(padded);
    let text = reader.bytes16(SIGNAL_TEXT_BYTES_MAX)?;
    let text = str::from_utf8(text).map_err(|_| FormatError::Invalid { field: "text" })?;
    let text = Zeroizing::new(text.to_owned());
    check_padding(reader.take(reader.rest_len())?)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_types::SeededRandomness;

    fn oin(text: &str) -> Oin {
        text.parse().unwrap()
    }

    #[test]
    fn a_note_opens_for_its_sender_signal_and_part_only() {
        let chance = SeededRandomness::new(1);
        let (own, other) = (oin("00000099000000001000"), oin("00000099000000002000"));
        let (signal, another) = (SignalId::from_bytes([1; 16]), SignalId::from_bytes([2; 16]));
        let both = SealingKeyPair::generate(&chance);
        let narrow = SealingKeyPair::generate(&chance).into_x25519_only();
        for pair in [&both, &narrow] {
            let to = OrganisationKey {
                organisation: own,
                key: pair.public().clone(),
            };
            let place = (signal, NotePart::Fact);
            let bytes = SealedNote::seal("de post ligt op de mat", place, &to, &chance).unwrap();
            let empty = SealedNote::seal("", (signal, NotePart::Interpretation), &to, &chance).unwrap();
            assert_eq!(bytes.len(), empty.len(), "no length tells");
            let sealed = SealedNote::parse(&bytes).unwrap();
            assert_eq!((sealed.part(), sealed.encode()), (NotePart::Fact, bytes.clone()));
            let text = sealed.open(own, signal, pair).unwrap();
            assert_eq!(text.as_str(), "de post ligt op de mat");
            assert_eq!(sealed.open(other, signal, pair), Err(EnvelopeError::CannotOpen));
            assert_eq!(sealed.open(own, another, pair), Err(EnvelopeError::CannotOpen));
            let mut as_other_part = bytes.clone();
            as_other_part[2] = 2;
            let swapped = SealedNote::parse(&as_other_part).unwrap();
            assert_eq!(swapped.open(own, signal, pair), Err(EnvelopeError::CannotOpen));
            let stranger = SealingKeyPair::generate(&chance);
            assert_eq!(sealed.open(own, signal, &stranger), Err(EnvelopeError::WrongKey));
            for cut in [0, 1, 2, 40, bytes.len() - 1] {
                assert!(SealedNote::parse(&bytes[..cut]).is_err());
            }
            let trailing = [bytes.as_slice(), &[0]].concat();
            assert_eq!(SealedNote::parse(&trailing), Err(FormatError::TrailingBytes));
            let longest = "x".repeat(SIGNAL_TEXT_BYTES_MAX);
            assert!(SealedNote::seal(&longest, place, &to, &chance).is_ok());
            let too_long = "x".repeat(SIGNAL_TEXT_BYTES_MAX + 1);
            assert_eq!(
                SealedNote::seal(&too_long, place, &to, &chance),
                Err(EnvelopeError::Draft { field: "text" })
            );
        }
    }
}
