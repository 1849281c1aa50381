//! AcknowledgeMessages: messages arrived in the recipient's own system.

use std::collections::BTreeMap;

use sluis_proto::referral::v1::{AcknowledgeMessagesRequest, AcknowledgeMessagesResponse};
use sluis_serve::{FirstMessage, Refusal};
use sluis_store::{Command, LoggedId, Outcome, Subject, Tx};
use sluis_types::{MessageId, ThreadId};
use tonic::Request;

use crate::context::{Context, Partner};
use crate::domain::message::MessageEvent;
use crate::domain::thread::{Actor, Event};
use crate::error::of_write;
use crate::event::{MailboxEvent, outbox_row};
use crate::log::{self, Logged};
use crate::store::message::Message;
use crate::store::thread::ThreadBook;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.referral.v1.ReferralService/AcknowledgeMessages";
const MESSAGES_MAX: usize = 500;

pub(super) async fn handle(
    context: &Context,
    request: &Request<AcknowledgeMessagesRequest>,
) -> Result<AcknowledgeMessagesResponse, Refusal> {
    let partner = context.partner(request)?;
    let message = request.get_ref();
    let id = sluis_serve::request_id(&message.request_id)?;
    if message.message_ids.is_empty() || message.message_ids.len() > MESSAGES_MAX {
        return Err(Refusal::invalid_field("message_ids", "must be 1 to 500"));
    }
    let ids = message
        .message_ids
        .iter()
        .map(|id| sluis_serve::id("message_ids", id));
    let mut messages = ids.collect::<Result<Vec<MessageId>, _>>()?;
    messages.sort_unstable();
    messages.dedup();
    let request = partner.request(METHOD, id, FirstMessage::hash_of(request)?);
    let acknowledge = Acknowledge {
        vault: context.vault.clone(),
        partner,
        messages,
    };
    context
        .store
        .write(request, acknowledge)
        .await
        .map_err(of_write)?;
    Ok(AcknowledgeMessagesResponse {})
}

struct Acknowledge {
    vault: Vault,
    partner: Partner,
    messages: Vec<MessageId>,
}

impl Command for Acknowledge {
    type Reply = ();
    type Refusal = ();
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, Fault> {
        let vault = &self.vault;
        let mut events = Vec::new();
        let mut delivered = Vec::new();
        // Threads by id, as everyone locks them; a thread's messages in their order.
        let mut by_thread: BTreeMap<ThreadId, Vec<Message>> = BTreeMap::new();
        for id in &self.messages {
            let organisation = self.partner.organisation();
            if let Some(message) = Message::for_recipient(vault, tx, *id, organisation).await? {
                by_thread
                    .entry(message.header().thread_id())
                    .or_default()
                    .push(message);
            }
        }
        for (thread, messages) in by_thread {
            let mut book = ThreadBook::lock(vault, tx, thread)
                .await?
                .ok_or(Fault::Contradiction("a message without its thread"))?;
            for message in messages {
                if self.deliver(tx, &mut book, message.id(), &mut events).await? {
                    delivered.push(LoggedId::Message(message.id()));
                }
            }
        }
        let (who, now) = (self.partner.who(), self.partner.now);
        let log = log::event(Logged::Delivered, who, now, METHOD, Subject::None, delivered);
        Ok(Outcome::done((), log).with_events(outbox_row(&events)))
    }
}

impl Acknowledge {
    async fn deliver(
        &self,
        tx: &mut Tx<'_>,
        book: &mut ThreadBook,
        id: MessageId,
        events: &mut Vec<MailboxEvent>,
    ) -> Result<bool, Fault> {
        let (vault, now) = (&self.vault, self.partner.now);
        let mut message = Message::lock(vault, tx, id)
            .await?
            .ok_or(Fault::Contradiction("a message that was just there"))?;
        let opens = book.thread.opened_by == id;
        let moved = book
            .thread
            .clone()
            .after(Event::Deliver, Actor::Recipient, now)
            .ok()
            .filter(|_| opens);
        let opening = moved.as_ref().unwrap_or(&book.thread).opening(id);
        if !message
            .apply(vault, tx, MessageEvent::Deliver, opening, now)
            .await?
        {
            return Ok(false);
        }
        events.push(MailboxEvent::changed(&message));
        if let Some(thread) = moved {
            book.thread = thread.clone();
            book.save(vault, tx).await?;
            events.push(MailboxEvent::Referral(thread));
        }
        Ok(true)
    }
}
