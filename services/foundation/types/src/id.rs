//! Identifiers. All are opaque to the mesh: none says anything about a person or an organisation.

use std::fmt;
use std::str::FromStr;

use crate::{Randomness, Timestamp};

/// A text that is not an identifier of the expected form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}")]
pub struct ParseIdError {
    /// What the text should have been.
    pub kind: &'static str,
}

/// The text form of a 16-byte identifier: RFC 9562 hyphenated lower-case hexadecimal, 36 characters.
fn format_uuid(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            f.write_str("-")?;
        }
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

/// Only the canonical form is taken: one identifier has one text.
fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    if text.len() != 36 {
        return None;
    }
    let mut bytes = [0; 16];
    let mut nibbles = 0;
    for (index, character) in text.bytes().enumerate() {
        if matches!(index, 8 | 13 | 18 | 23) {
            if character != b'-' {
                return None;
            }
            continue;
        }
        let nibble = hex_nibble(character)?;
        bytes[nibbles / 2] = bytes[nibbles / 2] << 4 | nibble;
        nibbles += 1;
    }
    Some(bytes)
}

fn hex_nibble(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

macro_rules! id16 {
    ($(#[$meta:meta])* $name:ident, $kind:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The identifier of these bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self { Self(bytes) }

            /// The identifier in a slice of 16 bytes.
            ///
            /// # Errors
            /// [`ParseIdError`] when the slice has another length.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, ParseIdError> {
                bytes.try_into().map(Self).map_err(|_| ParseIdError { kind: $kind })
            }

            /// The 16 bytes, as they stand in sealed formats.
            pub const fn as_bytes(&self) -> &[u8; 16] { &self.0 }

            /// A fresh random identifier (128 random bits).
            pub fn random(randomness: &dyn Randomness) -> Self {
                let mut bytes = [0; 16];
                randomness.fill(&mut bytes);
                Self(bytes)
            }
        }
    };
}

macro_rules! printable {
    ($name:ident, $kind:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                format_uuid(&self.0, f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                format_uuid(&self.0, f)
            }
        }
        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse_uuid(text)
                    .map(Self)
                    .ok_or(ParseIdError { kind: $kind })
            }
        }
    };
}

id16!(
    /// One message: a UUIDv7 made by the sender, which is also the idempotency key of its submission.
    MessageId, "message id");
printable!(MessageId, "message id");
id16!(
    /// One conversation between two organisations: random, fresh per referral.
    ThreadId, "thread id");
printable!(ThreadId, "thread id");
id16!(
    /// One grant of consent, or one record of another legal basis: random, indistinguishable from each other.
    GrantId, "grant id");
printable!(GrantId, "grant id");
id16!(
    /// One attachment of a message: random.
    BlobId, "blob id");
printable!(BlobId, "blob id");
id16!(
    /// One offer in the service directory: random, made by its publisher.
    OfferId, "offer id");
printable!(OfferId, "offer id");
id16!(
    /// One attempt to change something: the same id again is the same attempt (AIP-155).
    RequestId, "request id");
printable!(RequestId, "request id");
id16!(
    /// One place of an offer, held or waited for: random. It says nothing of whom it is for.
    PlaceId, "place id");
printable!(PlaceId, "place id");
id16!(
    /// One question to several offers whether they have room: random.
    QuestionId, "question id");
printable!(QuestionId, "question id");
id16!(
    /// One card of somebody who wants to be introduced to another: random.
    CardId, "card id");
printable!(CardId, "card id");
id16!(
    /// One introduction of two people to each other: random.
    IntroductionId, "introduction id");
printable!(IntroductionId, "introduction id");
id16!(
    /// One way from sheltered living to a home: random.
    HousingId, "housing id");
printable!(HousingId, "housing id");

id16!(
    /// One contact box at rest: random.
    BoxId, "box id");
printable!(BoxId, "box id");
id16!(
    /// One signal: random, made by its sender.
    SignalId, "signal id");
printable!(SignalId, "signal id");
id16!(
    /// One match of signals: random.
    MatchId, "match id");
printable!(MatchId, "match id");
id16!(
    /// One meeting (signaleringsoverleg): random, made by its coordinator.
    MeetingId, "meeting id");
printable!(MeetingId, "meeting id");
id16!(
    /// One item on a meeting's agenda: random, made by who puts it on.
    AgendaItemId, "agenda item id");
printable!(AgendaItemId, "agenda item id");

impl MessageId {
    /// A fresh identifier made at `now` (RFC 9562 §5.7: 48 bits of milliseconds, 74 random bits).
    pub fn fresh(now: Timestamp, randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; 16];
        randomness.fill(&mut bytes);
        let millis = u64::try_from(now.micros().div_euclid(1000))
            .unwrap_or(0)
            .to_be_bytes();
        bytes[..6].copy_from_slice(&millis[2..]);
        bytes[6] = bytes[6] & 0x0f | 0x70;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }

    /// Whether the version and variant bits are those of a UUIDv7.
    pub const fn is_uuid_v7(&self) -> bool {
        self.0[6] >> 4 == 7 && self.0[8] >> 6 == 0b10
    }
}

id16!(
    /// One organisation's own name for a resident: random, unrelated to any other organisation's.
    ///
    /// It identifies a person to its organisation, so it has no `Display` and its `Debug` shows nothing.
    /// Programs write it with [`Handle::expose`].
    Handle, "handle");

impl Handle {
    /// The text form, for the organisation that the handle belongs to. Never log it.
    pub fn expose(&self) -> String {
        struct Text<'a>(&'a [u8; 16]);
        impl fmt::Display for Text<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                format_uuid(self.0, f)
            }
        }
        Text(&self.0).to_string()
    }

    /// The handle that a text form stands for.
    ///
    /// # Errors
    /// [`ParseIdError`] for anything but 36 characters of canonical form.
    pub fn parse(text: &str) -> Result<Self, ParseIdError> {
        parse_uuid(text).map(Self).ok_or(ParseIdError { kind: "handle" })
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(…)")
    }
}

/// One public key, named by a hash of its public bytes: whoever holds the key can check its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// The key id of these bytes (a SHA-256 value).
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key id in a slice of 32 bytes.
    ///
    /// # Errors
    /// [`ParseIdError`] when the slice has another length.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, ParseIdError> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| ParseIdError { kind: "key id" })
    }

    /// The 32 bytes, as they stand in sealed formats.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…")
    }
}

impl FromStr for KeyId {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let error = ParseIdError { kind: "key id" };
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| error.clone())?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let (Some(high), Some(low)) = (hex_nibble(pair[0]), hex_nibble(pair[1])) else {
                return Err(error);
            };
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandomness;
    use proptest::prelude::*;

    #[test]
    fn a_fresh_message_id_is_a_uuid_v7_of_its_moment() {
        let id = MessageId::fresh(
            Timestamp::from_micros(0x0123_4567_89ab * 1000),
            &SeededRandomness::new(1),
        );
        assert!(id.is_uuid_v7());
        assert!(id.to_string().starts_with("01234567-89ab-7"));
    }

    #[test]
    fn a_handle_never_prints_itself() {
        let handle = Handle::from_bytes([0xab; 16]);
        assert_eq!(format!("{handle:?}"), "Handle(…)");
        assert_eq!(Handle::parse(&handle.expose()), Ok(handle));
    }

    proptest! {
        #[test]
        fn text_round_trips(bytes: [u8; 16], key: [u8; 32]) {
            let id = GrantId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse::<GrantId>(), Ok(id));
            let key = KeyId::from_bytes(key);
            prop_assert_eq!(key.to_string().parse::<KeyId>(), Ok(key));
        }

        #[test]
        fn any_text_is_refused_or_canonical(text in ".{0,80}") {
            if let Ok(id) = text.parse::<ThreadId>() {
                prop_assert_eq!(id.to_string(), text.clone());
            }
            if let Ok(key) = text.parse::<KeyId>() {
                prop_assert_eq!(key.to_string(), text);
            }
        }
    }
}
