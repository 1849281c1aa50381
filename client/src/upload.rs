//! Attachments: sealed to a file first, then streamed to the mesh, so that memory stays flat.

use std::path::Path;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use sluis_envelope::limits::BLOB_BYTES_MAX;
use sluis_envelope::{AttachmentDraft, BlobSealer, SealedBlob};
use sluis_proto::referral::v1 as wire;
use sluis_proto::referral::v1::referral_service_client::ReferralServiceClient;
use sluis_types::{BlobId, MessageId};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::connection::repeating;
use crate::outgoing::{OutgoingAttachment, Progress};
use crate::partner::Partner;
use crate::profile::Kept;
use crate::{Error, private_file};

/// Bytes read from a file at once, and the longest chunk of an upload.
pub(crate) const PIECE_BYTES: usize = 64 * 1024;

pub(crate) fn file_failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |source| Error::File {
        path: path.to_owned(),
        source,
    }
}

impl Partner {
    /// Seals a file for a message into the message's folder.
    pub(crate) async fn seal_attachment(
        &self,
        message: MessageId,
        attachment: &OutgoingAttachment,
    ) -> Result<SealedBlob, Error> {
        let mut file = File::open(&attachment.path)
            .await
            .map_err(file_failed(&attachment.path))?;
        let length = file
            .metadata()
            .await
            .map_err(file_failed(&attachment.path))?
            .len();
        let too_large = || {
            Error::invalid(
                "attachment",
                format!("larger than {} MiB", BLOB_BYTES_MAX / (1024 * 1024)),
            )
        };
        let draft = AttachmentDraft {
            name: attachment.name.clone(),
            media_type: attachment.media_type.clone(),
            data_kind: attachment.data_kind,
            length: u32::try_from(length).map_err(|_| too_large())?,
        };
        if draft.length > BLOB_BYTES_MAX {
            return Err(too_large());
        }
        let mut sealer = BlobSealer::new(message, draft, &*self.environment.randomness)?;
        let mut sealed = SealedFile::create(self, message, sealer.blob_id()).await?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = file
                .read(&mut piece)
                .await
                .map_err(file_failed(&attachment.path))?;
            if read == 0 {
                break;
            }
            sealed.write(&sealer.update(&piece[..read])?).await?;
        }
        let (last, blob) = sealer.finish()?;
        sealed.write(&last).await?;
        sealed.finish().await?;
        Ok(blob)
    }

    /// Uploads a sealed attachment from the message's folder; the whole of it again while the mesh is unavailable.
    pub(crate) async fn upload(
        &self,
        message: MessageId,
        blob: BlobId,
        grant_token: &[u8],
        progress: &(dyn Fn(Progress) + Sync),
        mut so_far: Progress,
    ) -> Result<Progress, Error> {
        let path = Kept::blob_path(&Kept::folder(self.profile.directory(), message)?, blob);
        let (bytes_all, sha256) = measure(&path).await?;
        let start = wire::BlobStart {
            request_id: self.connection.request_id().to_string(),
            message_id: message.to_string(),
            blob_id: blob.to_string(),
            ciphertext_bytes: bytes_all,
            sha256: sha256.to_vec().into(),
            grant_token: grant_token.to_vec().into(),
        };
        repeating(|| self.upload_once(&path, start.clone(), progress, so_far)).await?;
        so_far.bytes_done += bytes_all;
        Ok(so_far)
    }

    async fn upload_once(
        &self,
        path: &Path,
        start: wire::BlobStart,
        progress: &(dyn Fn(Progress) + Sync),
        mut so_far: Progress,
    ) -> Result<(), Error> {
        let mut file = File::open(path).await.map_err(file_failed(path))?;
        let (sender, receiver) = mpsc::channel(4);
        let request = self.connection.request(ReceiverStream::new(receiver))?;
        let mut client = ReferralServiceClient::new(self.connection.channel());
        let call = async { Ok::<_, Error>(client.upload_blob(request).await?) };
        let feed = async {
            use wire::upload_blob_request::Part;
            let part = |part| wire::UploadBlobRequest { part: Some(part) };
            // A closed channel means that the call ended early: its status says why.
            if sender.send(part(Part::Start(start))).await.is_err() {
                return Ok(());
            }
            let mut piece = vec![0; PIECE_BYTES];
            loop {
                let read = file.read(&mut piece).await.map_err(file_failed(path))?;
                if read == 0
                    || sender
                        .send(part(Part::Chunk(Bytes::copy_from_slice(&piece[..read]))))
                        .await
                        .is_err()
                {
                    drop(sender);
                    return Ok::<_, Error>(());
                }
                so_far.bytes_done += read as u64;
                progress(so_far);
            }
        };
        let (answer, fed) = tokio::join!(call, feed);
        fed?;
        answer.map(|_| ())
    }
}

/// A ciphertext that is being written into a message's folder.
pub(crate) struct SealedFile {
    file: File,
    path: std::path::PathBuf,
}

impl SealedFile {
    pub(crate) async fn create(partner: &Partner, message: MessageId, blob: BlobId) -> Result<Self, Error> {
        let path = Kept::blob_path(&Kept::folder(partner.profile.directory(), message)?, blob);
        // Ciphertext, but of a person: readable by its owner only, like everything in the profile.
        private_file::write(&path, &[])?;
        let file = File::options()
            .write(true)
            .open(&path)
            .await
            .map_err(file_failed(&path))?;
        Ok(Self { file, path })
    }

    pub(crate) async fn write(&mut self, ciphertext: &[u8]) -> Result<(), Error> {
        self.file
            .write_all(ciphertext)
            .await
            .map_err(file_failed(&self.path))
    }

    pub(crate) async fn finish(mut self) -> Result<(), Error> {
        self.file.flush().await.map_err(file_failed(&self.path))?;
        self.file.sync_all().await.map_err(file_failed(&self.path))
    }
}

async fn measure(path: &Path) -> Result<(u64, [u8; 32]), Error> {
    let mut file = File::open(path).await.map_err(file_failed(path))?;
    let mut hasher = Sha256::new();
    let mut piece = vec![0; PIECE_BYTES];
    let mut bytes_all = 0;
    loop {
        let read = file.read(&mut piece).await.map_err(file_failed(path))?;
        if read == 0 {
            return Ok((bytes_all, hasher.finalize().into()));
        }
        hasher.update(&piece[..read]);
        bytes_all += read as u64;
    }
}
