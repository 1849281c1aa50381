//! What all commands about a meeting have in common: of somebody who is invited, once.

use sluis_proto::signalling::v1 as proto;
use sluis_serve::{FirstMessage, Refusal};
use sluis_store::{Command, LogEvent, Outcome, Subject, Tx};
use sluis_types::{AgendaItemId, MeetingId, Timestamp};
use tonic::Request;

use super::meeting_reply;
use crate::context::{Context, Partner};
use crate::domain::meeting::{Effects, Meeting, Person, Refused};
use crate::error::{Denial, of_write};
use crate::event::outbox_row;
use crate::log::{self, Logged, Who};
use crate::settling::{logs_of, settle};
use crate::store::vault::{Fault, Vault};

/// The fields that every command has.
pub(super) struct Fields<'a> {
    pub(super) request_id: &'a str,
    pub(super) meeting_id: &'a str,
}

/// What becomes of a meeting, decided by the domain.
pub(super) type Decide =
    Box<dyn Fn(&mut Meeting, &Person, Timestamp) -> Result<Effects, Refused> + Send + Sync>;

/// An item's id from its text form.
pub(super) fn item_id(text: &str) -> Result<AgendaItemId, Refusal> {
    sluis_serve::id("item_id", text)
}

/// Changes a meeting in the name of the caller, and shows it.
pub(super) async fn give<T>(
    context: &Context,
    request: &Request<T>,
    (kind, method): (Logged, &'static str),
    fields: Fields<'_>,
    decide: Decide,
) -> Result<Option<proto::Meeting>, Refusal> {
    let (partner, meeting) = change(context, request, (kind, method), fields, decide).await?;
    Ok(Some(seen(context, &partner, meeting, method).await?))
}

/// Changes a meeting in the name of the caller.
pub(super) async fn change<T>(
    context: &Context,
    request: &Request<T>,
    (kind, method): (Logged, &'static str),
    fields: Fields<'_>,
    decide: Decide,
) -> Result<(Partner, MeetingId), Refusal> {
    let partner = context.partner(request)?;
    let id = sluis_serve::request_id(fields.request_id)?;
    let meeting: MeetingId = sluis_serve::id("meeting_id", fields.meeting_id)?;
    let remembered = partner.request(method, id, FirstMessage::hash_of(request)?);
    let change = Change {
        vault: context.vault.clone(),
        partner,
        meeting,
        decide,
        log: (kind, method),
    };
    let written = context.store.write(remembered, change).await.map_err(of_write)?;
    written.answer?;
    Ok((partner, meeting))
}

/// The meeting as the caller sees it now. Made anew for a repeated request too, of which only that it was done is
/// remembered: an answer that is kept would outlive the meeting and show what was hidden since.
pub(super) async fn seen(
    context: &Context,
    partner: &Partner,
    meeting: MeetingId,
    method: &'static str,
) -> Result<proto::Meeting, Refusal> {
    let person = partner.person();
    let mut read = context.store.read("meeting_seen").await.map_err(Fault::from)?;
    let found = Meeting::load(&context.vault, &mut read.tx(), meeting).await?;
    drop(read);
    match found.filter(|meeting| meeting.knows(&person)) {
        Some(meeting) => Ok(meeting_reply::meeting(&meeting, &person)),
        None => Err(context.not_available(partner, method).await),
    }
}

struct Change {
    vault: Vault,
    partner: Partner,
    meeting: MeetingId,
    decide: Decide,
    log: (Logged, &'static str),
}

impl Command for Change {
    type Reply = ();
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, Fault> {
        let (person, now) = (self.partner.person(), self.partner.now);
        let found = Meeting::lock(&self.vault, tx, self.meeting).await?;
        let Some(mut meeting) = found else {
            return Ok(self.refused(Refused::NotThere));
        };
        let effects = match (self.decide)(&mut meeting, &person, now) {
            Ok(effects) => effects,
            Err(refused) => return Ok(self.refused(refused)),
        };
        let changed = settle(&self.vault, tx, &meeting, &effects, now).await?;
        meeting.save(&self.vault, tx).await?;
        if let Some(organisation) = effects.left {
            meeting.delete_seat(&self.vault, tx, organisation).await?;
        }
        let logs = logs_of(&meeting, &effects);
        let done = self.log.of(self.partner.who(), now, &logs);
        Ok(outcome((), done).with_events(outbox_row(&changed)))
    }
}

impl Change {
    fn refused(&self, refused: Refused) -> Outcome<(), Denial> {
        let denial = Denial::from(refused);
        let (kind, method) = self.log;
        let event = log::event(kind, self.partner.who(), self.partner.now, method, Subject::None);
        let reason = denial.reason();
        Outcome::refused(denial, log::refused(event, reason))
    }
}

/// The log events of an act: one in the log of each grant that it was about, or one in nobody's.
pub(super) trait LogsOf {
    fn of(&self, who: Who, at: Timestamp, about: &[(sluis_types::GrantId, AgendaItemId)]) -> Vec<LogEvent>;
}

impl LogsOf for (Logged, &'static str) {
    fn of(&self, who: Who, at: Timestamp, about: &[(sluis_types::GrantId, AgendaItemId)]) -> Vec<LogEvent> {
        let (kind, method) = *self;
        if about.is_empty() {
            return vec![log::event(kind, who, at, method, Subject::None)];
        }
        about
            .iter()
            .map(|about| log::of_item(kind, who, at, method, *about))
            .collect()
    }
}

/// What was done, with all its log events; there is at least one.
pub(super) fn outcome<R>(reply: R, logs: Vec<LogEvent>) -> Outcome<R, Denial> {
    let mut logs = logs.into_iter();
    let first = logs.next().expect("an act has a log event");
    logs.fold(Outcome::done(reply, first), Outcome::with_log)
}
