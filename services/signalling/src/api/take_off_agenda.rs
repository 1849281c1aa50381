//! TakeOffAgenda: an item is taken off before it is treated.

use sluis_proto::signalling::v1::{TakeOffAgendaRequest, TakeOffAgendaResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::meeting_change::{Decide, Fields, give, item_id};
use crate::context::Context;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.MeetingService/TakeOffAgenda";

pub(super) async fn handle(
    context: &Context,
    request: &Request<TakeOffAgendaRequest>,
) -> Result<TakeOffAgendaResponse, Refusal> {
    let body = request.get_ref();
    let item = item_id(&body.item_id)?;
    let decide: Decide = Box::new(move |meeting, by, _| meeting.take_off(by, item));
    let fields = Fields {
        request_id: &body.request_id,
        meeting_id: &body.meeting_id,
    };
    let meeting = give(context, request, (Logged::ItemChanged, METHOD), fields, decide).await?;
    Ok(TakeOffAgendaResponse { meeting })
}
