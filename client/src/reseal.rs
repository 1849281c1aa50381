//! Sealing again: when the resident changed a grant before the recipient opened a message, its ciphertext is gone; from
//! the kept copy it is sealed under the new version, and takes its place.

use sluis_envelope::{AttachmentDraft, BlobSealer, ContentDraft, Draft, Manifest, SealedBlob, SelfCopy};
use sluis_types::MessageId;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use crate::outgoing::{Progress, Sent};
use crate::partner::Partner;
use crate::profile::Kept;
use crate::upload::{PIECE_BYTES, SealedFile, file_failed};
use crate::Error;

impl Partner {
    /// Seals a sent message again under the grant as it now is, with the same content, and submits it in its place.
    /// Call it for a message that is in state `RESEAL_NEEDED`.
    ///
    /// # Errors
    /// [`Error::Unknown`] when no copy is kept; [`Error::Refused`] with reason `NOT_AVAILABLE`, or
    /// [`Error::OutsideGrant`], when the message no longer fits what the resident allows.
    pub async fn seal_again(&self, message: MessageId, progress: &(dyn Fn(Progress) + Sync)) -> Result<Sent, Error> {
        let (kept, manifest, copy) = Kept::load(self.profile.directory(), message)?;
        let manifest = Manifest::parse(&manifest)?.verify(&sluis_envelope::OrganisationKey {
            organisation: self.profile.oin,
            key: self.profile.keys.signing.verifying_key().clone(),
        })?;
        let original = self.open_copy(&copy)?;
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
                .ok_or(Error::Unknown { what: "kept attachment" })?;
            let opener = original.blob_opener(attachment, entry)?;
            blobs.push(self.seal_attachment_again(message, fresh, attachment, opener).await?);
        }
        let content = ContentDraft {
            media_type: original.content.media_type.clone(),
            based_on: original.content.based_on,
            scope: original.content.scope,
            body: original.content.body.clone(),
        };
        let sent = self
            .seal_and_submit(draft, content, blobs, kept.recipient()?, kept.handle()?, progress)
            .await;
        let over = if sent.is_ok() { message } else { fresh };
        Kept::forget(self.profile.directory(), over)?;
        sent
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

    fn open_copy(&self, copy: &[u8]) -> Result<sluis_envelope::KeptMessage, Error> {
        // The copy names its sealing key only inside its signature: keys are few, newest first.
        let own = self.profile.keys.signing.verifying_key();
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
        let path = Kept::blob_path(&Kept::folder(self.profile.directory(), old)?, attachment.blob_id());
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
            sealed.write(&sealer.update(&opener.update(&piece[..read])?)?).await?;
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
