//! The header `h`: all that the mesh sees of a message. No purpose, life domain, data kind, media type, person or
//! handle: that an organisation writes about one person is health data enough.

use std::time::Duration;

use sluis_types::{GrantId, KeyId, MessageId, MessageKind, Oin, Priority, ThreadId, Timestamp};

use crate::hash::{Digest, hash};
use crate::key::Suite;
use crate::limits::{BLOBS_MAX, EXTENSIONS_BYTES_MAX, MESSAGE_DAYS_MAX};
use crate::statement::{read_grant_version, read_parties};
use crate::wire::{FormatError, Reader, VERSION, Writer};

/// An extension field of a header. Types with the top bit set are critical: who does not know them refuses the
/// message. Other unknown types are ignored. This version knows none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Its type; types of one header rise.
    pub number: u16,
    /// Its value.
    pub value: Vec<u8>,
}

impl Extension {
    /// Whether a reader that does not know the type must refuse the message.
    pub const fn is_critical(&self) -> bool {
        self.number & 0x8000 != 0
    }
}

/// The header of a message. `docs/envelope.md` says who sees which field and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub(crate) kind: MessageKind,
    pub(crate) priority: Priority,
    pub(crate) message_id: MessageId,
    pub(crate) thread_id: ThreadId,
    pub(crate) grant_id: GrantId,
    pub(crate) grant_version: u32,
    pub(crate) sender: Oin,
    pub(crate) recipient: Oin,
    pub(crate) signing_key_id: KeyId,
    pub(crate) sealing_key_id: KeyId,
    pub(crate) gate_key_id: KeyId,
    pub(crate) suite_r: Suite,
    pub(crate) suite_c: Suite,
    pub(crate) replaces: Option<MessageId>,
    pub(crate) blob_count: u16,
    pub(crate) blobs_hash: Digest,
    pub(crate) created: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) respond_by: Option<Timestamp>,
    pub(crate) size_class: u8,
    pub(crate) scope_commitment: Digest,
    pub(crate) extensions: Vec<Extension>,
}

macro_rules! getters {
    ($($(#[$meta:meta])* $name:ident: $kind:ty,)+) => {
        impl Header {
            $($(#[$meta])* pub const fn $name(&self) -> $kind { self.$name })+
        }
    };
}

getters! {
    /// What the message is to its thread.
    kind: MessageKind,
    /// How soon an answer is needed.
    priority: Priority,
    /// The message's name, a UUIDv7 by the sender, and the idempotency key of its submission.
    message_id: MessageId,
    /// The conversation.
    thread_id: ThreadId,
    /// The grant, or the record of another legal basis: nobody can tell which.
    grant_id: GrantId,
    /// The grant's version, from 1.
    grant_version: u32,
    /// Who sends.
    sender: Oin,
    /// To whom.
    recipient: Oin,
    /// The sender's signing key.
    signing_key_id: KeyId,
    /// The recipient's sealing key.
    sealing_key_id: KeyId,
    /// The gate key of the grant's version.
    gate_key_id: KeyId,
    /// What the recipient's share is sealed with.
    suite_r: Suite,
    /// What the gate's share is sealed with.
    suite_c: Suite,
    /// The message whose place this one takes, after a grant got a new version.
    replaces: Option<MessageId>,
    /// How many attachments.
    blob_count: u16,
    /// When the sender made it.
    created: Timestamp,
    /// When it may no longer be opened.
    expires: Timestamp,
    /// When an answer should be there.
    respond_by: Option<Timestamp>,
    /// Coarse size: 4 KiB · 2^c covers content and attachments, padded.
    size_class: u8,
}

impl Header {
    /// Extension fields that are not critical, in order.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// `hh = H("sluis/v1/header", h)`: what shares, commitments, content and signature are bound to.
    pub fn hash(&self) -> Digest {
        hash("sluis/v1/header", &[&self.encode()])
    }

    /// The header's layout.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .u16(VERSION)
            .u8(self.kind.number())
            .u8(self.priority.number())
            .bytes(self.message_id.as_bytes())
            .bytes(self.thread_id.as_bytes())
            .bytes(self.grant_id.as_bytes())
            .u32(self.grant_version)
            .bytes(self.sender.as_bytes())
            .bytes(self.recipient.as_bytes())
            .bytes(self.signing_key_id.as_bytes())
            .bytes(self.sealing_key_id.as_bytes())
            .u8(1) // count of gate keys
            .bytes(self.gate_key_id.as_bytes())
            .u16(self.suite_r.number())
            .u16(self.suite_c.number())
            .bytes(&self.replaces.map_or([0; 16], |id| *id.as_bytes()))
            .u16(self.blob_count)
            .digest(&self.blobs_hash)
            .timestamp(self.created)
            .timestamp(self.expires)
            .optional_timestamp(self.respond_by)
            .u8(self.size_class)
            .digest(&self.scope_commitment);
        let mut tail = Writer::new();
        for extension in &self.extensions {
            tail.u16(extension.number).bytes16(&extension.value);
        }
        writer.bytes16(&tail.finish());
        writer.finish()
    }

    /// Reads a header and nothing more.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not its one encoding, or hold a critical extension.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let header = Self::parse_any(bytes)?;
        if header.extensions.iter().any(Extension::is_critical) {
            return Err(FormatError::CriticalExtension);
        }
        Ok(header)
    }

    fn parse_any(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let invalid = |field| move |_| FormatError::Invalid { field };
        let kind = MessageKind::from_number(reader.u8()?).map_err(invalid("kind"))?;
        let priority = Priority::from_number(reader.u8()?).map_err(invalid("priority"))?;
        let message_id = MessageId::from_bytes(reader.array()?);
        let thread_id = ThreadId::from_bytes(reader.array()?);
        let grant_id = GrantId::from_bytes(reader.array()?);
        let grant_version = read_grant_version(&mut reader)?;
        let (sender, recipient) = read_parties(&mut reader)?;
        let signing_key_id = KeyId::from_bytes(reader.array()?);
        let sealing_key_id = KeyId::from_bytes(reader.array()?);
        if reader.u8()? != 1 {
            return Err(FormatError::Invalid {
                field: "gate key count",
            });
        }
        let gate_key_id = KeyId::from_bytes(reader.array()?);
        let suite_r = Suite::from_number(reader.u16()?)?;
        let suite_c = Suite::from_number(reader.u16()?)?;
        let replaces = read_replaces(&mut reader)?;
        let blob_count = reader.u16()?;
        let blobs_hash = reader.digest()?;
        let created = reader.timestamp()?;
        let expires = reader.timestamp()?;
        let respond_by = reader.optional_timestamp()?;
        let size_class = reader.u8()?;
        let scope_commitment = reader.digest()?;
        let extensions = read_extensions(reader.bytes16(EXTENSIONS_BYTES_MAX)?)?;
        reader.finish()?;
        let header = Self {
            kind,
            priority,
            message_id,
            thread_id,
            grant_id,
            grant_version,
            sender,
            recipient,
            signing_key_id,
            sealing_key_id,
            gate_key_id,
            suite_r,
            suite_c,
            replaces,
            blob_count,
            blobs_hash,
            created,
            expires,
            respond_by,
            size_class,
            scope_commitment,
            extensions,
        };
        header.check()?;
        Ok(header)
    }

    /// The rules that span fields; a sealer keeps to them too.
    pub(crate) fn check(&self) -> Result<(), FormatError> {
        let life = self.expires.since(self.created);
        let in_time = |moment: &Timestamp| *moment > self.created && *moment <= self.expires;
        let rules = [
            ("message id", self.message_id.is_uuid_v7()),
            (
                "replaces",
                self.replaces
                    .is_none_or(|id| id.is_uuid_v7() && id != self.message_id),
            ),
            ("blob count", self.blob_count <= BLOBS_MAX),
            (
                "expires",
                !life.is_zero() && life <= Duration::from_hours(MESSAGE_DAYS_MAX * 24),
            ),
            ("respond by", self.respond_by.as_ref().is_none_or(in_time)),
        ];
        match rules.iter().find(|(_, kept)| !kept) {
            Some((field, _)) => Err(FormatError::Invalid { field }),
            None => Ok(()),
        }
    }
}

fn read_replaces(reader: &mut Reader<'_>) -> Result<Option<MessageId>, FormatError> {
    let bytes: [u8; 16] = reader.array()?;
    Ok((bytes != [0; 16]).then(|| MessageId::from_bytes(bytes)))
}

/// Types rise strictly, so that one set of extensions has one encoding.
fn read_extensions(bytes: &[u8]) -> Result<Vec<Extension>, FormatError> {
    let mut reader = Reader::new(bytes);
    let mut extensions: Vec<Extension> = Vec::new();
    while reader.rest_len() > 0 {
        let number = reader.u16()?;
        let value = reader.bytes16(EXTENSIONS_BYTES_MAX)?.to_vec();
        if extensions.last().is_some_and(|last| last.number >= number) {
            return Err(FormatError::Invalid { field: "extensions" });
        }
        extensions.push(Extension { number, value });
    }
    Ok(extensions)
}
