//! What all status commands have in common: who may say what about which referral, once.

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1 as proto;
use sluis_serve::{FirstMessage, Refusal};
use sluis_store::{Command, LogEvent, LoggedId, Outcome, Subject, Tx};
use sluis_types::{GrantId, ThreadId, Timestamp};
use tonic::Request;

use super::reply;
use crate::context::Context;
use crate::domain::message::MessageEvent;
use crate::domain::thread::{Actor, Cause, Event, Thread};
use crate::ending::end_unopened;
use crate::error::{Denial, of_write};
use crate::event::{MailboxEvent, outbox_row};
use crate::log::{self, Logged, Who};
use crate::store::thread::ThreadBook;
use crate::store::vault::{Fault, Vault};

/// The fields that every status command has.
pub(super) struct Fields<'a> {
    pub(super) request_id: &'a str,
    pub(super) thread_id: &'a str,
    pub(super) expected_version: u32,
}

/// Gives a command in the name of the calling organisation.
pub(super) async fn give<T>(
    context: &Context,
    request: &Request<T>,
    method: &'static str,
    fields: Fields<'_>,
    event: Event,
) -> Result<Option<proto::Referral>, Refusal> {
    let partner = context.partner(request)?;
    let id = sluis_serve::request_id(fields.request_id)?;
    let thread: ThreadId = sluis_serve::id("thread_id", fields.thread_id)?;
    if fields.expected_version == 0 {
        return Err(Refusal::invalid_field("expected_version", "must be 1 or more"));
    }
    let remembered = partner.request(method, id, FirstMessage::hash_of(request)?);
    let change = Change {
        vault: context.vault.clone(),
        thread,
        event,
        by: By::Organisation {
            organisation: partner.organisation(),
            expected: fields.expected_version,
        },
        log: (Logged::Command, partner.who(), method),
        now: partner.now,
    };
    let written = context.store.write(remembered, change).await.map_err(of_write)?;
    Ok(Some(written.answer?))
}

/// Who asks for a change, and what they must get right.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    /// An organisation, which must be a side of the referral and have seen this version.
    Organisation {
        organisation: sluis_types::Oin,
        expected: u32,
    },
    /// A resident with a ticket for this grant, under which the referral must run.
    Resident { grant: GrantId },
}

/// Changes a referral by a command of people.
pub(super) struct Change {
    pub(super) vault: Vault,
    pub(super) thread: ThreadId,
    pub(super) event: Event,
    pub(super) by: By,
    pub(super) log: (Logged, Who, &'static str),
    pub(super) now: Timestamp,
}

impl Command for Change {
    type Reply = proto::Referral;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::Referral, Denial>, Fault> {
        let found = ThreadBook::lock(&self.vault, tx, self.thread).await?;
        let Some((mut book, actor)) = found.and_then(|book| self.actor(&book.thread).map(|it| (book, it)))
        else {
            return Ok(self.refused(self.unknown_subject(), Denial::of(ErrorReason::NotAvailable)));
        };
        let subject = Subject::Grant(book.thread.grant);
        if let By::Organisation { expected, .. } = self.by
            && expected != book.thread.version
        {
            return Ok(self.refused(subject, Denial::of(ErrorReason::VersionConflict)));
        }
        book.thread = match book.thread.clone().after(self.event, actor, self.now) {
            Ok(thread) => thread,
            Err(illegal) => return Ok(self.refused(subject, Denial::illegal(&illegal))),
        };
        book.save(&self.vault, tx).await?;
        let mut events = vec![MailboxEvent::Referral(book.thread.clone())];
        if let Some(cause) = self.takes_unopened_back(actor) {
            let event = MessageEvent::Cancel(cause);
            end_unopened(&self.vault, tx, &book, event, self.now, &mut events).await?;
        }
        let done = Outcome::done(reply::referral(&book.thread), self.event_of(subject));
        Ok(done.with_events(outbox_row(&events)))
    }
}

impl Change {
    fn actor(&self, thread: &Thread) -> Option<Actor> {
        match self.by {
            By::Organisation { organisation, .. } => thread.side_of(organisation),
            By::Resident { grant } => (thread.grant == grant).then_some(Actor::Resident),
        }
    }

    /// Whose log an attempt on something unknown belongs in: a ticket names a grant, an organisation only a guess.
    fn unknown_subject(&self) -> Subject {
        match self.by {
            By::Organisation { .. } => Subject::None,
            By::Resident { grant } => Subject::Grant(grant),
        }
    }

    /// When the sender takes a referral back, or the resident stops it, what was not opened goes. When an
    /// organisation stops, its last word in feedback must still be readable.
    fn takes_unopened_back(&self, actor: Actor) -> Option<Cause> {
        match (self.event, actor) {
            (Event::Cancel, _) => Some(Cause::Sender),
            (Event::Stop, Actor::Resident) => Some(Cause::Resident),
            _ => None,
        }
    }

    fn event_of(&self, subject: Subject) -> LogEvent {
        let (kind, who, method) = self.log;
        log::event(
            kind,
            who,
            self.now,
            method,
            subject,
            vec![LoggedId::Thread(self.thread)],
        )
    }

    fn refused(&self, subject: Subject, denial: Denial) -> Outcome<proto::Referral, Denial> {
        let reason = denial.reason();
        Outcome::refused(denial, log::refused(self.event_of(subject), reason))
    }
}
