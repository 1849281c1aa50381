//! Texts with a limit, languages and tags.

use std::fmt;

/// Why something is no offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {what}")]
pub struct InvalidOffer {
    /// The field of the offer's document.
    pub field: &'static str,
    /// What is wrong with it.
    pub what: &'static str,
}

impl InvalidOffer {
    pub(crate) const fn new(field: &'static str, what: &'static str) -> Self {
        Self { field, what }
    }
}

macro_rules! limited_text {
    ($(#[$meta:meta])* $name:ident, $max:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Most characters.
            pub const CHARACTERS_MAX: usize = $max;

            /// The text, without space around it and without control characters but line ends.
            ///
            /// # Errors
            /// [`InvalidOffer`] when it is longer than allowed.
            pub fn new(field: &'static str, text: &str) -> Result<Self, InvalidOffer> {
                let text = clean(text);
                if text.chars().count() > Self::CHARACTERS_MAX {
                    return Err(InvalidOffer::new(field, "longer than allowed"));
                }
                Ok(Self(text))
            }

            /// The text, cut off where it is too long, and whether it was.
            pub fn cut(text: &str) -> (Self, bool) {
                let text = clean(text);
                match text.char_indices().nth(Self::CHARACTERS_MAX) {
                    Some((end, _)) => (Self(text[..end].trim_end().to_owned()), true),
                    None => (Self(text), false),
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether nothing is said.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

limited_text!(
    /// A name, a line: at most 200 characters.
    ShortText, 200);
limited_text!(
    /// A description: at most 4000 characters.
    LongText, 4000);

/// Control characters would reach terminals and pages; marks that turn a line around would deceive.
fn clean(text: &str) -> String {
    let kept = text.chars().filter(|character| {
        (!character.is_control() || *character == '\n')
            && !matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    });
    kept.collect::<String>().trim().to_owned()
}

/// A language: two or three lower-case letters (ISO 639-1 or 639-3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language([u8; 3]);

impl Language {
    /// Dutch: what an offer speaks that names no language.
    pub const DUTCH: Self = Self(*b"nl\0");

    /// The language of a code.
    ///
    /// # Errors
    /// [`InvalidOffer`] for anything but two or three lower-case letters.
    pub fn parse(code: &str) -> Result<Self, InvalidOffer> {
        let bytes = code.as_bytes();
        if !matches!(bytes.len(), 2 | 3) || !bytes.iter().all(u8::is_ascii_lowercase) {
            return Err(InvalidOffer::new("languages", "not an ISO 639 code"));
        }
        let mut code = [0; 3];
        code[..bytes.len()].copy_from_slice(bytes);
        Ok(Self(code))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        let end = if self.0[2] == 0 { 2 } else { 3 };
        std::str::from_utf8(&self.0[..end]).expect("a language holds ASCII letters only")
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word of the public taxonomy that offers and plan cards share, such as `samen-eten`: lower-case letters and
/// digits, hyphens between, at most 48 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

impl Tag {
    /// Most characters.
    pub const CHARACTERS_MAX: usize = 48;

    /// The tag of a text: words in any case, joined by whatever is no letter or digit.
    ///
    /// # Errors
    /// [`InvalidOffer`] when no letter is left or it is too long.
    pub fn parse(text: &str) -> Result<Self, InvalidOffer> {
        let mut tag = String::new();
        for character in text.chars().flat_map(char::to_lowercase) {
            if character.is_alphanumeric() {
                tag.push(character);
            } else if !tag.is_empty() && !tag.ends_with('-') {
                tag.push('-');
            }
        }
        let tag = tag.trim_end_matches('-');
        if tag.is_empty() || tag.chars().count() > Self::CHARACTERS_MAX {
            return Err(InvalidOffer::new("tags", "not a tag"));
        }
        Ok(Self(tag.to_owned()))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_one_word_however_it_is_written() {
        for text in ["samen eten", " Samen  Eten ", "samen_eten", "samen-eten!"] {
            assert_eq!(Tag::parse(text).expect("a tag").as_str(), "samen-eten", "{text}");
        }
        assert!(Tag::parse(" -!").is_err() && Tag::parse(&"a".repeat(49)).is_err());
    }

    #[test]
    fn a_text_loses_what_would_reach_a_terminal() {
        assert_eq!(ShortText::cut(" a\u{1b}[2J\u{202e}b ").0.as_str(), "a[2Jb");
        assert!(ShortText::new("name", &"é".repeat(201)).is_err());
        assert_eq!(ShortText::cut(&"é".repeat(201)).0.as_str().chars().count(), 200);
    }

    #[test]
    fn only_codes_are_languages() {
        assert_eq!(Language::parse("nl"), Ok(Language::DUTCH));
        assert_eq!(Language::parse("tig").expect("a code").as_str(), "tig");
        for text in ["", "n", "NL", "nl-NL", "nlde", "é"] {
            assert!(Language::parse(text).is_err(), "{text}");
        }
    }
}
