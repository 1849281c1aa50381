//! GetHousing: a way to a home, for its two organisations.

use sluis_proto::matching::v1::{GetHousingRequest, GetHousingResponse};
use sluis_serve::Refusal;
use sluis_types::HousingId;
use tonic::Request;

use super::reply;
use crate::context::{Context, Partner};
use crate::domain::housing::{Actor, Housing};
use crate::store::housing;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.matching.v1.HousingService/GetHousing";

pub(super) async fn handle(
    context: &Context,
    request: &Request<GetHousingRequest>,
) -> Result<GetHousingResponse, Refusal> {
    let partner = context.partner(request)?;
    let id: HousingId = sluis_serve::id("housing_id", &request.get_ref().housing_id)?;
    match seen_by(context, &partner, id).await? {
        Some((housing, actor)) => Ok(GetHousingResponse {
            housing: Some(reply::housing(&housing, actor)?),
        }),
        None => Err(context.not_available(&partner, METHOD, id.as_bytes()).await),
    }
}

/// A way to a home that the caller has a part in: always for who began it, and for the landlord while consent is live.
pub(super) async fn seen_by(
    context: &Context,
    partner: &Partner,
    id: HousingId,
) -> Result<Option<(Housing, Actor)>, Refusal> {
    let mut read = context.store.read("housing").await.map_err(Fault::from)?;
    let found = housing::load(&context.vault, &mut read.tx(), id).await?;
    drop(read);
    Ok(live_parts(context, partner, found.into_iter().collect())
        .await?
        .pop())
}

/// The same of many: consent is asked once, about all.
pub(super) async fn live_parts(
    context: &Context,
    partner: &Partner,
    found: Vec<Housing>,
) -> Result<Vec<(Housing, Actor)>, Refusal> {
    let mine: Vec<(Housing, Actor)> = found
        .into_iter()
        .filter_map(|housing| {
            housing
                .actor(partner.organisation())
                .map(|actor| (housing, actor))
        })
        .collect();
    if mine.is_empty() {
        return Ok(mine);
    }
    let grants: Vec<_> = mine.iter().map(|(housing, _)| housing.grant).collect();
    let live = context.live(&grants).await?;
    let parts = mine.into_iter().zip(live);
    let parts = parts.filter(|((_, actor), is_live)| *is_live || *actor == Actor::Companion);
    Ok(parts.map(|(part, _)| part).collect())
}
