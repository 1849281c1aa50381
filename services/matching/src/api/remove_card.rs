//! RemoveCard: somebody wants to be introduced no more.

use sluis_proto::matching::v1::{RemoveCardRequest, RemoveCardResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::CardId;
use tonic::Request;

use crate::context::{Context, Partner};
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::card;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.matching.v1.IntroductionService/RemoveCard";

pub(super) async fn handle(
    context: &Context,
    request: &Request<RemoveCardRequest>,
) -> Result<RemoveCardResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let remove = Remove {
        vault: context.vault.clone(),
        card: sluis_serve::id("card_id", &body.card_id)?,
        partner,
    };
    let written = context.store.write(remembered, remove).await.map_err(of_write)?;
    Ok(written.answer?)
}

struct Remove {
    vault: Vault,
    card: CardId,
    partner: Partner,
}

impl Command for Remove {
    type Reply = RemoveCardResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<RemoveCardResponse, Denial>, Fault> {
        let (who, now) = (self.partner.who(), self.partner.now);
        let event = |subject| log::event(Logged::Card, who, now, METHOD, subject, self.card.as_bytes());
        let found = card::lock(&self.vault, tx, self.card).await?;
        let own =
            found.filter(|card| card.person.organisation == self.partner.organisation() && !card.is_removed);
        let Some(mut card) = own else {
            let reason = ErrorReason::NotAvailable;
            return Ok(Outcome::refused(
                Denial::of(reason),
                log::refused(event(Subject::None), reason),
            ));
        };
        card.is_removed = true;
        card::save(&self.vault, tx, &card).await?;
        Ok(Outcome::done(
            RemoveCardResponse {},
            event(Subject::Grant(card.grant)),
        ))
    }
}
