//! HPKE (RFC 9180) base mode with one of two KEMs, HKDF-SHA256 and AES-256-GCM. Everything is bound through
//! `info`; `aad` is empty; the wire form is `enc || ct`.

use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256, XWing};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use sluis_types::Randomness;
use zeroize::Zeroizing;

use crate::chance::Chance;
use crate::count::{Operation, count};
use crate::wire::FormatError;

/// Length of an AES-GCM tag.
const TAG_BYTES: usize = 16;

/// Which KEM seals a share. The number is that of the IANA registry "HPKE KEM Identifiers".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Suite {
    /// DHKEM(X25519, HKDF-SHA256), RFC 9180 §7.1: for platforms without ML-KEM.
    X25519 = 0x0020,
    /// X-Wing (X25519 and ML-KEM-768), draft-connolly-cfrg-xwing-kem and draft-ietf-hpke-pq: chosen wherever
    /// both ends can, because what is recorded today must stay closed when quantum computers come.
    XWing = 0x647a,
}

impl Suite {
    /// The number on the wire.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The suite of a number.
    ///
    /// # Errors
    /// [`FormatError::Suite`] for an unknown number.
    pub const fn from_number(number: u16) -> Result<Self, FormatError> {
        match number {
            0x0020 => Ok(Self::X25519),
            0x647a => Ok(Self::XWing),
            _ => Err(FormatError::Suite),
        }
    }

    /// Length of a public key.
    pub const fn public_bytes(self) -> usize {
        match self {
            Self::X25519 => 32,
            Self::XWing => 1216,
        }
    }

    /// Length of `enc`.
    pub const fn enc_bytes(self) -> usize {
        match self {
            Self::X25519 => 32,
            Self::XWing => 1120,
        }
    }

    /// Length of `enc || ct` for a plaintext of `plain_bytes`.
    pub const fn sealed_bytes(self, plain_bytes: usize) -> usize {
        self.enc_bytes() + plain_bytes + TAG_BYTES
    }
}

/// Sealing or opening did not work; HPKE says no more, and neither do we.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SealFailed;

/// A public key of one suite.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PublicHalf {
    X25519(<X25519HkdfSha256 as Kem>::PublicKey),
    XWing(Box<<XWing as Kem>::PublicKey>),
}

impl PublicHalf {
    pub(crate) fn parse(suite: Suite, bytes: &[u8]) -> Result<Self, FormatError> {
        let invalid = FormatError::Invalid { field: "public key" };
        // X-Wing writes its X25519 point last, in keys as in ciphertexts.
        check_point(bytes.last_chunk().ok_or(invalid)?)?;
        match suite {
            Suite::X25519 => Deserializable::from_bytes(bytes).map(Self::X25519),
            Suite::XWing => Deserializable::from_bytes(bytes).map(|key| Self::XWing(Box::new(key))),
        }
        .map_err(|_| invalid)
    }

    pub(crate) const fn suite(&self) -> Suite {
        match self {
            Self::X25519(_) => Suite::X25519,
            Self::XWing(_) => Suite::XWing,
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::X25519(key) => key.to_bytes().to_vec(),
            Self::XWing(key) => key.to_bytes().to_vec(),
        }
    }

    pub(crate) fn seal(
        &self,
        info: &[u8],
        plain: &[u8],
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, SealFailed> {
        count(Operation::HpkeSeal);
        match self {
            Self::X25519(key) => seal::<X25519HkdfSha256>(key, info, plain, randomness),
            Self::XWing(key) => seal::<XWing>(key, info, plain, randomness),
        }
    }
}

/// A private key of one suite: for X25519 the scalar, for X-Wing the seed. Zeroized when dropped.
pub(crate) enum PrivateHalf {
    X25519(<X25519HkdfSha256 as Kem>::PrivateKey),
    XWing(Box<<XWing as Kem>::PrivateKey>),
}

impl PrivateHalf {
    pub(crate) fn from_seed(suite: Suite, seed: &[u8; 32]) -> Self {
        const ANY: &str = "any 32 bytes are a private key of both suites";
        match suite {
            Suite::X25519 => Self::X25519(Deserializable::from_bytes(seed).expect(ANY)),
            Suite::XWing => Self::XWing(Box::new(Deserializable::from_bytes(seed).expect(ANY))),
        }
    }

    pub(crate) fn public(&self) -> PublicHalf {
        match self {
            Self::X25519(key) => PublicHalf::X25519(X25519HkdfSha256::sk_to_pk(key)),
            Self::XWing(key) => PublicHalf::XWing(Box::new(XWing::sk_to_pk(key))),
        }
    }

    pub(crate) fn open(&self, info: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFailed> {
        count(Operation::HpkeOpen);
        match self {
            Self::X25519(key) => open::<X25519HkdfSha256>(key, info, sealed),
            Self::XWing(key) => open::<XWing>(key, info, sealed),
        }
    }
}

fn seal<K: Kem>(
    key: &K::PublicKey,
    info: &[u8],
    plain: &[u8],
    randomness: &dyn Randomness,
) -> Result<Vec<u8>, SealFailed> {
    let (enc, ciphertext) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, K>(
        &OpModeS::Base,
        key,
        info,
        plain,
        b"",
        &mut Chance(randomness),
    )
    .map_err(|_| SealFailed)?;
    let mut sealed = enc.to_bytes().to_vec();
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

fn open<K: Kem>(key: &K::PrivateKey, info: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFailed> {
    let (enc, ciphertext) = sealed
        .split_at_checked(K::EncappedKey::size())
        .ok_or(SealFailed)?;
    check_point(enc.last_chunk().ok_or(SealFailed)?).map_err(|_| SealFailed)?;
    let enc = K::EncappedKey::from_bytes(enc).map_err(|_| SealFailed)?;
    hpke::single_shot_open::<AesGcm256, HkdfSha256, K>(&OpModeR::Base, key, &enc, info, ciphertext, b"")
        .map(Zeroizing::new)
        .map_err(|_| SealFailed)
}

/// The u coordinates of small order below p, little-endian: 0, 1, two of order 8, and p − 1.
const SMALL_ORDER: [[u8; 32]; 5] = {
    let mut points = [[0; 32]; 5];
    points[1][0] = 1;
    points[2] = [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
        0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ];
    points[3] = [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04,
        0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
    ];
    points[4] = P;
    points[4][0] -= 1;
    points
};

/// p = 2^255 − 19, little-endian.
const P: [u8; 32] = {
    let mut p = [0xff; 32];
    p[0] = 0xed;
    p[31] = 0x7f;
    p
};

/// An honest X25519 public value is below p and not of small order. HPKE with X25519 notices small order by its
/// result, X-Wing as drafted does not; this rule is the same for both, and public, so it need not be constant-time.
fn check_point(point: &[u8; 32]) -> Result<(), FormatError> {
    if point.iter().rev().lt(P.iter().rev()) && !SMALL_ORDER.contains(point) {
        Ok(())
    } else {
        Err(FormatError::Invalid {
            field: "X25519 point",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_types::SeededRandomness;

    const BOTH: [Suite; 2] = [Suite::X25519, Suite::XWing];

    #[test]
    fn what_is_sealed_opens_with_the_same_key_and_info_only() {
        let randomness = SeededRandomness::new(1);
        for suite in BOTH {
            let private = PrivateHalf::from_seed(suite, &[1; 32]);
            let public = PublicHalf::parse(suite, &private.public().to_bytes()).unwrap();
            let mut sealed = public.seal(b"info", b"plain", &randomness).unwrap();
            assert_eq!(sealed.len(), suite.sealed_bytes(5));
            assert_eq!(**private.open(b"info", &sealed).unwrap(), *b"plain");
            assert!(private.open(b"infO", &sealed).is_err());
            assert!(
                PrivateHalf::from_seed(suite, &[2; 32])
                    .open(b"info", &sealed)
                    .is_err()
            );
            assert!(private.open(b"info", &sealed[..sealed.len() - 1]).is_err());
            assert!(private.open(b"info", &sealed[..20]).is_err());
            *sealed.last_mut().unwrap() ^= 1;
            assert!(private.open(b"info", &sealed).is_err());
        }
    }

    #[test]
    fn points_of_small_order_and_second_encodings_are_refused_everywhere() {
        let mut bad: Vec<[u8; 32]> = SMALL_ORDER.to_vec();
        bad.push(P);
        bad.push([0xff; 32]);
        let mut high_bit = [9; 32];
        high_bit[31] |= 0x80;
        bad.push(high_bit);
        for point in bad {
            for suite in BOTH {
                let private = PrivateHalf::from_seed(suite, &[3; 32]);
                let mut key = private.public().to_bytes();
                let at = key.len() - 32;
                key[at..].copy_from_slice(&point);
                assert!(PublicHalf::parse(suite, &key).is_err());
                let mut sealed = private
                    .public()
                    .seal(b"", b"", &SeededRandomness::new(1))
                    .unwrap();
                let end = suite.enc_bytes();
                sealed[end - 32..end].copy_from_slice(&point);
                assert_eq!(private.open(b"", &sealed).unwrap_err(), SealFailed);
            }
        }
    }

    #[test]
    fn keys_of_the_wrong_length_are_refused() {
        for suite in BOTH {
            let bytes = PrivateHalf::from_seed(suite, &[3; 32]).public().to_bytes();
            assert!(PublicHalf::parse(suite, &bytes[1..]).is_err());
            assert!(PublicHalf::parse(suite, &[]).is_err());
        }
    }
}
