//! Sending: ask, seal, keep a copy, submit.

use std::time::Duration;

use sluis_envelope::{
    ContentDraft, Draft, LeafPromise, SealedBlob, SealedEnvelope, Sealer, Signed, SubmissionReceipt,
};
use sluis_proto::referral::v1 as wire;
use sluis_proto::referral::v1::referral_service_client::ReferralServiceClient;
use sluis_types::{GrantId, Handle, MessageId, ThreadId, Timestamp};

use crate::Error;
use crate::outgoing::{Outgoing, Progress, Sent};
use crate::partner::Partner;
use crate::profile::{Conversation, Kept};

const DAY: Duration = Duration::from_hours(24);

impl Partner {
    /// Sends a message: asks consent's closed question, seals, keeps a copy sealed to this organisation, uploads the
    /// attachments and submits. When this returns, the message is durable at the mesh and its receipt is verified.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` where no consent is live; [`Error::NotPinned`] or
    /// [`Error::KeysChanged`] where the recipient's keys cannot be trusted; [`Error::OutsideGrant`].
    pub async fn send(
        &self,
        outgoing: Outgoing,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Sent, Error> {
        self.send_under(outgoing, None, progress).await
    }

    /// The same on a record of another legal basis that this organisation made
    /// ([`Partner::record_legal_basis`](crate::Partner::record_legal_basis)).
    ///
    /// # Errors
    /// As [`Partner::send`]; `NOT_AVAILABLE` where the record is not active, or not for this.
    pub async fn send_on_basis(
        &self,
        outgoing: Outgoing,
        basis: GrantId,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Sent, Error> {
        self.send_under(outgoing, Some(basis), progress).await
    }

    async fn send_under(
        &self,
        outgoing: Outgoing,
        basis: Option<GrantId>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Sent, Error> {
        let now = self.environment.now();
        let message_id = MessageId::fresh(now, &*self.environment.randomness);
        let draft = Draft {
            message_id,
            thread_id: outgoing
                .thread
                .unwrap_or_else(|| ThreadId::random(&*self.environment.randomness)),
            kind: outgoing.kind,
            priority: outgoing.priority,
            replaces: None,
            respond_by: outgoing
                .respond_within_days
                .map(|days| now.plus(DAY * u32::from(days))),
            created: now,
            expires: now.plus(DAY * u32::from(outgoing.expires_in_days)),
            extensions: Vec::new(),
        };
        let content = ContentDraft {
            media_type: outgoing.media_type.clone(),
            based_on: outgoing.based_on,
            scope: outgoing.scope,
            body: outgoing.body.clone(),
        };
        let mut blobs = Vec::with_capacity(outgoing.attachments.len());
        for attachment in &outgoing.attachments {
            blobs.push(self.seal_attachment(message_id, attachment).await?);
        }
        let sealed = self
            .seal_and_submit(
                draft,
                content,
                blobs,
                outgoing.recipient,
                outgoing.resident,
                basis,
                progress,
            )
            .await;
        self.drop_unsent(message_id, &sealed)?;
        sealed
    }

    /// Forgets the copy of a message that was not sent. Where that is not certain it stays: the mesh may have the
    /// message, and it may need sealing again.
    pub(crate) fn drop_unsent(&self, message: MessageId, outcome: &Result<Sent, Error>) -> Result<(), Error> {
        match outcome {
            Ok(_) | Err(Error::Uncertain { .. }) => Ok(()),
            Err(_) => Kept::forget(self.profile.directory(), message),
        }
    }

    /// The way that a first sending and a sealing again share.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is one thing of a message, and there are two callers"
    )]
    pub(crate) async fn seal_and_submit(
        &self,
        draft: Draft,
        content: ContentDraft,
        blobs: Vec<SealedBlob>,
        recipient: sluis_types::Oin,
        resident: Handle,
        basis: Option<GrantId>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Sent, Error> {
        let (token, token_bytes) = self
            .authorize_on(&resident, recipient, &content.scope, basis)
            .await?;
        let statement = self.statement_of(recipient).await?;
        let sealing_key = statement
            .newest_sealing_key(self.environment.now())
            .ok_or(Error::Unknown {
                what: "sealing key of the recipient",
            })?;
        let scope = content.scope;
        let (message_id, thread_id, expires) = (draft.message_id, draft.thread_id, draft.expires);
        let blob_ids: Vec<_> = blobs.iter().map(|blob| blob.entry().id).collect();
        let mut so_far = Progress {
            bytes_done: 0,
            bytes_all: blobs
                .iter()
                .map(|blob| u64::from(blob.entry().ciphertext_length()))
                .sum(),
        };
        let mut sealer = Sealer::new(draft, &token, &sealing_key, &self.profile.keys.signing)?
            .keep_copy(self.profile.keys.newest_sealing().public());
        for blob in blobs {
            sealer = sealer.attach(blob);
        }
        let sealed = sealer.seal(content, &*self.environment.randomness)?;
        let manifest = sealed.manifest.encode();
        let copy = sealed.self_copy.as_deref().expect("keep_copy was called");
        Kept::new(recipient, resident, expires, &blob_ids).store(
            self.profile.directory(),
            message_id,
            &manifest,
            copy,
        )?;
        for blob in blob_ids {
            so_far = self
                .upload(message_id, blob, &token_bytes, progress, so_far)
                .await?;
        }
        let conversation = Conversation::new(recipient, resident, message_id, &scope);
        let received_at = match self.submit(&sealed, token_bytes).await {
            Err(source @ Error::Unreachable(_)) => {
                conversation.store(self.profile.directory(), thread_id)?;
                return Err(Error::Uncertain {
                    message_id,
                    thread_id,
                    source: Box::new(source),
                });
            }
            other => other?,
        };
        conversation.store(self.profile.directory(), thread_id)?;
        Ok(Sent {
            message_id,
            thread_id,
            received_at,
        })
    }

    /// Submits a sealed message, and the same one again while the mesh is unavailable. Verifies what comes back.
    async fn submit(&self, sealed: &SealedEnvelope, grant_token: Vec<u8>) -> Result<Timestamp, Error> {
        let message = wire::SubmitMessageRequest {
            request_id: sealed.manifest.header().message_id().to_string(),
            message: Some(wire::SealedMessage {
                manifest: sealed.manifest.encode().into(),
                sealed_r: sealed.sealed_r.clone().into(),
                sealed_c: sealed.sealed_c.clone().into(),
                content: sealed.content.clone().into(),
            }),
            grant_token: grant_token.into(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                ReferralServiceClient::new(channel).submit_message(request).await
            })
            .await?;
        let now = self.environment.now();
        let receipt =
            Signed::<SubmissionReceipt>::parse(&reply.receipt)?.verify(&self.profile.mesh.receipt, now)?;
        if receipt.manifest_hash != sealed.manifest.hash() {
            return Err(Error::bad_answer("the receipt", "for another message"));
        }
        Signed::<LeafPromise>::parse(&reply.leaf_promise)?.verify(&self.profile.mesh.referral_log, now)?;
        Ok(receipt.received_at)
    }
}
