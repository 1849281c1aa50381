//! GetMeeting: one meeting, with the items that the caller may see.

use sluis_proto::signalling::v1::{GetMeetingRequest, GetMeetingResponse};
use sluis_serve::Refusal;
use sluis_types::MeetingId;
use tonic::Request;

use super::meeting_reply;
use crate::context::Context;
use crate::domain::meeting::Meeting;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.signalling.v1.MeetingService/GetMeeting";

pub(super) async fn handle(
    context: &Context,
    request: &Request<GetMeetingRequest>,
) -> Result<GetMeetingResponse, Refusal> {
    let partner = context.partner(request)?;
    let id: MeetingId = sluis_serve::id("meeting_id", &request.get_ref().meeting_id)?;
    let person = partner.person();
    let mut read = context.store.read("get_meeting").await.map_err(Fault::from)?;
    let found = Meeting::load(&context.vault, &mut read.tx(), id).await?;
    drop(read);
    match found.filter(|meeting| meeting.knows(&person)) {
        Some(meeting) => Ok(GetMeetingResponse {
            meeting: Some(meeting_reply::meeting(&meeting, &person)),
        }),
        None => Err(context.not_available(&partner, METHOD).await),
    }
}
