//! GetOffer: one offer, whosever it is. The directory is no secret, so absence is told at once.

use sluis_proto::matching::v1::{GetOfferRequest, GetOfferResponse};
use sluis_serve::Refusal;
use sluis_types::OfferId;
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::store::offer::Offer;
use crate::store::vault::Fault;

pub(super) async fn handle(
    context: &Context,
    request: &Request<GetOfferRequest>,
) -> Result<GetOfferResponse, Refusal> {
    let id: OfferId = sluis_serve::id("offer_id", &request.get_ref().offer_id)?;
    let mut read = context.store.read("get_offer").await.map_err(Fault::from)?;
    let offer = Offer::load(&mut read.tx(), id).await?;
    match offer.filter(|offer| !offer.retired) {
        Some(offer) => Ok(GetOfferResponse {
            offer: Some(reply::offer(&offer)),
        }),
        None => Err(Refusal::not_available()),
    }
}
