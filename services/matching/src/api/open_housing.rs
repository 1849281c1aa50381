//! OpenHousing: a way to a home begins, under a grant for the landlord.

use sluis_proto::matching::v1::{OpenHousingRequest, OpenHousingResponse};
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::HousingId;
use tonic::Request;

use super::{housing_need, reply};
use crate::context::{Context, Partner};
use crate::domain::housing::{Actor, Housing, State};
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::housing;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.matching.v1.HousingService/OpenHousing";

pub(super) async fn handle(
    context: &Context,
    request: &Request<OpenHousingRequest>,
) -> Result<OpenHousingResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let token = context.grant_token(&body.grant_token, &partner)?;
    let housing = Housing {
        id: HousingId::random(context.randomness.as_ref()),
        companion: partner.organisation(),
        landlord: token.recipient,
        grant: token.grant_id,
        state: State::Wish,
        version: 1,
        lease: None,
        signed_at: None,
        contacts: 0,
        support_asked: None,
        steps: vec![(State::Wish, partner.now)],
        need: housing_need::parse(body.need.as_ref())?,
    };
    let begin = Begin {
        vault: context.vault.clone(),
        housing,
        partner,
    };
    let written = context.store.write(remembered, begin).await.map_err(of_write)?;
    Ok(written.answer?)
}

struct Begin {
    vault: Vault,
    housing: Housing,
    partner: Partner,
}

impl Command for Begin {
    type Reply = OpenHousingResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<OpenHousingResponse, Denial>, Fault> {
        let housing = &self.housing;
        housing::insert(&self.vault, tx, housing).await?;
        let (who, now) = (self.partner.who(), self.partner.now);
        let subject = Subject::Grant(housing.grant);
        let event = log::event(Logged::Housing, who, now, METHOD, subject, housing.id.as_bytes());
        let reply = OpenHousingResponse {
            housing: Some(reply::housing(housing, Actor::Companion)?),
        };
        Ok(Outcome::done(reply, event))
    }
}
