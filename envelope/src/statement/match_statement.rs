//! The match statement: signalling's word, towards consent, that the worries behind a contact box met others.

use sluis_types::Timestamp;

use super::signed::{Statement, StatementError, not_from_the_future};
use crate::hash::Digest;
use crate::key::KeyKind;
use crate::wire::{FormatError, Reader, Writer};

/// Body of a match statement. The manifest names sender, recipient and gate key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchStatement {
    /// The contact box ([`Manifest::hash`](crate::Manifest::hash)).
    pub manifest_hash: Digest,
    /// When the signals met.
    pub matched_at: Timestamp,
}

impl Statement for MatchStatement {
    const TAG: &'static str = "sluis/v1/match-statement";
    const SIGNER: KeyKind = KeyKind::Match;
    const BODY_BYTES_MAX: usize = 32 + 8;

    fn write(&self, writer: &mut Writer) {
        writer.digest(&self.manifest_hash).timestamp(self.matched_at);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            manifest_hash: reader.digest()?,
            matched_at: reader.timestamp()?,
        })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), StatementError> {
        not_from_the_future(self.matched_at, now)
    }
}
