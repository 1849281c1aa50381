//! What all changes of a signal have in common: its organisation's, at the version that was seen, once.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1 as proto;
use sluis_serve::{FirstMessage, Refusal};
use sluis_store::{Command, LogEvent, Outcome, Subject, Tx};
use sluis_types::SignalId;
use tonic::Request;

use super::reply;
use crate::context::{Context, Partner};
use crate::domain::life::{Illegal, Stage};
use crate::domain::signal::Signal;
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::vault::{Fault, Vault};

/// The fields that every change of a signal has.
pub(super) struct Fields<'a> {
    pub(super) request_id: &'a str,
    pub(super) signal_id: &'a str,
    pub(super) expected_version: u32,
}

/// What becomes of a signal, decided by the domain.
pub(super) type Decide = Box<dyn Fn(Signal, &Partner) -> Result<Signal, Denial> + Send + Sync>;

/// Changes a signal in the name of the calling organisation.
pub(super) async fn give<T>(
    context: &Context,
    request: &Request<T>,
    (kind, method): (Logged, &'static str),
    fields: Fields<'_>,
    decide: Decide,
) -> Result<Option<proto::Signal>, Refusal> {
    let partner = context.partner(request)?;
    let id = sluis_serve::request_id(fields.request_id)?;
    let signal: SignalId = sluis_serve::id("signal_id", fields.signal_id)?;
    if fields.expected_version == 0 {
        return Err(Refusal::invalid_field("expected_version", "must be 1 or more"));
    }
    let remembered = partner.request(method, id, FirstMessage::hash_of(request)?);
    let change = Change {
        vault: context.vault.clone(),
        partner,
        signal,
        expected: fields.expected_version,
        decide,
        log: (kind, method),
    };
    let written = context.store.write(remembered, change).await.map_err(of_write)?;
    Ok(Some(written.answer?))
}

struct Change {
    vault: Vault,
    partner: Partner,
    signal: SignalId,
    expected: u32,
    decide: Decide,
    log: (Logged, &'static str),
}

impl Command for Change {
    type Reply = proto::Signal;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::Signal, Denial>, Fault> {
        let organisation = self.partner.organisation();
        let Some(signal) = Signal::lock_of(&self.vault, tx, self.signal, organisation).await? else {
            return Ok(self.refused(Denial::of(ErrorReason::NotAvailable)));
        };
        if signal.version != self.expected {
            return Ok(self.refused(Denial::of(ErrorReason::VersionConflict)));
        }
        if signal.stage_at(self.partner.now) == Stage::Expired {
            let over = Illegal {
                state: Stage::Expired.state(),
                allowed: Vec::new(),
            };
            return Ok(self.refused(over.into()));
        }
        match (self.decide)(signal, &self.partner) {
            Ok(signal) => {
                signal.save(&self.vault, tx).await?;
                Ok(Outcome::done(
                    reply::signal(&signal, self.partner.now),
                    self.event(),
                ))
            }
            Err(denial) => Ok(self.refused(denial)),
        }
    }
}

impl Change {
    fn event(&self) -> LogEvent {
        let (kind, method) = self.log;
        log::event(kind, self.partner.who(), self.partner.now, method, Subject::None)
    }

    fn refused(&self, denial: Denial) -> Outcome<proto::Signal, Denial> {
        let reason = denial.reason();
        Outcome::refused(denial, log::refused(self.event(), reason))
    }
}
