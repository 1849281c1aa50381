//! The directory head: matching's word on what the whole service directory holds at one of its versions.

use sluis_types::Timestamp;

use super::signed::{Statement, StatementError, not_from_the_future};
use crate::hash::Digest;
use crate::key::KeyKind;
use crate::limits::DIRECTORY_ENTRIES_MAX;
use crate::wire::{FormatError, Reader, Writer};

/// Body of a directory head. Whoever holds every entry can check it ([`DirectoryTree`](crate::DirectoryTree)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryHead {
    /// Number of the last change; it never goes back.
    pub version: u64,
    /// When it was made: nothing newer was there then.
    pub made_at: Timestamp,
    /// How many entries there are.
    pub entries: u32,
    /// Root over them.
    pub root: Digest,
}

impl Statement for DirectoryHead {
    const TAG: &'static str = "sluis/v1/directory-head";
    const SIGNER: KeyKind = KeyKind::Directory;
    const BODY_BYTES_MAX: usize = 8 + 8 + 4 + 32;

    fn write(&self, writer: &mut Writer) {
        writer
            .u64(self.version)
            .timestamp(self.made_at)
            .u32(self.entries)
            .digest(&self.root);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let version = reader.u64()?;
        let made_at = reader.timestamp()?;
        let entries = reader.u32()?;
        if entries > DIRECTORY_ENTRIES_MAX {
            return Err(FormatError::Invalid { field: "entries" });
        }
        let root = reader.digest()?;
        Ok(Self {
            version,
            made_at,
            entries,
            root,
        })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), StatementError> {
        not_from_the_future(self.made_at, now)
    }
}
