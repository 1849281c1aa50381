//! The manifest: header, blob list, commitments, hashes and signature. Enough to verify without any ciphertext.

use super::check::{BLOB_ENTRY_BYTES, BlobEntry, CiphertextCheck};
use super::error::EnvelopeError;
use super::header::Header;
use super::padding::{padded_length, size_class};
use super::stream::ciphertext_length;
use crate::hash::{Digest, Hasher, hash};
use crate::key::{KeyKind, OrganisationKey, SIGNATURE_BYTES, SigningKey};
use crate::limits::{CONTENT_PADDED_MAX, HEADER_BYTES_MAX, MANIFEST_BYTES_MAX};
use crate::wire::{FormatError, Reader, Writer};

/// What the sender's signature is bound to.
const TAG: &str = "sluis/v1/manifest";

/// Everything that is signed, before or after it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) header: Header,
    pub(crate) blobs: Vec<BlobEntry>,
    pub(crate) content_padded: u32,
    pub(crate) commitment_r: Digest,
    pub(crate) commitment_c: Digest,
    pub(crate) sealed_r_hash: Digest,
    pub(crate) sealed_c_hash: Digest,
    pub(crate) content_hash: Digest,
}

/// Hash of a sealed share.
pub(crate) fn share_hash(sealed: &[u8]) -> Digest {
    hash("sluis/v1/sealed-share", &[sealed])
}

/// Hash of a content's ciphertext: `H("sluis/v1/content", ciphertext)`.
pub(crate) fn content_hash(ciphertext: &[u8]) -> Digest {
    hash("sluis/v1/content", &[ciphertext])
}

/// Hash of a blob list.
pub(crate) fn blobs_hash(blobs: &[BlobEntry]) -> Digest {
    let entries: Vec<_> = blobs.iter().map(BlobEntry::encode).collect();
    Hasher::new("sluis/v1/blobs").list(&entries).finish()
}

/// Size class of a content and its attachments.
pub(crate) fn total_size_class(content_padded: u32, blobs: &[BlobEntry]) -> u8 {
    let attached: u64 = blobs.iter().map(|blob| u64::from(blob.padded_length)).sum();
    size_class(u64::from(content_padded) + attached)
}

impl Claims {
    /// What the signature is over: hh, count of gate keys, commitments, share hashes, padded length, content hash.
    fn signed_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .digest(&self.header.hash())
            .u8(1)
            .digest(&self.commitment_r)
            .digest(&self.commitment_c)
            .digest(&self.sealed_r_hash)
            .digest(&self.sealed_c_hash)
            .u32(self.content_padded)
            .digest(&self.content_hash);
        writer.finish()
    }
}

/// A manifest, parsed but not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    claims: Claims,
    signature: [u8; SIGNATURE_BYTES],
}

impl Manifest {
    /// Reads a manifest and nothing more. What it says of itself fits together then: the blob list is the one that
    /// the header names, and the size class is that of the lengths.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        if bytes.len() > MANIFEST_BYTES_MAX {
            return Err(FormatError::TooLong { field: "manifest" });
        }
        let mut reader = Reader::new(bytes);
        let header = Header::parse(reader.bytes16(HEADER_BYTES_MAX)?)?;
        let mut blobs: Vec<BlobEntry> = Vec::new();
        for _ in 0..header.blob_count() {
            let blob = BlobEntry::read(&mut reader)?;
            if blobs.iter().any(|other| other.id == blob.id) {
                return Err(FormatError::Invalid { field: "blob list" });
            }
            blobs.push(blob);
        }
        let content_padded = reader.u32()?;
        let claims = Claims {
            commitment_r: reader.digest()?,
            commitment_c: reader.digest()?,
            sealed_r_hash: reader.digest()?,
            sealed_c_hash: reader.digest()?,
            content_hash: reader.digest()?,
            header,
            blobs,
            content_padded,
        };
        let signature = reader.array()?;
        reader.finish()?;
        claims.check()?;
        Ok(Self { claims, signature })
    }

    /// The manifest's layout.
    pub fn encode(&self) -> Vec<u8> {
        let claims = &self.claims;
        let mut writer = Writer::new();
        writer.bytes16(&claims.header.encode());
        for blob in &claims.blobs {
            let entry: [u8; BLOB_ENTRY_BYTES] = blob.encode();
            writer.bytes(&entry);
        }
        writer
            .u32(claims.content_padded)
            .digest(&claims.commitment_r)
            .digest(&claims.commitment_c)
            .digest(&claims.sealed_r_hash)
            .digest(&claims.sealed_c_hash)
            .digest(&claims.content_hash)
            .bytes(&self.signature);
        writer.finish()
    }

    /// What submission receipts name a message by: `H("sluis/v1/manifest-hash", manifest)`.
    pub fn hash(&self) -> Digest {
        hash("sluis/v1/manifest-hash", &[&self.encode()])
    }

    /// The header, if one believes it: to look keys up, never to decide.
    pub const fn header(&self) -> &Header {
        &self.claims.header
    }

    /// The blob list, if one believes it: for who keeps manifests that were verified before.
    pub fn blobs(&self) -> &[BlobEntry] {
        &self.claims.blobs
    }

    pub(super) const fn content_padded(&self) -> u32 {
        self.claims.content_padded
    }

    /// Checks that the key is the sender's and the one that the header names, and then the signature.
    ///
    /// # Errors
    /// [`EnvelopeError::WrongOrganisation`], [`EnvelopeError::WrongKey`] or [`EnvelopeError::BadSignature`].
    pub fn verify(self, sender: &OrganisationKey) -> Result<VerifiedManifest, EnvelopeError> {
        let header = &self.claims.header;
        if sender.organisation != header.sender() {
            return Err(EnvelopeError::WrongOrganisation);
        }
        if sender.key.kind() != KeyKind::Signing || sender.key.id() != header.signing_key_id() {
            return Err(EnvelopeError::WrongKey);
        }
        sender
            .key
            .verify(TAG, &self.claims.signed_bytes(), &self.signature)?;
        Ok(VerifiedManifest {
            header_hash: header.hash(),
            manifest: self,
        })
    }
}

impl Claims {
    fn check(&self) -> Result<(), FormatError> {
        let padded = self.content_padded;
        let rules = [
            ("blob list", blobs_hash(&self.blobs) == self.header.blobs_hash),
            (
                "content length",
                padded <= CONTENT_PADDED_MAX && padded_length(padded) == padded,
            ),
            (
                "size class",
                total_size_class(padded, &self.blobs) == self.header.size_class(),
            ),
        ];
        match rules.iter().find(|(_, kept)| !kept) {
            Some((field, _)) => Err(FormatError::Invalid { field }),
            None => Ok(()),
        }
    }
}

/// A manifest whose signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedManifest {
    manifest: Manifest,
    header_hash: Digest,
}

impl VerifiedManifest {
    pub(crate) fn sign(claims: Claims, key: &SigningKey) -> Self {
        let signature = key.sign(TAG, &claims.signed_bytes());
        Self {
            header_hash: claims.header.hash(),
            manifest: Manifest { claims, signature },
        }
    }

    pub(crate) const fn claims(&self) -> &Claims {
        &self.manifest.claims
    }

    /// The manifest as it travels.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The header.
    pub const fn header(&self) -> &Header {
        &self.manifest.claims.header
    }

    /// `hh`.
    pub const fn header_hash(&self) -> &Digest {
        &self.header_hash
    }

    /// What submission receipts name this message by.
    pub fn hash(&self) -> Digest {
        self.manifest.hash()
    }

    /// The manifest's layout.
    pub fn encode(&self) -> Vec<u8> {
        self.manifest.encode()
    }

    /// The attachments, in order.
    pub fn blobs(&self) -> &[BlobEntry] {
        &self.claims().blobs
    }

    /// How many bytes the content's ciphertext has.
    pub fn content_length(&self) -> u32 {
        ciphertext_length(self.claims().content_padded)
    }

    /// Whether this is the recipient's share that the sender signed.
    ///
    /// # Errors
    /// [`EnvelopeError::ShareMismatch`] when it is not.
    pub fn check_sealed_r(&self, sealed: &[u8]) -> Result<(), EnvelopeError> {
        check_share(sealed, &self.claims().sealed_r_hash)
    }

    /// Whether this is the gate's share that the sender signed.
    ///
    /// # Errors
    /// [`EnvelopeError::ShareMismatch`] when it is not.
    pub fn check_sealed_c(&self, sealed: &[u8]) -> Result<(), EnvelopeError> {
        check_share(sealed, &self.claims().sealed_c_hash)
    }

    /// Whether this is the content's ciphertext that the sender signed.
    ///
    /// # Errors
    /// [`EnvelopeError::CiphertextMismatch`] when it is not.
    pub fn check_content(&self, ciphertext: &[u8]) -> Result<(), EnvelopeError> {
        let mut check = self.content_check();
        check.update(ciphertext)?;
        check.finish()
    }

    /// Starts checking the content's ciphertext piece by piece.
    pub fn content_check(&self) -> CiphertextCheck {
        let length = u64::from(self.content_length());
        let state = Hasher::new("sluis/v1/content").last_part(length);
        CiphertextCheck::new(state, length, self.claims().content_hash)
    }
}

fn check_share(sealed: &[u8], signed: &Digest) -> Result<(), EnvelopeError> {
    if share_hash(sealed) == *signed {
        Ok(())
    } else {
        Err(EnvelopeError::ShareMismatch)
    }
}
