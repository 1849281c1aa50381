//! The secret of a circle version, and the tags that come from it.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sluis_types::{Epoch, MatchClass, Randomness};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::chance;
use crate::hash::info;

/// The secret of one circle version. Lives in consent's memory while it signs the posts, and nowhere else: it has no
/// encoding. Zeroized when dropped; prints nothing.
pub struct CircleSecret(Zeroizing<[u8; 32]>);

impl CircleSecret {
    /// A fresh secret.
    pub fn fresh(randomness: &dyn Randomness) -> Self {
        Self(chance::secret(randomness))
    }

    /// Where signals of one class meet in one epoch: `HMAC-SHA256(secret, L("sluis/v1/circle-tag", epoch, class))`.
    pub fn tag(&self, epoch: Epoch, class: MatchClass) -> CircleTag {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.0.as_slice()).expect("HMAC takes a key of any length");
        mac.update(&info(
            "sluis/v1/circle-tag",
            &[&epoch.number().to_be_bytes(), &[class.number()]],
        ));
        CircleTag::from_bytes(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for CircleSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CircleSecret(…)")
    }
}

/// Where signals of one circle and class meet in one epoch. Whoever knows it opens the contact boxes that lie there,
/// so it compares in constant time, is wiped when dropped and prints nothing.
#[derive(Clone)]
pub struct CircleTag(Zeroizing<[u8; 32]>);

impl CircleTag {
    /// The tag of these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes: for an index under another key, or a seal.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for CircleTag {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(other.0.as_slice()).into()
    }
}
impl Eq for CircleTag {}

impl fmt::Debug for CircleTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CircleTag(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_types::SeededRandomness;

    #[test]
    fn tags_differ_by_secret_epoch_and_class_and_print_nothing() {
        let chance = SeededRandomness::new(1);
        let (one, other) = (CircleSecret::fresh(&chance), CircleSecret::fresh(&chance));
        let mut tags = Vec::new();
        for secret in [&one, &other] {
            for epoch in [0, 1, 2945] {
                for class in MatchClass::ALL {
                    let tag = secret.tag(Epoch::from_number(epoch), *class);
                    assert_eq!(tag, secret.tag(Epoch::from_number(epoch), *class));
                    assert!(!tags.contains(&tag));
                    tags.push(tag);
                }
            }
        }
        assert_eq!(format!("{one:?} {:?}", tags[0]), "CircleSecret(…) CircleTag(…)");
    }
}
