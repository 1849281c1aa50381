//! The leaf promise: a log's word that a leaf, already durable, gets its place in the tree.

use sluis_types::Timestamp;

use super::signed::{Statement, StatementError, not_from_the_future};
use crate::hash::Digest;
use crate::key::KeyKind;
use crate::wire::{FormatError, Reader, Writer};

/// Body of a leaf promise. The signer's key id says which log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafPromise {
    /// The leaf.
    pub leaf_hash: Digest,
    /// When the act was committed.
    pub promised_at: Timestamp,
    /// When a checkpoint holds the leaf, at the latest.
    pub due: Timestamp,
}

impl Statement for LeafPromise {
    const TAG: &'static str = "sluis/v1/leaf-promise";
    const SIGNER: KeyKind = KeyKind::Log;
    const BODY_BYTES_MAX: usize = 32 + 8 + 8;

    fn write(&self, writer: &mut Writer) {
        writer
            .digest(&self.leaf_hash)
            .timestamp(self.promised_at)
            .timestamp(self.due);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let leaf_hash = reader.digest()?;
        let (promised_at, due) = (reader.timestamp()?, reader.timestamp()?);
        if due < promised_at {
            return Err(FormatError::Invalid { field: "due" });
        }
        Ok(Self {
            leaf_hash,
            promised_at,
            due,
        })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), StatementError> {
        not_from_the_future(self.promised_at, now)
    }
}
