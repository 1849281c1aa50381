//! Opening a message: what a recipient does with its own share, and with what the gate gives.

use std::fmt;

use sluis_types::Handle;
use zeroize::Zeroizing;

use super::attachment::Attachment;
use super::blob::BlobOpener;
use super::content::Content;
use super::error::EnvelopeError;
use super::manifest::VerifiedManifest;
use super::scope::Scope;
use super::sealer::DEK;
use super::share::{ShareC, ShareR, check_commitment, commit_c, share_info};
use super::stream::open_all;
use crate::hash::Digest;
use crate::key::SealingKeyPair;

/// A message whose own share was opened and checked. What is missing is the gate's.
pub struct Opener {
    manifest: VerifiedManifest,
    sealed_c: Vec<u8>,
    r: ShareR,
}

impl Opener {
    /// Opens the recipient's share and checks both sealed shares and the commitment, before the gate is asked: what
    /// cannot be opened anyway should not stand in the resident's log as opened.
    ///
    /// # Errors
    /// [`EnvelopeError::WrongKey`], [`EnvelopeError::ShareMismatch`], [`EnvelopeError::CannotOpen`] or
    /// [`EnvelopeError::Commitment`], in this order.
    pub fn new(
        manifest: VerifiedManifest,
        keys: &SealingKeyPair,
        sealed_r: &[u8],
        sealed_c: &[u8],
    ) -> Result<Self, EnvelopeError> {
        if keys.id() != manifest.header().sealing_key_id() {
            return Err(EnvelopeError::WrongKey);
        }
        manifest.check_sealed_r(sealed_r)?;
        manifest.check_sealed_c(sealed_c)?;
        let hh = *manifest.header_hash();
        let info = share_info("sluis/v1/share-r", &hh);
        let opened = keys.open(manifest.header().suite_r(), &info, sealed_r)?;
        let r = ShareR::parse(&opened)?;
        if !check_commitment(&r.commitment(&hh), &manifest.claims().commitment_r) {
            return Err(EnvelopeError::Commitment);
        }
        Ok(Self {
            manifest,
            sealed_c: sealed_c.to_vec(),
            r,
        })
    }

    /// The message's manifest.
    pub const fn manifest(&self) -> &VerifiedManifest {
        &self.manifest
    }

    pub(crate) fn sealed_c(&self) -> &[u8] {
        &self.sealed_c
    }

    /// Combines the shares. `share` is C || salt || scope as the gate gave it.
    pub(crate) fn complete(
        &self,
        share: &[u8],
        handle: Handle,
        assisted: bool,
        leaf_hash: Digest,
    ) -> Result<OpenedMessage, EnvelopeError> {
        let claims = self.manifest.claims();
        if !check_commitment(
            &commit_c(self.manifest.header_hash(), share),
            &claims.commitment_c,
        ) {
            return Err(EnvelopeError::Commitment);
        }
        let c = ShareC::parse(share)?;
        if !check_commitment(&c.scope_commitment(), &claims.header.scope_commitment) {
            return Err(EnvelopeError::Commitment);
        }
        Ok(OpenedMessage {
            manifest: self.manifest.clone(),
            key: c.combine(&self.r),
            scope: c.scope(),
            handle,
            assisted,
            leaf_hash,
        })
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opener({:?})", self.manifest.header().message_id())
    }
}

/// A message that both gates opened.
pub struct OpenedMessage {
    manifest: VerifiedManifest,
    key: Zeroizing<[u8; 64]>,
    scope: Scope,
    handle: Handle,
    assisted: bool,
    leaf_hash: Digest,
}

impl OpenedMessage {
    /// What the gate opened the message for.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The recipient's own name for the resident.
    pub const fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Whether the resident has no login and consented with help.
    pub const fn assisted(&self) -> bool {
        self.assisted
    }

    /// The log leaf of this opening.
    pub const fn leaf_hash(&self) -> &Digest {
        &self.leaf_hash
    }

    /// Opens the content.
    ///
    /// # Errors
    /// [`EnvelopeError::CiphertextMismatch`] when it is not what the sender signed, [`EnvelopeError::CannotOpen`],
    /// [`EnvelopeError::Format`] when it is not in its form, [`EnvelopeError::Scope`] when it is for more or for
    /// something else than the gate opened.
    pub fn content(&self, ciphertext: &[u8]) -> Result<Content, EnvelopeError> {
        self.manifest.check_content(ciphertext)?;
        let hh = self.manifest.header_hash();
        let padded = self.manifest.claims().content_padded;
        let plain = open_all(DEK, self.key.as_slice(), hh, ciphertext, padded)
            .map_err(|_| EnvelopeError::CannotOpen)?;
        let content = Content::parse(&plain)?;
        if content.scope != self.scope {
            return Err(EnvelopeError::Scope);
        }
        let listed = self.manifest.blobs().iter().map(|blob| blob.id);
        if !content.attachments.iter().map(Attachment::blob_id).eq(listed) {
            return Err(EnvelopeError::CiphertextMismatch);
        }
        Ok(content)
    }

    /// Starts opening an attachment of this message's content.
    ///
    /// # Errors
    /// [`EnvelopeError::CiphertextMismatch`] when the blob list says otherwise than the content.
    pub fn blob_opener(&self, attachment: &Attachment) -> Result<BlobOpener, EnvelopeError> {
        let entry = self
            .manifest
            .blobs()
            .iter()
            .find(|blob| blob.id == attachment.blob_id())
            .ok_or(EnvelopeError::CiphertextMismatch)?;
        BlobOpener::new(self.manifest.header().message_id(), attachment, entry)
    }
}

impl fmt::Debug for OpenedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenedMessage({:?})", self.manifest.header().message_id())
    }
}
