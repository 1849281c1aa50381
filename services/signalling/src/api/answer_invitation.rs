//! AnswerInvitation: the caller's organisation comes, or does not.

use sluis_proto::signalling::v1::{AnswerInvitationRequest, AnswerInvitationResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::meeting_change::{Decide, Fields, give};
use crate::context::Context;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.MeetingService/AnswerInvitation";

pub(super) async fn handle(
    context: &Context,
    request: &Request<AnswerInvitationRequest>,
) -> Result<AnswerInvitationResponse, Refusal> {
    let body = request.get_ref();
    let comes = body.comes;
    let decide: Decide = Box::new(move |meeting, by, _| meeting.answer(by, comes));
    let fields = Fields {
        request_id: &body.request_id,
        meeting_id: &body.meeting_id,
    };
    let meeting = give(context, request, (Logged::MeetingChanged, METHOD), fields, decide).await?;
    Ok(AnswerInvitationResponse { meeting })
}
