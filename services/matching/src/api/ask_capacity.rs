//! AskCapacity: one question to many offers, about nobody and by nobody.

use std::collections::BTreeSet;

use sluis_proto::matching::v1::{AskCapacityRequest, AskCapacityResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Refusal, to_proto_timestamp};
use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::{OfferId, QuestionId};
use tonic::Request;

use crate::context::{Context, Partner};
use crate::domain::question::{Asked, OFFERS_MAX, QUESTION_LIFE, Question};
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::offer::Offer;
use crate::store::question;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.matching.v1.PlaceService/AskCapacity";
/// Ten years.
const WEEKS_MAX: u16 = 520;

pub(super) async fn handle(
    context: &Context,
    request: &Request<AskCapacityRequest>,
) -> Result<AskCapacityResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let ask = Ask {
        vault: context.vault.clone(),
        id: QuestionId::random(context.randomness.as_ref()),
        offers: offers(&body.offer_ids)?,
        within_weeks: weeks("within_weeks", body.within_weeks)?,
        partner,
    };
    let written = context.store.write(remembered, ask).await.map_err(of_write)?;
    Ok(written.answer?)
}

fn offers(stated: &[String]) -> Result<Vec<OfferId>, Refusal> {
    let ids = stated.iter().map(|id| sluis_serve::id("offer_ids", id));
    let ids = ids.collect::<Result<Vec<OfferId>, _>>()?;
    let distinct: BTreeSet<_> = ids.iter().collect();
    if distinct.len() != ids.len() || !(1..=OFFERS_MAX).contains(&ids.len()) {
        return Err(Refusal::invalid_field("offer_ids", "must be 1 to 32, each once"));
    }
    Ok(ids)
}

/// A number of weeks, at most ten years.
pub(super) fn weeks(field: &'static str, stated: u32) -> Result<u16, Refusal> {
    u16::try_from(stated)
        .ok()
        .filter(|weeks| *weeks <= WEEKS_MAX)
        .ok_or_else(|| Refusal::invalid_field(field, "must be at most 520"))
}

struct Ask {
    vault: Vault,
    id: QuestionId,
    offers: Vec<OfferId>,
    within_weeks: u16,
    partner: Partner,
}

impl Command for Ask {
    type Reply = AskCapacityResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<AskCapacityResponse, Denial>, Fault> {
        let (who, now) = (self.partner.who(), self.partner.now);
        let event = log::event(
            Logged::Question,
            who,
            now,
            METHOD,
            Subject::None,
            self.id.as_bytes(),
        );
        let mut asked = Vec::new();
        for id in &self.offers {
            let Some(offer) = Offer::load(tx, *id).await?.filter(|offer| !offer.retired) else {
                let reason = ErrorReason::NotAvailable;
                return Ok(Outcome::refused(Denial::of(reason), log::refused(event, reason)));
            };
            asked.push(Asked {
                offer: offer.id,
                organisation: offer.organisation,
                answer: None,
            });
        }
        let question = Question {
            id: self.id,
            asker: self.partner.organisation(),
            within_weeks: self.within_weeks,
            open_until: now.plus(QUESTION_LIFE),
            asked,
        };
        question::insert(&self.vault, tx, &question).await?;
        let reply = AskCapacityResponse {
            question_id: self.id.to_string(),
            open_until: Some(to_proto_timestamp(question.open_until)),
        };
        Ok(Outcome::done(reply, event))
    }
}
