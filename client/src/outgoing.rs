//! What a partner sends.

use std::path::{Path, PathBuf};

use sluis_envelope::{FileName, MediaType, Scope};
use sluis_types::{DataKind, Handle, MessageId, MessageKind, Oin, Priority, ThreadId, Timestamp};
use zeroize::Zeroizing;

use crate::Error;

/// A message that is to be sealed and sent.
pub struct Outgoing {
    /// To whom.
    pub recipient: Oin,
    /// About whom: this organisation's own handle.
    pub resident: Handle,
    /// What the message is to its thread.
    pub kind: MessageKind,
    /// The thread that it belongs to; none opens a new one.
    pub thread: Option<ThreadId>,
    /// The message that it answers.
    pub based_on: Option<MessageId>,
    /// How soon an answer is needed.
    pub priority: Priority,
    /// In how many days an answer should be there; none where no answer is asked.
    pub respond_within_days: Option<u16>,
    /// In how many days the message may no longer be opened: 1 to 366.
    pub expires_in_days: u16,
    /// What it contains, to be checked against the grant.
    pub scope: Scope,
    /// Form of the body.
    pub media_type: MediaType,
    /// The body: what goes in comes out, byte for byte.
    pub body: Zeroizing<Vec<u8>>,
    /// Files that go with it.
    pub attachments: Vec<OutgoingAttachment>,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outgoing({:?} to {})", self.kind, self.recipient)
    }
}

/// A file that goes with a message.
#[derive(Clone)]
pub struct OutgoingAttachment {
    pub(crate) path: PathBuf,
    pub(crate) name: FileName,
    pub(crate) media_type: MediaType,
    pub(crate) data_kind: DataKind,
}

/// What an attachment may be, by the ending of its name: forms that hold no programs.
const ATTACHMENT_TYPES: [(&str, &str); 7] = [
    ("pdf", "application/pdf"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("txt", "text/plain; charset=utf-8"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("odt", "application/vnd.oasis.opendocument.text"),
];

/// The media type of an attachment by the ending of its name, whatever its case; none for one that is not sent along.
pub fn attachment_media_type(path: &Path) -> Option<MediaType> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    let (_, media_type) = ATTACHMENT_TYPES.iter().find(|(known, _)| *known == ending)?;
    Some(MediaType::new(media_type).expect("the table holds media types"))
}

impl OutgoingAttachment {
    /// An attachment from a file whose name says what it is ([`attachment_media_type`]).
    ///
    /// # Errors
    /// [`Error::Invalid`] where the path has no usable file name, or one of another form.
    pub fn detect(path: &Path, data_kind: DataKind) -> Result<Self, Error> {
        let media_type = attachment_media_type(path).ok_or_else(|| {
            let endings: Vec<_> = ATTACHMENT_TYPES.iter().map(|(ending, _)| *ending).collect();
            Error::invalid("attachment", format!("only {} files", endings.join(", ")))
        })?;
        Self::from_file(path, media_type, data_kind)
    }

    /// An attachment from a file. The recipient sees the file's name, not its path.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the path has no usable file name.
    pub fn from_file(path: &Path, media_type: MediaType, data_kind: DataKind) -> Result<Self, Error> {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or_else(|| Error::invalid("attachment", "no readable file name"))?;
        let name = FileName::new(name).map_err(|error| Error::invalid("attachment", error.to_string()))?;
        Ok(Self {
            path: path.to_owned(),
            name,
            media_type,
            data_kind,
        })
    }
}

impl std::fmt::Debug for OutgoingAttachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OutgoingAttachment(…)")
    }
}

/// How far the attachments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that the mesh has.
    pub bytes_done: u64,
    /// Bytes in all.
    pub bytes_all: u64,
}

/// A message that the mesh acknowledged: it is durable there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its id.
    pub message_id: MessageId,
    /// Its thread.
    pub thread_id: ThreadId,
    /// When the mesh received it, by the signed receipt.
    pub received_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachment_is_what_its_ending_says_or_nothing() {
        let of = |name: &str| attachment_media_type(Path::new(name)).map(|kind| kind.as_str().to_owned());
        assert_eq!(of("plan.pdf").as_deref(), Some("application/pdf"));
        assert_eq!(of("folder/FOTO.JPG").as_deref(), Some("image/jpeg"));
        for other in [
            "plan.exe",
            "plan.pdf.sh",
            "plan",
            ".pdf",
            "plan.html",
            "plan.svg",
            "plan.docm",
        ] {
            assert_eq!(of(other), None, "{other}");
            assert!(OutgoingAttachment::detect(Path::new(other), DataKind::Document).is_err());
        }
    }
}
