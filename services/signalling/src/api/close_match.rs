//! CloseMatch: the lead ends what was followed up.

use sluis_proto::signalling::v1::{CloseMatchRequest, CloseMatchResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::command::{Act, Fields, give};
use crate::context::Context;
use crate::domain::life::{Event, Outcome};
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.SignallingService/CloseMatch";

pub(super) async fn handle(
    context: &Context,
    request: &Request<CloseMatchRequest>,
) -> Result<CloseMatchResponse, Refusal> {
    let body = request.get_ref();
    let outcome = u8::try_from(body.outcome)
        .ok()
        .and_then(Outcome::from_number)
        .filter(|outcome| outcome.is_of_follow_up())
        .ok_or_else(|| Refusal::invalid_field("outcome", "must be one that a lead may say"))?;
    let fields = Fields {
        request_id: &body.request_id,
        match_id: &body.match_id,
        expected_version: body.expected_version,
    };
    let log = (Logged::Command, METHOD);
    let r#match = give(context, request, log, fields, Act::AsLead(Event::Close(outcome))).await?;
    Ok(CloseMatchResponse { r#match })
}
