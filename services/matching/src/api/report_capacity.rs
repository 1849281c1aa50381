//! ReportCapacity: whether an offer has room, and how many places may be held.

use sluis_proto::matching::v1::{ReportCapacityRequest, ReportCapacityResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_ranking::{Capacity, Offer as Listed, ShortText, Weeks};
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::{CapacityStatus, OfferId};
use tonic::Request;

use super::reply;
use crate::context::{Context, Partner};
use crate::domain::places::PLACES_MAX;
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::offer::Offer;
use crate::store::places;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.matching.v1.DirectoryService/ReportCapacity";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ReportCapacityRequest>,
) -> Result<ReportCapacityResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let status = status(body.status)?;
    let report = Report {
        vault: context.vault.clone(),
        offer: sluis_serve::id("offer_id", &body.offer_id)?,
        status,
        wait: wait(status, body.weeks_min, body.weeks_max)?,
        places: places(body.places)?,
        partner,
    };
    let written = context.store.write(remembered, report).await.map_err(of_write)?;
    Ok(written.answer?)
}

/// A capacity status that must be there.
pub(super) fn status(stated: i32) -> Result<CapacityStatus, Refusal> {
    u8::try_from(stated)
        .ok()
        .and_then(|number| CapacityStatus::from_number(number).ok())
        .ok_or_else(|| Refusal::invalid_field("status", "must be a known value"))
}

fn wait(status: CapacityStatus, min: u32, max: u32) -> Result<Option<Weeks>, Refusal> {
    let refused = || {
        Refusal::invalid_field(
            "weeks_max",
            "is no range of up to 520 weeks, or no waiting list's",
        )
    };
    if (min, max) == (0, 0) {
        return Ok(None);
    }
    if status != CapacityStatus::Waitlist {
        return Err(refused());
    }
    let (min, max) = (
        u16::try_from(min).map_err(|_| refused())?,
        u16::try_from(max).map_err(|_| refused())?,
    );
    Weeks::new(min, max).map(Some).map_err(|_| refused())
}

fn places(stated: Option<u32>) -> Result<u16, Refusal> {
    // To leave it out and to close the offer would look alike, if 0 did not have to be said.
    let stated = stated.ok_or_else(|| Refusal::invalid_field("places", "must be stated"))?;
    u16::try_from(stated)
        .ok()
        .filter(|places| usize::from(*places) <= PLACES_MAX)
        .ok_or_else(|| Refusal::invalid_field("places", "must be at most 40"))
}

struct Report {
    vault: Vault,
    offer: OfferId,
    status: CapacityStatus,
    wait: Option<Weeks>,
    places: u16,
    partner: Partner,
}

impl Command for Report {
    type Reply = ReportCapacityResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<ReportCapacityResponse, Denial>, Fault> {
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
        let mut open = places::lock(&self.vault, tx, self.offer).await?;
        if open.open(self.places, now).is_err() {
            return Ok(refused(ErrorReason::PlacesTaken));
        }
        places::save(&self.vault, tx, self.offer, &open).await?;
        let mut listed = Listed::decode(&offer.document)?;
        listed.capacity = Some(Capacity {
            status: self.status,
            wait: self.wait,
            updated_at: now,
            note: ShortText::default(),
        });
        offer.document = listed.encode()?;
        offer.version = offer.version.saturating_add(1);
        offer.save(tx, Some(&listed)).await?;
        let reply = ReportCapacityResponse {
            offer: Some(reply::offer(&offer)),
        };
        Ok(Outcome::done(reply, event))
    }
}
