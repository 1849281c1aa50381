//! `H(tag, parts…)`: the one hash of all formats, and the label rule of everything that is not a hash.

use sha2::{Digest as _, Sha256};

/// A SHA-256 value.
pub type Digest = [u8; 32];

/// `H(tag, parts…)`: SHA-256 over the tag, a zero byte, and each part preceded by its length (u64, big-endian).
///
/// Tags are ASCII without a zero byte, so no two (tag, parts) have the same preimage.
pub fn hash(tag: &str, parts: &[&[u8]]) -> Digest {
    parts
        .iter()
        .fold(Hasher::new(tag), |hasher, part| hasher.part(part))
        .finish()
}

/// [`hash`] in steps, for lists and for long parts.
#[derive(Clone)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Starts a hash with its tag.
    pub fn new(tag: &str) -> Self {
        let mut state = Sha256::new();
        state.update(tag.as_bytes());
        state.update([0]);
        Self(state)
    }

    /// Adds one part.
    #[must_use]
    pub fn part(mut self, part: &[u8]) -> Self {
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
        self
    }

    /// Adds a list as one part: its count (u64), then each element as [`Hasher::part`] does.
    #[must_use]
    pub fn list<T: AsRef<[u8]>>(mut self, elements: &[T]) -> Self {
        self.0.update((elements.len() as u64).to_be_bytes());
        elements
            .iter()
            .fold(self, |hasher, element| hasher.part(element.as_ref()))
    }

    /// The hash.
    pub fn finish(self) -> Digest {
        self.0.finalize().into()
    }

    /// Starts a part of known length, in bytes, that arrives piece by piece, as the last part of the hash.
    pub fn last_part(mut self, length: u64) -> Sha256 {
        self.0.update(length.to_be_bytes());
        self.0
    }
}

/// Label, a zero byte, and fixed-length values: the `info` of HPKE and HKDF.
pub(crate) fn info(label: &str, values: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(label.len() + 1 + values.iter().map(|value| value.len()).sum::<usize>());
    out.extend_from_slice(label.as_bytes());
    out.push(0);
    for value in values {
        out.extend_from_slice(value);
    }
    out
}

/// H(JWT): what caller tokens and open requests say of the professional's token. Takes the compact form as sent.
pub fn jwt_hash(jwt: &str) -> Digest {
    hash("sluis/v1/jwt", &[jwt.as_bytes()])
}

/// What a resident ticket says of the session that it was made for.
pub fn session_hash(session_id: &[u8]) -> Digest {
    hash("sluis/v1/session", &[session_id])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preimage_is_tag_zero_and_length_prefixed_parts() {
        let mut by_hand = Sha256::new();
        by_hand.update(b"t\0\0\0\0\0\0\0\0\x01a\0\0\0\0\0\0\0\x02bc");
        assert_eq!(hash("t", &[b"a", b"bc"]), <Digest>::from(by_hand.finalize()));
        assert_ne!(hash("t", &[b"ab", b"c"]), hash("t", &[b"a", b"bc"]));
    }

    #[test]
    fn a_list_is_preceded_by_its_count() {
        let listed = Hasher::new("t").list(&[b"a".as_slice(), b"bc"]).finish();
        let mut by_hand = Sha256::new();
        by_hand.update(b"t\0\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x01a\0\0\0\0\0\0\0\x02bc");
        assert_eq!(listed, <Digest>::from(by_hand.finalize()));
    }

    #[test]
    fn a_part_in_pieces_hashes_like_a_part() {
        let mut state = Hasher::new("t").last_part(3);
        state.update(b"a");
        state.update(b"bc");
        assert_eq!(<Digest>::from(state.finalize()), hash("t", &[b"abc"]));
    }
}
