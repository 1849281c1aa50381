//! StartAgendaItem: an item is treated now.

use sluis_proto::signalling::v1::{StartAgendaItemRequest, StartAgendaItemResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::meeting_change::{Decide, Fields, give, item_id};
use crate::context::Context;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.MeetingService/StartAgendaItem";

pub(super) async fn handle(
    context: &Context,
    request: &Request<StartAgendaItemRequest>,
) -> Result<StartAgendaItemResponse, Refusal> {
    let body = request.get_ref();
    let item = item_id(&body.item_id)?;
    let decide: Decide = Box::new(move |meeting, by, _| meeting.start(by, item));
    let fields = Fields {
        request_id: &body.request_id,
        meeting_id: &body.meeting_id,
    };
    let meeting = give(context, request, (Logged::ItemChanged, METHOD), fields, decide).await?;
    Ok(StartAgendaItemResponse { meeting })
}
