//! GetGrantStates: how grants stand that the caller names, for who missed events.

use sluis_proto::consent::v1::{GetGrantStatesRequest, GetGrantStatesResponse, GrantStanding};
use sluis_serve::Refusal;
use sluis_store::{StoreError, Tx};
use sluis_types::GrantId;
use tonic::Request;

use super::watch_grants::WATCHERS;
use super::{convert, require_role};
use crate::desk::Desk;
use crate::domain::grant::Grant;
use crate::domain::life::Stage;
use crate::error::store_refusal;
use crate::identity::{Name, RowKind};
use crate::store::Lock;

/// Grants in one question at most.
const GRANTS_MAX: usize = 1000;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<GetGrantStatesRequest>,
) -> Result<GetGrantStatesResponse, Refusal> {
    require_role(&request, WATCHERS)?;
    let asked = &request.get_ref().grant_ids;
    if asked.len() > GRANTS_MAX {
        return Err(Refusal::invalid_field("grant_ids", "must be at most 1000"));
    }
    let ids: Result<Vec<GrantId>, _> = asked.iter().map(|id| GrantId::from_slice(id)).collect();
    let ids = ids.map_err(|_| Refusal::invalid_field("grant_ids", "must be 16 bytes each"))?;
    let mut read = desk
        .store
        .read("GetGrantStates")
        .await
        .map_err(|error| store_refusal(&error))?;
    let mut tx = read.tx();
    let mut standings = Vec::new();
    for id in ids {
        let grant = find(desk, &mut tx, id)
            .await
            .map_err(|error| store_refusal(&error))?;
        standings.push(standing(desk, id, grant.as_ref()));
    }
    Ok(GetGrantStatesResponse { standings })
}

async fn find(desk: &Desk, tx: &mut Tx<'_>, id: GrantId) -> Result<Option<Grant>, StoreError> {
    let rows = &desk.rows;
    let Some(access) = rows.access(tx, &rows.key(&Name::Grant(id))).await? else {
        return Ok(None);
    };
    let i = access.row().unwrap_or_default();
    rows.grant(tx, &access.resident.tag(RowKind::Grant, i), Lock::None)
        .await
}

fn standing(desk: &Desk, id: GrantId, grant: Option<&Grant>) -> GrantStanding {
    let lasting = grant.filter(|grant| grant.state.ended_at().is_none() && desk.now() < grant.valid_until);
    GrantStanding {
        grant_id: convert::id_bytes(id.as_bytes()),
        version: lasting.map_or(0, |grant| grant.version),
        paused: lasting.is_some_and(|grant| grant.state.stage() != Stage::Active),
    }
}
