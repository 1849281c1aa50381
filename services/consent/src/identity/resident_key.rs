//! The key of one resident.

use std::fmt;

use sluis_keyring::{BlindIndex as _, IndexKey, Key32};
use sluis_types::Randomness;

/// What rows a resident has. Each kind is counted by itself, without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    Grant,
    Proposal,
    Link,
    Log,
    Mandate,
    Receipt,
    /// Only in the mailbox of an organisation.
    Bundle,
    /// Counts an organisation's own records of other legal bases; there are no rows of this kind.
    Basis,
}

impl RowKind {
    const fn label(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Proposal => "proposal",
            Self::Link => "link",
            Self::Log => "log",
            Self::Mandate => "mandate",
            Self::Receipt => "receipt",
            Self::Bundle => "bundle",
            Self::Basis => "basis",
        }
    }
}

/// The key of one resident (k_r): random, never derived from anything about the person. Compares in constant time, is
/// wiped when dropped, prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ResidentKey(Key32);

impl ResidentKey {
    /// A new resident's key. Also stands in for nobody, where an answer must not tell whether somebody exists.
    pub(crate) fn generate(randomness: &dyn Randomness) -> Self {
        Self(Key32::generate(randomness))
    }

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Key32::new(bytes))
    }

    /// The bytes, to be sealed in an access row or to go into an index.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// HMAC(k_r, kind, i): where row `i` of a kind stands.
    pub(crate) fn tag(&self, kind: RowKind, i: u64) -> [u8; 32] {
        IndexKey::new(self.0.clone()).index(kind.label(), &[&i.to_be_bytes()])
    }

    /// Where the row stands that counts the others.
    pub(crate) fn head(&self) -> [u8; 32] {
        IndexKey::new(self.0.clone()).index("head", &[])
    }
}

impl fmt::Debug for ResidentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResidentKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_differ_by_resident_kind_and_number() {
        let (one, other) = (ResidentKey::from_bytes([1; 32]), ResidentKey::from_bytes([2; 32]));
        let mut tags = Vec::new();
        for key in [&one, &other] {
            tags.push(key.head());
            for kind in [
                RowKind::Grant,
                RowKind::Proposal,
                RowKind::Link,
                RowKind::Log,
                RowKind::Mandate,
                RowKind::Receipt,
                RowKind::Bundle,
                RowKind::Basis,
            ] {
                tags.extend([key.tag(kind, 0), key.tag(kind, 1)]);
            }
        }
        let count = tags.len();
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), count);
        assert_eq!(format!("{one:?}"), "ResidentKey(…)");
    }
}
