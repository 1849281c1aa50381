//! ListGrants: what a resident allows and allowed.

use sluis_proto::consent::v1::{ListGrantsRequest, ListGrantsResponse};
use sluis_serve::{Caller, Refusal};
use sluis_types::Timestamp;
use tonic::Request;

use super::convert;
use crate::desk::Desk;
use crate::domain::grant::Grant;
use crate::domain::mandate_kind::MandateAct;
use crate::error::{CommandError, store_refusal};
use crate::identity::{Head, RowKind, view};
use crate::store::Lock;

/// Grants in one answer at most: the newest of each resident.
const GRANTS_MAX: u64 = 500;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ListGrantsRequest>,
) -> Result<ListGrantsResponse, Refusal> {
    let (grants, now) = newest_live_first(desk, &request).await?;
    let is_pair = |grant: &&Grant| grant.circle.is_none() && grant.basis.is_none();
    let pairs = grants.iter().filter(is_pair);
    Ok(ListGrantsResponse {
        grants: pairs.map(|grant| convert::grant(grant, now)).collect(),
    })
}

/// The caller's grants, circles and records of other legal bases too, live ones first; and the moment that they were
/// read at.
pub(super) async fn newest_live_first<T>(
    desk: &Desk,
    request: &Request<T>,
) -> Result<(Vec<Grant>, Timestamp), Refusal> {
    let caller = Caller::of(request)?.resident()?;
    let now = desk.now();
    let mut read = desk
        .store
        .read("ListGrants")
        .await
        .map_err(|error| store_refusal(&error))?;
    let mut tx = read.tx();
    let reach = view(&desk.rows, &mut tx, caller, now).await?;
    let mut grants: Vec<Grant> = Vec::new();
    for reached in &reach.residents {
        let resident = &reached.resident;
        let count = Head::read(&desk.rows, &mut tx, resident)
            .await
            .map_err(CommandError::Store)?
            .grants;
        for i in (count.saturating_sub(GRANTS_MAX)..count).rev() {
            let tag = resident.tag(RowKind::Grant, i);
            let grant = desk.rows.grant(&mut tx, &tag, Lock::None).await;
            let grant = grant.map_err(CommandError::Store)?;
            grants.extend(grant.filter(|grant| reached.may(MandateAct::See, &grant.whole())));
        }
    }
    let has_ended =
        |grant: &Grant, now: Timestamp| grant.state.ended_at().is_some() || now >= grant.valid_until;
    // Live ones first; within both, the newest first, as they were read.
    grants.sort_by_key(|grant| has_ended(grant, now));
    Ok((grants, now))
}
