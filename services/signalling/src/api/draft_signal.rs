//! DraftSignal: a worry is written down.

use sluis_keyring::Key32;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1 as proto;
use sluis_proto::signalling::v1::{DraftSignalRequest, DraftSignalResponse};
use sluis_serve::{FirstMessage, Refusal};
use sluis_store::{Command, LogEvent, Outcome, Subject, Tx};
use sluis_types::{Epoch, SignalId};
use tonic::Request;

use super::reply;
use crate::context::{Context, Partner};
use crate::domain::observation::{Observation, Severity};
use crate::domain::signal::Signal;
use crate::error::{Denial, call_instead, of_write};
use crate::log::{self, Logged};
use crate::store::quota::Counted;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.signalling.v1.SignallingService/DraftSignal";
/// Signals that one organisation writes down in one epoch. More is not signalling but collecting.
const PER_ORGANISATION_MAX: i64 = 200;
/// Signals that one professional writes down in one epoch.
const PER_PROFESSIONAL_MAX: i64 = 20;

pub(super) async fn handle(
    context: &Context,
    request: &Request<DraftSignalRequest>,
) -> Result<DraftSignalResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let id = sluis_serve::request_id(&body.request_id)?;
    let severity = severity(body.severity)?;
    let observed_at = sluis_serve::timestamp("observed_at", body.observed_at.as_ref())?;
    let observation = Observation::new(severity, observed_at, partner.now)
        .map_err(|_| Refusal::invalid_field("observed_at", "must be within the last 30 days"))?;
    let remembered = partner.request(METHOD, id, FirstMessage::hash_of(request)?);
    let draft = Draft {
        vault: context.vault.clone(),
        pepper: context.pepper(partner.now).await?,
        partner,
        signal: Signal::draft(
            SignalId::from_bytes(*id.as_bytes()),
            partner.organisation(),
            partner.drafter(),
            observation,
        ),
    };
    let written = context.store.write(remembered, draft).await.map_err(of_write)?;
    Ok(DraftSignalResponse {
        signal: Some(written.answer?),
    })
}

/// A severity of the mesh; an acute one is told whom to call.
pub(super) fn severity(number: i32) -> Result<Severity, Refusal> {
    if number == proto::Severity::Acute as i32 {
        return Err(call_instead());
    }
    u8::try_from(number)
        .ok()
        .and_then(Severity::from_number)
        .ok_or_else(|| Refusal::invalid_field("severity", "must be attention, worry or serious"))
}

struct Draft {
    vault: Vault,
    pepper: Key32,
    partner: Partner,
    signal: Signal,
}

impl Command for Draft {
    type Reply = proto::Signal;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::Signal, Denial>, Fault> {
        let caller = &self.partner.caller;
        let counts = [
            (
                Counted::Professional(caller.organisation, caller.professional),
                PER_PROFESSIONAL_MAX,
            ),
            (Counted::Organisation(caller.organisation), PER_ORGANISATION_MAX),
        ];
        for (counted, max) in counts {
            if counted
                .count(tx, &self.pepper, Epoch::of(self.partner.now))
                .await?
                > max
            {
                return Ok(self.refused(ErrorReason::QuotaUsed));
            }
        }
        if !self.signal.insert(&self.vault, tx).await? {
            return Ok(self.refused(ErrorReason::IdTaken));
        }
        let shown = reply::signal(&self.signal, self.partner.now);
        Ok(Outcome::done(shown, self.log()))
    }
}

impl Draft {
    fn log(&self) -> LogEvent {
        let partner = &self.partner;
        log::event(Logged::Drafted, partner.who(), partner.now, METHOD, Subject::None)
    }

    fn refused(&self, reason: ErrorReason) -> Outcome<proto::Signal, Denial> {
        Outcome::refused(Denial::of(reason), log::refused(self.log(), reason))
    }
}
