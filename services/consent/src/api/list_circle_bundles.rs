//! ListCircleBundles: the posts that wait for a member of circles that live.

use bytes::Bytes;
use sluis_proto::consent::v1::{ListCircleBundlesRequest, ListCircleBundlesResponse};
use sluis_serve::{Caller, Refusal};
use sluis_store::Tx;
use tonic::Request;

use crate::desk::Desk;
use crate::error::{CommandError, store_refusal};
use crate::identity::{Name, RowKind};
use crate::store::{Bundle, Lock};

/// Bundles in one answer at most.
const BUNDLES_MAX: usize = 8;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ListCircleBundlesRequest>,
) -> Result<ListCircleBundlesResponse, Refusal> {
    let organisation = Caller::of(&request)?.partner()?.organisation;
    let mut read = desk
        .store
        .read("ListCircleBundles")
        .await
        .map_err(|error| store_refusal(&error))?;
    let mut tx = read.tx();
    let waiting = desk.rows.bundles(&mut tx, &organisation, BUNDLES_MAX + 1).await;
    let mut waiting = waiting.map_err(|error| store_refusal(&error))?;
    let more = waiting.len() > BUNDLES_MAX;
    waiting.truncate(BUNDLES_MAX);
    let mut sealed_bundles = Vec::new();
    for bundle in waiting {
        if lives(desk, &mut tx, &bundle).await? {
            sealed_bundles.push(Bytes::from(bundle.sealed));
        }
    }
    Ok(ListCircleBundlesResponse { sealed_bundles, more })
}

/// Whether the version that a bundle is of is the live one. One that ran out of time waits for the timer to take it away.
async fn lives(desk: &Desk, tx: &mut Tx<'_>, bundle: &Bundle) -> Result<bool, CommandError> {
    let rows = &desk.rows;
    let Some(access) = rows.access(tx, &rows.key(&Name::Grant(bundle.grant))).await? else {
        return Ok(false);
    };
    let tag = access
        .resident
        .tag(RowKind::Grant, access.row().unwrap_or_default());
    let grant = rows.grant(tx, &tag, Lock::None).await?;
    Ok(grant.is_some_and(|grant| {
        grant.version == bundle.version && grant.state.ended_at().is_none() && desk.now() < grant.valid_until
    }))
}
