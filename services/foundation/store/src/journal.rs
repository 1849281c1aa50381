//! What a service tells its log of an act, and the door to the log.

use std::fmt;

use async_trait::async_trait;
use sluis_types::{BlobId, GrantId, MessageId, Oin, RequestId, ThreadId, Timestamp};

use crate::{StoreError, Tx};

/// The log of a service: writes a leaf in the act's own transaction. Implemented by `sluis-ledger`.
#[async_trait]
pub trait Journal: Send + Sync + 'static {
    /// Writes the leaf of `event`.
    ///
    /// # Errors
    /// Any error rolls the act back: no leaf, no act.
    async fn append(&self, tx: &mut Tx<'_>, event: &LogEvent) -> Result<LeafReference, StoreError>;
}

/// The leaf that belongs to an act: enough to sign its leaf promise, and to sign it again on a repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafReference {
    /// The leaf's hash.
    pub hash: [u8; 32],
    /// When the act happened, as the leaf says.
    pub at: Timestamp,
}

/// One thing that happened: a decision, an opening, a refusal.
///
/// Its `Debug` shows what happened, not to whom.
#[derive(Clone, PartialEq, Eq)]
pub struct LogEvent {
    /// What happened, numbered by the service.
    pub kind: u16,
    /// 0 when it was done, else the service's number of the refusal.
    pub outcome: u16,
    /// When.
    pub at: Timestamp,
    /// The organisation that acted; none for a resident or the service itself.
    pub organisation: Option<Oin>,
    /// A pseudonym of the person who acted; may be empty.
    pub user: Vec<u8>,
    /// Whose log it belongs in.
    pub subject: Subject,
    /// The method or timer that did it.
    pub method: &'static str,
    /// What else was involved.
    pub ids: Vec<LoggedId>,
    /// More, in the service's own encoding.
    pub details: Vec<u8>,
}

impl fmt::Debug for LogEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogEvent")
            .field("kind", &self.kind)
            .field("outcome", &self.outcome)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// Whose log an event belongs in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The rows under this tag of a resident (consent).
    Tag([u8; 32]),
    /// The rows of this grant (every other service).
    Grant(GrantId),
    /// Nobody's: an act between organisations.
    None,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tag(_) => "Tag(…)",
            Self::Grant(_) => "Grant(…)",
            Self::None => "None",
        })
    }
}

/// An identifier that an event involves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoggedId {
    /// A message.
    Message(MessageId),
    /// A thread.
    Thread(ThreadId),
    /// A grant.
    Grant(GrantId),
    /// A blob.
    Blob(BlobId),
    /// A request.
    Request(RequestId),
}
