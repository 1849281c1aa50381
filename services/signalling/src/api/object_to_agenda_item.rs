//! ObjectToAgendaItem: the resident objects, and the item is hidden at once.

use sluis_proto::signalling::v1::{ObjectToAgendaItemRequest, ObjectToAgendaItemResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::resident_agenda::{Act, Fields, give};
use crate::context::Context;

const METHOD: &str = "sluis.signalling.v1.ResidentMeetingService/ObjectToAgendaItem";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ObjectToAgendaItemRequest>,
) -> Result<ObjectToAgendaItemResponse, Refusal> {
    let body = request.get_ref();
    let fields = Fields {
        request_id: &body.request_id,
        ticket: &body.ticket,
        item_id: &body.item_id,
    };
    let item = give(context, request, METHOD, fields, Act::Object).await?;
    Ok(ObjectToAgendaItemResponse { item })
}
