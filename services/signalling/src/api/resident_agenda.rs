//! What a resident does about an item on an agenda, on a ticket for a grant that it rests on.

use sluis_envelope::TicketActions;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1 as proto;
use sluis_serve::{Caller, Refusal};
use sluis_store::{Command, Outcome, Request as Remembered, Tx};
use sluis_types::{AgendaItemId, GrantId, MeetingId, Timestamp};
use tonic::Request;

use super::meeting_change::item_id;
use super::{meeting_reply, ticket};
use crate::context::Context;
use crate::domain::meeting::{Effects, Meeting, Presence, Refused};
use crate::error::{Denial, of_write};
use crate::event::outbox_row;
use crate::log::{self, Logged, Who};
use crate::settling::settle;
use crate::store::agenda::AgendaList;
use crate::store::vault::{Fault, Vault};

/// The fields that both commands have.
pub(super) struct Fields<'a> {
    pub(super) request_id: &'a str,
    pub(super) ticket: &'a [u8],
    pub(super) item_id: &'a str,
}

/// What the resident does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// Says whether they come.
    Say(Presence),
    /// Objects.
    Object,
}

impl Act {
    /// What the ticket must allow: who comes is for who may decide to say.
    const fn needs(self) -> TicketActions {
        match self {
            Self::Say(_) => TicketActions::DECIDE,
            Self::Object => TicketActions::STOP,
        }
    }

    fn apply(self, meeting: &mut Meeting, item: AgendaItemId) -> Result<Effects, Refused> {
        match self {
            Self::Say(presence) => meeting.say_presence(item, presence),
            Self::Object => meeting.object(item),
        }
    }
}

/// Changes an item in the name of the resident.
pub(super) async fn give<T>(
    context: &Context,
    request: &Request<T>,
    method: &'static str,
    fields: Fields<'_>,
    act: Act,
) -> Result<Option<proto::ResidentAgendaItem>, Refusal> {
    let now = context.clock.now();
    let id = sluis_serve::request_id(fields.request_id)?;
    let item = item_id(fields.item_id)?;
    let ticket = ticket::verified(context, request, fields.ticket, act.needs(), method).await?;
    let grant = ticket.grant_id;
    let remembered = Remembered {
        method,
        caller: Caller::of(request)?.idempotency_key().to_vec(),
        id,
        // Not the ticket: a repeat may come with a fresh one.
        body_hash: sluis_envelope::hash(
            "sluis/v1/resident-agenda",
            &[grant.as_bytes(), item.as_bytes(), format!("{act:?}").as_bytes()],
        ),
    };
    let change = Change {
        vault: context.vault.clone(),
        grant,
        item,
        act,
        method,
        now,
    };
    let written = context.store.write(remembered, change).await.map_err(of_write)?;
    written.answer?;
    Ok(Some(seen(context, (grant, item), method, now).await?))
}

/// The item as the resident sees it now. Made anew for a repeated request too, of which only that it was done is
/// remembered: an answer that is kept would outlive the meeting.
async fn seen(
    context: &Context,
    about: (GrantId, AgendaItemId),
    method: &'static str,
    now: Timestamp,
) -> Result<proto::ResidentAgendaItem, Refusal> {
    let mut read = context
        .store
        .read("agenda_item_seen")
        .await
        .map_err(Fault::from)?;
    let mut tx = read.tx();
    let meeting = match place(&context.vault, &mut tx, about).await? {
        Some(meeting) => Meeting::load(&context.vault, &mut tx, meeting).await?,
        None => None,
    };
    drop(read);
    let item = meeting.as_ref().and_then(|meeting| {
        let item = meeting.item(about.1)?;
        Some(meeting_reply::of_resident(meeting, item))
    });
    if let Some(item) = item {
        return Ok(item);
    }
    let event = log::of_item(Logged::ResidentSpokeOfItem, Who::default(), now, method, about);
    Err(context.refuse_logged(event, ErrorReason::NotAvailable).await)
}

/// The meeting on whose agenda an item of this grant or circle stands.
async fn place(
    vault: &Vault,
    tx: &mut Tx<'_>,
    (grant, item): (GrantId, AgendaItemId),
) -> Result<Option<MeetingId>, Fault> {
    let places = AgendaList::Grant(grant).all(vault, tx).await?;
    let place = places.into_iter().find(|(_, known)| *known == item);
    Ok(place.map(|(meeting, _)| meeting))
}

struct Change {
    vault: Vault,
    grant: GrantId,
    item: AgendaItemId,
    act: Act,
    method: &'static str,
    now: Timestamp,
}

impl Command for Change {
    type Reply = ();
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, Fault> {
        let place = place(&self.vault, tx, (self.grant, self.item)).await?;
        let Some(meeting) = place else {
            return Ok(self.refused(Refused::NotThere));
        };
        let Some(mut meeting) = Meeting::lock(&self.vault, tx, meeting).await? else {
            return Ok(self.refused(Refused::NotThere));
        };
        let effects = match self.act.apply(&mut meeting, self.item) {
            Ok(effects) => effects,
            Err(refused) => return Ok(self.refused(refused)),
        };
        let changed = settle(&self.vault, tx, &meeting, &effects, self.now).await?;
        meeting.save(&self.vault, tx).await?;
        Ok(Outcome::done((), self.log()).with_events(outbox_row(&changed)))
    }
}

impl Change {
    fn log(&self) -> sluis_store::LogEvent {
        let about = (self.grant, self.item);
        let kind = Logged::ResidentSpokeOfItem;
        log::of_item(kind, Who::default(), self.now, self.method, about)
    }

    fn refused(&self, refused: Refused) -> Outcome<(), Denial> {
        let denial = Denial::from(refused);
        let reason = denial.reason();
        Outcome::refused(denial, log::refused(self.log(), reason))
    }
}
