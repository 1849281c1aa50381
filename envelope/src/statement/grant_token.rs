//! The grant token: consent's word, towards referral, that a sender may seal to a grant's gate key now.

use sluis_types::{GrantId, Oin, Timestamp};

use super::signed::{Statement, StatementError, Verified, read_life, within};
use crate::key::{GatePublicKey, KeyKind};
use crate::limits::GRANT_TOKEN_MINUTES_MAX;
use crate::message::VerifiedManifest;
use crate::wire::{FormatError, Reader, Writer};

/// Body of a grant token. It says nothing of purpose, data or person: referral sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantToken {
    /// The grant.
    pub grant_id: GrantId,
    /// Its version, from 1.
    pub grant_version: u32,
    /// Who may send.
    pub sender: Oin,
    /// To whom.
    pub recipient: Oin,
    /// The gate key of this grant, version and recipient.
    pub gate_key: GatePublicKey,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ends: at most 10 minutes later.
    pub not_after: Timestamp,
}

impl Statement for GrantToken {
    const TAG: &'static str = "sluis/v1/grant-token";
    const SIGNER: KeyKind = KeyKind::GrantToken;
    const BODY_BYTES_MAX: usize = 16 + 4 + 20 + 20 + 1 + 1249 + 8 + 8;

    fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.grant_id.as_bytes())
            .u32(self.grant_version)
            .bytes(self.sender.as_bytes())
            .bytes(self.recipient.as_bytes())
            .u8(1); // count of gate keys
        self.gate_key.write(writer);
        writer.timestamp(self.issued_at).timestamp(self.not_after);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let grant_id = GrantId::from_bytes(reader.array()?);
        let grant_version = read_grant_version(reader)?;
        let (sender, recipient) = read_parties(reader)?;
        if reader.u8()? != 1 {
            return Err(FormatError::Invalid {
                field: "gate key count",
            });
        }
        let gate_key = GatePublicKey::read(reader)?;
        let (issued_at, not_after) = read_life(reader, GRANT_TOKEN_MINUTES_MAX)?;
        Ok(Self {
            grant_id,
            grant_version,
            sender,
            recipient,
            gate_key,
            issued_at,
            not_after,
        })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), StatementError> {
        within(self.issued_at, self.not_after, now)
    }
}

/// Grant versions start at 1.
pub(crate) fn read_grant_version(reader: &mut Reader<'_>) -> Result<u32, FormatError> {
    match reader.u32()? {
        0 => Err(FormatError::Invalid {
            field: "grant version",
        }),
        version => Ok(version),
    }
}

/// Sender and recipient: nobody sends to itself.
pub(crate) fn read_parties(reader: &mut Reader<'_>) -> Result<(Oin, Oin), FormatError> {
    let (sender, recipient) = (reader.oin()?, reader.oin()?);
    if sender == recipient {
        return Err(FormatError::Invalid { field: "recipient" });
    }
    Ok((sender, recipient))
}

impl Verified<GrantToken> {
    /// Whether this token lets this message through: same sender, recipient, grant, version and gate key.
    ///
    /// That the caller is the sender is for the service to check: see [`Verified::permits_blob`].
    ///
    /// # Errors
    /// [`StatementError::Mismatch`] with the first field that differs.
    pub fn permits(&self, message: &VerifiedManifest) -> Result<(), StatementError> {
        let header = message.header();
        let checks = [
            ("sender", header.sender() == self.sender),
            ("recipient", header.recipient() == self.recipient),
            ("grant id", header.grant_id() == self.grant_id),
            ("grant version", header.grant_version() == self.grant_version),
            ("gate key id", header.gate_key_id() == self.gate_key.id()),
        ];
        match checks.iter().find(|(_, same)| !same) {
            Some((field, _)) => Err(StatementError::Mismatch { field }),
            None => Ok(()),
        }
    }

    /// Whether this token lets `caller` upload attachments.
    ///
    /// # Errors
    /// [`StatementError::Mismatch`] when the caller is not the sender.
    pub fn permits_blob(&self, caller: Oin) -> Result<(), StatementError> {
        if caller == self.sender {
            Ok(())
        } else {
            Err(StatementError::Mismatch { field: "sender" })
        }
    }
}
