//! WeighSignal: a draft becomes a signal.

use sluis_proto::signalling::v1 as proto;
use sluis_proto::signalling::v1::checklist::Notice as WireNotice;
use sluis_proto::signalling::v1::{WeighSignalRequest, WeighSignalResponse};
use sluis_serve::Refusal;
use tonic::Request;

use super::signal_change::{Fields, give};
use crate::context::Context;
use crate::domain::life::{Actor, Event};
use crate::domain::weighing::{Checklist, DeferralReason, Notice};
use crate::log::Logged;

const METHOD: &str = "sluis.signalling.v1.SignallingService/WeighSignal";

pub(super) async fn handle(
    context: &Context,
    request: &Request<WeighSignalRequest>,
) -> Result<WeighSignalResponse, Refusal> {
    let body = request.get_ref();
    let checklist = checklist(body.checklist.as_ref())?;
    let fields = Fields {
        request_id: &body.request_id,
        signal_id: &body.signal_id,
        expected_version: body.expected_version,
    };
    let decide = Box::new(
        move |signal: crate::domain::signal::Signal, by: &crate::context::Partner| {
            let severity = signal.observation.severity;
            signal
                .drafter
                .weighed(by.drafter(), severity, &checklist, by.now)?;
            Ok(signal.after(Event::Weigh, Actor::Sender)?)
        },
    );
    let signal = give(context, request, (Logged::Weighed, METHOD), fields, decide).await?;
    Ok(WeighSignalResponse { signal })
}

fn checklist(asked: Option<&proto::Checklist>) -> Result<Checklist, Refusal> {
    let asked = asked.ok_or_else(|| Refusal::invalid_field("checklist", "must not be empty"))?;
    let notice = match &asked.notice {
        Some(WireNotice::ToldAt(at)) => Notice::Told(sluis_serve::timestamp("checklist.told_at", Some(at))?),
        Some(WireNotice::Deferred(deferral)) => {
            let reason = u8::try_from(deferral.reason)
                .ok()
                .and_then(DeferralReason::from_number);
            let reason =
                reason.ok_or_else(|| Refusal::invalid_field("checklist.deferred", "needs a reason"))?;
            let until = sluis_serve::timestamp("checklist.deferred", deferral.until.as_ref())?;
            Notice::Deferred(reason, until)
        }
        None => return Err(Refusal::invalid_field("checklist.notice", "must not be empty")),
    };
    Ok(Checklist {
        is_first_hand: asked.first_hand,
        consent_tried: asked.consent_tried,
        is_least_intrusive: asked.least_intrusive,
        is_danger: asked.danger,
        notice,
    })
}
