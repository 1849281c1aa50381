//! ListIntroductions: those of a card of the caller, or those that it proposed.

use sluis_proto::matching::v1::{ListIntroductionsRequest, ListIntroductionsResponse};
use sluis_serve::Refusal;
use sluis_types::CardId;
use tonic::Request;

use super::follow::{By, parts, shown};
use crate::context::Context;
use crate::store::vault::Fault;
use crate::store::{card, introduction};

const METHOD: &str = "sluis.matching.v1.IntroductionService/ListIntroductions";
pub(super) const INTRODUCTIONS_MAX: usize = 250;

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListIntroductionsRequest>,
) -> Result<ListIntroductionsResponse, Refusal> {
    let partner = context.partner(request)?;
    let (vault, organisation) = (&context.vault, partner.organisation());
    let mut read = context
        .store
        .read("list_introductions")
        .await
        .map_err(Fault::from)?;
    let found = if request.get_ref().card_id.is_empty() {
        introduction::proposed_by(vault, &mut read.tx(), organisation, INTRODUCTIONS_MAX).await?
    } else {
        let id: CardId = sluis_serve::id("card_id", &request.get_ref().card_id)?;
        let card = card::load(vault, &mut read.tx(), id).await?;
        let Some(card) = card.filter(|card| card.person.organisation == organisation) else {
            drop(read);
            return Err(context.not_available(&partner, METHOD, id.as_bytes()).await);
        };
        let mut found = introduction::under(vault, &mut read.tx(), card.grant, INTRODUCTIONS_MAX).await?;
        found.retain(|introduction| introduction.parties.iter().any(|party| party.card == id));
        found
    };
    drop(read);
    let parts = parts(context, By::Organisation(organisation), newest(found)).await?;
    Ok(ListIntroductionsResponse {
        introductions: shown(context, &parts, partner.now).await?,
    })
}

/// The newest of many.
pub(super) fn newest<T>(mut found: Vec<T>) -> Vec<T> {
    let surplus = found.len().saturating_sub(INTRODUCTIONS_MAX);
    found.drain(..surplus);
    found
}
