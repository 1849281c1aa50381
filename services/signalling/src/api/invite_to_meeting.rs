//! InviteToMeeting: one more organisation is invited, or other roles of one.

use sluis_proto::signalling::v1::{InviteToMeetingRequest, InviteToMeetingResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::meeting_change::{Decide, Fields, give};
use super::meeting_fields::seat;
use crate::context::Context;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.MeetingService/InviteToMeeting";

pub(super) async fn handle(
    context: &Context,
    request: &Request<InviteToMeetingRequest>,
) -> Result<InviteToMeetingResponse, Refusal> {
    let body = request.get_ref();
    let asked = body.participant.as_ref();
    let asked = asked.ok_or_else(|| Refusal::invalid_field("participant", "must not be empty"))?;
    let seat = seat("participant", asked)?;
    if context.directory.organisation(&seat.organisation)?.is_none() {
        return Err(Refusal::invalid_field("participant", "must be of the mesh"));
    }
    let decide: Decide = Box::new(move |meeting, by, _| meeting.invite(by, seat));
    let fields = Fields {
        request_id: &body.request_id,
        meeting_id: &body.meeting_id,
    };
    let meeting = give(context, request, (Logged::MeetingChanged, METHOD), fields, decide).await?;
    Ok(InviteToMeetingResponse { meeting })
}
