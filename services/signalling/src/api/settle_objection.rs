//! SettleObjection: somebody decides on a resident's objection.

use sluis_proto::signalling::v1::{SettleObjectionRequest, SettleObjectionResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::command::{Act, Fields, give};
use crate::context::Context;
use crate::domain::life::{Event, Outcome};
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.SignallingService/SettleObjection";

pub(super) async fn handle(
    context: &Context,
    request: &Request<SettleObjectionRequest>,
) -> Result<SettleObjectionResponse, Refusal> {
    let body = request.get_ref();
    let decision = if body.stands {
        Event::Uphold
    } else {
        Event::Close(Outcome::ObjectionUpheld)
    };
    let fields = Fields {
        request_id: &body.request_id,
        match_id: &body.match_id,
        expected_version: body.expected_version,
    };
    let log = (Logged::ObjectionSettled, METHOD);
    let r#match = give(context, request, log, fields, Act::Settle(decision)).await?;
    Ok(SettleObjectionResponse { r#match })
}
