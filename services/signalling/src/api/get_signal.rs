//! GetSignal: one signal of the caller's organisation.

use sluis_proto::signalling::v1::{GetSignalRequest, GetSignalResponse};
use sluis_serve::Refusal;
use sluis_types::SignalId;
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::domain::signal::Signal;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.signalling.v1.SignallingService/GetSignal";

pub(super) async fn handle(
    context: &Context,
    request: &Request<GetSignalRequest>,
) -> Result<GetSignalResponse, Refusal> {
    let partner = context.partner(request)?;
    let id: SignalId = sluis_serve::id("signal_id", &request.get_ref().signal_id)?;
    let mut read = context.store.read("get_signal").await.map_err(Fault::from)?;
    let found = Signal::of(&context.vault, &mut read.tx(), id, partner.organisation()).await?;
    drop(read);
    match found {
        Some(signal) => Ok(GetSignalResponse {
            signal: Some(reply::signal(&signal, partner.now)),
        }),
        None => Err(context.not_available(&partner, METHOD).await),
    }
}
