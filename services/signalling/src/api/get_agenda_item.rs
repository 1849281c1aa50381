//! GetAgendaItem: one item, with the message that is addressed to the caller's organisation.

use sluis_proto::signalling::v1::{GetAgendaItemRequest, GetAgendaItemResponse};
use sluis_serve::Refusal;
use sluis_types::MeetingId;
use tonic::Request;

use super::meeting_change::item_id;
use super::meeting_reply;
use crate::context::Context;
use crate::domain::meeting::Meeting;
use crate::store::agenda::AgendaMessage;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.signalling.v1.MeetingService/GetAgendaItem";

pub(super) async fn handle(
    context: &Context,
    request: &Request<GetAgendaItemRequest>,
) -> Result<GetAgendaItemResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let id: MeetingId = sluis_serve::id("meeting_id", &body.meeting_id)?;
    let item = item_id(&body.item_id)?;
    let person = partner.person();
    let mut read = context.store.read("get_agenda_item").await.map_err(Fault::from)?;
    let mut tx = read.tx();
    let meeting = Meeting::load(&context.vault, &mut tx, id).await?;
    // Looked up whether there is an item or not, so that both run alike.
    let kept = AgendaMessage::load(&context.vault, &mut tx, (id, item), person.organisation).await?;
    drop(read);
    let found = meeting
        .as_ref()
        .and_then(|meeting| meeting.item_for(item, &person));
    let Some(found) = found else {
        return Err(context.not_available(&partner, METHOD).await);
    };
    // Only in the roles that are invited: what a coordinator sees of an item is not its message.
    let kept = kept.filter(|_| found.goes_on() && found.invites(&person));
    let (message, receipt) = kept.map(meeting_reply::message).unzip();
    Ok(GetAgendaItemResponse {
        item: Some(meeting_reply::item(found, &person)),
        message,
        receipt: receipt.unwrap_or_default().into(),
    })
}
