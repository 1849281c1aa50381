//! GetPlace: a place that the caller holds, or its number on the waiting list.

use sluis_proto::matching::v1::{GetPlaceRequest, GetPlaceResponse};
use sluis_serve::Refusal;
use sluis_types::{OfferId, PlaceId};
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::store::places;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.matching.v1.PlaceService/GetPlace";

pub(super) async fn handle(
    context: &Context,
    request: &Request<GetPlaceRequest>,
) -> Result<GetPlaceResponse, Refusal> {
    let partner = context.partner(request)?;
    let offer: OfferId = sluis_serve::id("offer_id", &request.get_ref().offer_id)?;
    let place: PlaceId = sluis_serve::id("place_id", &request.get_ref().place_id)?;
    let mut read = context.store.read("get_place").await.map_err(Fault::from)?;
    let mut places = places::load(&context.vault, &mut read.tx(), offer).await?;
    drop(read);
    places.settle(partner.now);
    match places.standing(place, partner.organisation()) {
        Some(standing) => Ok(GetPlaceResponse {
            place: Some(reply::place(place, offer, standing)),
        }),
        None => Err(context.not_available(&partner, METHOD, place.as_bytes()).await),
    }
}
