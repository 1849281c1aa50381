//! Sealing again: when the resident changed a grant before the recipient opened a message, its ciphertext is gone; from
//! the kept copy it is sealed under the new version, and takes its place.

use sluis_envelope::{
    AttachmentDraft, BlobSealer, ContentDraft, Draft, Header, Manifest, OrganisationKey, SealedBlob,
    SelfCopy, VerifyingKey,
};
use sluis_types::MessageId;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use crate::Error;
use crate::outgoing::{Progress, Sent};
use crate::partner::Partner;
use crate::profile::Kept;
use crate::upload::{PIECE_BYTES, SealedFile, file_failed};

/// What became of a message whose copy was looked after.
#[derive(Debug)]
pub enum Tended {
    /// It was sealed again under the grant as it now is.
    SealedAgain {
        /// The message whose place was taken.
        replaces: MessageId,
        /// The message that took it.
        sent: Sent,
    },
    /// It should have been sealed again and could not be.
    NotSealedAgain {
        /// Which message.
        message: MessageId,
        /// Why not.
        error: Error,
    },
}

impl Partner {
    /// Seals a sent message again under the grant as it now is, with the same content, and submits it in its place.
    /// Call it for a message that is in state `RESEAL_NEEDED`.
    ///
    /// # Errors
    /// [`Error::Unknown`] when no copy is kept; [`Error::Refused`] with reason `NOT_AVAILABLE`, or
    /// [`Error::OutsideGrant`], when the message no longer fits what the resident allows.
    pub async fn seal_again(
        &self,
        message: MessageId,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Sent, Error> {
        let (kept, manifest, copy) = Kept::load(self.profile.directory(), message)?;
        let manifest = Manifest::parse(&manifest)?;
        let signed_with = self.own_signing_key(manifest.header())?;
        let manifest = manifest.verify(&signed_with)?;
        let original = self.open_copy(&copy, &signed_with.key)?;
        let now = self.environment.now();
        let fresh = MessageId::fresh(now, &*self.environment.randomness);
        let header = &original.header;
        let draft = Draft {
            message_id: fresh,
            thread_id: header.thread_id(),
            kind: header.kind(),
            priority: header.priority(),
            replaces: Some(message),
            respond_by: header.respond_by(),
            created: now,
            expires: header.expires(),
            extensions: header.extensions().to_vec(),
        };
        let mut blobs = Vec::with_capacity(original.content.attachments.len());
        for attachment in &original.content.attachments {
            let entry = manifest
                .blobs()
                .iter()
                .find(|entry| entry.id == attachment.blob_id())
                .ok_or(Error::Unknown {
                    what: "kept attachment",
                })?;
            let opener = original.blob_opener(attachment, entry)?;
            blobs.push(
                self.seal_attachment_again(message, fresh, attachment, opener)
                    .await?,
            );
        }
        let content = ContentDraft {
            media_type: original.content.media_type.clone(),
            based_on: original.content.based_on,
            scope: original.content.scope,
            body: original.content.body.clone(),
        };
        let sent = self
            // Only a consent gets another version: a record of another legal basis never does.
            .seal_and_submit(
                draft,
                content,
                blobs,
                kept.recipient()?,
                kept.handle()?,
                None,
                progress,
            )
            .await;
        self.drop_unsent(fresh, &sent)?;
        if sent.is_ok() {
            Kept::forget(self.profile.directory(), message)?;
        }
        sent
    }

    /// Looks after the copies that are kept: seals again what needs it, forgets what is over. A watch tells of changes
    /// while it runs; this finds what happened while none did.
    ///
    /// # Errors
    /// [`Error`] of a look-up or of the files. What could not be sealed again is in the list, not an error.
    pub async fn tend_copies(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Vec<Tended>, Error> {
        self.forget_expired_copies()?;
        let mut tended = Vec::new();
        for message in Kept::list(self.profile.directory())? {
            match self.message_state(message).await {
                Ok(_) => tended.extend(self.tend_copy(message, progress).await?),
                // Never submitted, or not known here: what is left of it goes when it expires.
                Err(error) if error.is_not_available() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(tended)
    }

    /// Looks after the copy of one message, if one is kept.
    ///
    /// # Errors
    /// [`Error`] of the look-up or of the files.
    pub async fn tend_copy(
        &self,
        message: MessageId,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Option<Tended>, Error> {
        if !Kept::list(self.profile.directory())?.contains(&message) {
            return Ok(None);
        }
        match self.message_state(message).await? {
            "RESEAL_NEEDED" => Ok(Some(match self.seal_again(message, progress).await {
                Ok(sent) => Tended::SealedAgain {
                    replaces: message,
                    sent,
                },
                Err(error) => Tended::NotSealedAgain { message, error },
            })),
            "OPENED" | "CANCELLED" | "EXPIRED" | "REPLACED" => {
                Kept::forget(self.profile.directory(), message)?;
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Forgets the copy of a message that was opened or ended.
    pub(crate) fn forget_copy(&self, message: MessageId) -> Result<(), Error> {
        Kept::forget(self.profile.directory(), message)
    }

    /// Forgets the copies of messages that expired. Returns how many.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Malformed`] where one cannot be read or removed.
    pub fn forget_expired_copies(&self) -> Result<usize, Error> {
        let now = self.environment.now();
        let mut forgotten = 0;
        for message in Kept::list(self.profile.directory())? {
            // A folder without its facts is from a sending that was cut off before anything was submitted.
            let over = match Kept::load(self.profile.directory(), message) {
                Ok((kept, _, _)) => kept.expires() <= now,
                Err(Error::Unknown { .. }) => message_age_over_a_day(message, now),
                Err(error) => return Err(error),
            };
            if over {
                Kept::forget(self.profile.directory(), message)?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }

    /// The own key that a kept message was signed with; it may have been replaced since.
    fn own_signing_key(&self, header: &Header) -> Result<OrganisationKey, Error> {
        self.profile
            .keys
            .statement
            .signing_key(&header.signing_key_id(), header.created())
            .map_err(|error| Error::malformed("a kept copy", error))
    }

    fn open_copy(&self, copy: &[u8], own: &VerifyingKey) -> Result<sluis_envelope::KeptMessage, Error> {
        // The copy names its sealing key only inside its signature: keys are few, newest first.
        let mut last = Error::Unknown { what: "sealing key" };
        for keys in &self.profile.keys.sealing {
            match SelfCopy::open(copy, keys, own) {
                Ok(kept) => return Ok(kept),
                Err(error) => last = error.into(),
            }
        }
        Err(last)
    }

    async fn seal_attachment_again(
        &self,
        old: MessageId,
        fresh: MessageId,
        attachment: &sluis_envelope::Attachment,
        mut opener: sluis_envelope::BlobOpener,
    ) -> Result<SealedBlob, Error> {
        let path = Kept::blob_path(
            &Kept::folder(self.profile.directory(), old)?,
            attachment.blob_id(),
        );
        let mut file = File::open(&path).await.map_err(file_failed(&path))?;
        let draft = AttachmentDraft {
            name: attachment.name().clone(),
            media_type: attachment.media_type().clone(),
            data_kind: attachment.data_kind(),
            length: attachment.length(),
        };
        let mut sealer = BlobSealer::new(fresh, draft, &*self.environment.randomness)?;
        let mut sealed = SealedFile::create(self, fresh, sealer.blob_id()).await?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = file.read(&mut piece).await.map_err(file_failed(&path))?;
            if read == 0 {
                break;
            }
            sealed
                .write(&sealer.update(&opener.update(&piece[..read])?)?)
                .await?;
        }
        opener.finish()?;
        let (last, blob) = sealer.finish()?;
        sealed.write(&last).await?;
        sealed.finish().await?;
        Ok(blob)
    }
}

/// A message id holds its own time (UUIDv7): 48 bits of milliseconds.
fn message_age_over_a_day(message: MessageId, now: sluis_types::Timestamp) -> bool {
    let mut millis = [0; 8];
    millis[2..].copy_from_slice(&message.as_bytes()[..6]);
    let made = i64::from_be_bytes(millis).saturating_mul(1000);
    now.since(sluis_types::Timestamp::from_micros(made)) > std::time::Duration::from_hours(24)
}
