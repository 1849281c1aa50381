//! What is inside a message: scope, attachments, body; and its padded layout.

use std::fmt;

use sluis_types::MessageId;
use zeroize::Zeroizing;

use super::attachment::{Attachment, MediaType};
use super::error::EnvelopeError;
use super::padding::{check_padding, padded_length};
use super::scope::{SCOPE_BYTES, Scope};
use crate::limits::{BLOBS_MAX, BODY_BYTES_MAX, MEDIA_TYPE_BYTES_MAX};
use crate::wire::{FormatError, Reader, Writer};

/// What a sender puts in.
pub struct ContentDraft {
    /// What kind of text the body is.
    pub media_type: MediaType,
    /// The message that this one answers or goes on from, perhaps in another thread.
    pub based_on: Option<MessageId>,
    /// What the message is for and what it carries; checked against the grant before sealing.
    pub scope: Scope,
    /// The body: at most 4 MiB.
    pub body: Zeroizing<Vec<u8>>,
}

/// What a recipient takes out.
#[derive(Clone)]
pub struct Content {
    /// What kind of text the body is.
    pub media_type: MediaType,
    /// The message that this one answers or goes on from, perhaps in another thread.
    pub based_on: Option<MessageId>,
    /// What the message is for and what it carries.
    pub scope: Scope,
    /// The attachments, in the order of the blob list.
    pub attachments: Vec<Attachment>,
    /// The body.
    pub body: Zeroizing<Vec<u8>>,
}

impl Content {
    pub(super) fn new(draft: ContentDraft, attachments: Vec<Attachment>) -> Result<Self, EnvelopeError> {
        let rules = [
            ("body", draft.body.len() <= BODY_BYTES_MAX as usize),
            ("attachments", attachments.len() <= usize::from(BLOBS_MAX)),
            ("data kinds", kinds_within(&attachments, &draft.scope)),
            ("based on", draft.based_on.is_none_or(|id| id.is_uuid_v7())),
        ];
        if let Some((field, _)) = rules.iter().find(|(_, kept)| !kept) {
            return Err(EnvelopeError::Draft { field });
        }
        Ok(Self {
            media_type: draft.media_type,
            based_on: draft.based_on,
            scope: draft.scope,
            attachments,
            body: draft.body,
        })
    }

    /// The padded layout, as it is sealed. It holds the keys of the attachments.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        pad(&self.write_after(&[]))
    }

    /// Reads what [`Content::encode`] wrote.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not its one encoding.
    pub fn parse(padded: &[u8]) -> Result<Self, FormatError> {
        Self::read(Reader::new(unpad(padded)?))
    }

    fn capacity(&self) -> usize {
        let head = 1 + MEDIA_TYPE_BYTES_MAX + 16 + SCOPE_BYTES + 2 + 4;
        head + self.attachments.len() * Attachment::BYTES_MAX + self.body.len()
    }

    /// The layout without padding, after `before`.
    pub(super) fn write_after(&self, before: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::with_capacity(before.len() + self.capacity());
        writer.bytes(before);
        self.media_type.write(&mut writer);
        writer.bytes(&self.based_on.map_or([0; 16], |id| *id.as_bytes()));
        self.scope.write(&mut writer);
        writer.u16(u16::try_from(self.attachments.len()).expect("BLOBS_MAX is far below"));
        for attachment in &self.attachments {
            attachment.write(&mut writer);
        }
        writer.bytes32(&self.body);
        Zeroizing::new(writer.finish())
    }

    /// Reads the layout up to the end of the bytes.
    pub(super) fn read(mut reader: Reader<'_>) -> Result<Self, FormatError> {
        let media_type = MediaType::read(&mut reader)?;
        let based_on: [u8; 16] = reader.array()?;
        let based_on = (based_on != [0; 16]).then(|| MessageId::from_bytes(based_on));
        if based_on.is_some_and(|id| !id.is_uuid_v7()) {
            return Err(FormatError::Invalid { field: "based on" });
        }
        let scope = Scope::read(&mut reader)?;
        let count = reader.u16()?;
        if count > BLOBS_MAX {
            return Err(FormatError::TooLong { field: "attachments" });
        }
        let mut attachments = Vec::new();
        for _ in 0..count {
            attachments.push(Attachment::read(&mut reader)?);
        }
        let body = Zeroizing::new(reader.bytes32(BODY_BYTES_MAX as usize)?.to_vec());
        reader.finish()?;
        if !kinds_within(&attachments, &scope) {
            return Err(FormatError::Invalid { field: "data kind" });
        }
        Ok(Self {
            media_type,
            based_on,
            scope,
            attachments,
            body,
        })
    }
}

fn kinds_within(attachments: &[Attachment], scope: &Scope) -> bool {
    attachments
        .iter()
        .all(|attachment| scope.data_kinds().contains(attachment.data_kind))
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} attachments, …)", self.attachments.len())
    }
}

/// Length (u32), bytes, zeros up to the padded length.
pub(super) fn pad(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = u32::try_from(bytes.len()).expect("contents are far below 4 GiB");
    let padded = padded_length(length + 4) as usize;
    let mut out = Zeroizing::new(Vec::with_capacity(padded));
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
    out.resize(padded, 0);
    out
}

/// The inverse of [`pad`], for that padding only.
pub(super) fn unpad(padded: &[u8]) -> Result<&[u8], FormatError> {
    let mut reader = Reader::new(padded);
    let bytes = reader.bytes32(padded.len())?;
    let padding = reader.take(reader.rest_len())?;
    let length = u32::try_from(bytes.len() + 4).map_err(|_| FormatError::TooLong { field: "content" })?;
    if padded_length(length) as usize != padded.len() {
        return Err(FormatError::Invalid { field: "padding" });
    }
    check_padding(padding)?;
    Ok(bytes)
}
