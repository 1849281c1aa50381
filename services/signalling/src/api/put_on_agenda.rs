//! PutOnAgenda: an item is put on the agenda, with a sealed message to each who is invited to it.

use std::collections::{BTreeMap, BTreeSet};

use sluis_proto::options::v1::ErrorReason;
use sluis_proto::signalling::v1::{PutOnAgendaRequest, PutOnAgendaResponse};
use sluis_serve::{FirstMessage, Refusal};
use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::{AgendaItemId, Epoch, MeetingId, Oin, RequestId};
use tonic::Request;

use super::agenda_message::{self, Told};
use super::meeting_change::{LogsOf, outcome, seen};
use super::meeting_fields::{code, references, seats};
use crate::context::{Context, Partner};
use crate::domain::encounter::Encounter;
use crate::domain::life::{Actor, Event, Illegal, Stage};
use crate::domain::meeting::{CIRCLES_MAX, Invited, Item, ItemState, Meeting, Presence, QuestionKind};
use crate::domain::signal::Signal;
use crate::error::{Denial, of_write};
use crate::event::outbox_row;
use crate::log::{self, Logged};
use crate::settling::logs_of;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.signalling.v1.MeetingService/PutOnAgenda";

pub(super) async fn handle(
    context: &Context,
    request: &Request<PutOnAgendaRequest>,
) -> Result<PutOnAgendaResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let id = sluis_serve::request_id(&body.request_id)?;
    let meeting: MeetingId = sluis_serve::id("meeting_id", &body.meeting_id)?;
    let told = agenda_message::verify(context, &partner, &body.messages)?;
    let item_id = item_id(partner.organisation(), meeting, id);
    let item = item(item_id, &partner, body, &told)?;
    let remembered = partner.request(METHOD, id, FirstMessage::hash_of(request)?);
    let put = Put {
        vault: context.vault.clone(),
        partner,
        meeting,
        item,
        told,
    };
    let written = context.store.write(remembered, put).await.map_err(of_write)?;
    written.answer?;
    Ok(PutOnAgendaResponse {
        meeting: Some(seen(context, &partner, meeting, METHOD).await?),
        item_id: item_id.to_string(),
    })
}

/// The id of the item that a request puts on. Made here, so that nobody chooses the id of another's item, and a refusal
/// of a repeated id tells of nothing but the organisation's own.
fn item_id(organisation: Oin, meeting: MeetingId, request: RequestId) -> AgendaItemId {
    let parts: [&[u8]; 3] = [organisation.as_bytes(), meeting.as_bytes(), request.as_bytes()];
    let hash = sluis_envelope::hash("sluis/v1/agenda-item-id", &parts);
    let (id, _) = hash.split_first_chunk().expect("a hash has 32 bytes");
    AgendaItemId::from_bytes(*id)
}

/// The item as it was asked for. Each who is invited has exactly one message, or nobody has.
fn item(
    id: AgendaItemId,
    partner: &Partner,
    body: &PutOnAgendaRequest,
    told: &[Told],
) -> Result<Item, Refusal> {
    let wrong = |fault| Refusal::invalid_field("messages", fault);
    let mut by_recipient: BTreeMap<Oin, &Told> = BTreeMap::new();
    for told in told {
        if by_recipient.insert(told.message.recipient, told).is_some() {
            return Err(wrong("must each be for another organisation"));
        }
    }
    let asked = seats("invited", &body.invited)?;
    let wanted: BTreeSet<Oin> = asked.iter().map(|seat| seat.organisation).collect();
    let has: BTreeSet<Oin> = by_recipient.keys().copied().collect();
    if has != wanted && !(body.deidentified && has.is_empty()) {
        return Err(wrong("must be one for each who is invited"));
    }
    let invited = asked.into_iter().map(|seat| Invited {
        organisation: seat.organisation,
        roles: seat.roles,
        consent: by_recipient.get(&seat.organisation).and_then(|told| told.consent),
    });
    Ok(Item {
        id,
        presenter: partner.organisation(),
        question: code("question", body.question, QuestionKind::from_number)?,
        minutes: u8::try_from(body.minutes).unwrap_or(u8::MAX),
        is_deidentified: body.deidentified,
        invited: invited.collect(),
        references: references(body.references.as_ref())?,
        circles: Vec::new(),
        resident_informed: body.resident_informed,
        resident_invited: body.resident_invited,
        presence: Presence::Silent,
        state: ItemState::OnAgenda,
        taken_off: None,
        decision: None,
        actions: Vec::new(),
    })
}

struct Put {
    vault: Vault,
    partner: Partner,
    meeting: MeetingId,
    item: Item,
    told: Vec<Told>,
}

impl Command for Put {
    type Reply = ();
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, Fault> {
        if !self.is_allowed(tx).await? {
            return Ok(self.refused(Denial::of(ErrorReason::GrantTokenRefused)));
        }
        let Some(mut meeting) = Meeting::lock(&self.vault, tx, self.meeting).await? else {
            return Ok(self.refused(Denial::of(ErrorReason::NotAvailable)));
        };
        if let Err(refused) = meeting.may_put(&self.partner.person()) {
            return Ok(self.refused(refused.into()));
        }
        let mut item = self.item.clone();
        if meeting.item(item.id).is_some() {
            return Ok(self.refused(Denial::of(ErrorReason::IdTaken)));
        }
        let (signals, matches) = match self.referred(tx).await? {
            Ok(found) => found,
            Err(denial) => return Ok(self.refused(denial)),
        };
        for encounter in &matches {
            let circles = encounter
                .grants()
                .into_iter()
                .map(|grant| (grant, encounter.gate_key));
            item.circles.extend(circles);
        }
        item.circles.truncate(CIRCLES_MAX);
        let (lists, presenter) = (item.lists(), item.presenter);
        let place = (self.meeting, item.id);
        let effects = match meeting.put(&self.partner.person(), item) {
            Ok(effects) => effects,
            Err(refused) => return Ok(self.refused(refused.into())),
        };
        for list in &lists {
            if !list.lock_room(&self.vault, tx, presenter).await? {
                return Ok(self.refused(Denial::of(ErrorReason::QuotaUsed)));
            }
        }
        for list in lists {
            list.append(&self.vault, tx, (place, presenter)).await?;
        }
        for signal in &signals {
            signal.save(&self.vault, tx).await?;
        }
        for encounter in &matches {
            encounter.save(&self.vault, tx).await?;
        }
        for told in &self.told {
            told.message.insert(&self.vault, tx, place).await?;
        }
        meeting.save(&self.vault, tx).await?;
        let log = (Logged::ItemPut, METHOD);
        let logs = log.of(self.partner.who(), self.partner.now, &logs_of(&meeting, &effects));
        Ok(outcome((), logs).with_events(outbox_row(&matches)))
    }
}

impl Put {
    /// Whether every message has a grant that lets it through and did not end, as far as was heard. From here on nothing
    /// is heard until the item stands.
    async fn is_allowed(&self, tx: &mut Tx<'_>) -> Result<bool, Fault> {
        let mut consents: Vec<_> = Vec::with_capacity(self.told.len());
        for told in &self.told {
            let Some(consent) = told.consent else {
                return Ok(false);
            };
            consents.push(consent);
        }
        consents.sort_unstable_by_key(|consent| (consent.grant, consent.version));
        for consent in consents {
            if !consent
                .lock_live(&self.vault, tx, Epoch::of(self.partner.now))
                .await?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The signals and matches that the item refers to, as they are when it stands on the agenda.
    async fn referred(
        &self,
        tx: &mut Tx<'_>,
    ) -> Result<Result<(Vec<Signal>, Vec<Encounter>), Denial>, Fault> {
        let (organisation, now) = (self.partner.organisation(), self.partner.now);
        let references = &self.item.references;
        let absent = || Ok(Err(Denial::of(ErrorReason::NotAvailable)));
        let mut ids = references.signals.clone();
        // By id, as everyone locks them.
        ids.sort_unstable();
        let mut signals = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(signal) = Signal::lock_of(&self.vault, tx, id, organisation).await? else {
                return absent();
            };
            if signal.stage_at(now) == Stage::Expired {
                let over = Illegal {
                    state: Stage::Expired.state(),
                    allowed: Vec::new(),
                };
                return Ok(Err(over.into()));
            }
            match signal.after(Event::PutOnAgenda, Actor::Sender) {
                Ok(signal) => signals.push(signal),
                Err(illegal) => return Ok(Err(illegal.into())),
            }
        }
        let mut ids = references.matches.clone();
        ids.sort_unstable();
        let mut matches = Vec::with_capacity(ids.len());
        for id in ids {
            let found = Encounter::lock(&self.vault, tx, id).await?;
            let Some(found) = found.filter(|encounter| encounter.party(organisation).is_some()) else {
                return absent();
            };
            match found.on_agenda(organisation, now) {
                Ok(encounter) => matches.push(encounter),
                Err(illegal) => return Ok(Err(illegal.into())),
            }
        }
        Ok(Ok((signals, matches)))
    }

    fn refused(&self, denial: Denial) -> Outcome<(), Denial> {
        let partner = &self.partner;
        let event = log::event(Logged::ItemPut, partner.who(), partner.now, METHOD, Subject::None);
        let reason = denial.reason();
        Outcome::refused(denial, log::refused(event, reason))
    }
}
