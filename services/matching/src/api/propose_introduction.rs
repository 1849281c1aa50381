//! ProposeIntroduction: a coordinator puts two people before each other. Whether they may meet is not told.

use sluis_proto::matching::v1::{ProposeIntroductionRequest, ProposeIntroductionResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{Command, LogEvent, Outcome, Subject, Tx};
use sluis_types::{CardId, IntroductionId};
use tonic::Request;

use super::reply;
use crate::context::{Context, Partner};
use crate::domain::card::Card;
use crate::domain::introduction::{COOL_DOWN, Introduction, Pair, Party, Viewer};
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::vault::{Fault, Vault};
use crate::store::{card, introduction};

const METHOD: &str = "sluis.matching.v1.IntroductionService/ProposeIntroduction";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ProposeIntroductionRequest>,
) -> Result<ProposeIntroductionResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let cards = cards(&body.card_ids)?;
    let propose = Propose {
        vault: context.vault.clone(),
        id: IntroductionId::random(context.randomness.as_ref()),
        cards,
        are_live: are_live(context, &partner, cards).await?,
        partner,
    };
    let written = context.store.write(remembered, propose).await.map_err(of_write)?;
    Ok(written.answer?)
}

fn cards(stated: &[String]) -> Result<[CardId; 2], Refusal> {
    match stated {
        [first, second] if first != second => Ok([
            sluis_serve::id("card_ids", first)?,
            sluis_serve::id("card_ids", second)?,
        ]),
        _ => Err(Refusal::invalid_field("card_ids", "must be two different cards")),
    }
}

/// Whether both people's consent is live: consent is asked before the transaction begins, never within it.
async fn are_live(context: &Context, partner: &Partner, cards: [CardId; 2]) -> Result<bool, Refusal> {
    let mut read = context
        .store
        .read("propose_introduction")
        .await
        .map_err(Fault::from)?;
    let mut grants = Vec::new();
    for id in cards {
        let found = card::load(&context.vault, &mut read.tx(), id).await?;
        grants.extend(found.filter(|card| is_for(card, partner)).map(|card| card.grant));
    }
    drop(read);
    let live = context.live(&grants).await?;
    Ok(live.len() == cards.len() && live.into_iter().all(|is_live| is_live))
}

fn is_for(card: &Card, partner: &Partner) -> bool {
    card.coordinator == partner.organisation() && !card.is_removed
}

struct Propose {
    vault: Vault,
    id: IntroductionId,
    cards: [CardId; 2],
    are_live: bool,
    partner: Partner,
}

impl Command for Propose {
    type Reply = ProposeIntroductionResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<ProposeIntroductionResponse, Denial>, Fault> {
        let (vault, now) = (&self.vault, self.partner.now);
        let first = card::load(vault, tx, self.cards[0]).await?;
        let second = card::load(vault, tx, self.cards[1]).await?;
        let both = first
            .zip(second)
            .filter(|(first, second)| self.may_propose(first, second));
        let Some((first, second)) = both else {
            let reason = ErrorReason::NotAvailable;
            return Ok(Outcome::refused(
                Denial::of(reason),
                log::refused(self.event(Subject::None), reason),
            ));
        };
        let people = [first.person, second.person];
        let pair = introduction::lock_pair(vault, tx, people).await?;
        let proposed = Introduction {
            id: self.id,
            coordinator: self.partner.organisation(),
            parties: [Party::from(&first), Party::from(&second)],
            offered_at: now,
            is_void: !pair.may_meet(now),
            introduced_at: None,
            reviewed_at: None,
            ended_at: None,
        };
        let cooling = Pair {
            cools_until: Some(proposed.answer_by().plus(COOL_DOWN)),
            ..pair
        };
        introduction::save_pair(vault, tx, people, &cooling).await?;
        introduction::insert(vault, tx, &proposed).await?;
        let reply = ProposeIntroductionResponse {
            introduction: Some(reply::introduction(
                &proposed,
                Viewer::Coordinator,
                None,
                true,
                now,
            )),
        };
        let in_first = self.event(Subject::Grant(first.grant));
        let in_second = self.event(Subject::Grant(second.grant));
        Ok(Outcome::done(reply, in_first).with_log(in_second))
    }
}

impl Propose {
    /// Two people of two organisations, both with live consent: an organisation that had both would learn both answers.
    fn may_propose(&self, first: &Card, second: &Card) -> bool {
        self.are_live
            && is_for(first, &self.partner)
            && is_for(second, &self.partner)
            && first.person.organisation != second.person.organisation
    }

    fn event(&self, subject: Subject) -> LogEvent {
        let (who, now) = (self.partner.who(), self.partner.now);
        log::event(Logged::Proposed, who, now, METHOD, subject, self.id.as_bytes())
    }
}
