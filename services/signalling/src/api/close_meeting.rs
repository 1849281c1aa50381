//! CloseMeeting: the meeting is over.

use sluis_proto::signalling::v1::{CloseMeetingRequest, CloseMeetingResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::meeting_change::{Decide, Fields, give};
use crate::context::Context;
use crate::domain::meeting::Meeting;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.MeetingService/CloseMeeting";

pub(super) async fn handle(
    context: &Context,
    request: &Request<CloseMeetingRequest>,
) -> Result<CloseMeetingResponse, Refusal> {
    let body = request.get_ref();
    let decide: Decide = Box::new(Meeting::close);
    let fields = Fields {
        request_id: &body.request_id,
        meeting_id: &body.meeting_id,
    };
    let meeting = give(context, request, (Logged::MeetingChanged, METHOD), fields, decide).await?;
    Ok(CloseMeetingResponse { meeting })
}
