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

impl OutgoingAttachment {
    /// An attachment from a file. The recipient sees the file's name, not its path.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the path has no usable file name.
    pub fn from_file(path: &Path, media_type: MediaType, data_kind: DataKind) -> Result<Self, Error> {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or_else(|| Error::invalid("attachment", "no readable file name"))?;
        Ok(Self {
            path: path.to_owned(),
            name: FileName::new(name)?,
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
