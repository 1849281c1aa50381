//! The identifier of an organisation.

use std::fmt;
use std::str::FromStr;

/// Length of an [`Oin`] in bytes (ASCII digits).
pub const OIN_BYTES: usize = 20;

/// A text that is not an OIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an OIN is 20 digits that start with 000000")]
pub struct ParseOinError;

/// Organisatie-identificatienummer: 20 digits, prefix (8) + number (8 or 9) + suffix (Logius, OIN-Stelsel).
///
/// Every organisation has one, whatever register it comes from: 00000001 RSIN, 00000003 KvK, 00000009 UZI (URA),
/// 00000099 test. It is the organisation's name in the whole mesh: in headers, certificates, tokens and tables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oin([u8; OIN_BYTES]);

impl Oin {
    /// The OIN in its fixed-length form.
    ///
    /// # Errors
    /// [`ParseOinError`] when a byte is no ASCII digit or the prefix is none that Logius gives out.
    pub fn from_bytes(bytes: [u8; OIN_BYTES]) -> Result<Self, ParseOinError> {
        // All prefixes given out so far are 00000001 to 00000099.
        if bytes.iter().all(u8::is_ascii_digit) && bytes.starts_with(b"000000") {
            Ok(Self(bytes))
        } else {
            Err(ParseOinError)
        }
    }

    /// The 20 ASCII digits, as they stand in sealed formats.
    pub const fn as_bytes(&self) -> &[u8; OIN_BYTES] {
        &self.0
    }

    /// The 20 digits as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("an Oin holds ASCII digits only")
    }

    /// Whether this number is from the range that is set apart for tests (prefix 00000099).
    pub fn is_test(&self) -> bool {
        self.0.starts_with(b"00000099")
    }
}

impl fmt::Display for Oin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Oin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Oin {
    type Err = ParseOinError;
    fn from_str(text: &str) -> Result<Self, ParseOinError> {
        Self::from_bytes(text.as_bytes().try_into().map_err(|_| ParseOinError)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_twenty_digits_of_a_known_range_are_an_oin() {
        assert!(
            "00000099000000001000"
                .parse::<Oin>()
                .is_ok_and(|oin| oin.is_test())
        );
        for text in [
            "",
            "0000009900000000100",
            "000000990000000010000",
            "10000099000000001000",
            "0000009900000000100a",
        ] {
            assert_eq!(text.parse::<Oin>(), Err(ParseOinError), "{text}");
        }
    }
}
