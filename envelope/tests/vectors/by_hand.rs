//! A second implementation of sealing, from the specification, that can also cheat: it shows that the layouts are
//! the documented ones, and it makes messages that an honest sealer would not.
//!
//! X25519 only; no attachments.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::{Deserializable, OpModeS, Serializable};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::{Digest as _, Sha256};
use sluis_envelope::{SigningKey, Writer, hash, padded_length};

use crate::mesh::{JWT, Mesh, NOW};

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cheat {
    Nothing,
    /// The signed commitment to R is to something else.
    CommitmentR,
    /// The signed commitment to the gate's share is to something else.
    CommitmentC,
    /// The header commits to another scope than the gate's share has.
    ScopeCommitment,
    /// The content says another scope than the gate's share has.
    ContentScope,
    /// A byte of the padding is 1.
    Padding,
    /// The two chunks are swapped, and the signature is over that.
    ChunkOrder,
    /// The recipient's share has an `enc` of small order.
    LowOrder,
    /// The header has a suite number that nobody knows.
    UnknownSuite,
    /// The header has an extension 0x8001.
    CriticalExtension,
    /// The header has an extension 0x0001, which is no cheat.
    IgnorableExtension,
}

pub(crate) struct ByHand {
    pub(crate) header: Vec<u8>,
    pub(crate) manifest: Vec<u8>,
    pub(crate) sealed_r: Vec<u8>,
    pub(crate) sealed_c: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) share_c: Vec<u8>,
}

const R: [u8; 32] = [0x11; 32];
const C: [u8; 32] = [0x22; 32];
const SALT: [u8; 32] = [0x33; 32];
pub(crate) const BODY: &[u8] = b"by hand";

/// Purposes, life domains, data kinds: referral; living; contact.
fn scope(purposes: u32) -> Vec<u8> {
    [purposes, 1 << 1, 1 << 1].map(u32::to_be_bytes).concat()
}

fn label(text: &str, values: &[&[u8]]) -> Vec<u8> {
    [text.as_bytes(), &[0], &values.concat()].concat()
}

/// HPKE to the X25519 half of an encoded hybrid key, or to a bare X25519 key.
pub(crate) fn hpke_seal(public: &[u8], info: &[u8], plain: &[u8], seed: u64) -> Vec<u8> {
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(public).unwrap();
    let (enc, ciphertext) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        info,
        plain,
        b"",
        &mut ChaCha20Rng::seed_from_u64(seed),
    )
    .unwrap();
    [enc.to_bytes().as_slice(), &ciphertext].concat()
}

fn chunks(hh: &[u8], plain: &[u8]) -> Vec<Vec<u8>> {
    let expand = Hkdf::<Sha256>::new(Some(b"sluis/v1/dek"), &[R, C].concat());
    let (mut key, mut prefix) = ([0; 32], [0; 7]);
    expand
        .expand(&label("sluis/v1/chunk-key", &[hh]), &mut key)
        .unwrap();
    expand
        .expand(&label("sluis/v1/chunk-nonce", &[hh]), &mut prefix)
        .unwrap();
    let cipher = Aes256Gcm::new(&key.into());
    let count = plain.chunks(65_536).count();
    let chunk = |(index, plain): (usize, &[u8])| {
        let mut nonce = [0; 12];
        nonce[..7].copy_from_slice(&prefix);
        nonce[7..11].copy_from_slice(&u32::try_from(index).unwrap().to_be_bytes());
        nonce[11] = u8::from(index + 1 == count);
        let mut sealed = plain.to_vec();
        cipher
            .encrypt_in_place(&Nonce::from(nonce), hh, &mut sealed)
            .unwrap();
        sealed
    };
    plain.chunks(65_536).enumerate().map(chunk).collect()
}

fn header(mesh: &Mesh, cheat: Cheat, scope_commitment: &[u8], size_class: u8) -> Vec<u8> {
    let mut h = Writer::new();
    h.u16(1).u8(1).u8(1); // version, referral, routine
    h.bytes(&[0x01, 0x93, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0xaa]); // a UUIDv7
    h.bytes(&[0x44; 16]).bytes(mesh.grant_id.as_bytes()).u32(3);
    h.bytes(mesh.sender.oin.as_bytes())
        .bytes(mesh.recipient.oin.as_bytes());
    h.bytes(mesh.sender.signing.id().as_bytes());
    h.bytes(mesh.recipient.sealing.id().as_bytes());
    h.u8(1).bytes(mesh.gate.id().as_bytes());
    h.u16(if cheat == Cheat::UnknownSuite {
        0x0010
    } else {
        0x0020
    });
    h.u16(0x0020).bytes(&[0; 16]);
    // A list is hashed as its count and its elements: here 0, as u64, and nothing.
    let mut no_blobs = b"sluis/v1/blobs\0".to_vec();
    no_blobs.extend_from_slice(&[0; 8]);
    h.u16(0).bytes(&Sha256::digest(no_blobs));
    h.i64(NOW.micros()).i64(NOW.micros() + 86_400_000_000).i64(0);
    h.u8(size_class).bytes(scope_commitment);
    match cheat {
        Cheat::CriticalExtension => h.u16(7).u16(0x8001).u16(3).bytes(b"abc"),
        Cheat::IgnorableExtension => h.u16(7).u16(0x0001).u16(3).bytes(b"abc"),
        _ => h.u16(0),
    };
    h.finish()
}

/// Seals a message to the mesh's recipient.
pub(crate) fn seal(mesh: &Mesh, cheat: Cheat) -> ByHand {
    let share_c = [&C[..], &SALT, &scope(1 << 1)].concat();
    let committed = scope(if cheat == Cheat::ScopeCommitment {
        1 << 7
    } else {
        1 << 1
    });
    let scope_commitment = hash("sluis/v1/scope", &[&SALT, &committed]);

    let inside = scope(if cheat == Cheat::ContentScope {
        1 << 7
    } else {
        1 << 1
    });
    let body = if cheat == Cheat::ChunkOrder {
        BODY.repeat(10_000)
    } else {
        BODY.to_vec()
    };
    let mut inner = Writer::new();
    inner
        .u8(10)
        .bytes(b"text/plain")
        .bytes(&[0; 16])
        .bytes(&inside)
        .u16(0)
        .bytes32(&body);
    let mut plain = Writer::new();
    plain.bytes32(&inner.finish());
    let mut plain = plain.finish();
    let padded = padded_length(u32::try_from(plain.len()).unwrap());
    plain.resize(padded as usize, 0);
    if cheat == Cheat::Padding {
        *plain.last_mut().unwrap() = 1;
    }
    let size_class = (0..20_u8).find(|class| 4096_u32 << class >= padded).unwrap();
    let h = header(mesh, cheat, &scope_commitment, size_class);
    let hh = hash("sluis/v1/header", &[&h]);

    let public = |encoded: Vec<u8>| encoded[1..33].to_vec();
    let recipient = public(mesh.recipient.sealing.public().encode());
    let mut sealed_r = hpke_seal(&recipient, &label("sluis/v1/share-r", &[&hh]), &R, 1);
    if cheat == Cheat::LowOrder {
        sealed_r[..32].fill(0);
    }
    let gate = public(mesh.gate.public().encode());
    let sealed_c = hpke_seal(&gate, &label("sluis/v1/share-c", &[&hh]), &share_c, 2);
    let mut sealed_chunks = chunks(&hh, &plain);
    if cheat == Cheat::ChunkOrder {
        // The first chunk is full, the second is not: swap the halves of the bytes instead of the lengths.
        let (first, second) = (sealed_chunks[0].clone(), sealed_chunks[1].clone());
        let both = [second, first].concat();
        sealed_chunks = both.chunks(65_536 + 16).map(<[u8]>::to_vec).collect();
    }
    let content = sealed_chunks.concat();
    let wrong = |wrong: bool, right: [u8; 32]| if wrong { [0x77; 32] } else { right };
    let claims = Claims {
        commitment_r: wrong(cheat == Cheat::CommitmentR, hash("sluis/v1/commit-r", &[&hh, &R])),
        commitment_c: wrong(
            cheat == Cheat::CommitmentC,
            hash("sluis/v1/commit-c", &[&hh, &share_c]),
        ),
        sealed_r: hash("sluis/v1/sealed-share", &[&sealed_r]),
        sealed_c: hash("sluis/v1/sealed-share", &[&sealed_c]),
        padded,
        content: hash("sluis/v1/content", &[&content]),
    };
    ByHand {
        manifest: claims.manifest(&h, &mesh.sender.signing),
        header: h,
        sealed_r,
        sealed_c,
        content,
        share_c,
    }
}

struct Claims {
    commitment_r: [u8; 32],
    commitment_c: [u8; 32],
    sealed_r: [u8; 32],
    sealed_c: [u8; 32],
    padded: u32,
    content: [u8; 32],
}

impl Claims {
    fn manifest(&self, h: &[u8], key: &SigningKey) -> Vec<u8> {
        let hashes = [self.commitment_r, self.commitment_c, self.sealed_r, self.sealed_c].concat();
        let mut signed = Writer::new();
        signed.bytes(&hash("sluis/v1/header", &[h])).u8(1).bytes(&hashes);
        signed.u32(self.padded).bytes(&self.content);
        let signature = key.sign("sluis/v1/manifest", &signed.finish());
        let mut manifest = Writer::new();
        manifest
            .bytes16(h)
            .u32(self.padded)
            .bytes(&hashes)
            .bytes(&self.content);
        manifest.bytes(&signature);
        manifest.finish()
    }
}

/// What goes into an open request.
#[derive(Clone)]
pub(crate) struct AskByHand {
    pub(crate) manifest: Vec<u8>,
    pub(crate) sealed_c: Vec<u8>,
    pub(crate) receipt: Vec<u8>,
    pub(crate) evidence_type: u16,
    /// A match statement.
    pub(crate) more_evidence: Option<Vec<u8>>,
    pub(crate) asked_at: i64,
    pub(crate) request_public: Vec<u8>,
}

/// An open request by the layout, signed by `key`.
pub(crate) fn open_request(ask: &AskByHand, key: &SigningKey) -> Vec<u8> {
    let mut body = Writer::new();
    body.u16(1).bytes(key.id().as_bytes());
    body.bytes(&[0x55; 16]).i64(ask.asked_at);
    body.bytes(&hash("sluis/v1/jwt", &[JWT.as_bytes()]));
    body.u16(0x0020).bytes(&ask.request_public);
    body.bytes16(&ask.manifest).u8(1).bytes16(&ask.sealed_c);
    body.u8(if ask.more_evidence.is_some() { 2 } else { 1 });
    body.u16(ask.evidence_type).bytes16(&ask.receipt);
    if let Some(more) = &ask.more_evidence {
        body.u16(2).bytes16(more);
    }
    let body = body.finish();
    let signature = key.sign("sluis/v1/open-request", &body);
    [body, signature.to_vec()].concat()
}

/// An open reply by the layout, sealed to an X25519 request key.
pub(crate) fn open_reply(
    request_public: &[u8],
    hashes: [&[u8]; 2],
    share: &[u8],
    leaf_hash: &[u8; 32],
) -> Vec<u8> {
    let [header_hash, request_hash] = hashes;
    let info = label("sluis/v1/open-reply", &[header_hash, request_hash, leaf_hash]);
    let plain = [share, &[0x66; 16], &[0]].concat();
    let mut reply = Writer::new();
    reply
        .u16(1)
        .bytes(leaf_hash)
        .bytes(&hpke_seal(request_public, &info, &plain, 3));
    reply.finish()
}
