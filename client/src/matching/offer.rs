//! Offers of this organisation, and the coarse search for programs that cannot hold the directory.

use sluis_proto::matching::v1 as wire;
use sluis_proto::matching::v1::directory_service_client::DirectoryServiceClient;
use sluis_ranking::{Area, InvalidOffer, Offer, Weeks};
use sluis_types::{CapacityStatus, LifeDomain, OfferId, Oin};

use super::wire::parsed;
use crate::Error;
use crate::connection::REPLY_BYTES_MAX;
use crate::partner::Partner;

/// Offers in one page of a search.
const PAGE: i32 = 200;
/// Most pages of a search that are asked for.
const PAGES_MAX: usize = 50;

/// An offer as the mesh has it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOffer {
    /// Grows by one with every change: what a change expects.
    pub version: u32,
    /// The offer.
    pub offer: Offer,
}

/// What an organisation tells of the room of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Whether there is room. It promises nobody that they are eligible.
    pub status: CapacityStatus,
    /// How long one waits; for a waiting list only.
    pub wait: Option<Weeks>,
    /// How many places may be held and claimed from now on, at most 40; those that are held now count.
    pub places: u32,
}

impl Partner {
    /// Publishes an offer of this organisation, or a newer version of it: the whole offer is replaced.
    /// `expected_version` is 0 for a new one.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an offer that cannot be one; [`Error::Refused`] with reason `VERSION_CONFLICT` when it is
    /// there in another version, `NOT_AVAILABLE` when it is another organisation's.
    pub async fn publish_offer(&self, offer: &Offer, expected_version: u32) -> Result<ListedOffer, Error> {
        let message = wire::PublishOfferRequest {
            request_id: self.connection.request_id().to_string(),
            document: offer.encode().map_err(not_an_offer)?.into(),
            expected_version,
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                DirectoryServiceClient::new(channel).publish_offer(request).await
            })
            .await?;
        ListedOffer::of(offer.id, reply.offer)
    }

    /// Takes an offer of this organisation out of the directory. Places that are held stay held.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `VERSION_CONFLICT`, or `NOT_AVAILABLE` when it is not this organisation's.
    pub async fn retire_offer(&self, offer_id: OfferId, expected_version: u32) -> Result<(), Error> {
        let message = wire::RetireOfferRequest {
            request_id: self.connection.request_id().to_string(),
            offer_id: offer_id.to_string(),
            expected_version,
        };
        self.connection
            .call(message, |channel, request| async move {
                DirectoryServiceClient::new(channel).retire_offer(request).await
            })
            .await
            .map(drop)
    }

    /// Tells whether an offer of this organisation has room, and how many places may be held.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `PLACES_TAKEN` when more are held than would be open, `NOT_AVAILABLE` when it is
    /// not this organisation's.
    pub async fn report_capacity(&self, offer_id: OfferId, room: Room) -> Result<ListedOffer, Error> {
        let weeks = |of: fn(Weeks) -> u16| room.wait.map_or(0, |wait| u32::from(of(wait)));
        let message = wire::ReportCapacityRequest {
            request_id: self.connection.request_id().to_string(),
            offer_id: offer_id.to_string(),
            status: i32::from(room.status.number()),
            weeks_min: weeks(Weeks::min),
            weeks_max: weeks(Weeks::max),
            places: Some(room.places),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                DirectoryServiceClient::new(channel)
                    .report_capacity(request)
                    .await
            })
            .await?;
        ListedOffer::of(offer_id, reply.offer)
    }

    /// One offer, whosever it is: what the mesh says now, under no signature of its own.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when there is none.
    pub async fn offer(&self, offer_id: OfferId) -> Result<ListedOffer, Error> {
        let message = wire::GetOfferRequest {
            offer_id: offer_id.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                DirectoryServiceClient::new(channel).get_offer(request).await
            })
            .await?;
        ListedOffer::of(offer_id, reply.offer)
    }

    /// A coarse search in the mesh, for programs that cannot hold the directory: a gemeente or wijk, one life domain,
    /// and words that all must be in the offer. The live operator sees them: give it nothing about a person. Offers come
    /// unranked and unsigned; those that this SDK cannot read are passed over.
    ///
    /// # Errors
    /// [`Error::Refused`] for a buurt, or too many words.
    pub async fn search_offers(
        &self,
        area: Area,
        life_domain: LifeDomain,
        words: &str,
    ) -> Result<Vec<ListedOffer>, Error> {
        let mut found = Vec::new();
        let mut page_token = String::new();
        for _ in 0..PAGES_MAX {
            let message = wire::SearchOffersRequest {
                area: area.to_string(),
                life_domain: i32::from(life_domain.number()),
                words: words.to_owned(),
                page_size: PAGE,
                page_token,
            };
            let page = self
                .connection
                .call(message, |channel, request| async move {
                    DirectoryServiceClient::new(channel)
                        .max_decoding_message_size(REPLY_BYTES_MAX)
                        .search_offers(request)
                        .await
                })
                .await?;
            found.extend(
                page.offers
                    .iter()
                    .filter_map(|offer| ListedOffer::read(offer).ok()),
            );
            if page.next_page_token.is_empty() {
                return Ok(found);
            }
            page_token = page.next_page_token;
        }
        Err(Error::bad_answer("the search", "it has no end"))
    }
}

impl ListedOffer {
    fn of(offer_id: OfferId, shown: Option<wire::Offer>) -> Result<Self, Error> {
        let listed = Self::read(&shown.unwrap_or_default())?;
        if listed.offer.id != offer_id {
            return Err(Error::bad_answer("the offer", "another one than was asked for"));
        }
        Ok(listed)
    }

    fn read(shown: &wire::Offer) -> Result<Self, Error> {
        let offer = Offer::decode(&shown.document).map_err(|error| Error::bad_answer("the offer", error))?;
        let is_named: Result<OfferId, Error> = parsed("the offer", &shown.offer_id);
        let is_of: Result<Oin, Error> = parsed("the offer", &shown.organisation);
        if (is_named?, is_of?) != (offer.id, offer.publisher) {
            return Err(Error::bad_answer("the offer", "its document is another's"));
        }
        Ok(Self {
            version: shown.version,
            offer,
        })
    }
}

fn not_an_offer(error: InvalidOffer) -> Error {
    Error::invalid(error.field, error.what)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "6b1de1ee-3b39-4f5f-9f2e-0d0a43b6d001";
    const PUBLISHER: &str = "00000099000000001000";

    fn shown(id: &str, organisation: &str) -> wire::Offer {
        let document = format!(
            r#"{{"id":"{ID}","publisher":"{PUBLISHER}","organisation":"De Brug","name":"Inloop","kind":"ACTIVITY",
                "provision":"GENERAL","law":"GENERAL","life_domains":["SURROUNDINGS"],"entrance":"DROP_IN",
                "updated_at_seconds":1}}"#
        );
        wire::Offer {
            offer_id: id.to_owned(),
            organisation: organisation.to_owned(),
            version: 3,
            document: document.into_bytes().into(),
        }
    }

    #[test]
    fn an_offer_is_what_was_asked_for_and_its_publishers() {
        let id: OfferId = ID.parse().expect("an id");
        let listed = ListedOffer::of(id, Some(shown(ID, PUBLISHER))).expect("an offer");
        assert_eq!((listed.version, listed.offer.name.as_str()), (3, "Inloop"));
        let other = OfferId::from_bytes([7; 16]);
        for bad in [
            ListedOffer::of(other, Some(shown(ID, PUBLISHER))),
            ListedOffer::of(other, Some(shown(&other.to_string(), PUBLISHER))),
            ListedOffer::of(id, Some(shown(ID, "00000099000000002000"))),
            ListedOffer::of(id, None),
        ] {
            assert!(matches!(bad, Err(Error::BadAnswer { .. })), "{bad:?}");
        }
    }
}
