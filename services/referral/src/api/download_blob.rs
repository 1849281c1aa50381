//! DownloadBlob: one attachment, read piece by piece as the client takes it.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use sluis_proto::referral::v1::{DownloadBlobRequest, DownloadBlobResponse};
use sluis_serve::Refusal;
use sluis_store::LoggedId;
use sluis_types::{BlobId, MessageId};
use tonic::Request;

use super::Pulled;
use crate::context::Context;
use crate::store::blob::{load_piece, piece_count};
use crate::store::message::Message;
use crate::store::vault::{Fault, Tag};

const METHOD: &str = "sluis.referral.v1.ReferralService/DownloadBlob";
/// Bytes in one message of the stream.
const REPLY_BYTES: usize = 64 * 1024;

pub(super) async fn handle(
    context: &Arc<Context>,
    request: &Request<DownloadBlobRequest>,
) -> Result<Pulled<DownloadBlobResponse>, Refusal> {
    let partner = context.partner(request)?;
    let message: MessageId = sluis_serve::id("message_id", &request.get_ref().message_id)?;
    let blob: BlobId = sluis_serve::id("blob_id", &request.get_ref().blob_id)?;
    let mut read = context.store.read("download_blob").await.map_err(Fault::from)?;
    let found =
        Message::for_recipient(&context.vault, &mut read.tx(), message, partner.organisation()).await?;
    drop(read);
    let entry = found
        .filter(|message| message.is_readable(partner.now))
        .and_then(|message| {
            let entry = message.manifest.blobs().iter().find(|entry| entry.id == blob)?;
            Some((message.header().sender(), u64::from(entry.ciphertext_length())))
        });
    let Some((sender, length)) = entry else {
        let ids = vec![LoggedId::Message(message), LoggedId::Blob(blob)];
        return Err(context.not_available(&partner, METHOD, ids).await);
    };
    let pieces = Pieces {
        context: Arc::clone(context),
        tag: context.vault.blob_tag(sender, message, blob),
        next: 0,
        count: piece_count(length),
        rest: Bytes::new(),
    };
    Ok(Box::pin(stream::try_unfold(pieces, |mut pieces| async move {
        Ok(pieces
            .chunk()
            .await?
            .map(|chunk| (DownloadBlobResponse { chunk }, pieces)))
    })))
}

/// The pieces of an attachment, one of them in memory.
struct Pieces {
    context: Arc<Context>,
    tag: Tag,
    next: u32,
    count: u32,
    rest: Bytes,
}

impl Pieces {
    async fn chunk(&mut self) -> Result<Option<Bytes>, Refusal> {
        if self.rest.is_empty() {
            if self.next == self.count {
                return Ok(None);
            }
            let context = &self.context;
            let mut read = context
                .store
                .read("download_blob.piece")
                .await
                .map_err(Fault::from)?;
            let piece = load_piece(&context.vault, &mut read.tx(), &self.tag, self.next).await?;
            // Taken away while it was read.
            self.rest = piece.ok_or_else(Refusal::not_available)?;
            self.next += 1;
        }
        let length = self.rest.len().min(REPLY_BYTES);
        Ok(Some(self.rest.split_to(length)))
    }
}
