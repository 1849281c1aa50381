//! What a page or form is about, sealed: good in one session, meaningless outside it.
//!
//! Identifiers of grants, proposals and threads reach the browser in no other form. Neither the browser's history nor
//! a log of addresses tells anything, and what belongs to another resident cannot even be named.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sluis_envelope::{FormatError, Reader, Writer};
use sluis_keyring::{BlindIndex, ColumnKeys, Location};
use sluis_serve::Hash;
use subtle::ConstantTimeEq as _;

/// Longest reference that is looked at, in characters: questions with all that was shown of them.
const REFERENCE_CHARACTERS_MAX: usize = 48 * 1024;
/// Longest part of a reference, in bytes.
const PART_BYTES_MAX: usize = 32 * 1024;
/// References are padded to a multiple of this, in bytes.
const PADDING_BYTES: std::num::NonZeroUsize = std::num::NonZeroUsize::new(64).expect("not zero");
const TABLE: &str = "pages.reference";
const FORM_TOKEN: &str = "pages.form";

/// What a reference is for: one of another kind opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Questions that are shown together.
    Questions,
    /// Questions as they were shown, to be answered.
    Answer,
    /// A grant.
    Grant,
    /// A grant as it was shown, to be changed.
    Change,
    /// A page of the list of who looked.
    AccessPage,
    /// A referral and the grant that it runs under.
    Referral,
    /// A receipt.
    Receipt,
    /// A mandate of a representative.
    Mandate,
    /// An organisation that the resident is linked with.
    Link,
    /// A circle that is asked for.
    CircleQuestion,
    /// A circle that is asked for, as it was shown, to be answered.
    CircleAnswer,
    /// A circle.
    Circle,
    /// A circle as it was shown, to be changed.
    CircleChange,
    /// A match of signals and its circle.
    Match,
    /// An introduction and the grant that it stands on.
    Introduction,
    /// A record of another legal basis, as it was shown.
    LegalBasis,
    /// Where the rest of a page begins.
    Rest,
    /// An item on an agenda and the grant or circle that it stands on.
    AgendaItem,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Questions => "questions",
            Self::Answer => "answer",
            Self::Grant => "grant",
            Self::Change => "change",
            Self::AccessPage => "access-page",
            Self::Referral => "referral",
            Self::Receipt => "receipt",
            Self::Mandate => "mandate",
            Self::Link => "link",
            Self::CircleQuestion => "circle-question",
            Self::CircleAnswer => "circle-answer",
            Self::Circle => "circle",
            Self::CircleChange => "circle-change",
            Self::Match => "match",
            Self::Introduction => "introduction",
            Self::LegalBasis => "legal-basis",
            Self::Rest => "rest",
            Self::AgendaItem => "agenda-item",
        }
    }
}

/// Makes and opens references, and the tokens of forms.
pub(super) struct References {
    keys: ColumnKeys,
    index: Arc<dyn BlindIndex>,
}

impl fmt::Debug for References {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("References(…)")
    }
}

impl References {
    pub(super) fn new(keys: ColumnKeys, index: Arc<dyn BlindIndex>) -> Self {
        Self { keys, index }
    }

    /// A reference that holds these parts, for this session.
    pub(super) fn seal(&self, kind: Kind, session: &Hash, parts: &[Vec<u8>]) -> String {
        let mut writer = Writer::new();
        for part in parts {
            writer.bytes32(part);
        }
        let sealed = self
            .keys
            .seal_padded(place(kind, session), &writer.finish(), PADDING_BYTES);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// The parts of a reference that was made for this session.
    pub(super) fn open(&self, kind: Kind, session: &Hash, reference: &str) -> Option<Vec<Vec<u8>>> {
        if reference.len() > REFERENCE_CHARACTERS_MAX {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(reference).ok()?;
        let plaintext = self.keys.open(place(kind, session), &sealed).ok()?;
        read(&plaintext).ok()
    }

    /// What every form of a session carries: only who was shown a page of that session knows it.
    pub(super) fn form_token(&self, session: &Hash) -> String {
        URL_SAFE_NO_PAD.encode(self.index.index(FORM_TOKEN, &[session]))
    }

    /// Whether this is the token of the session's forms; takes as long for every token of its length.
    pub(super) fn is_form_token(&self, session: &Hash, stated: &str) -> bool {
        self.form_token(session)
            .as_bytes()
            .ct_eq(stated.as_bytes())
            .into()
    }
}

fn read(plaintext: &[u8]) -> Result<Vec<Vec<u8>>, FormatError> {
    let mut reader = Reader::new(plaintext);
    let mut parts = Vec::new();
    while reader.rest_len() > 0 {
        parts.push(reader.bytes32(PART_BYTES_MAX)?.to_vec());
    }
    Ok(parts)
}

fn place(kind: Kind, session: &Hash) -> Location<'_> {
    Location::new(TABLE, kind.name(), session)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_keyring::{IndexKey, Key32};
    use sluis_types::SeededRandomness;

    fn references() -> References {
        let keys = ColumnKeys::new(Key32::new([7; 32]), vec![], Arc::new(SeededRandomness::new(5)));
        References::new(keys, Arc::new(IndexKey::new(Key32::new([8; 32]))))
    }

    #[test]
    fn a_reference_opens_in_its_session_and_for_its_use_only() {
        let (references, mine, other) = (references(), [1; 32], [2; 32]);
        let parts = vec![b"one".to_vec(), vec![]];
        let reference = references.seal(Kind::Grant, &mine, &parts);
        assert_eq!(
            references.open(Kind::Grant, &mine, &reference),
            Some(parts.clone())
        );
        assert_eq!(references.open(Kind::Grant, &other, &reference), None);
        assert_eq!(references.open(Kind::Change, &mine, &reference), None);
        let again = references.seal(Kind::Grant, &mine, &parts);
        assert_ne!(reference, again, "two pages show nothing that is the same");
        for bad in ["", "%", "AAAA", &"A".repeat(100_000)] {
            assert_eq!(references.open(Kind::Grant, &mine, bad), None, "{bad:.8}");
        }
    }

    #[test]
    fn a_token_is_that_of_its_session() {
        let references = references();
        let token = references.form_token(&[1; 32]);
        assert!(references.is_form_token(&[1; 32], &token));
        assert!(!references.is_form_token(&[2; 32], &token));
        assert!(!references.is_form_token(&[1; 32], ""));
    }
}
