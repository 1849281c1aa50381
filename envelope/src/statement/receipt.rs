//! The submission receipt: referral's word that it took a message at a time.

use sluis_types::Timestamp;

use super::signed::{Statement, StatementError, not_from_the_future};
use crate::hash::Digest;
use crate::key::KeyKind;
use crate::wire::{FormatError, Reader, Writer};

/// Body of a submission receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionReceipt {
    /// The manifest that was taken ([`Manifest::hash`](crate::Manifest::hash)).
    pub manifest_hash: Digest,
    /// When: the sender's signing key must have been valid at this time.
    pub received_at: Timestamp,
}

impl Statement for SubmissionReceipt {
    const TAG: &'static str = "sluis/v1/submission-receipt";
    const SIGNER: KeyKind = KeyKind::Receipt;
    const BODY_BYTES_MAX: usize = 32 + 8;

    fn write(&self, writer: &mut Writer) {
        writer.digest(&self.manifest_hash).timestamp(self.received_at);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            manifest_hash: reader.digest()?,
            received_at: reader.timestamp()?,
        })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), StatementError> {
        not_from_the_future(self.received_at, now)
    }
}
