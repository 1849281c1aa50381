//! ReleasePlace: a held place, or a number on the waiting list, is given back.

use sluis_proto::matching::v1::{ReleasePlaceRequest, ReleasePlaceResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::{OfferId, PlaceId};
use tonic::Request;

use crate::context::{Context, Partner};
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::places;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.matching.v1.PlaceService/ReleasePlace";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ReleasePlaceRequest>,
) -> Result<ReleasePlaceResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let release = Release {
        vault: context.vault.clone(),
        offer: sluis_serve::id("offer_id", &body.offer_id)?,
        place: sluis_serve::id("place_id", &body.place_id)?,
        partner,
    };
    let written = context.store.write(remembered, release).await.map_err(of_write)?;
    Ok(written.answer?)
}

struct Release {
    vault: Vault,
    offer: OfferId,
    place: PlaceId,
    partner: Partner,
}

impl Command for Release {
    type Reply = ReleasePlaceResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<ReleasePlaceResponse, Denial>, Fault> {
        let (who, now) = (self.partner.who(), self.partner.now);
        let event = log::event(
            Logged::Place,
            who,
            now,
            METHOD,
            Subject::None,
            self.place.as_bytes(),
        );
        if let Some(mut places) = places::lock_named(&self.vault, tx, self.offer).await?
            && places.release(self.place, self.partner.organisation(), now)
        {
            places::save(&self.vault, tx, self.offer, &places).await?;
            return Ok(Outcome::done(ReleasePlaceResponse {}, event));
        }
        let reason = ErrorReason::NotAvailable;
        Ok(Outcome::refused(Denial::of(reason), log::refused(event, reason)))
    }
}
