//! ListHousing: the ways to a home in which the caller has a part.

use sluis_proto::matching::v1::{ListHousingRequest, ListHousingResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::get_housing::live_parts;
use super::list_introductions::newest;
use super::reply;
use crate::context::Context;
use crate::store::housing;
use crate::store::vault::Fault;

const HOUSINGS_MAX: usize = 250;

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListHousingRequest>,
) -> Result<ListHousingResponse, Refusal> {
    let partner = context.partner(request)?;
    let mut read = context.store.read("list_housing").await.map_err(Fault::from)?;
    let found = housing::of(
        &context.vault,
        &mut read.tx(),
        partner.organisation(),
        HOUSINGS_MAX,
    )
    .await?;
    drop(read);
    let mut housings = Vec::new();
    for (housing, actor) in live_parts(context, &partner, newest(found)).await? {
        housings.push(reply::housing(&housing, actor)?);
    }
    Ok(ListHousingResponse { housings })
}
