//! ObjectToMatch: the resident objects, and the match is hidden at once.

use sluis_proto::signalling::v1::{ObjectToMatchRequest, ObjectToMatchResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::resident_command::{Fields, give};
use crate::context::Context;
use crate::domain::life::Event;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.ResidentSignallingService/ObjectToMatch";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ObjectToMatchRequest>,
) -> Result<ObjectToMatchResponse, Refusal> {
    let body = request.get_ref();
    let fields = Fields {
        request_id: &body.request_id,
        ticket: &body.ticket,
        match_id: &body.match_id,
    };
    let log = (Logged::ResidentObjected, METHOD);
    let r#match = give(context, request, log, fields, Event::Object).await?;
    Ok(ObjectToMatchResponse { r#match })
}
