//! Opening: verify, ask the gate, combine, tell.

use sluis_envelope::{
    AskToOpen, Attachment, Content, EnvelopeError, Header, LeafPromise, Manifest, MatchStatement,
    OpenedMessage, Opener, Signed, SubmissionReceipt, Suite, Verified,
};
use sluis_proto::consent::v1 as consent_wire;
use sluis_proto::consent::v1::consent_service_client::ConsentServiceClient;
use sluis_proto::referral::v1 as wire;
use sluis_proto::referral::v1::referral_service_client::ReferralServiceClient;
use sluis_types::{Handle, MessageId, MessageKind, Oin, ThreadId};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use crate::Error;
use crate::connection::{REPLY_BYTES_MAX, repeating, with_token};
use crate::inbox::state_name;
use crate::partner::Partner;
use crate::profile::Conversation;

/// A message as it came, not checked.
pub(crate) struct Shares<'a> {
    pub(crate) manifest: &'a [u8],
    pub(crate) sealed_r: &'a [u8],
    pub(crate) sealed_c: &'a [u8],
    pub(crate) content: &'a [u8],
}

/// A message that both gates opened.
pub struct Opened {
    /// Its id.
    pub message_id: MessageId,
    /// Its thread.
    pub thread_id: ThreadId,
    /// Who sent it.
    pub sender: Oin,
    /// What it is to its thread.
    pub kind: MessageKind,
    /// Body, media type, scope, and the list of attachments.
    pub content: Content,
    /// Whether the mesh knows that it is opened. Where it does not, opening it again tells it.
    pub reported: bool,
    message: OpenedMessage,
}

impl Opened {
    /// This organisation's own handle for the resident.
    pub fn handle(&self) -> Handle {
        *self.message.handle()
    }

    /// Whether the resident has no login and consented with help.
    pub fn is_assisted(&self) -> bool {
        self.message.assisted()
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({})", self.message_id)
    }
}

impl Partner {
    /// Opens a message: checks the sender's signature against its pinned keys, opens this organisation's share, asks
    /// the gate for the other, checks both commitments and the scope, and tells the mesh that it is opened
    /// ([`Opened::reported`]).
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when the resident's consent is not live, or the message is not
    /// this organisation's; [`Error::NothingToOpen`] when its ciphertext is gone; [`Error::Envelope`] when somebody cheated.
    pub async fn open(&self, message: MessageId) -> Result<Opened, Error> {
        let (opener, receipt, content) = self.fetch(message).await?;
        let header = opener.manifest().header().clone();
        let opened = self.ask_gate(opener, receipt, None).await?;
        let content = opened.content(&content)?;
        Conversation::new(header.sender(), *opened.handle(), message, &content.scope)
            .store(self.profile.directory(), header.thread_id())?;
        // What both gates opened is not lost because a connection broke after it.
        let reported = self.report_opened(message).await.is_ok();
        Ok(Opened {
            message_id: message,
            thread_id: header.thread_id(),
            sender: header.sender(),
            kind: header.kind(),
            content,
            reported,
            message: opened,
        })
    }

    /// Fetches a message and checks all of it that can be checked before the gate is asked.
    async fn fetch(
        &self,
        message: MessageId,
    ) -> Result<(Opener, Signed<SubmissionReceipt>, bytes::Bytes), Error> {
        let ask = wire::GetMessageRequest {
            message_id: message.to_string(),
        };
        let reply = self
            .connection
            .call(ask, |channel, request| async move {
                ReferralServiceClient::new(channel)
                    .max_decoding_message_size(REPLY_BYTES_MAX)
                    .get_message(request)
                    .await
            })
            .await?;
        let sealed = reply.message.ok_or_else(|| Error::NothingToOpen {
            state: state_name(reply.state),
        })?;
        let receipt = Signed::<SubmissionReceipt>::parse(&reply.receipt)?
            .verify(&self.profile.mesh.receipt, self.environment.now())?;
        let shares = Shares {
            manifest: &sealed.manifest,
            sealed_r: &sealed.sealed_r,
            sealed_c: &sealed.sealed_c,
            content: &sealed.content,
        };
        let opener = self
            .opener(shares, &receipt, |header| header.message_id() == message)
            .await?;
        Ok((opener, receipt.signed().clone(), sealed.content))
    }

    /// Checks all of a message to this organisation that can be checked before the gate is asked: the sender's signature,
    /// that it is the right one, that the receipt is for it, and that its ciphertext is whole.
    pub(crate) async fn opener(
        &self,
        shares: Shares<'_>,
        receipt: &Verified<SubmissionReceipt>,
        is_right: impl FnOnce(&Header) -> bool,
    ) -> Result<Opener, Error> {
        let manifest = Manifest::parse(shares.manifest)?;
        let (sender, signing_key_id) = (manifest.header().sender(), manifest.header().signing_key_id());
        let key = self
            .signing_key_of(sender, &signing_key_id, receipt.received_at)
            .await?;
        let manifest = manifest.verify(&key)?;
        let header = manifest.header();
        if header.recipient() != self.profile.oin || !is_right(header) {
            return Err(EnvelopeError::WrongOrganisation.into());
        }
        if receipt.manifest_hash != manifest.hash() {
            return Err(Error::bad_answer("the receipt", "for another message"));
        }
        // A ciphertext that was tampered with should not stand in the resident's log as opened.
        manifest.check_content(shares.content)?;
        let keys = self
            .profile
            .keys
            .sealing(&header.sealing_key_id())
            .ok_or(Error::Unknown { what: "sealing key" })?;
        Ok(Opener::new(manifest, keys, shares.sealed_r, shares.sealed_c)?)
    }

    /// Asks the second gate, with the match where a contact box is to be opened. Each try is a fresh request: its time and its token must be of now.
    pub(crate) async fn ask_gate(
        &self,
        opener: Opener,
        receipt: Signed<SubmissionReceipt>,
        match_statement: Option<Signed<MatchStatement>>,
    ) -> Result<OpenedMessage, Error> {
        let request_id = self.connection.request_id();
        let token = self.connection.token()?;
        let ask = AskToOpen {
            request_id,
            at: self.environment.now(),
            jwt_hash: sluis_envelope::jwt_hash(&token),
            receipt,
            match_statement,
            suite: Suite::XWing,
        };
        let (request, pending) =
            opener.request(ask, &self.profile.keys.signing, &*self.environment.randomness)?;
        let message = consent_wire::OpenGateRequest {
            request_id: request_id.to_string(),
            open_request: request.into(),
        };
        let reply = repeating(|| {
            let request = with_token(message.clone(), &token);
            async {
                Ok(ConsentServiceClient::new(self.connection.channel())
                    .open_gate(request?)
                    .await?
                    .into_inner())
            }
        })
        .await?;
        let opened = pending.complete(&reply.open_reply)?;
        let promise = Signed::<LeafPromise>::parse(&reply.leaf_promise)?
            .verify(&self.profile.mesh.consent_log, self.environment.now())?;
        if promise.leaf_hash != *opened.leaf_hash() {
            return Err(Error::bad_answer("the leaf promise", "for another leaf"));
        }
        Ok(opened)
    }

    async fn report_opened(&self, message: MessageId) -> Result<(), Error> {
        let report = wire::ReportOpenedRequest {
            request_id: self.connection.request_id().to_string(),
            message_id: message.to_string(),
        };
        self.connection
            .call(report, |channel, request| async move {
                ReferralServiceClient::new(channel).report_opened(request).await
            })
            .await?;
        Ok(())
    }

    /// Writes an attachment of an opened message. What was written is the attachment only when this returns without
    /// error: until then its end has not been checked.
    ///
    /// # Errors
    /// [`Error::Envelope`] when it is not what the sender signed; [`Error`] of call and file.
    pub async fn save_attachment(
        &self,
        opened: &Opened,
        attachment: &Attachment,
        mut to: impl AsyncWrite + Unpin,
        progress: &(dyn Fn(crate::Progress) + Sync),
    ) -> Result<(), Error> {
        let mut opener = opened.message.blob_opener(attachment)?;
        let ask = wire::DownloadBlobRequest {
            message_id: opened.message_id.to_string(),
            blob_id: attachment.blob_id().to_string(),
        };
        let mut stream = ReferralServiceClient::new(self.connection.channel())
            .download_blob(self.connection.request(ask)?)
            .await?
            .into_inner();
        let mut so_far = crate::Progress {
            bytes_done: 0,
            bytes_all: u64::from(attachment.length()),
        };
        let failed = |source| Error::File {
            path: "the attachment's file".into(),
            source,
        };
        while let Some(part) = stream.message().await? {
            let plain = opener.update(&part.chunk)?;
            to.write_all(&plain).await.map_err(failed)?;
            so_far.bytes_done += plain.len() as u64;
            progress(so_far);
        }
        opener.finish()?;
        to.flush().await.map_err(failed)
    }
}
