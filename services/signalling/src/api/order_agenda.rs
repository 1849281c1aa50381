//! OrderAgenda: the items that wait stand in another order.

use sluis_proto::signalling::v1::{OrderAgendaRequest, OrderAgendaResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::meeting_change::{Decide, Fields, give, item_id};
use crate::context::Context;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.MeetingService/OrderAgenda";

pub(super) async fn handle(
    context: &Context,
    request: &Request<OrderAgendaRequest>,
) -> Result<OrderAgendaResponse, Refusal> {
    let body = request.get_ref();
    let items = body.item_ids.iter().map(|text| item_id(text));
    let items = items.collect::<Result<Vec<_>, _>>()?;
    let decide: Decide = Box::new(move |meeting, by, _| meeting.order(by, &items));
    let fields = Fields {
        request_id: &body.request_id,
        meeting_id: &body.meeting_id,
    };
    let meeting = give(context, request, (Logged::MeetingChanged, METHOD), fields, decide).await?;
    Ok(OrderAgendaResponse { meeting })
}
