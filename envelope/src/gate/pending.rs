//! The recipient's side of the second gate: asking, and taking the reply.

use std::fmt;

use sluis_types::{MessageKind, Randomness, RequestId, Timestamp};

use super::open_reply::{OpenReply, Release, reply_info};
use super::open_request::{Ask, OpenRequest};
use crate::hash::Digest;
use crate::key::{KeyKind, RequestKeyPair, SigningKey, Suite};
use crate::message::{EnvelopeError, OpenedMessage, Opener};
use crate::statement::{MatchStatement, Signed, SubmissionReceipt};

/// What a recipient says when it asks to open.
#[derive(Clone, Debug)]
pub struct AskToOpen {
    /// The attempt.
    pub request_id: RequestId,
    /// Now: the gate takes a minute of difference.
    pub at: Timestamp,
    /// H(JWT) of the professional's token that the call will carry ([`jwt_hash`](crate::jwt_hash)).
    pub jwt_hash: Digest,
    /// The receipt that came with the message.
    pub receipt: Signed<SubmissionReceipt>,
    /// Signalling's match statement, for a contact box and for nothing else.
    pub match_statement: Option<Signed<MatchStatement>>,
    /// What the reply is sealed with: X-Wing, but on a platform without ML-KEM.
    pub suite: Suite,
}

/// An opening that waits for the gate's reply. Holds the request key, and nothing else opens the reply.
pub struct PendingOpen {
    opener: Opener,
    request_hash: Digest,
    key: RequestKeyPair,
}

impl Opener {
    /// Makes a request to the gate with a fresh request key.
    ///
    /// # Errors
    /// [`EnvelopeError::WrongKey`] when `signer` is no signing key; [`EnvelopeError::Draft`] when the receipt is
    /// about another message, or when a contact box has no match statement or something else has one.
    pub fn request(
        self,
        ask: AskToOpen,
        signer: &SigningKey,
        randomness: &dyn Randomness,
    ) -> Result<(Vec<u8>, PendingOpen), EnvelopeError> {
        if signer.kind() != KeyKind::Signing {
            return Err(EnvelopeError::WrongKey);
        }
        if ask.receipt.unverified().manifest_hash != self.manifest().hash() {
            return Err(EnvelopeError::Draft { field: "receipt" });
        }
        let is_contact_box = self.manifest().header().kind() == MessageKind::ContactBox;
        if is_contact_box != ask.match_statement.is_some() {
            return Err(EnvelopeError::Draft {
                field: "match statement",
            });
        }
        let key = RequestKeyPair::generate(ask.suite, randomness);
        let ask = Ask {
            request_id: ask.request_id,
            asked_at: ask.at,
            jwt_hash: ask.jwt_hash,
            request_key: key.public().clone(),
            manifest: self.manifest().manifest().clone(),
            sealed_c: self.sealed_c().to_vec(),
            receipt: ask.receipt,
            match_statement: ask.match_statement,
        };
        let request = OpenRequest(Signed::sign(ask, signer));
        let pending = PendingOpen {
            opener: self,
            request_hash: request.hash(),
            key,
        };
        Ok((request.encode(), pending))
    }
}

impl PendingOpen {
    /// Opens the gate's reply to this very request and combines the shares.
    ///
    /// # Errors
    /// [`EnvelopeError::CannotOpen`] for a reply to another request, for another message or with another leaf;
    /// [`EnvelopeError::Commitment`] when the gate gives another share than the sender committed to. The message can
    /// be asked for again with [`PendingOpen::into_opener`].
    pub fn complete(&self, reply: &[u8]) -> Result<OpenedMessage, EnvelopeError> {
        let reply = OpenReply::parse(reply, self.key.public().suite())?;
        let hh = self.opener.manifest().header_hash();
        let info = reply_info(hh, &self.request_hash, &reply.leaf_hash);
        let release = Release::parse(&self.key.open(&info, reply.sealed)?)?;
        self.opener
            .complete(&release.share, release.handle, release.assisted, reply.leaf_hash)
    }

    /// Gives up this request, to make another.
    pub fn into_opener(self) -> Opener {
        self.opener
    }
}

impl fmt::Debug for PendingOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PendingOpen({:?})",
            self.opener.manifest().header().message_id()
        )
    }
}
