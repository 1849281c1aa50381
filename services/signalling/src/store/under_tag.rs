//! What rests under a circle's tag: found by HMAC under the epoch's pepper, sealed under a key that comes from the tag.
//!
//! The tag comes with each post and is kept nowhere. So at rest, with every key of this service but the pepper, a row
//! can neither be found for a tag nor be opened; and when the epoch is over, not even by whoever knows the tag.

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sluis_envelope::CircleTag;
use sluis_keyring::{Key32, OpenError};
use sluis_types::{Epoch, Oin, Randomness};
use zeroize::Zeroizing;

use super::vault::Tag;

const NONCE_BYTES: usize = 12;
const LENGTH_BYTES: usize = size_of::<u32>();
const SALT: &[u8] = b"sluis/v1/signalling/under-tag";

/// A tag in its epoch.
pub(crate) struct UnderTag {
    tag: CircleTag,
    pepper: Key32,
    pub(crate) epoch: Epoch,
}

impl UnderTag {
    pub(crate) const fn new(tag: CircleTag, pepper: Key32, epoch: Epoch) -> Self {
        Self { tag, pepper, epoch }
    }

    pub(crate) const fn tag(&self) -> &CircleTag {
        &self.tag
    }

    /// Where the posts of this tag meet.
    pub(crate) fn cell_key(&self) -> Tag {
        self.row_key(b"cell", &[])
    }

    /// Where a contact box lies.
    pub(crate) fn box_key(&self, sender: Oin, recipient: Oin) -> Tag {
        let parties = [sender.as_bytes().as_slice(), recipient.as_bytes()].concat();
        self.row_key(b"box", &parties)
    }

    fn row_key(&self, table: &[u8], row: &[u8]) -> Tag {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.pepper.expose()).expect("HMAC takes a key of any length");
        mac.update(table);
        mac.update(&[0]);
        mac.update(self.tag.expose());
        mac.update(row);
        mac.finalize().into_bytes().into()
    }

    /// Seals a value for the row with this key, to one length whatever it holds.
    ///
    /// # Panics
    /// When the value is longer than `bytes` less four: the caller keeps to its limit.
    pub(crate) fn seal(
        &self,
        row: &Tag,
        plaintext: &[u8],
        bytes: usize,
        randomness: &dyn Randomness,
    ) -> Vec<u8> {
        assert!(LENGTH_BYTES + plaintext.len() <= bytes, "kept to by the caller");
        let length = u32::try_from(plaintext.len()).expect("far below 4 GiB");
        let mut padded = Zeroizing::new(vec![0; bytes]);
        padded[..LENGTH_BYTES].copy_from_slice(&length.to_be_bytes());
        padded[LENGTH_BYTES..LENGTH_BYTES + plaintext.len()].copy_from_slice(plaintext);
        let mut nonce = [0; NONCE_BYTES];
        randomness.fill(&mut nonce);
        let payload = Payload {
            msg: &padded,
            aad: row,
        };
        let sealed = self
            .cipher(row)
            .encrypt(&Nonce::from(nonce), payload)
            .expect("far below the limit of AES-GCM");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`UnderTag::seal`] sealed for this row.
    ///
    /// # Errors
    /// [`OpenError`] for every other bytes, tags, epochs and rows.
    pub(crate) fn open(&self, row: &Tag, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (nonce, body) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(OpenError::Malformed)?;
        let payload = Payload { msg: body, aad: row };
        let padded = self
            .cipher(row)
            .decrypt(&Nonce::from(*nonce), payload)
            .map_err(|_| OpenError::NotAuthentic)?;
        let padded = Zeroizing::new(padded);
        let (length, rest) = padded
            .split_first_chunk::<LENGTH_BYTES>()
            .ok_or(OpenError::Malformed)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| OpenError::Malformed)?;
        let plaintext = rest.get(..length).ok_or(OpenError::Malformed)?;
        Ok(Zeroizing::new(plaintext.to_vec()))
    }

    /// AES-256-GCM under HKDF-SHA256(tag; epoch, row): each row has a key of its own.
    fn cipher(&self, row: &Tag) -> Aes256Gcm {
        let mut key = Zeroizing::new([0; 32]);
        let epoch = self.epoch.number().to_be_bytes();
        Hkdf::<Sha256>::new(Some(SALT), self.tag.expose())
            .expand_multi_info(&[&epoch, row], key.as_mut_slice())
            .expect("32 bytes are within the limit of HKDF-SHA256");
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
    }
}

impl std::fmt::Debug for UnderTag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UnderTag(…)")
    }
}

#[cfg(test)]
mod tests {
    use sluis_types::SeededRandomness;

    use super::*;

    fn under(tag: u8, pepper: u8, epoch: u32) -> UnderTag {
        UnderTag::new(
            CircleTag::from_bytes([tag; 32]),
            Key32::new([pepper; 32]),
            Epoch::from_number(epoch),
        )
    }

    #[test]
    fn a_row_opens_under_its_tag_and_epoch_and_under_nothing_else() {
        let random = SeededRandomness::new(1);
        let here = under(1, 2, 3);
        let row = here.cell_key();
        let sealed = here.seal(&row, b"met", 64, &random);
        assert_eq!(here.open(&row, &sealed).unwrap().as_slice(), b"met");
        let other = here.box_key(
            "00000099000000001000".parse().unwrap(),
            "00000099000000002000".parse().unwrap(),
        );
        assert!(here.open(&other, &sealed).is_err());
        assert!(under(9, 2, 3).open(&row, &sealed).is_err());
        assert!(under(1, 2, 4).open(&row, &sealed).is_err());
        assert_eq!(
            here.seal(&row, &[7; 60], 64, &random).len(),
            here.seal(&row, &[], 64, &random).len(),
            "one length"
        );
        for length in 0..sealed.len() {
            assert!(here.open(&row, &sealed[..length]).is_err());
        }
    }

    #[test]
    fn rows_are_found_under_the_pepper_only() {
        let keys: Vec<Tag> = [under(1, 2, 3), under(2, 2, 3), under(1, 3, 3)]
            .iter()
            .map(UnderTag::cell_key)
            .collect();
        assert!(keys[0] != keys[1] && keys[0] != keys[2]);
        assert_eq!(format!("{:?}", under(1, 2, 3)), "UnderTag(…)");
    }
}
