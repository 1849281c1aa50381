//! TakeLead: the first professional who does has the lead.

use sluis_proto::signalling::v1::{TakeLeadRequest, TakeLeadResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::command::{Act, Fields, give};
use crate::context::Context;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.SignallingService/TakeLead";

pub(super) async fn handle(
    context: &Context,
    request: &Request<TakeLeadRequest>,
) -> Result<TakeLeadResponse, Refusal> {
    let body = request.get_ref();
    let fields = Fields {
        request_id: &body.request_id,
        match_id: &body.match_id,
        expected_version: body.expected_version,
    };
    let log = (Logged::Command, METHOD);
    let r#match = give(context, request, log, fields, Act::Lead).await?;
    Ok(TakeLeadResponse { r#match })
}
