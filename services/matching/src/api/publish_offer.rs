//! PublishOffer: an offer of the calling organisation, new or changed.

use sluis_proto::matching::v1::{PublishOfferRequest, PublishOfferResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_ranking::Offer as Listed;
use sluis_serve::Refusal;
use sluis_store::{Command, LogEvent, Outcome, Subject, Tx};
use tonic::Request;

use super::reply;
use crate::context::{Context, Partner};
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::offer::Offer;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.matching.v1.DirectoryService/PublishOffer";

pub(super) async fn handle(
    context: &Context,
    request: &Request<PublishOfferRequest>,
) -> Result<PublishOfferResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let listed = Listed::decode(&body.document).map_err(|invalid| {
        Refusal::invalid_field("document", "is not an offer").with("field", invalid.field)
    })?;
    if listed.publisher != partner.organisation() {
        return Err(
            Refusal::invalid_field("document", "is another organisation's").with("field", "publisher")
        );
    }
    let publish = Publish {
        listed,
        document: body.document.to_vec(),
        expected: body.expected_version,
        partner,
    };
    let written = context.store.write(remembered, publish).await.map_err(of_write)?;
    Ok(written.answer?)
}

struct Publish {
    listed: Listed,
    document: Vec<u8>,
    expected: u32,
    partner: Partner,
}

impl Command for Publish {
    type Reply = PublishOfferResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<PublishOfferResponse, Denial>, Fault> {
        let offer = match Offer::lock(tx, self.listed.id).await? {
            // Another's offer, and one that is not there, are one answer: ids are no secret, but whose they are is asked.
            Some(offer) if offer.organisation != self.partner.organisation() => {
                return Ok(self.refused(ErrorReason::NotAvailable));
            }
            None if self.expected != 0 => return Ok(self.refused(ErrorReason::NotAvailable)),
            Some(offer) if offer.version != self.expected && !self.is_back(&offer) => {
                return Ok(self.refused(ErrorReason::VersionConflict));
            }
            Some(mut offer) => {
                offer.version = offer.version.saturating_add(1);
                offer.retired = false;
                offer.document.clone_from(&self.document);
                offer.save(tx, Some(&self.listed)).await?;
                offer
            }
            None => {
                let mut offer = self.fresh();
                if !offer.insert(tx, &self.listed).await? {
                    // Somebody else was first, at this moment.
                    return Ok(self.refused(ErrorReason::VersionConflict));
                }
                offer
            }
        };
        let reply = PublishOfferResponse {
            offer: Some(reply::offer(&offer)),
        };
        Ok(Outcome::done(reply, self.event()))
    }
}

impl Publish {
    /// Whether it was retired and is offered anew: to its publisher, who sees it no more, it is a new one.
    fn is_back(&self, offer: &Offer) -> bool {
        offer.retired && self.expected == 0
    }

    fn fresh(&self) -> Offer {
        Offer {
            id: self.listed.id,
            organisation: self.partner.organisation(),
            version: 1,
            changed: 0,
            retired: false,
            document: self.document.clone(),
        }
    }

    fn event(&self) -> LogEvent {
        let (who, now, id) = (self.partner.who(), self.partner.now, self.listed.id);
        log::event(Logged::Offer, who, now, METHOD, Subject::None, id.as_bytes())
    }

    fn refused(&self, reason: ErrorReason) -> Outcome<PublishOfferResponse, Denial> {
        Outcome::refused(Denial::of(reason), log::refused(self.event(), reason))
    }
}
