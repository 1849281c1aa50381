//! ContactResident: the lead spoke with the resident.

use sluis_proto::signalling::v1::{ContactResidentRequest, ContactResidentResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::command::{Act, Fields, give};
use crate::context::Context;
use crate::domain::life::Event;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.SignallingService/ContactResident";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ContactResidentRequest>,
) -> Result<ContactResidentResponse, Refusal> {
    let body = request.get_ref();
    let fields = Fields {
        request_id: &body.request_id,
        match_id: &body.match_id,
        expected_version: body.expected_version,
    };
    let log = (Logged::Command, METHOD);
    let r#match = give(context, request, log, fields, Act::AsLead(Event::ContactResident)).await?;
    Ok(ContactResidentResponse { r#match })
}
