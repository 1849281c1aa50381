//! HoldPlace: a place for 72 hours, or a number on the waiting list.

use sluis_proto::matching::v1::{HoldPlaceRequest, HoldPlaceResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::{OfferId, PlaceId};
use tonic::Request;

use super::reply;
use crate::context::{Context, Partner};
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::offer::Offer;
use crate::store::places;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.matching.v1.PlaceService/HoldPlace";

pub(super) async fn handle(
    context: &Context,
    request: &Request<HoldPlaceRequest>,
) -> Result<HoldPlaceResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let hold = HoldOne {
        vault: context.vault.clone(),
        offer: sluis_serve::id("offer_id", &body.offer_id)?,
        place: PlaceId::random(context.randomness.as_ref()),
        wait: body.wait,
        partner,
    };
    let written = context.store.write(remembered, hold).await.map_err(of_write)?;
    Ok(written.answer?)
}

struct HoldOne {
    vault: Vault,
    offer: OfferId,
    place: PlaceId,
    wait: bool,
    partner: Partner,
}

impl Command for HoldOne {
    type Reply = HoldPlaceResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<HoldPlaceResponse, Denial>, Fault> {
        let (who, now) = (self.partner.who(), self.partner.now);
        let event = log::event(
            Logged::Place,
            who,
            now,
            METHOD,
            Subject::None,
            self.offer.as_bytes(),
        );
        let refused = |reason| Outcome::refused(Denial::of(reason), log::refused(event.clone(), reason));
        let found = Offer::load(tx, self.offer).await?;
        if found.is_none_or(|offer| offer.retired) {
            return Ok(refused(ErrorReason::NotAvailable));
        }
        let mut places = places::lock(&self.vault, tx, self.offer).await?;
        let Ok(standing) = places.hold(self.place, self.partner.organisation(), self.wait, now) else {
            return Ok(refused(ErrorReason::PlacesTaken));
        };
        places::save(&self.vault, tx, self.offer, &places).await?;
        let reply = HoldPlaceResponse {
            place: Some(reply::place(self.place, self.offer, standing)),
        };
        Ok(Outcome::done(reply, event))
    }
}
