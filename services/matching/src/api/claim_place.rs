//! ClaimPlace: the offering organisation takes a held place for whom its sealed referral named.

use sluis_proto::matching::v1::{ClaimPlaceRequest, ClaimPlaceResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::{OfferId, PlaceId};
use tonic::Request;

use super::reply;
use crate::context::{Context, Partner};
use crate::domain::places::Standing;
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::offer::Offer;
use crate::store::vault::{Fault, Vault};
use crate::store::{attached_place, places};

const METHOD: &str = "sluis.matching.v1.PlaceService/ClaimPlace";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ClaimPlaceRequest>,
) -> Result<ClaimPlaceResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let claim = Claim {
        vault: context.vault.clone(),
        offer: sluis_serve::id("offer_id", &body.offer_id)?,
        place: sluis_serve::id("place_id", &body.place_id)?,
        partner,
    };
    let written = context.store.write(remembered, claim).await.map_err(of_write)?;
    Ok(written.answer?)
}

struct Claim {
    vault: Vault,
    offer: OfferId,
    place: PlaceId,
    partner: Partner,
}

impl Command for Claim {
    type Reply = ClaimPlaceResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<ClaimPlaceResponse, Denial>, Fault> {
        let (who, now) = (self.partner.who(), self.partner.now);
        let event = log::event(
            Logged::Place,
            who,
            now,
            METHOD,
            Subject::None,
            self.place.as_bytes(),
        );
        let found = Offer::load(tx, self.offer).await?;
        let is_own = found.is_some_and(|offer| offer.organisation == self.partner.organisation());
        if let Some(mut places) = places::lock_named(&self.vault, tx, self.offer).await?
            && is_own
            && places.claim(self.place, now)
        {
            places::save(&self.vault, tx, self.offer, &places).await?;
            attached_place::claim(&self.vault, tx, self.place).await?;
            let reply = ClaimPlaceResponse {
                place: Some(reply::place(self.place, self.offer, Standing::Claimed)),
            };
            return Ok(Outcome::done(reply, event));
        }
        let reason = ErrorReason::NotAvailable;
        Ok(Outcome::refused(Denial::of(reason), log::refused(event, reason)))
    }
}
