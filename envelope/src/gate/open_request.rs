//! The open request: a recipient asks the gate for its share of one message.

use sluis_types::{KeyId, RequestId, Timestamp};

use crate::hash::Digest;
use crate::key::{KeyKind, RequestPublicKey};
use crate::limits::{EVIDENCE_BYTES_MAX, MANIFEST_BYTES_MAX, OPEN_REQUEST_BYTES_MAX, SEALED_SHARE_BYTES_MAX};
use crate::message::{Header, Manifest, SHARE_C_BYTES};
use crate::statement::{MatchStatement, Signed, Statement, StatementError, SubmissionReceipt};
use crate::wire::{FormatError, Reader, Writer};

/// Evidence type: submission receipt.
const SUBMISSION_RECEIPT: u16 = 1;
/// Evidence type: match statement.
const MATCH_STATEMENT: u16 = 2;

/// What the recipient signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) request_id: RequestId,
    pub(super) asked_at: Timestamp,
    pub(super) jwt_hash: Digest,
    pub(super) request_key: RequestPublicKey,
    pub(super) manifest: Manifest,
    pub(super) sealed_c: Vec<u8>,
    pub(super) receipt: Signed<SubmissionReceipt>,
    pub(super) match_statement: Option<Signed<MatchStatement>>,
}

impl Statement for Ask {
    const TAG: &'static str = "sluis/v1/open-request";
    const SIGNER: KeyKind = KeyKind::Signing;
    const BODY_BYTES_MAX: usize = OPEN_REQUEST_BYTES_MAX - 34 - 64;

    fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.request_id.as_bytes())
            .timestamp(self.asked_at)
            .digest(&self.jwt_hash);
        self.request_key.write(writer);
        writer
            .bytes16(&self.manifest.encode())
            .u8(1) // count of gate shares
            .bytes16(&self.sealed_c)
            .u8(if self.match_statement.is_some() { 2 } else { 1 }) // count of evidence
            .u16(SUBMISSION_RECEIPT)
            .bytes16(&self.receipt.encode());
        if let Some(statement) = &self.match_statement {
            writer.u16(MATCH_STATEMENT).bytes16(&statement.encode());
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let request_id = RequestId::from_bytes(reader.array()?);
        let asked_at = reader.timestamp()?;
        let jwt_hash = reader.digest()?;
        let request_key = RequestPublicKey::read(reader)?;
        let manifest = Manifest::parse(reader.bytes16(MANIFEST_BYTES_MAX)?)?;
        if reader.u8()? != 1 {
            return Err(FormatError::Invalid {
                field: "gate share count",
            });
        }
        let sealed_c = reader.bytes16(SEALED_SHARE_BYTES_MAX)?.to_vec();
        if sealed_c.len() != manifest.header().suite_c().sealed_bytes(SHARE_C_BYTES) {
            return Err(FormatError::Invalid { field: "gate share" });
        }
        // Types rise strictly, and the receipt, type 1, is always there: so it is the first, and alone or before type 2.
        let count = reader.u8()?;
        if !(1..=2).contains(&count) || reader.u16()? != SUBMISSION_RECEIPT {
            return Err(FormatError::Invalid { field: "evidence" });
        }
        let receipt = Signed::parse(reader.bytes16(EVIDENCE_BYTES_MAX)?)?;
        let match_statement = (count == 2).then(|| read_match(reader)).transpose()?;
        Ok(Self {
            request_id,
            asked_at,
            jwt_hash,
            request_key,
            manifest,
            sealed_c,
            receipt,
            match_statement,
        })
    }

    fn check_time(&self, _now: Timestamp) -> Result<(), StatementError> {
        Ok(()) // the gate does, with an error of its own
    }
}

fn read_match(reader: &mut Reader<'_>) -> Result<Signed<MatchStatement>, FormatError> {
    if reader.u16()? != MATCH_STATEMENT {
        return Err(FormatError::Invalid { field: "evidence" });
    }
    Signed::parse(reader.bytes16(EVIDENCE_BYTES_MAX)?)
}

/// An open request, parsed but not checked. What its methods give is for looking keys up and for idempotency; only
/// [`OpenRequest::verify`](Self::verify) shows that it is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRequest(pub(super) Signed<Ask>);

impl OpenRequest {
    /// Reads a request and nothing more.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        Signed::parse(bytes).map(Self)
    }

    /// The request's layout.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// What replies are bound to, and what the gate keeps of a request.
    pub fn hash(&self) -> Digest {
        self.0.hash()
    }

    /// The recipient's signing key.
    pub const fn signer(&self) -> KeyId {
        self.0.signer()
    }

    /// The attempt: the same id again is the same attempt.
    pub const fn request_id(&self) -> RequestId {
        self.ask().request_id
    }

    /// When it was asked, by the recipient's clock.
    pub const fn asked_at(&self) -> Timestamp {
        self.ask().asked_at
    }

    /// The message's header.
    pub const fn header(&self) -> &Header {
        self.ask().manifest.header()
    }

    /// The message's manifest.
    pub const fn manifest(&self) -> &Manifest {
        &self.ask().manifest
    }

    /// Referral's receipt. Its time decides at which moment the sender's key must have been valid.
    pub const fn receipt(&self) -> &Signed<SubmissionReceipt> {
        &self.ask().receipt
    }

    /// Signalling's match statement, which a contact box needs.
    pub const fn match_statement(&self) -> Option<&Signed<MatchStatement>> {
        self.ask().match_statement.as_ref()
    }

    pub(super) const fn ask(&self) -> &Ask {
        self.0.unverified()
    }
}
