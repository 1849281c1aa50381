//! What a message says, inside, of each attachment: its key, its real length, its name.

use std::fmt;

use sluis_types::{BlobId, DataKind, MessageId};
use zeroize::Zeroizing;

use crate::limits::{BLOB_BYTES_MAX, FILE_NAME_BYTES_MAX, MEDIA_TYPE_BYTES_MAX};
use crate::wire::{FormatError, Reader, Writer};

/// A media type (RFC 6838), with parameters if it has any: visible ASCII and spaces, at most 127 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MediaType(String);

impl MediaType {
    /// The media type of a text such as `application/fhir+json`.
    ///
    /// # Errors
    /// [`FormatError::Invalid`] for a text that is no media type.
    pub fn new(text: &str) -> Result<Self, FormatError> {
        let visible = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        let (kind, rest) = text.split_once('/').unwrap_or_default();
        let named = !kind.is_empty() && !rest.is_empty() && !kind.contains(' ') && text == text.trim();
        if visible && named && text.len() <= MEDIA_TYPE_BYTES_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(FormatError::Invalid { field: "media type" })
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.bytes8(self.0.as_bytes());
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let invalid = FormatError::Invalid { field: "media type" };
        Self::new(str::from_utf8(reader.bytes8()?).map_err(|_| invalid)?)
    }
}

/// A file name without a path: no separators, no control characters, not `.` or `..`, 1 to 255 bytes of UTF-8.
///
/// It may say something about a person, so its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// The file name of a text.
    ///
    /// # Errors
    /// [`FormatError::Invalid`] for a text that a recipient should not make a file of.
    pub fn new(text: &str) -> Result<Self, FormatError> {
        let harmless = text
            .chars()
            .all(|character| !character.is_control() && !"/\\:".contains(character));
        let fits = (1..=FILE_NAME_BYTES_MAX).contains(&text.len());
        if harmless && fits && text != "." && text != ".." {
            Ok(Self(text.to_owned()))
        } else {
            Err(FormatError::Invalid { field: "file name" })
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let invalid = FormatError::Invalid { field: "file name" };
        Self::new(str::from_utf8(reader.bytes8()?).map_err(|_| invalid)?)
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileName(…)")
    }
}

/// An attachment as the message describes it.
#[derive(Clone)]
pub struct Attachment {
    pub(super) blob_id: BlobId,
    pub(super) key: Zeroizing<[u8; 32]>,
    pub(super) length: u32,
    pub(super) data_kind: DataKind,
    pub(super) media_type: MediaType,
    pub(super) name: FileName,
}

impl Attachment {
    /// Longest layout.
    pub(super) const BYTES_MAX: usize = 16 + 32 + 4 + 1 + 1 + MEDIA_TYPE_BYTES_MAX + 1 + FILE_NAME_BYTES_MAX;

    /// The blob that holds it.
    pub const fn blob_id(&self) -> BlobId {
        self.blob_id
    }

    /// Its length in bytes, without padding.
    pub const fn length(&self) -> u32 {
        self.length
    }

    /// Which kind of data it is.
    pub const fn data_kind(&self) -> DataKind {
        self.data_kind
    }

    /// Its media type.
    pub const fn media_type(&self) -> &MediaType {
        &self.media_type
    }

    /// Its file name, as the sender calls it.
    pub const fn name(&self) -> &FileName {
        &self.name
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.blob_id.as_bytes())
            .bytes(self.key.as_slice())
            .u32(self.length)
            .u8(self.data_kind.number());
        self.media_type.write(writer);
        writer.bytes8(self.name.0.as_bytes());
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let invalid = |field| FormatError::Invalid { field };
        let blob_id = BlobId::from_bytes(reader.array()?);
        let key = Zeroizing::new(reader.array()?);
        let length = reader.u32()?;
        if length > BLOB_BYTES_MAX {
            return Err(FormatError::TooLong { field: "attachment" });
        }
        Ok(Self {
            blob_id,
            key,
            length,
            data_kind: DataKind::from_number(reader.u8()?).map_err(|_| invalid("data kind"))?,
            media_type: MediaType::read(reader)?,
            name: FileName::read(reader)?,
        })
    }

    /// What the blob's chunks are bound to: message id || blob id.
    pub(super) fn context(&self, message_id: MessageId) -> [u8; 32] {
        let mut context = [0; 32];
        context[..16].copy_from_slice(message_id.as_bytes());
        context[16..].copy_from_slice(self.blob_id.as_bytes());
        context
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({:?}, {} bytes)", self.blob_id, self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "c:d",
            "a\0",
            "a\n",
            &"a".repeat(256),
        ] {
            assert!(FileName::new(bad).is_err(), "{bad:?}");
        }
        for good in ["plan.pdf", "één plan.pdf", "..."] {
            assert_eq!(FileName::new(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn media_types_have_their_form() {
        for bad in [
            "",
            "text",
            "/x",
            "x/",
            " text/plain",
            "text/plain\n",
            "te xt/plain",
            "text/plaín",
        ] {
            assert!(MediaType::new(bad).is_err(), "{bad:?}");
        }
        for good in ["text/plain; charset=utf-8", "application/fhir+json"] {
            assert_eq!(MediaType::new(good).unwrap().as_str(), good);
        }
    }
}
