//! RecordDecision: what was decided, and who does what.

use sluis_proto::signalling::v1::{RecordDecisionRequest, RecordDecisionResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::meeting_change::{Decide, Fields, give, item_id};
use super::meeting_fields::{actions, code};
use crate::context::Context;
use crate::domain::meeting::Decision;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.MeetingService/RecordDecision";

pub(super) async fn handle(
    context: &Context,
    request: &Request<RecordDecisionRequest>,
) -> Result<RecordDecisionResponse, Refusal> {
    let body = request.get_ref();
    let item = item_id(&body.item_id)?;
    let decision = code("decision", body.decision, Decision::from_number)?;
    let actions = actions(&body.actions)?;
    let decide: Decide =
        Box::new(move |meeting, by, now| meeting.decide(by, item, (decision, actions.clone()), now));
    let fields = Fields {
        request_id: &body.request_id,
        meeting_id: &body.meeting_id,
    };
    let meeting = give(context, request, (Logged::ItemChanged, METHOD), fields, decide).await?;
    Ok(RecordDecisionResponse { meeting })
}
