//! AnswerMatch: the resident says yes to help, or no.

use sluis_proto::signalling::v1::{AnswerMatchRequest, AnswerMatchResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::resident_command::{Fields, give};
use crate::context::Context;
use crate::domain::life::Event;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.ResidentSignallingService/AnswerMatch";

pub(super) async fn handle(
    context: &Context,
    request: &Request<AnswerMatchRequest>,
) -> Result<AnswerMatchResponse, Refusal> {
    let body = request.get_ref();
    let fields = Fields {
        request_id: &body.request_id,
        ticket: &body.ticket,
        match_id: &body.match_id,
    };
    let answer = if body.agree { Event::Agree } else { Event::Decline };
    let log = (Logged::ResidentAnswered, METHOD);
    let r#match = give(context, request, log, fields, answer).await?;
    Ok(AnswerMatchResponse { r#match })
}
