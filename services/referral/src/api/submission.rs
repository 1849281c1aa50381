//! One submission on its way in: read, verified, stored.

use bytes::Bytes;
use sluis_envelope::{GrantToken, Manifest, Signed, SubmissionReceipt, Verified, VerifiedManifest};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::{SubmitMessageRequest, SubmitMessageResponse};
use sluis_serve::Refusal;
use sluis_store::{LoggedId, Remembered, Request, Subject, WriteError};
use sluis_types::{MessageId, MessageKind, ThreadId, Timestamp};

use super::submit_message::{Submit, SubmitFault};
use crate::context::{Context, Partner};
use crate::domain::message::MessageLife;
use crate::error::{malformed, of_envelope, of_key, of_store};
use crate::log::{self, Logged};
use crate::store::ciphertext::Ciphertext;
use crate::store::message::Message;
use crate::store::vault::Fault;

/// One name for both ways of submitting: a message submitted over the stream may be repeated alone.
pub(super) const METHOD: &str = "sluis.referral.v1.ReferralService/SubmitMessage";
/// How far ahead of ours the sender's clock may be.
const SKEW: std::time::Duration = std::time::Duration::from_mins(1);

/// A submission that was read, and not yet believed.
pub(super) struct Submission {
    manifest: Manifest,
    manifest_bytes: Bytes,
    ciphertext: Ciphertext,
    grant_token: Bytes,
}

impl Submission {
    /// Reads the request.
    pub(super) fn decode(request: SubmitMessageRequest) -> Result<Self, Refusal> {
        let id: MessageId = sluis_serve::id("request_id", &request.request_id)?;
        let message = request
            .message
            .ok_or_else(|| Refusal::invalid_field("message", "must not be empty"))?;
        let manifest = Manifest::parse(&message.manifest).map_err(malformed)?;
        if manifest.header().message_id() != id {
            return Err(Refusal::invalid_field("request_id", "must be the message id"));
        }
        Ok(Self {
            manifest,
            manifest_bytes: message.manifest,
            ciphertext: Ciphertext {
                sealed_r: message.sealed_r,
                sealed_c: message.sealed_c,
                content: message.content,
            },
            grant_token: request.grant_token,
        })
    }

    /// Which message.
    pub(super) fn message_id(&self) -> MessageId {
        self.manifest.header().message_id()
    }

    /// Which thread: submissions of one thread keep their order.
    pub(super) fn thread_id(&self) -> ThreadId {
        self.manifest.header().thread_id()
    }

    /// Verifies everything that needs no database, and then stores it: once, however often it is submitted.
    pub(super) async fn submit(
        self,
        context: &Context,
        partner: Partner,
    ) -> Result<SubmitMessageResponse, Refusal> {
        let submit = self.verify(context, partner)?;
        let (id, grant) = (submit.message.id(), submit.message.header().grant_id());
        let manifest_bytes = submit.message.manifest_bytes.clone();
        let request = Request {
            method: METHOD,
            caller: partner.idempotency_key(),
            id: sluis_types::RequestId::from_bytes(*id.as_bytes()),
            body_hash: submit.message.manifest.hash(),
        };
        let refusal = match context.store.write_unstored(request, submit).await {
            Ok(written) => {
                let leaf = *written.leaf();
                let Ok(receipt) = written.answer;
                return Ok(response(context, receipt, &leaf));
            }
            Err(WriteError::RequestIdReused) => return Err(Refusal::new(ErrorReason::RequestIdReused)),
            Err(WriteError::Store(error)) => return Err(of_store(&error)),
            Err(WriteError::Command(SubmitFault::Fault(fault))) => return Err(fault.into()),
            Err(WriteError::Command(SubmitFault::Taken)) => ErrorReason::RequestIdReused,
            Err(WriteError::Command(SubmitFault::Denied(reason))) => reason,
        };
        again_or_refused(context, partner, id, grant, &manifest_bytes, refusal).await
    }

    fn verify(self, context: &Context, partner: Partner) -> Result<Submit, Refusal> {
        let now = partner.now;
        let sender = partner.caller.organisation;
        let header = self.manifest.header();
        // Sender, caller and signer are one: the key is looked up under the caller.
        let keys = context.directory.organisation(&sender)?;
        let keys = keys.ok_or_else(|| Refusal::new(ErrorReason::KeyRefused))?;
        if header.sender() != sender {
            return Err(Refusal::new(ErrorReason::BadSignature));
        }
        let key = keys
            .keys
            .signing_key(&header.signing_key_id(), now)
            .map_err(of_key)?;
        let manifest = self.manifest.verify(&key).map_err(of_envelope)?;
        check_times(&manifest, now)?;
        check_kind(&manifest)?;
        check_recipient(context, &manifest)?;
        manifest
            .check_sealed_r(&self.ciphertext.sealed_r)
            .map_err(of_envelope)?;
        manifest
            .check_sealed_c(&self.ciphertext.sealed_c)
            .map_err(of_envelope)?;
        manifest
            .check_content(&self.ciphertext.content)
            .map_err(of_envelope)?;
        // Decided in the transaction: a message that was taken before is given its receipt though its token is over.
        let token_fits = match context.grant_token(&self.grant_token, now) {
            Ok(token) => fits(&token, &manifest),
            Err(refusal) if refusal.reason() == ErrorReason::GrantTokenRefused => false,
            Err(refusal) => return Err(refusal),
        };
        let receipt = SubmissionReceipt {
            manifest_hash: manifest.hash(),
            received_at: now,
        };
        let message = Message {
            manifest_bytes: self.manifest_bytes.to_vec(),
            receipt: Signed::sign(receipt, &context.receipt_key).encode(),
            received_at: now,
            life: MessageLife::received(now, now.micros()),
            manifest: manifest.manifest().clone(),
        };
        Ok(Submit {
            vault: context.vault.clone(),
            message,
            ciphertext: self.ciphertext,
            token_fits,
            who: partner.who(),
            now,
        })
    }
}

fn fits(token: &Verified<GrantToken>, manifest: &VerifiedManifest) -> bool {
    token.permits(manifest).is_ok()
}

fn check_times(manifest: &VerifiedManifest, now: Timestamp) -> Result<(), Refusal> {
    let header = manifest.header();
    if header.created() > now.plus(SKEW) {
        return Err(Refusal::new(ErrorReason::ClockSkew));
    }
    if header.expires() <= now {
        return Err(Refusal::invalid_field("message.manifest", "has expired"));
    }
    if header.respond_by().is_some_and(|respond_by| respond_by <= now) {
        return Err(Refusal::invalid_field(
            "message.manifest",
            "asks for an answer in the past",
        ));
    }
    Ok(())
}

fn check_kind(manifest: &VerifiedManifest) -> Result<(), Refusal> {
    match manifest.header().kind() {
        MessageKind::Referral
        | MessageKind::Amendment
        | MessageKind::Note
        | MessageKind::Feedback
        | MessageKind::Signal => Ok(()),
        MessageKind::AgendaItem | MessageKind::ContactBox => Err(Refusal::invalid_field(
            "message.manifest",
            "is of a kind that does not belong to referrals",
        )),
    }
}

/// The recipient is in the mesh, and the message is sealed to a key of theirs that they have not revoked.
fn check_recipient(context: &Context, manifest: &VerifiedManifest) -> Result<(), Refusal> {
    let header = manifest.header();
    let recipient = context.directory.organisation(&header.recipient())?;
    let recipient = recipient.ok_or_else(Refusal::not_available)?;
    let sealing_key = header.sealing_key_id();
    let entry = recipient
        .keys
        .entries()
        .iter()
        .find(|entry| entry.id() == sealing_key);
    let is_good = entry.is_some_and(|entry| entry.revoked_at.is_none())
        && recipient.keys.sealing_key(&sealing_key).is_some();
    if is_good {
        Ok(())
    } else {
        Err(Refusal::new(ErrorReason::KeyRefused))
    }
}

/// What was refused may have been taken before, longer ago than requests are remembered: then it gets its receipt.
async fn again_or_refused(
    context: &Context,
    partner: Partner,
    id: MessageId,
    grant: sluis_types::GrantId,
    manifest_bytes: &[u8],
    reason: ErrorReason,
) -> Result<SubmitMessageResponse, Refusal> {
    let sender = partner.caller.organisation;
    let mut read = context
        .store
        .read("submission.again")
        .await
        .map_err(Fault::from)?;
    let earlier = Message::of_party(&context.vault, &mut read.tx(), id, sender).await?;
    drop(read);
    let ids = vec![LoggedId::Message(id), LoggedId::Grant(grant)];
    let subject = Subject::Grant(grant);
    let event = log::event(
        Logged::Submitted,
        partner.who(),
        partner.now,
        METHOD,
        subject,
        ids,
    );
    match earlier {
        Some(earlier) if earlier.manifest_bytes == manifest_bytes && earlier.header().sender() == sender => {
            let leaf = context.log_only(event).await?;
            Ok(response(context, earlier.receipt, &leaf))
        }
        _ => Err(context.refuse_logged(event, reason).await),
    }
}

fn response(context: &Context, receipt: Vec<u8>, leaf: &sluis_store::LeafReference) -> SubmitMessageResponse {
    SubmitMessageResponse {
        receipt: receipt.into(),
        leaf_promise: context.ledger.promise(leaf).encode().into(),
    }
}

/// Whether a request was remembered as done.
pub(super) fn was_done(remembered: Option<&Remembered>) -> bool {
    remembered.is_some_and(|remembered| !remembered.refused)
}
