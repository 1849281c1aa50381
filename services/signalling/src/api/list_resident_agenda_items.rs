//! ListResidentAgendaItems: the resident sees every item that rests on their grant or circle.

use sluis_envelope::TicketActions;
use sluis_proto::signalling::v1::{ListResidentAgendaItemsRequest, ListResidentAgendaItemsResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::{meeting_reply, ticket};
use crate::context::Context;
use crate::domain::meeting::Meeting;
use crate::store::agenda::AgendaList;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.signalling.v1.ResidentMeetingService/ListResidentAgendaItems";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListResidentAgendaItemsRequest>,
) -> Result<ListResidentAgendaItemsResponse, Refusal> {
    let shown = &request.get_ref().ticket;
    let ticket = ticket::verified(context, request, shown, TicketActions::READ, METHOD).await?;
    let mut read = context
        .store
        .read("list_resident_agenda_items")
        .await
        .map_err(Fault::from)?;
    let mut tx = read.tx();
    let mut items = Vec::new();
    let list = AgendaList::Grant(ticket.grant_id);
    for (meeting, item) in list.all(&context.vault, &mut tx).await? {
        // A meeting that was erased between the two looks is gone for the resident too.
        let Some(meeting) = Meeting::load(&context.vault, &mut tx, meeting).await? else {
            continue;
        };
        items.extend(
            meeting
                .item(item)
                .map(|item| meeting_reply::of_resident(&meeting, item)),
        );
    }
    Ok(ListResidentAgendaItemsResponse { items })
}
