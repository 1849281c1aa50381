//! ListResidentPlaces: the places that are held for whose grant the ticket names, and where they wait.

use sluis_envelope::TicketActions;
use sluis_proto::matching::v1::{ListResidentPlacesRequest, ListResidentPlacesResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::{reply, ticket};
use crate::context::Context;
use crate::store::vault::Fault;
use crate::store::{attached_place, places};

const METHOD: &str = "sluis.matching.v1.ResidentPlaceService/ListResidentPlaces";
/// Places that are shown at once: the newest.
const PLACES_MAX: usize = 32;

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListResidentPlacesRequest>,
) -> Result<ListResidentPlacesResponse, Refusal> {
    let ticket = &request.get_ref().ticket;
    let grant = ticket::grant(context, request, ticket, TicketActions::READ, METHOD, &[0; 16]).await?;
    let now = context.clock.now();
    let mut read = context
        .store
        .read("list_resident_places")
        .await
        .map_err(Fault::from)?;
    // Whether the grant is live does not matter: the place is held all the same, and is theirs to see.
    let attached = attached_place::under(&context.vault, &mut read.tx(), grant, PLACES_MAX).await?;
    let mut shown = Vec::new();
    for place in &attached {
        let mut places = places::load(&context.vault, &mut read.tx(), place.offer).await?;
        places.settle(now);
        shown.extend(
            place
                .seen(&places, now)
                .map(|seen| reply::resident_place(place, seen)),
        );
    }
    Ok(ListResidentPlacesResponse { places: shown })
}
