//! What a resident does about a match, on a ticket for its circle.

use sluis_envelope::TicketActions;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1 as proto;
use sluis_serve::{Caller, Refusal};
use sluis_store::{Command, LogEvent, Outcome, Request as Remembered, Tx};
use sluis_types::{GrantId, MatchId, Timestamp};
use tonic::Request;

use super::{reply, ticket};
use crate::context::Context;
use crate::domain::encounter::Encounter;
use crate::domain::life::{Actor, Event};
use crate::ending::along;
use crate::error::{Denial, of_write};
use crate::event::outbox_row;
use crate::log::{self, Logged, Who};
use crate::store::vault::{Fault, Vault};

/// The fields that both commands have.
pub(super) struct Fields<'a> {
    pub(super) request_id: &'a str,
    pub(super) ticket: &'a [u8],
    pub(super) match_id: &'a str,
}

/// Changes a match in the name of the resident.
pub(super) async fn give<T>(
    context: &Context,
    request: &Request<T>,
    (kind, method): (Logged, &'static str),
    fields: Fields<'_>,
    event: Event,
) -> Result<Option<proto::Match>, Refusal> {
    let now = context.clock.now();
    let id = sluis_serve::request_id(fields.request_id)?;
    let encounter: MatchId = sluis_serve::id("match_id", fields.match_id)?;
    let needs = match event {
        Event::Agree | Event::Decline => TicketActions::DECIDE,
        _ => TicketActions::STOP,
    };
    let ticket = ticket::verified(context, request, fields.ticket, needs, method).await?;
    let grant = ticket.grant_id;
    let remembered = Remembered {
        method,
        caller: Caller::of(request)?.idempotency_key().to_vec(),
        id,
        // Not the ticket: a repeat may come with a fresh one.
        body_hash: sluis_envelope::hash(
            "sluis/v1/resident-match",
            &[
                grant.as_bytes(),
                encounter.as_bytes(),
                format!("{event:?}").as_bytes(),
            ],
        ),
    };
    let change = Change {
        vault: context.vault.clone(),
        grant,
        encounter,
        event,
        log: (kind, method),
        now,
    };
    let written = context.store.write(remembered, change).await.map_err(of_write)?;
    Ok(Some(written.answer?))
}

struct Change {
    vault: Vault,
    grant: GrantId,
    encounter: MatchId,
    event: Event,
    log: (Logged, &'static str),
    now: Timestamp,
}

impl Command for Change {
    type Reply = proto::Match;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::Match, Denial>, Fault> {
        let found = Encounter::lock(&self.vault, tx, self.encounter).await?;
        let Some(found) = found.filter(|encounter| encounter.grants().contains(&self.grant)) else {
            return Ok(self.refused(Denial::of(ErrorReason::NotAvailable)));
        };
        let changed = match found.after(self.event, Actor::Resident, self.now) {
            Ok(changed) => changed,
            Err(illegal) => return Ok(self.refused(illegal.into())),
        };
        changed.save(&self.vault, tx).await?;
        if let Some(step) = self.of_signals(&changed) {
            along(&self.vault, tx, &changed, step).await?;
        }
        let done = Outcome::done(reply::encounter(&changed), self.log_event());
        Ok(done.with_events(outbox_row(&[changed])))
    }
}

impl Change {
    /// An objection hides the signals too; a no ends them.
    fn of_signals(&self, changed: &Encounter) -> Option<(Event, Actor)> {
        match (self.event, changed.stage.outcome()) {
            (Event::Object, _) => Some((Event::Object, Actor::Resident)),
            (_, Some(outcome)) => Some((Event::Close(outcome), Actor::Mesh)),
            _ => None,
        }
    }

    fn log_event(&self) -> LogEvent {
        let (kind, method) = self.log;
        let about = (self.grant, self.encounter);
        log::of_match(kind, Who::default(), self.now, method, about)
    }

    fn refused(&self, denial: Denial) -> Outcome<proto::Match, Denial> {
        let reason = denial.reason();
        Outcome::refused(denial, log::refused(self.log_event(), reason))
    }
}
