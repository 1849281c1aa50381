//! CountHousing: counts, and never a percentage.

use sluis_proto::matching::v1::{CountHousingRequest, CountHousingResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::domain::tally::Tally;
use crate::store::housing;
use crate::store::vault::Fault;

/// Ways to a home of the caller that are counted, from the newest.
const HOUSINGS_MAX: usize = 5000;

pub(super) async fn handle(
    context: &Context,
    request: &Request<CountHousingRequest>,
) -> Result<CountHousingResponse, Refusal> {
    let organisation = context.partner(request)?.organisation();
    let mut read = context.store.read("count_housing").await.map_err(Fault::from)?;
    let mut tx = read.tx();
    let found = housing::of(&context.vault, &mut tx, organisation, HOUSINGS_MAX).await?;
    let own = found
        .iter()
        .filter(|housing| housing.actor(organisation).is_some())
        .map(Tally::of)
        .fold(Tally::default(), Tally::plus);
    let mesh = housing::tally(&context.vault, &mut tx).await?;
    Ok(CountHousingResponse {
        own: Some(reply::counts(own)),
        mesh: mesh.publishable().map(reply::counts),
    })
}
