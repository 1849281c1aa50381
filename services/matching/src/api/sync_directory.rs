//! SyncDirectory: what changed, and a signed head over all of it.

use sluis_envelope::Signed;
use sluis_proto::matching::v1::{DirectoryChange, SyncDirectoryRequest, SyncDirectoryResponse};
use sluis_serve::Refusal;
use tonic::Request;

use crate::context::Context;
use crate::store::offer::{Offer, changed_after};
use crate::store::vault::Fault;

/// Changes in one reply.
const CHANGES_MAX: u32 = 500;
/// Documents in one reply, in bytes; the last one may go beyond.
const DOCUMENT_BYTES_MAX: usize = 2 * 1024 * 1024;

pub(super) async fn handle(
    context: &Context,
    request: &Request<SyncDirectoryRequest>,
) -> Result<SyncDirectoryResponse, Refusal> {
    let since = request.get_ref().since_version;
    let mut listing = context.listing.lock().await;
    let mut read = context.store.read("sync_directory").await.map_err(Fault::from)?;
    let mut tx = read.tx();
    // Head and changes are of one view: when nothing more follows, the one speaks of the other.
    let head = listing.head(&mut tx, context.clock.now()).await?;
    drop(listing);
    let found = changed_after(&mut tx, since, CHANGES_MAX + 1).await?;
    let count = page_length(&found);
    Ok(SyncDirectoryResponse {
        more: count < found.len(),
        changes: found[..count].iter().map(change).collect(),
        head: Signed::sign(head, &context.directory_key).encode().into(),
    })
}

fn page_length(found: &[Offer]) -> usize {
    let mut bytes = 0;
    let fits = |offer: &&Offer| {
        let is_within = bytes < DOCUMENT_BYTES_MAX;
        bytes += offer.document.len();
        is_within
    };
    found.iter().take(CHANGES_MAX as usize).take_while(fits).count()
}

fn change(offer: &Offer) -> DirectoryChange {
    DirectoryChange {
        version: offer.changed,
        offer_id: offer.id.to_string(),
        document: offer.document.clone().into(),
    }
}
