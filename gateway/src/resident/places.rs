//! What a resident sees of the places that are held for them.

use sluis_proto::consent::v1::TicketAudience;
use sluis_proto::matching::v1 as matching;
use sluis_types::GrantId;
use tonic::Status;

use super::calls::Calls;
use super::session::Session;

pub(super) const LIST_PLACES: &str = "/sluis.matching.v1.ResidentPlaceService/ListResidentPlaces";

impl Session {
    /// The places that are held under one grant, with the number that the resident waits at; and for 90 days those that
    /// were claimed or ended.
    ///
    /// # Errors
    /// NOT_AVAILABLE when there is no such grant of this resident; RATE_LIMITED where this session looked too often.
    pub async fn list_places(
        &self,
        grant_id: GrantId,
    ) -> Result<matching::ListResidentPlacesResponse, Status> {
        let ticket = self.ticket_to_look(grant_id, TicketAudience::Matching).await?;
        let message = matching::ListResidentPlacesRequest { ticket };
        let request = self.calls.prepare(LIST_PLACES, &self.bearer, message)?;
        Calls::outcome(self.places.clone().list_resident_places(request).await)
    }
}
