//! RenewSignal: the worry was seen again.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{RenewSignalRequest, RenewSignalResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::draft_signal::severity;
use super::signal_change::{Fields, give};
use crate::context::{Context, Partner};
use crate::domain::life::Illegal;
use crate::domain::signal::Signal;
use crate::error::Denial;
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.SignallingService/RenewSignal";

pub(super) async fn handle(
    context: &Context,
    request: &Request<RenewSignalRequest>,
) -> Result<RenewSignalResponse, Refusal> {
    let body = request.get_ref();
    let severity = severity(body.severity)?;
    let observed_at = sluis_serve::timestamp("observed_at", body.observed_at.as_ref())?;
    let fields = Fields {
        request_id: &body.request_id,
        signal_id: &body.signal_id,
        expected_version: body.expected_version,
    };
    let decide = Box::new(move |signal: Signal, by: &Partner| {
        if !signal.is_posted(by.now) {
            return Err(Denial::from(Illegal {
                state: signal.stage_at(by.now).state(),
                allowed: Vec::new(),
            }));
        }
        if !signal
            .drafter
            .may_raise(by.drafter(), signal.observation.severity, severity)
        {
            return Err(Denial::of(ErrorReason::SecondEyesNeeded));
        }
        let observation = signal.observation.again(severity, observed_at, by.now)?;
        Ok(signal.seen(observation))
    });
    let signal = give(context, request, (Logged::Renewed, METHOD), fields, decide).await?;
    Ok(RenewSignalResponse { signal })
}
