//! EnrolCard: somebody wants to be introduced, under a grant of their own.

use sluis_proto::matching::v1::{EnrolCardRequest, EnrolCardResponse};
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::CardId;
use tonic::Request;

use super::card_content;
use crate::context::{Context, Partner};
use crate::domain::card::{Card, Person};
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::card;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.matching.v1.IntroductionService/EnrolCard";

pub(super) async fn handle(
    context: &Context,
    request: &Request<EnrolCardRequest>,
) -> Result<EnrolCardResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let token = context.grant_token(&body.grant_token, &partner)?;
    let person = Person {
        organisation: partner.organisation(),
        tag: sluis_serve::bytes32("person_tag", &body.person_tag)?,
    };
    let card = Card {
        id: CardId::random(context.randomness.as_ref()),
        person,
        coordinator: token.recipient,
        grant: token.grant_id,
        is_removed: false,
        content: card_content::parse(body.content.as_ref())?,
    };
    let enrol = Enrol {
        vault: context.vault.clone(),
        card,
        partner,
    };
    let written = context.store.write(remembered, enrol).await.map_err(of_write)?;
    Ok(written.answer?)
}

struct Enrol {
    vault: Vault,
    card: Card,
    partner: Partner,
}

impl Command for Enrol {
    type Reply = EnrolCardResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<EnrolCardResponse, Denial>, Fault> {
        card::insert(&self.vault, tx, &self.card).await?;
        let (who, now) = (self.partner.who(), self.partner.now);
        let subject = Subject::Grant(self.card.grant);
        let event = log::event(Logged::Card, who, now, METHOD, subject, self.card.id.as_bytes());
        let reply = EnrolCardResponse {
            card_id: self.card.id.to_string(),
        };
        Ok(Outcome::done(reply, event))
    }
}
