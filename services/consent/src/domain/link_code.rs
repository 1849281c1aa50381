//! Link codes: how a resident names itself to one organisation, once.

use std::time::Duration;

use zeroize::Zeroizing;

/// How long a link code lives.
pub(crate) const LINK_CODE_LIFE: Duration = Duration::from_mins(15);
/// Characters of the code that people say or write down (50 bits).
const SPOKEN_CHARACTERS: usize = 10;
/// Characters of the code in a QR picture (128 bits, and two that are always zero).
const PICTURE_CHARACTERS: usize = 26;
/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A link code in its one canonical form. Wiped when dropped; prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct LinkCode(Zeroizing<String>);

impl std::fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkCode(…)")
    }
}

impl LinkCode {
    /// The code that people say: 50 bits of `chance`.
    pub(crate) fn spoken(chance: &[u8; 16]) -> Self {
        Self(Zeroizing::new(characters(chance, SPOKEN_CHARACTERS)))
    }

    /// The code in a picture: all 128 bits of `chance`.
    pub(crate) fn picture(chance: &[u8; 16]) -> Self {
        Self(Zeroizing::new(characters(chance, PICTURE_CHARACTERS)))
    }

    /// The code that somebody typed or scanned: hyphens, spaces and case do not matter, and O, I and L are read as
    /// Crockford says. None when it can be no code.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut canonical = Zeroizing::new(String::with_capacity(PICTURE_CHARACTERS));
        for character in text.chars().filter(|character| !matches!(character, '-' | ' ')) {
            let character = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if canonical.len() == PICTURE_CHARACTERS || !ALPHABET.contains(&u8::try_from(character).ok()?) {
                return None;
            }
            canonical.push(character);
        }
        matches!(canonical.len(), SPOKEN_CHARACTERS | PICTURE_CHARACTERS).then_some(Self(canonical))
    }

    /// The canonical characters, for the index.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The code as a resident sees it: halves of five for the spoken one.
    pub(crate) fn shown(&self) -> String {
        match self.0.split_at_checked(SPOKEN_CHARACTERS / 2) {
            Some((first, second)) if self.0.len() == SPOKEN_CHARACTERS => format!("{first}-{second}"),
            _ => self.0.to_string(),
        }
    }
}

/// The first `count` groups of five bits, most significant first; zeros after the last bit.
fn characters(chance: &[u8; 16], count: usize) -> String {
    let bits = u128::from_be_bytes(*chance);
    (0..count)
        .map(|index| {
            let shift = 123 - 5 * i32::try_from(index).expect("a code has few characters");
            let group = if shift >= 0 { bits >> shift } else { bits << -shift } & 31;
            char::from(ALPHABET[usize::try_from(group).expect("five bits")])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_have_their_lengths_and_keep_every_bit() {
        let code = LinkCode::spoken(&[0xff; 16]);
        assert_eq!(code.shown(), "ZZZZZ-ZZZZZ");
        let picture = LinkCode::picture(&[0xff; 16]);
        assert_eq!(picture.shown().len(), PICTURE_CHARACTERS);
        let mut last_bit = [0; 16];
        last_bit[15] = 1;
        assert_ne!(LinkCode::picture(&last_bit), LinkCode::picture(&[0; 16]));
    }

    #[test]
    fn what_can_be_no_code_is_refused() {
        for text in [
            "",
            "ABCDE-FGHJ",
            "ABCDE-FGHJKM",
            "ABCDE-FGHJU",
            "ÀBCDEFGHJK",
            &"A".repeat(100),
            "ABCDE\0FGHJ",
        ] {
            assert!(LinkCode::parse(text).is_none(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_code_is_read_however_it_is_written(chance: [u8; 16]) {
            for code in [LinkCode::spoken(&chance), LinkCode::picture(&chance)] {
                let shown = code.shown();
                prop_assert_eq!(LinkCode::parse(&shown), Some(code.clone()));
                let sloppy = shown.to_lowercase().replace('0', "o").replace('1', "l").replace('-', " ");
                prop_assert_eq!(LinkCode::parse(&sloppy), Some(code));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}") {
            let _any = LinkCode::parse(&text);
        }
    }
}
