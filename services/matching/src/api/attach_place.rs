//! AttachPlace: the holder of a place lets its resident see it.

use sluis_proto::matching::v1::{AttachPlaceRequest, AttachPlaceResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_ranking::Offer as Listed;
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::{GrantId, OfferId, Oin, PlaceId};
use tonic::Request;

use super::reply;
use crate::context::{Context, Partner};
use crate::domain::attached_place::AttachedPlace;
use crate::domain::places::Standing;
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::offer::Offer;
use crate::store::vault::{Fault, Vault};
use crate::store::{attached_place, places};

const METHOD: &str = "sluis.matching.v1.AttachedPlaceService/AttachPlace";

pub(super) async fn handle(
    context: &Context,
    request: &Request<AttachPlaceRequest>,
) -> Result<AttachPlaceResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let token = context.grant_token(&body.grant_token, &partner)?;
    let attach = Attach {
        vault: context.vault.clone(),
        offer: sluis_serve::id("offer_id", &body.offer_id)?,
        place: sluis_serve::id("place_id", &body.place_id)?,
        grant: token.grant_id,
        recipient: token.recipient,
        partner,
    };
    let written = context.store.write(remembered, attach).await.map_err(of_write)?;
    Ok(written.answer?)
}

struct Attach {
    vault: Vault,
    offer: OfferId,
    place: PlaceId,
    grant: GrantId,
    /// To whom the grant lets the caller send.
    recipient: Oin,
    partner: Partner,
}

impl Attach {
    /// The place, if the caller has it and the grant is for whoever offers it.
    async fn found(&self, tx: &mut Tx<'_>) -> Result<Option<(AttachedPlace, Standing)>, Fault> {
        let (holder, now) = (self.partner.organisation(), self.partner.now);
        let offer = Offer::load(tx, self.offer).await?;
        // Locked before the place itself, as by who claims it.
        let places = places::lock_named(&self.vault, tx, self.offer).await?;
        let (Some(offer), Some(mut places)) = (offer, places) else {
            return Ok(None);
        };
        places.settle(now);
        let Some(standing) = places.standing(self.place, holder) else {
            return Ok(None);
        };
        if offer.organisation != self.recipient {
            return Ok(None);
        }
        let place = AttachedPlace {
            id: self.place,
            offer: self.offer,
            offer_name: name(&offer)?,
            organisation: offer.organisation,
            holder,
            grant: self.grant,
            attached_at: now,
            is_claimed: false,
        };
        Ok(Some((place, standing)))
    }
}

/// What an offer is called; nothing once it is retired.
fn name(offer: &Offer) -> Result<String, Fault> {
    if offer.retired {
        return Ok(String::new());
    }
    Listed::decode(&offer.document)
        .map(|listed| listed.name.as_str().to_owned())
        .map_err(|_| Fault::Contradiction("an offer that was published and cannot be read"))
}

impl Command for Attach {
    type Reply = AttachPlaceResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<AttachPlaceResponse, Denial>, Fault> {
        let subject = Subject::Grant(self.grant);
        let (who, now) = (self.partner.who(), self.partner.now);
        let event = log::event(Logged::Place, who, now, METHOD, subject, self.place.as_bytes());
        let Some((place, standing)) = self.found(tx).await? else {
            let reason = ErrorReason::NotAvailable;
            return Ok(Outcome::refused(Denial::of(reason), log::refused(event, reason)));
        };
        let before = attached_place::put(&self.vault, tx, &place).await?;
        let reply = AttachPlaceResponse {
            place: Some(reply::place(self.place, self.offer, standing)),
        };
        let done = Outcome::done(reply, event);
        let Some(before) = before else {
            return Ok(done);
        };
        // Its resident sees it no more: that is in their log too.
        let subject = Subject::Grant(before);
        let event = log::event(Logged::Place, who, now, METHOD, subject, self.place.as_bytes());
        Ok(done.with_log(event))
    }
}
