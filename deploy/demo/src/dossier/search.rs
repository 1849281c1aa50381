//! A search for values that must not stand in a dump, in every form in which they could.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::RawFile;

/// What is looked up first of every form.
const PREFIX_BYTES: usize = 6;

/// Something that must not be there. Its `Debug` shows what it is, not its value.
#[derive(Clone)]
pub struct Needle {
    /// What it is, such as "a name".
    pub what: &'static str,
    value: Vec<u8>,
}

impl std::fmt::Debug for Needle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Needle({})", self.what)
    }
}

/// Something that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What it is.
    pub what: &'static str,
    /// In which form.
    pub form: &'static str,
}

impl Needle {
    /// A value; `None` when it is too short to be told from chance.
    pub fn new(what: &'static str, value: impl Into<Vec<u8>>) -> Option<Self> {
        let value = value.into();
        (value.len() >= PREFIX_BYTES).then_some(Self { what, value })
    }

    /// The value in every form.
    fn forms(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut forms = vec![
            ("as it is", self.value.clone()),
            ("hex", hex(&self.value).into_bytes()),
            ("HEX", hex(&self.value).to_uppercase().into_bytes()),
        ];
        if let Ok(text) = std::str::from_utf8(&self.value) {
            forms.push((
                "UTF-16, little end first",
                text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ));
            forms.push((
                "UTF-16, big end first",
                text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            ));
            forms.push(("lower case", text.to_lowercase().into_bytes()));
            forms.push(("upper case", text.to_uppercase().into_bytes()));
        }
        // In base64 a value looks different by where among three bytes it begins; the first and last characters also
        // hold bits of its neighbours and are left out.
        for shift in 0..3 {
            let shifted = [&vec![0; shift][..], &self.value].concat();
            let whole = shifted.len() / 3 * 3;
            let skipped = (shift * 8).div_ceil(6);
            for (form, engine) in [("base64", STANDARD_NO_PAD), ("base64url", URL_SAFE_NO_PAD)] {
                forms.push((
                    form,
                    engine.encode(&shifted[..whole]).into_bytes()[skipped..].to_vec(),
                ));
            }
        }
        forms.retain(|(_, form)| form.len() >= PREFIX_BYTES);
        forms
    }
}

/// Everything of `needles` that stands in `files`, each once.
pub fn search<'a>(files: impl IntoIterator<Item = &'a RawFile>, needles: &[Needle]) -> BTreeSet<Finding> {
    let mut patterns: HashMap<[u8; PREFIX_BYTES], Vec<(Vec<u8>, Finding)>> = HashMap::new();
    // A quick look at two bytes spares most of the dear ones at six.
    let mut begins = vec![false; 1 << 16];
    for needle in needles {
        for (form, bytes) in needle.forms() {
            let prefix = *bytes.first_chunk().expect("forms are long enough");
            begins[usize::from(u16::from_be_bytes([bytes[0], bytes[1]]))] = true;
            patterns.entry(prefix).or_default().push((
                bytes,
                Finding {
                    what: needle.what,
                    form,
                },
            ));
        }
    }
    let mut found = BTreeSet::new();
    for file in files {
        for (place, prefix) in file.bytes.windows(PREFIX_BYTES).enumerate() {
            if !begins[usize::from(u16::from_be_bytes([prefix[0], prefix[1]]))] {
                continue;
            }
            let prefix: [u8; PREFIX_BYTES] = prefix.try_into().expect("a window has its length");
            for (bytes, finding) in patterns.get(&prefix).into_iter().flatten() {
                if file.bytes[place..].starts_with(bytes) {
                    found.insert(*finding);
                }
            }
        }
    }
    found
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    digits
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    fn found(bytes: impl Into<Vec<u8>>) -> Vec<&'static str> {
        let needle = Needle::new("a name", "Ans Verzonnen").expect("long enough");
        let file = RawFile {
            name: "x".to_owned(),
            bytes: bytes.into(),
        };
        search([&file], &[needle])
            .into_iter()
            .map(|finding| finding.form)
            .collect()
    }

    #[test]
    fn a_value_is_found_in_every_form() {
        assert_eq!(found("about Ans Verzonnen."), ["as it is"]);
        assert_eq!(found("about ans verzonnen."), ["lower case"]);
        assert_eq!(found(hex(b"..Ans Verzonnen..")), ["hex"]);
        let utf16: Vec<u8> = "about Ans Verzonnen"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert!(found(utf16).contains(&"UTF-16, big end first"));
        for before in ["", "a", "ab", "abc"] {
            assert_eq!(
                found(STANDARD.encode(format!("{before}Ans Verzonnen."))),
                ["base64", "base64url"],
                "{before}"
            );
        }
        assert!(found("Ans Verzonne").is_empty());
    }
}
