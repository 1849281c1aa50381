//! The contact box: a message to one other member of a circle that says whom to call. It lies at its tag until worries
//! meet there; only then do tag and match statement open it.

use std::fmt;

use sluis_types::{BoxId, Epoch, MessageKind};
use zeroize::Zeroizing;

use super::error::EnvelopeError;
use super::header::Header;
use super::manifest::{Manifest, VerifiedManifest};
use super::padding::check_padding;
use super::share::SHARE_C_BYTES;
use super::stream::{ciphertext_length, open_all, seal_all};
use crate::circle::CircleTag;
use crate::key::OrganisationKey;
use crate::limits::{
    CONTACT_BOX_BYTES, CONTACT_CONTENT_PADDED_MAX, MANIFEST_BYTES_MAX, SEALED_SHARE_BYTES_MAX,
};
use crate::statement::{CirclePost, Signed, SubmissionReceipt, Verified};
use crate::wire::{FormatError, Reader, VERSION, Writer};

/// Salt of the key derivation at rest.
const PURPOSE: &str = "sluis/v1/contact-box";
/// Length of a sealed R in X-Wing, the longest.
const SEALED_R_BYTES_MAX: usize = 32 + 1136;

/// A contact box as it travels: manifest, both shares, content. It has no attachments.
#[derive(Clone, PartialEq, Eq)]
pub struct ContactBox {
    manifest: Manifest,
    sealed_r: Vec<u8>,
    sealed_c: Vec<u8>,
    content: Vec<u8>,
}

/// Where a contact box lies: at a tag in an epoch, under a random id of its own.
#[derive(Clone, Copy, Debug)]
pub struct BoxPlace<'a> {
    /// Where the signals meet. Not kept beside the box.
    pub tag: &'a CircleTag,
    /// When.
    pub epoch: Epoch,
    /// The box's own name: random, so that no two boxes at one tag have one key.
    pub box_id: BoxId,
}

impl BoxPlace<'_> {
    fn context(&self) -> Vec<u8> {
        [&self.epoch.number().to_be_bytes()[..], self.box_id.as_bytes()].concat()
    }
}

impl ContactBox {
    /// Puts the parts of a sealed message together.
    ///
    /// # Errors
    /// [`FormatError::Invalid`] when it is no contact box, has attachments or is too long.
    pub fn new(
        manifest: Manifest,
        sealed_r: Vec<u8>,
        sealed_c: Vec<u8>,
        content: Vec<u8>,
    ) -> Result<Self, FormatError> {
        let header = manifest.header();
        let padded = manifest.content_padded();
        let rules = [
            ("kind", header.kind() == MessageKind::ContactBox),
            ("replaces", header.replaces().is_none()),
            ("blob count", header.blob_count() == 0),
            ("share", sealed_r.len() == header.suite_r().sealed_bytes(32)),
            (
                "gate share",
                sealed_c.len() == header.suite_c().sealed_bytes(SHARE_C_BYTES),
            ),
            ("content length", padded <= CONTACT_CONTENT_PADDED_MAX),
            ("content", content.len() == ciphertext_length(padded) as usize),
        ];
        match rules.iter().find(|(_, kept)| !kept) {
            Some((field, _)) => Err(FormatError::Invalid { field }),
            None => Ok(Self {
                manifest,
                sealed_r,
                sealed_c,
                content,
            }),
        }
    }

    /// Reads a contact box and nothing more.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let contact = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(contact)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        reader.version()?;
        let manifest = Manifest::parse(reader.bytes16(MANIFEST_BYTES_MAX)?)?;
        let sealed_r = reader.bytes16(SEALED_R_BYTES_MAX)?.to_vec();
        let sealed_c = reader.bytes16(SEALED_SHARE_BYTES_MAX)?.to_vec();
        let content = reader
            .bytes16(ciphertext_length(CONTACT_CONTENT_PADDED_MAX) as usize)?
            .to_vec();
        Self::new(manifest, sealed_r, sealed_c, content)
    }

    /// The layout.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.finish()
    }

    fn write(&self, writer: &mut Writer) {
        writer
            .u16(VERSION)
            .bytes16(&self.manifest.encode())
            .bytes16(&self.sealed_r)
            .bytes16(&self.sealed_c)
            .bytes16(&self.content);
    }

    /// The header, if one believes it: to look keys up, never to decide.
    pub const fn header(&self) -> &Header {
        self.manifest.header()
    }

    /// The manifest, parsed but not checked.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The recipient's share.
    pub fn sealed_r(&self) -> &[u8] {
        &self.sealed_r
    }

    /// The gate's share.
    pub fn sealed_c(&self) -> &[u8] {
        &self.sealed_c
    }

    /// The content's ciphertext.
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// What signalling checks when a box comes with a post: the sender's key and signature; that the box is the poster's
    /// and for the circle's gate; the hashes.
    ///
    /// # Errors
    /// [`EnvelopeError`] for the first check that fails.
    pub fn check(
        &self,
        post: &Verified<CirclePost>,
        sender: &OrganisationKey,
    ) -> Result<VerifiedManifest, EnvelopeError> {
        let manifest = self.manifest.clone().verify(sender)?;
        if manifest.header().sender() != post.organisation {
            return Err(EnvelopeError::WrongOrganisation);
        }
        if manifest.header().gate_key_id() != post.gate_key_id {
            return Err(EnvelopeError::WrongKey);
        }
        manifest.check_sealed_r(&self.sealed_r)?;
        manifest.check_sealed_c(&self.sealed_c)?;
        manifest.check_content(&self.content)?;
        Ok(manifest)
    }

    /// Seals the box, with the receipt for it, under the tag and the epoch that it lies at. All have one length.
    pub fn seal_at_rest(&self, receipt: &Signed<SubmissionReceipt>, place: &BoxPlace<'_>) -> Vec<u8> {
        let mut inner = Writer::new();
        inner.bytes16(&receipt.encode());
        self.write(&mut inner);
        let mut writer = Writer::with_capacity(CONTACT_BOX_BYTES);
        writer.bytes32(&inner.finish());
        let mut plain = Zeroizing::new(writer.finish());
        assert!(plain.len() <= CONTACT_BOX_BYTES, "the longest box fits");
        plain.resize(CONTACT_BOX_BYTES, 0);
        seal_all(PURPOSE, place.tag.expose(), &place.context(), &plain)
    }

    /// Opens what [`ContactBox::seal_at_rest`] sealed.
    ///
    /// # Errors
    /// [`EnvelopeError::CannotOpen`] for another place or a changed box; [`EnvelopeError::Format`] for what is inside.
    pub fn open_at_rest(
        sealed: &[u8],
        place: &BoxPlace<'_>,
    ) -> Result<(Self, Signed<SubmissionReceipt>), EnvelopeError> {
        let length = u32::try_from(CONTACT_BOX_BYTES).expect("boxes are far below 4 GiB");
        let plain = open_all(PURPOSE, place.tag.expose(), &place.context(), sealed, length)
            .map_err(|_| EnvelopeError::CannotOpen)?;
        let mut reader = Reader::new(&plain);
        let mut inner = Reader::new(reader.bytes32(CONTACT_BOX_BYTES)?);
        check_padding(reader.take(reader.rest_len())?)?;
        let receipt = Signed::parse(inner.bytes16(Signed::<SubmissionReceipt>::BYTES_MAX)?)?;
        let contact = Self::read(&mut inner)?;
        inner.finish()?;
        Ok((contact, receipt))
    }
}

impl fmt::Debug for ContactBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContactBox({:?})", self.header().message_id())
    }
}
