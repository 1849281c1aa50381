//! A secret of 32 bytes.

use std::fmt;

use sluis_types::Randomness;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Length of a [`Key32`] in bytes.
pub(crate) const KEY_BYTES: usize = 32;

/// A secret of 32 bytes: an AES-256 key, an HMAC key or an Ed25519 seed.
///
/// It prints nothing, compares in constant time and is wiped when dropped.
#[derive(Clone)]
pub struct Key32(Zeroizing<[u8; KEY_BYTES]>);

impl Key32 {
    /// The key of these bytes.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A fresh key.
    pub fn generate(randomness: &dyn Randomness) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        randomness.fill(&mut *bytes);
        Self(bytes)
    }

    /// The bytes, for the cryptography that needs them.
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// The key written as 64 hexadecimal digits, or `None`.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 2 * KEY_BYTES {
            return None;
        }
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            *byte = u8::try_from(high << 4 | low).ok()?;
        }
        Some(Self(bytes))
    }

    /// Appends the key as 64 hexadecimal digits and a line end.
    pub(crate) fn write_hex_line(&self, out: &mut Zeroizing<Vec<u8>>) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for byte in self.0.iter() {
            out.push(DIGITS[usize::from(byte >> 4)]);
            out.push(DIGITS[usize::from(byte & 0x0f)]);
        }
        out.push(b'\n');
    }
}

impl fmt::Debug for Key32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key32(…)")
    }
}

impl PartialEq for Key32 {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for Key32 {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_other_text_is_refused() {
        let key = Key32::new(std::array::from_fn(|index| u8::try_from(index * 7).unwrap()));
        let mut line = Zeroizing::new(Vec::with_capacity(2 * KEY_BYTES + 1));
        key.write_hex_line(&mut line);
        let text = std::str::from_utf8(&line).unwrap();
        assert_eq!(Key32::from_hex(text.trim_end()), Some(key));
        for bad in ["", "00", &text[..63], text, &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(Key32::from_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_key_never_prints_itself() {
        assert_eq!(format!("{:?}", Key32::new([0xab; 32])), "Key32(…)");
    }
}
