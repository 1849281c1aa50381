//! GetMatch: one match, with the contact boxes that are addressed to the caller.

use sluis_proto::signalling::v1::{GetMatchRequest, GetMatchResponse};
use sluis_serve::Refusal;
use sluis_types::MatchId;
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::domain::encounter::Encounter;
use crate::store::boxes::MatchedBox;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.signalling.v1.SignallingService/GetMatch";

pub(super) async fn handle(
    context: &Context,
    request: &Request<GetMatchRequest>,
) -> Result<GetMatchResponse, Refusal> {
    let partner = context.partner(request)?;
    let id: MatchId = sluis_serve::id("match_id", &request.get_ref().match_id)?;
    let organisation = partner.organisation();
    let mut read = context.store.read("get_match").await.map_err(Fault::from)?;
    let mut tx = read.tx();
    let found = Encounter::load(&context.vault, &mut tx, id).await?;
    let Some(found) = found.filter(|encounter| encounter.party(organisation).is_some()) else {
        drop(read);
        return Err(context.not_available(&partner, METHOD).await);
    };
    let mut boxes = Vec::new();
    // What the resident objects to is hidden at once.
    if found.stage.goes_on() {
        for party in found
            .parties
            .iter()
            .filter(|party| party.organisation != organisation)
        {
            let pair = (party.organisation, organisation);
            let matched = MatchedBox::load(&context.vault, &mut tx, id, pair).await?;
            boxes.extend(matched.map(reply::matched_box));
        }
    }
    Ok(GetMatchResponse {
        r#match: Some(reply::encounter(&found)),
        boxes,
    })
}
