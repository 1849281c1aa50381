//! ListResidentMatches: every match of a circle is shown to its resident.

use sluis_envelope::TicketActions;
use sluis_proto::signalling::v1::{ListResidentMatchesRequest, ListResidentMatchesResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::{reply, ticket};
use crate::context::Context;
use crate::domain::encounter::Encounter;
use crate::store::place::List;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.signalling.v1.ResidentSignallingService/ListResidentMatches";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListResidentMatchesRequest>,
) -> Result<ListResidentMatchesResponse, Refusal> {
    let shown = &request.get_ref().ticket;
    let ticket = ticket::verified(context, request, shown, TicketActions::READ, METHOD).await?;
    let mut read = context
        .store
        .read("list_resident_matches")
        .await
        .map_err(Fault::from)?;
    let mut tx = read.tx();
    let mut matches = Vec::new();
    for id in List::Grant(ticket.grant_id).all(&context.vault, &mut tx).await? {
        let kept = Encounter::load(&context.vault, &mut tx, id).await?;
        matches.extend(kept.as_ref().map(reply::encounter));
    }
    Ok(ListResidentMatchesResponse { matches })
}
