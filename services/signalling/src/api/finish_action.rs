//! FinishAction: an action is done.

use sluis_proto::signalling::v1::{FinishActionRequest, FinishActionResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::meeting_change::{Decide, Fields, give, item_id};
use super::meeting_fields::code;
use crate::context::Context;
use crate::domain::life::Outcome;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.MeetingService/FinishAction";

pub(super) async fn handle(
    context: &Context,
    request: &Request<FinishActionRequest>,
) -> Result<FinishActionResponse, Refusal> {
    let body = request.get_ref();
    let item = item_id(&body.item_id)?;
    let outcome = code("outcome", body.outcome, Outcome::from_number)?;
    if !outcome.is_of_follow_up() {
        return Err(Refusal::invalid_field(
            "outcome",
            "must be one of what follows up",
        ));
    }
    let thread = match body.thread_id.as_str() {
        "" => None,
        text => Some(sluis_serve::id("thread_id", text)?),
    };
    let number = usize::try_from(body.action_number).unwrap_or(usize::MAX);
    let decide: Decide =
        Box::new(move |meeting, by, _| meeting.finish(by, (item, number), (outcome, thread)));
    let fields = Fields {
        request_id: &body.request_id,
        meeting_id: &body.meeting_id,
    };
    let meeting = give(context, request, (Logged::ItemChanged, METHOD), fields, decide).await?;
    Ok(FinishActionResponse { meeting })
}
