//! ListCards: whom the caller may put before each other.

use sluis_proto::matching::v1::{Card as Shown, ListCardsRequest, ListCardsResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::store::card;
use crate::store::vault::Fault;

const CARDS_MAX: usize = 250;

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListCardsRequest>,
) -> Result<ListCardsResponse, Refusal> {
    let partner = context.partner(request)?;
    let mut read = context.store.read("list_cards").await.map_err(Fault::from)?;
    let found =
        card::for_coordinator(&context.vault, &mut read.tx(), partner.organisation(), CARDS_MAX).await?;
    drop(read);
    let grants: Vec<_> = found.iter().map(|card| card.grant).collect();
    let live = context.live(&grants).await?;
    let mut cards = Vec::new();
    for (card, _) in found.iter().zip(live).filter(|(_, is_live)| *is_live) {
        cards.push(Shown {
            card_id: card.id.to_string(),
            organisation: card.person.organisation.to_string(),
            content: Some(reply::card_content(card)?),
        });
    }
    let surplus = cards.len().saturating_sub(CARDS_MAX);
    cards.drain(..surplus);
    Ok(ListCardsResponse { cards })
}
