//! What time does, and tidying up.
//!
//! Due rows are found by their hour, and each is done in a transaction of its own that takes the row only if no
//! other replica has it (SKIP LOCKED) and it is still due: two replicas do nothing twice.

use std::sync::Arc;
use std::time::Duration;

use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Refusal, Stop};
use sluis_store::{Command, LoggedId, Outcome, StoreError, Subject, Tx, Upkeep, WriteError};
use sluis_types::{MessageId, Timestamp};

use crate::context::Context;
use crate::domain::due::DueAct;
use crate::domain::message::{MessageEvent, MessageState};
use crate::domain::thread::{Actor, Cause, Event};
use crate::ending::end_unopened;
use crate::error::{of_store, of_write};
use crate::event::{MailboxEvent, outbox_row};
use crate::log::{self, Logged, Who};
use crate::store::blob::BlobRow;
use crate::store::message::Message;
use crate::store::thread::ThreadBook;
use crate::store::vault::{Fault, Vault};

const NAME: &str = "timer";
/// How often is looked.
const EVERY: Duration = Duration::from_secs(30);
/// Messages looked at before others get their turn at the database.
const MESSAGES: u32 = 100;
/// Unclaimed attachments taken away in one transaction: each has up to a hundred pieces.
const BLOBS: u32 = 4;

/// Looks every 30 seconds until the stop.
pub(crate) async fn run(context: Arc<Context>, event_days: u16, stop: Stop) {
    while !stop.is_requested() {
        if let Err(refusal) = pass(&context, event_days).await {
            tracing::warn!(
                reason = refusal.reason().as_str_name(),
                "the timers could not finish their pass"
            );
        }
        let timer = &context.pace.timer;
        tokio::select! {
            () = stop.requested() => return,
            () = timer.sleep_until(timer.now() + EVERY) => {}
        }
    }
}

/// Does what is due now, and tells how much that was.
pub(crate) async fn pass(context: &Context, event_days: u16) -> Result<u64, Refusal> {
    let now = context.clock.now();
    let done = messages(context, now).await? + blobs(context, now).await?;
    let events_from = now.minus(Duration::from_hours(24 * u64::from(event_days)));
    context
        .store
        .outbox()
        .trim(events_from)
        .await
        .map_err(|error| of_store(&error))?;
    context
        .store
        .purge_requests()
        .await
        .map_err(|error| of_store(&error))?;
    Ok(done)
}

async fn messages(context: &Context, now: Timestamp) -> Result<u64, Refusal> {
    let mut done = 0;
    let mut fault = None;
    loop {
        let mut read = context
            .store
            .read("timer.due")
            .await
            .map_err(|error| of_store(&error))?;
        let due = Message::due(&mut read.tx(), now, MESSAGES).await?;
        drop(read);
        let mut moved = 0;
        for message in &due {
            match look_at(context, *message, now).await {
                Ok(is_done) => moved += u64::from(is_done),
                // One message with a fault does not hold up the others.
                Err(refusal) if refusal.reason() == ErrorReason::Internal => fault = Some(refusal),
                Err(refusal) => return Err(refusal),
            }
        }
        done += moved;
        // What others hold is theirs; what is left is done in the next pass.
        if moved == 0 || due.len() < MESSAGES as usize {
            return fault.map_or(Ok(done), Err);
        }
    }
}

/// Whether anything was done about a message, if only that it is looked at later.
async fn look_at(context: &Context, message: MessageId, now: Timestamp) -> Result<bool, Refusal> {
    let work = LookAt {
        vault: context.vault.clone(),
        message,
        now,
    };
    match context.store.write_internal(NAME, work.clone()).await {
        Ok(_) => Ok(true),
        Err(WriteError::Command(Nothing::Due)) => {
            context.store.upkeep("timer.rearm", work).await.map_err(of_write)
        }
        Err(WriteError::Command(Nothing::Here)) => Ok(false),
        Err(WriteError::Command(Nothing::Fault(fault))) => Err(fault.into()),
        Err(WriteError::Store(error)) => Err(of_store(&error)),
        Err(WriteError::RequestIdReused) => Err(Fault::Contradiction("an act without a request").into()),
    }
}

async fn blobs(context: &Context, now: Timestamp) -> Result<u64, Refusal> {
    let mut done = 0;
    loop {
        let work = DropBlobs {
            vault: context.vault.clone(),
            now,
        };
        let dropped = context
            .store
            .upkeep("timer.blobs", work)
            .await
            .map_err(of_write)?;
        done += u64::from(dropped);
        if dropped < BLOBS {
            return Ok(done);
        }
    }
}

struct DropBlobs {
    vault: Vault,
    now: Timestamp,
}

impl Upkeep for DropBlobs {
    type Output = u32;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u32, Fault> {
        BlobRow::delete_unclaimed(&self.vault, tx, self.now, BLOBS).await
    }
}

/// Looks at one message whose hour has come.
#[derive(Clone)]
struct LookAt {
    vault: Vault,
    message: MessageId,
    now: Timestamp,
}

/// Why a look at a message is no act.
#[derive(Debug)]
enum Nothing {
    /// Another replica has it, or had it.
    Here,
    /// Nothing is due yet, or ever again.
    Due,
    Fault(Fault),
}

impl From<Fault> for Nothing {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for Nothing {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl LookAt {
    /// The message and its thread, if this replica gets them.
    async fn take(&self, tx: &mut Tx<'_>) -> Result<Option<(Message, ThreadBook)>, Fault> {
        let Some(found) = Message::load(&self.vault, tx, self.message).await? else {
            return Ok(None);
        };
        let book = ThreadBook::lock(&self.vault, tx, found.header().thread_id())
            .await?
            .ok_or(Fault::Contradiction("a message without its thread"))?;
        let message = Message::lock_due(&self.vault, tx, self.message, self.now).await?;
        Ok(message.map(|message| (message, book)))
    }
}

impl Command for LookAt {
    type Reply = ();
    type Refusal = ();
    type Error = Nothing;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, Nothing> {
        let (vault, now) = (&self.vault, self.now);
        let Some((mut message, mut book)) = self.take(tx).await? else {
            return Err(Nothing::Here);
        };
        let is_opening = book.thread.opened_by == self.message;
        let act = message
            .timed(book.thread.opening(self.message))
            .at(now)
            .act
            .ok_or(Nothing::Due)?;
        let (of_message, of_thread) = match act {
            DueAct::ExpireMessage => (Some(MessageEvent::Expire), Some(Event::Expire)),
            DueAct::GiveUpReseal => (
                Some(MessageEvent::Cancel(Cause::ConsentWithdrawn)),
                Some(Event::ConsentEnded),
            ),
            DueAct::ExpireReferral => (None, Some(Event::Expire)),
            DueAct::PurgeCiphertext => (None, None),
        };
        let mut events = Vec::new();
        if let Some(event) = of_thread.filter(|_| is_opening)
            && let Ok(thread) = book.thread.clone().after(event, Actor::Mesh, now)
        {
            book.thread = thread.clone();
            book.save(vault, tx).await?;
            events.push(MailboxEvent::Referral(thread));
        }
        let opening = book.thread.opening(self.message);
        if let Some(event) = of_message
            && message.apply(vault, tx, event, opening, now).await?
        {
            events.push(MailboxEvent::changed(&message));
        }
        match act {
            DueAct::ExpireReferral => {
                end_unopened(vault, tx, &book, MessageEvent::Expire, now, &mut events).await?;
                if message.life.state == MessageState::Opened {
                    message.rearm(tx, opening, now).await?;
                }
            }
            DueAct::PurgeCiphertext => message.purge(vault, tx, opening, now).await?,
            DueAct::ExpireMessage | DueAct::GiveUpReseal => {}
        }
        let header = message.header();
        let subject = Subject::Grant(header.grant_id());
        let ids = vec![
            LoggedId::Message(self.message),
            LoggedId::Thread(header.thread_id()),
        ];
        let log = log::event(Logged::TimeRanOut, Who::default(), now, NAME, subject, ids);
        Ok(Outcome::done((), log).with_events(outbox_row(&events)))
    }
}

impl Upkeep for LookAt {
    /// Whether there was anything to set.
    type Output = bool;
    type Error = Fault;

    /// Looks again when the next deadline comes.
    async fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, Fault> {
        let Some((message, book)) = self.take(tx).await? else {
            return Ok(false);
        };
        let opening = book.thread.opening(self.message);
        if message.timed(opening).at(self.now).act.is_some() {
            // It came due in between: an act, for the next pass.
            return Ok(false);
        }
        message.rearm(tx, opening, self.now).await?;
        Ok(true)
    }
}
