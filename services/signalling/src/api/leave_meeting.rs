//! LeaveMeeting: the caller's organisation has no part in a meeting any more.

use sluis_proto::signalling::v1::{LeaveMeetingRequest, LeaveMeetingResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::meeting_change::{Decide, Fields, change};
use crate::context::Context;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.MeetingService/LeaveMeeting";

pub(super) async fn handle(
    context: &Context,
    request: &Request<LeaveMeetingRequest>,
) -> Result<LeaveMeetingResponse, Refusal> {
    let body = request.get_ref();
    let decide: Decide = Box::new(|meeting, by, _| meeting.leave(by));
    let fields = Fields {
        request_id: &body.request_id,
        meeting_id: &body.meeting_id,
    };
    change(context, request, (Logged::MeetingChanged, METHOD), fields, decide).await?;
    Ok(LeaveMeetingResponse {})
}
