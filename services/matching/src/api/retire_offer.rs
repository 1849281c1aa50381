//! RetireOffer: an offer leaves the directory.

use sluis_proto::matching::v1::{RetireOfferRequest, RetireOfferResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::OfferId;
use tonic::Request;

use crate::context::{Context, Partner};
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::offer::Offer;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.matching.v1.DirectoryService/RetireOffer";

pub(super) async fn handle(
    context: &Context,
    request: &Request<RetireOfferRequest>,
) -> Result<RetireOfferResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    if body.expected_version == 0 {
        return Err(Refusal::invalid_field("expected_version", "must be 1 or more"));
    }
    let retire = Retire {
        offer: sluis_serve::id("offer_id", &body.offer_id)?,
        expected: body.expected_version,
        partner,
    };
    let written = context.store.write(remembered, retire).await.map_err(of_write)?;
    Ok(written.answer?)
}

struct Retire {
    offer: OfferId,
    expected: u32,
    partner: Partner,
}

impl Command for Retire {
    type Reply = RetireOfferResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<RetireOfferResponse, Denial>, Fault> {
        let (who, now) = (self.partner.who(), self.partner.now);
        let event = log::event(
            Logged::Offer,
            who,
            now,
            METHOD,
            Subject::None,
            self.offer.as_bytes(),
        );
        let refused = |reason| Outcome::refused(Denial::of(reason), log::refused(event.clone(), reason));
        let found = Offer::lock(tx, self.offer).await?;
        let own = found.filter(|offer| offer.organisation == self.partner.organisation() && !offer.retired);
        let Some(mut offer) = own else {
            return Ok(refused(ErrorReason::NotAvailable));
        };
        if offer.version != self.expected {
            return Ok(refused(ErrorReason::VersionConflict));
        }
        offer.version = offer.version.saturating_add(1);
        offer.retired = true;
        offer.document.clear();
        offer.save(tx, None).await?;
        Ok(Outcome::done(RetireOfferResponse {}, event))
    }
}
