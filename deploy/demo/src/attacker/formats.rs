//! What the attacker knows of the formats, written from `docs/envelope.md` and the keyring's description with the
//! public primitives alone: it does not use the code of the other side, which would refuse to try.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use hkdf::Hkdf;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256, XWing};
use hpke::{Deserializable, OpModeR, Serializable};
use sha2::{Digest as _, Sha256};
use sluis_envelope::{Digest, Suite};
use sluis_types::{GrantId, Oin};

/// Plaintext bytes of a chunk.
const CHUNK: usize = 64 * 1024;
/// Bytes of an AES-GCM tag.
const TAG: usize = 16;
/// What follows the blob list in a manifest: length, five digests, signature.
const MANIFEST_TAIL: usize = 4 + 5 * 32 + 64;

/// First byte of a secret hybrid key of both suites.
pub(super) const BOTH_SUITES: u8 = 3;
/// Bytes of a secret hybrid key: suites, X25519 scalar, X-Wing seed.
pub(super) const HYBRID_SECRET_BYTES: usize = 65;
/// Bytes of a wrapped gate key: version, nonce, ciphertext, tag.
pub(super) const WRAPPED_BYTES: usize = 1 + 12 + HYBRID_SECRET_BYTES + TAG;
/// Bytes of the gate's share: C, salt, scope.
pub(super) const SHARE_C_BYTES: usize = 76;

/// Label, zero byte, values: the `info` of HPKE and HKDF.
fn info(label: &str, values: &[&[u8]]) -> Vec<u8> {
    [label.as_bytes(), &[0], &values.concat()].concat()
}

/// The two commitments of a manifest: to R and to the gate's share.
pub(super) fn commitments(manifest: &[u8]) -> Option<(Digest, Digest)> {
    let tail = manifest.split_last_chunk::<MANIFEST_TAIL>()?.1;
    let at = |start: usize| tail[start..start + 32].try_into().expect("32 bytes");
    Some((at(4), at(36)))
}

/// The fixed part of a commitment to R, hashed once for many tries.
pub(super) fn commitment_r_start(header_hash: &Digest) -> Sha256 {
    start("sluis/v1/commit-r", header_hash, 32)
}

/// The fixed part of a commitment to the gate's share.
pub(super) fn commitment_c_start(header_hash: &Digest) -> Sha256 {
    start("sluis/v1/commit-c", header_hash, SHARE_C_BYTES)
}

fn start(tag: &str, header_hash: &Digest, length: usize) -> Sha256 {
    Sha256::new()
        .chain_update(tag)
        .chain_update([0])
        .chain_update(32_u64.to_be_bytes())
        .chain_update(header_hash)
        .chain_update((length as u64).to_be_bytes())
}

/// Opens a share with the seeds of a hybrid key (65 bytes).
pub(super) fn open_share(
    secret: &[u8],
    suite: Suite,
    label: &str,
    header_hash: &Digest,
    sealed: &[u8],
) -> Option<Vec<u8>> {
    let seed = match suite {
        Suite::X25519 => secret.get(1..33)?,
        Suite::XWing => secret.get(33..65)?,
    };
    open_hpke(seed, suite, &info(label, &[header_hash]), sealed)
}

/// Opens the gate's reply with the seed of the request key.
pub(super) fn open_reply(
    seed: &[u8],
    suite: Suite,
    header_hash: &Digest,
    request_hash: &Digest,
    reply: &[u8],
) -> Option<Vec<u8>> {
    let (leaf, sealed) = (reply.get(2..34)?, reply.get(34..)?);
    let info = info("sluis/v1/open-reply", &[header_hash, request_hash, leaf]);
    open_hpke(seed, suite, &info, sealed)
}

fn open_hpke(seed: &[u8], suite: Suite, info: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    match suite {
        Suite::X25519 => open_with::<X25519HkdfSha256>(seed, info, sealed),
        Suite::XWing => open_with::<XWing>(seed, info, sealed),
    }
}

fn open_with<K: Kem>(seed: &[u8], info: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let key = K::PrivateKey::from_bytes(seed).ok()?;
    let (enc, ciphertext) = sealed.split_at_checked(K::EncappedKey::size())?;
    let enc = K::EncappedKey::from_bytes(enc).ok()?;
    hpke::single_shot_open::<AesGcm256, HkdfSha256, K>(&OpModeR::Base, &key, &enc, info, ciphertext, b"").ok()
}

/// The public half of an X25519 scalar.
pub(super) fn x25519_public(scalar: &[u8]) -> Option<[u8; 32]> {
    let key = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(scalar).ok()?;
    X25519HkdfSha256::sk_to_pk(&key)
        .to_bytes()
        .as_slice()
        .try_into()
        .ok()
}

/// The public half of an X-Wing seed.
pub(super) fn x_wing_public(seed: &[u8]) -> Option<Vec<u8>> {
    let key = <XWing as Kem>::PrivateKey::from_bytes(seed).ok()?;
    Some(XWing::sk_to_pk(&key).to_bytes().to_vec())
}

/// Opens a content with R and C; gives the padded plaintext. Nothing is compared with commitments: AES-GCM decides.
pub(super) fn open_content(r: &[u8], c: &[u8], header_hash: &Digest, ciphertext: &[u8]) -> Option<Vec<u8>> {
    let expand = Hkdf::<Sha256>::new(Some(b"sluis/v1/dek"), &[r, c].concat());
    let (mut key, mut prefix) = ([0; 32], [0; 7]);
    expand
        .expand(&info("sluis/v1/chunk-key", &[header_hash]), &mut key)
        .ok()?;
    expand
        .expand(&info("sluis/v1/chunk-nonce", &[header_hash]), &mut prefix)
        .ok()?;
    let cipher = Aes256Gcm::new(&key.into());
    let mut plain = Vec::with_capacity(ciphertext.len());
    let mut pieces = ciphertext.chunks(CHUNK + TAG).enumerate().peekable();
    while let Some((number, piece)) = pieces.next() {
        let mut nonce = [0; 12];
        nonce[..7].copy_from_slice(&prefix);
        nonce[7..11].copy_from_slice(&u32::try_from(number).ok()?.to_be_bytes());
        nonce[11] = u8::from(pieces.peek().is_none());
        plain.extend(open_gcm(&cipher, nonce, header_hash, piece)?);
    }
    Some(plain)
}

fn open_gcm(cipher: &Aes256Gcm, nonce: [u8; 12], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (ciphertext, tag) = sealed.split_last_chunk::<TAG>()?;
    let mut plain = ciphertext.to_vec();
    cipher
        .decrypt_inout_detached(
            &Nonce::from(nonce),
            aad,
            plain.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .ok()?;
    Some(plain)
}

/// A wrapped gate key, and all that it is bound to.
#[derive(Clone, Debug)]
pub(super) struct Wrapped {
    pub(super) bucket: [u8; 16],
    pub(super) generation: u64,
    pub(super) grant: GrantId,
    pub(super) version: u32,
    pub(super) recipient: Oin,
    pub(super) bytes: [u8; WRAPPED_BYTES],
}

impl Wrapped {
    /// Unwraps with a bucket key.
    pub(super) fn unwrap(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        let nonce = self.bytes[1..13].try_into().expect("12 bytes");
        open_gcm(
            &Aes256Gcm::new(key.into()),
            nonce,
            &self.associated_data(),
            &self.bytes[13..],
        )
    }

    fn associated_data(&self) -> Vec<u8> {
        let mut bytes = b"sluis/v1/bucket/wrap\0".to_vec();
        let (generation, version) = (self.generation.to_be_bytes(), self.version.to_be_bytes());
        let parts: [&[u8]; 6] = [
            &[1],
            &self.bucket,
            &generation,
            self.grant.as_bytes(),
            &version,
            self.recipient.as_bytes(),
        ];
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    /// The first counter block of the ciphertext: AES of it, XOR the first byte, must be the first byte of a hybrid
    /// key. It sorts out 255 of 256 wrong keys at the price of one block.
    pub(super) fn first_block(&self) -> ([u8; 16], u8) {
        let mut block = [0; 16];
        block[..12].copy_from_slice(&self.bytes[1..13]);
        block[15] = 2;
        (block, self.bytes[13] ^ BOTH_SUITES)
    }
}
