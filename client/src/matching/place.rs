//! Places of offers: held, waited for, claimed. Nothing of them is about a person, until their holder lets a resident
//! see one.

use sluis_envelope::Scope;
use sluis_proto::matching::v1 as wire;
use sluis_proto::matching::v1::attached_place_service_client::AttachedPlaceServiceClient;
use sluis_proto::matching::v1::place_service_client::PlaceServiceClient;
use sluis_types::{Handle, OfferId, Oin, PlaceId, Timestamp};

use super::wire::parsed;
use crate::Error;
use crate::consent::moment;
use crate::partner::Partner;

/// A place of an offer. Its id goes into the sealed referral of whom it is for, and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which place.
    pub place_id: PlaceId,
    /// Of which offer.
    pub offer_id: OfferId,
    /// Where it is in its life.
    pub state: PlaceState,
}

/// Where a place is in its life. One that was released, or whose hold ended, is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceState {
    /// Held.
    Held {
        /// Until when.
        until: Timestamp,
    },
    /// Waited for.
    Waiting {
        /// How many come before it, itself counted: 1 is next.
        position: u32,
    },
    /// Claimed by the offering organisation.
    Claimed,
}

impl PlaceState {
    /// Its name, UPPER_SNAKE.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held { .. } => "HELD",
            Self::Waiting { .. } => "WAITING",
            Self::Claimed => "CLAIMED",
        }
    }
}

impl Partner {
    /// Holds a place of an offer for 72 hours; with `wait`, takes the next number of its waiting list where none is free.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `PLACES_TAKEN` when none is free and one does not wait, or this organisation has 8
    /// already; `NOT_AVAILABLE` when there is no such offer.
    pub async fn hold_place(&self, offer_id: OfferId, wait: bool) -> Result<Place, Error> {
        let message = wire::HoldPlaceRequest {
            request_id: self.connection.request_id().to_string(),
            offer_id: offer_id.to_string(),
            wait,
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                PlaceServiceClient::new(channel).hold_place(request).await
            })
            .await?;
        Place::of(offer_id, None, reply.place)
    }

    /// Gives a held place back, or a number on the waiting list.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when this organisation holds no such place.
    pub async fn release_place(&self, offer_id: OfferId, place_id: PlaceId) -> Result<(), Error> {
        let message = wire::ReleasePlaceRequest {
            request_id: self.connection.request_id().to_string(),
            offer_id: offer_id.to_string(),
            place_id: place_id.to_string(),
        };
        self.connection
            .call(message, |channel, request| async move {
                PlaceServiceClient::new(channel).release_place(request).await
            })
            .await
            .map(drop)
    }

    /// Takes a held place of an own offer for a resident whose referral was opened: the referral names the place.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when the place is not held, or the offer is not this organisation's.
    pub async fn claim_place(&self, offer_id: OfferId, place_id: PlaceId) -> Result<Place, Error> {
        let message = wire::ClaimPlaceRequest {
            request_id: self.connection.request_id().to_string(),
            offer_id: offer_id.to_string(),
            place_id: place_id.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                PlaceServiceClient::new(channel).claim_place(request).await
            })
            .await?;
        Place::of(offer_id, Some(place_id), reply.place)
    }

    /// Lets a resident see a place that this organisation holds or waits for, on their page: it then hangs on their
    /// grant from this organisation to `offering`, which must allow `scope`. A place hangs on one grant: a later one
    /// takes the place of an earlier one. The mesh learns that this grant and this offer belong together.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` where no consent is live, this organisation has no such place, or
    /// the offer is not `offering`'s; [`Error::OutsideGrant`] where consent is narrower.
    pub async fn attach_place(
        &self,
        resident: &Handle,
        offering: Oin,
        scope: &Scope,
        offer_id: OfferId,
        place_id: PlaceId,
    ) -> Result<Place, Error> {
        let (_, token) = self.authorize(resident, offering, scope).await?;
        let message = wire::AttachPlaceRequest {
            request_id: self.connection.request_id().to_string(),
            grant_token: token.into(),
            offer_id: offer_id.to_string(),
            place_id: place_id.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                AttachedPlaceServiceClient::new(channel)
                    .attach_place(request)
                    .await
            })
            .await?;
        Place::of(offer_id, Some(place_id), reply.place)
    }

    /// A place that this organisation holds or waits for.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is no such place of this organisation.
    pub async fn place(&self, offer_id: OfferId, place_id: PlaceId) -> Result<Place, Error> {
        let message = wire::GetPlaceRequest {
            offer_id: offer_id.to_string(),
            place_id: place_id.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                PlaceServiceClient::new(channel).get_place(request).await
            })
            .await?;
        Place::of(offer_id, Some(place_id), reply.place)
    }
}

impl Place {
    fn of(offer_id: OfferId, place_id: Option<PlaceId>, shown: Option<wire::Place>) -> Result<Self, Error> {
        let shown = shown.unwrap_or_default();
        let held_until = shown.held_until.as_ref().map(|until| moment(Some(until)));
        let state = match (shown.state(), held_until) {
            (wire::PlaceState::Held, Some(until)) => PlaceState::Held { until },
            (wire::PlaceState::Waiting, _) if shown.position > 0 => PlaceState::Waiting {
                position: shown.position,
            },
            (wire::PlaceState::Claimed, _) => PlaceState::Claimed,
            _ => return Err(Error::bad_answer("the place", "unknown state")),
        };
        let place = Self {
            place_id: parsed("the place", &shown.place_id)?,
            offer_id: parsed("the place", &shown.offer_id)?,
            state,
        };
        if place.offer_id != offer_id || place_id.is_some_and(|asked| asked != place.place_id) {
            return Err(Error::bad_answer("the place", "another one than was asked for"));
        }
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_held_waited_for_or_claimed_and_the_one_that_was_asked_for() {
        let (offer, place) = (OfferId::from_bytes([1; 16]), PlaceId::from_bytes([2; 16]));
        let shown = |state: wire::PlaceState, held_until: Option<i64>, position| wire::Place {
            place_id: place.to_string(),
            offer_id: offer.to_string(),
            state: state.into(),
            held_until: held_until.map(|seconds| prost_types::Timestamp { seconds, nanos: 0 }),
            position,
        };
        let read = |shown| Place::of(offer, Some(place), Some(shown)).map(|place| place.state);
        let until = Timestamp::from_seconds(9);
        assert_eq!(
            read(shown(wire::PlaceState::Held, Some(9), 0)).expect("held"),
            PlaceState::Held { until }
        );
        assert_eq!(
            read(shown(wire::PlaceState::Waiting, None, 2)).expect("waited for"),
            PlaceState::Waiting { position: 2 }
        );
        assert_eq!(
            read(shown(wire::PlaceState::Claimed, None, 0)).expect("claimed"),
            PlaceState::Claimed
        );
        for bad in [
            read(shown(wire::PlaceState::Held, None, 0)),
            read(shown(wire::PlaceState::Waiting, None, 0)),
            read(shown(wire::PlaceState::Unspecified, None, 0)),
        ] {
            assert!(matches!(bad, Err(Error::BadAnswer { .. })), "{bad:?}");
        }
        let claimed = || Some(shown(wire::PlaceState::Claimed, None, 0));
        assert!(Place::of(OfferId::from_bytes([3; 16]), None, claimed()).is_err());
        assert!(Place::of(offer, Some(PlaceId::from_bytes([3; 16])), claimed()).is_err());
        assert!(Place::of(offer, None, claimed()).is_ok());
    }
}
