//! WithdrawSignal: its sender takes a signal back.

use sluis_proto::signalling::v1::{WithdrawSignalRequest, WithdrawSignalResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::signal_change::{Fields, give};
use crate::context::{Context, Partner};
use crate::domain::life::{Actor, Event};
use crate::domain::signal::Signal;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.SignallingService/WithdrawSignal";

pub(super) async fn handle(
    context: &Context,
    request: &Request<WithdrawSignalRequest>,
) -> Result<WithdrawSignalResponse, Refusal> {
    let body = request.get_ref();
    let fields = Fields {
        request_id: &body.request_id,
        signal_id: &body.signal_id,
        expected_version: body.expected_version,
    };
    let decide = Box::new(|signal: Signal, _: &Partner| Ok(signal.after(Event::Withdraw, Actor::Sender)?));
    let signal = give(context, request, (Logged::Withdrawn, METHOD), fields, decide).await?;
    Ok(WithdrawSignalResponse { signal })
}
