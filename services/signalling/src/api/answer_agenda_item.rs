//! AnswerAgendaItem: the resident comes, sends somebody, or does not come.

use sluis_proto::signalling::v1::{AnswerAgendaItemRequest, AnswerAgendaItemResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::meeting_fields::presence;
use super::resident_agenda::{Act, Fields, give};
use crate::context::Context;

const METHOD: &str = "sluis.signalling.v1.ResidentMeetingService/AnswerAgendaItem";

pub(super) async fn handle(
    context: &Context,
    request: &Request<AnswerAgendaItemRequest>,
) -> Result<AnswerAgendaItemResponse, Refusal> {
    let body = request.get_ref();
    let presence = presence(body.presence)?;
    let fields = Fields {
        request_id: &body.request_id,
        ticket: &body.ticket,
        item_id: &body.item_id,
    };
    let item = give(context, request, METHOD, fields, Act::Say(presence)).await?;
    Ok(AnswerAgendaItemResponse { item })
}
