//! What a change of a grant does to its messages and referrals.

use std::collections::BTreeMap;

use sluis_store::{Command, LoggedId, Outcome, StoreError, Subject, Tx, Upkeep};
use sluis_types::{GrantId, MessageId, ThreadId, Timestamp};

use crate::domain::grant::{GrantChange, Standing};
use crate::domain::thread::Actor;
use crate::event::{MailboxEvent, outbox_row};
use crate::log::{self, Logged, Who};
use crate::store::message::Message;
use crate::store::page::{Book, Head};
use crate::store::thread::ThreadBook;
use crate::store::vault::{Fault, Vault};
use crate::store::watch;

pub(super) const NAME: &str = "consent.watch";

/// What was learnt of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// It changed.
    Change(GrantChange),
    /// This is how it stands: the live or paused version, 0 for none, and whether it is paused.
    Standing { live: u32, paused: bool },
}

/// Applies what was learnt of one grant, and moves the watch on in the same transaction.
pub(super) struct ApplyNews {
    pub(super) vault: Vault,
    pub(super) grant: GrantId,
    pub(super) news: News,
    /// Where to go on after this; none when it was not learnt from the watch.
    pub(super) resume_token: Option<Vec<u8>>,
    pub(super) now: Timestamp,
}

/// Why nothing was applied.
#[derive(Debug)]
pub(super) enum NewsFault {
    /// It is known already: a repeat.
    Known,
    Fault(Fault),
}

impl From<Fault> for NewsFault {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for NewsFault {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl Command for ApplyNews {
    type Reply = ();
    type Refusal = ();
    type Error = NewsFault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, NewsFault> {
        let vault = &self.vault;
        let fresh = Head::Grant {
            id: self.grant,
            standing: Standing::default(),
        };
        let mut book = Book::lock_or_begin(vault, tx, fresh).await?;
        let Head::Grant { standing: before, .. } = book.head else {
            return Err(Fault::Contradiction("a thread where a grant must be").into());
        };
        let standing = match self.news {
            News::Change(change) => before.after(change),
            News::Standing { live, paused } => before.reconciled(live, paused),
        };
        if standing == before {
            return Err(NewsFault::Known);
        }
        book.head = Head::Grant {
            id: self.grant,
            standing,
        };
        book.save(vault, tx).await?;
        let messages = book.messages(vault, tx).await?;
        let events = self.apply_to_messages(tx, standing, &messages).await?;
        if let Some(token) = &self.resume_token {
            watch::save(vault, tx, token).await?;
        }
        let ids = vec![LoggedId::Grant(self.grant)];
        let subject = Subject::Grant(self.grant);
        let log = log::event(Logged::GrantChanged, Who::default(), self.now, NAME, subject, ids);
        Ok(Outcome::done((), log).with_events(outbox_row(&events)))
    }
}

impl ApplyNews {
    /// First the referrals that were opened under the grant, then its messages.
    async fn apply_to_messages(
        &self,
        tx: &mut Tx<'_>,
        standing: Standing,
        messages: &[MessageId],
    ) -> Result<Vec<MailboxEvent>, Fault> {
        let vault = &self.vault;
        // Threads by id, as everyone locks them.
        let mut by_thread: BTreeMap<ThreadId, Vec<MessageId>> = BTreeMap::new();
        for id in messages {
            let message = Message::load_known(vault, tx, *id).await?;
            by_thread
                .entry(message.header().thread_id())
                .or_default()
                .push(*id);
        }
        let mut events = Vec::new();
        for (thread, messages) in by_thread {
            let mut book = ThreadBook::lock(vault, tx, thread)
                .await?
                .ok_or(Fault::Contradiction("a message without its thread"))?;
            if book.thread.grant == self.grant
                && let Ok(moved) = book
                    .thread
                    .clone()
                    .after(standing.for_thread(), Actor::Mesh, self.now)
            {
                book.thread = moved.clone();
                book.save(vault, tx).await?;
                events.push(MailboxEvent::Referral(moved));
            }
            for id in messages {
                let mut message = Message::lock(vault, tx, id)
                    .await?
                    .ok_or(Fault::Contradiction("a page names a message that is not there"))?;
                let version = message.header().grant_version();
                let opens = book.thread.opening(id);
                if let Some(event) = standing.for_message(version, message.life.state)
                    && message.apply(vault, tx, event, opens, self.now).await?
                {
                    events.push(MailboxEvent::changed(&message));
                }
            }
        }
        Ok(events)
    }
}

/// Moves the watch on past something that changed nothing.
pub(super) struct MoveOn {
    pub(super) vault: Vault,
    pub(super) resume_token: Vec<u8>,
}

impl Upkeep for MoveOn {
    type Output = ();
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        watch::save(&self.vault, tx, &self.resume_token).await
    }
}

/// Forgets how far the watch came.
pub(super) struct Forget;

impl Upkeep for Forget {
    type Output = ();
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), Fault> {
        watch::forget(tx).await
    }
}
