//! The single-use code of an invitation.

use std::fmt;

use sluis_keyring::BlindIndex;
use sluis_types::Randomness;
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

const CODE_BYTES: usize = 20;
/// Five bits each.
const CODE_CHARS: usize = CODE_BYTES * 8 / 5;
/// Longest text that is looked at: dashes between all characters, and some blanks.
const TEXT_BYTES_MAX: usize = 80;
/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 160 random bits. Whoever has it becomes the organisation it was made for: it never prints itself.
#[derive(Clone)]
pub(crate) struct InvitationCode(Zeroizing<[u8; CODE_BYTES]>);

/// What is kept of a code: an HMAC under the registry's index key.
#[derive(Clone, Copy)]
pub(crate) struct CodeIndex([u8; 32]);

impl InvitationCode {
    pub(crate) fn fresh(randomness: &dyn Randomness) -> Self {
        let mut bytes = Zeroizing::new([0; CODE_BYTES]);
        randomness.fill(bytes.as_mut_slice());
        Self(bytes)
    }

    /// Reads what a person may have typed: case, blanks and dashes do not matter, and o is 0, i and l are 1.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let mut bytes = Zeroizing::new([0; CODE_BYTES]);
        let mut count = 0;
        for character in text.bytes().filter(|byte| !matches!(byte, b'-' | b' ')) {
            let value = value_of(character)?;
            let (byte, bit) = (count * 5 / 8, count * 5 % 8);
            *bytes.get_mut(byte)? |= (value << 3) >> bit;
            if bit > 3 {
                *bytes.get_mut(byte + 1)? |= value << (11 - bit);
            }
            count += 1;
        }
        (count == CODE_CHARS).then_some(Self(bytes))
    }

    /// 32 characters in groups of four.
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(CODE_CHARS * 5 / 4));
        for index in 0..CODE_CHARS {
            if index > 0 && index % 4 == 0 {
                text.push('-');
            }
            let (byte, bit) = (index * 5 / 8, index * 5 % 8);
            let next = self.0.get(byte + 1).copied().unwrap_or(0);
            let mut window = u16::from_be_bytes([self.0[byte], next]);
            text.push(char::from(ALPHABET[usize::from(window << bit >> 11)]));
            window.zeroize();
        }
        text
    }

    pub(crate) fn index(&self, index: &dyn BlindIndex) -> CodeIndex {
        CodeIndex(index.index("invitation", &[self.0.as_slice()]))
    }
}

fn value_of(character: u8) -> Option<u8> {
    let upper = match character.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    ALPHABET
        .iter()
        .position(|it| *it == upper)
        .and_then(|value| u8::try_from(value).ok())
}

impl fmt::Debug for InvitationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationCode(…)")
    }
}

impl CodeIndex {
    #[cfg(test)]
    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for CodeIndex {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for CodeIndex {}

impl fmt::Debug for CodeIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeIndex(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sluis_types::SeededRandomness;

    #[test]
    fn a_code_is_32_characters_in_groups_and_forgives_typing() {
        let code = InvitationCode::fresh(&SeededRandomness::new(1));
        let text = code.to_text();
        assert_eq!((text.len(), text.matches('-').count()), (39, 7));
        let typed = text
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o")
            .replace('1', "l");
        assert_eq!(InvitationCode::parse(&typed).unwrap().0, code.0);
        assert_eq!(format!("{code:?}"), "InvitationCode(…)");
        let last = InvitationCode(Zeroizing::new([0xff; CODE_BYTES]));
        assert_eq!(last.to_text().replace('-', ""), "Z".repeat(32));
    }

    proptest! {
        #[test]
        fn text_round_trips(bytes: [u8; CODE_BYTES]) {
            let code = InvitationCode(Zeroizing::new(bytes));
            prop_assert_eq!(&*InvitationCode::parse(&code.to_text()).unwrap().0, &bytes);
        }

        #[test]
        fn any_text_is_refused_or_means_one_code(text in "[0-9A-Za-z -]{0,90}|.{0,40}") {
            if let Some(code) = InvitationCode::parse(&text) {
                let plain = |text: &str| -> String {
                    let upper = text.to_uppercase().replace(['-', ' '], "");
                    upper.replace('O', "0").replace(['I', 'L'], "1")
                };
                prop_assert_eq!(plain(&code.to_text()), plain(&text));
            }
        }
    }
}
