//! What was acknowledged, written down while it happens.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sluis_client::types::{GrantId, MessageId, ThreadId};
use sluis_client::{MailboxEvent, Sent};
use sluis_proto::consent::v1::Grant;
use tokio::sync::watch;

use super::dice::Dice;
use super::hands::Kept;

/// Where a resident's grant from welfare to GGZ is, as far as the resident was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// There is none.
    Closed,
    /// It was granted; the answer has not come.
    Granting,
    /// It lives.
    Live(GrantId),
    /// It was withdrawn; the answer has not come.
    Ending(GrantId),
    /// The withdrawal was acknowledged.
    Ended(GrantId),
}

impl Phase {
    /// Whether it is certain that nothing is allowed.
    pub(super) const fn is_closed(self) -> bool {
        matches!(self, Self::Closed | Self::Ended(_))
    }
}

/// Something that was asked once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked<T> {
    /// Not yet.
    Not,
    /// It is under way, or its answer never came.
    Unanswered,
    /// Refused.
    Refused,
    /// Acknowledged.
    Done(T),
}

/// A referral that the mesh acknowledged.
#[derive(Clone)]
pub(super) struct Letter {
    pub(super) sent: Sent,
    /// About which resident.
    pub(super) resident: usize,
    pub(super) text: String,
    /// What its recipient fetched; none when it was gone before.
    pub(super) kept: Option<Kept>,
    /// Whether it was opened, and whether the mesh was told.
    pub(super) opening: Asked<bool>,
    /// Whether its arrival was acknowledged.
    pub(super) delivery: Asked<()>,
    /// Whether the referral was accepted, and its version then.
    pub(super) accepted: Asked<u32>,
}

#[derive(Default)]
struct Pages {
    letters: Vec<Letter>,
    phases: Vec<Phase>,
    /// Withdrawals that were acknowledged: the grant as the answer showed it, and whose.
    ended: Vec<(usize, Grant)>,
    /// Threads of sendings of which nobody knows whether they arrived.
    uncertain: HashSet<ThreadId>,
    /// How often the recipient's watch told of each message.
    told: HashMap<MessageId, u32>,
}

/// Everything that was acknowledged.
pub(super) struct Promises {
    pages: Mutex<Pages>,
    events: watch::Sender<u64>,
}

impl Promises {
    pub(super) fn new(residents: usize) -> Self {
        let pages = Pages {
            phases: vec![Phase::Closed; residents],
            ..Pages::default()
        };
        Self {
            pages: Mutex::new(pages),
            events: watch::Sender::new(0),
        }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was asked, or an answer came.
    pub(super) fn event(&self) {
        self.events.send_modify(|count| *count += 1);
    }

    /// Waits for so many further events.
    pub(super) async fn further(&self, events: usize) {
        let mut count = self.events.subscribe();
        let enough = *count.borrow() + events as u64;
        count
            .wait_for(|count| *count >= enough)
            .await
            .expect("the sender is here");
    }

    pub(super) fn phase(&self, resident: usize) -> Phase {
        self.pages().phases[resident]
    }

    pub(super) fn enter(&self, resident: usize, phase: Phase) {
        self.pages().phases[resident] = phase;
        self.event();
    }

    /// Notes an acknowledged withdrawal.
    pub(super) fn ended(&self, resident: usize, id: GrantId, grant: Grant) {
        self.pages().ended.push((resident, grant));
        self.enter(resident, Phase::Ended(id));
    }

    /// The withdrawals that were acknowledged.
    pub(super) fn withdrawals(&self) -> Vec<(usize, Grant)> {
        self.pages().ended.clone()
    }

    /// Notes an acknowledged sending, and gives its number.
    pub(super) fn sent(&self, letter: Letter) -> usize {
        let mut pages = self.pages();
        pages.letters.push(letter);
        pages.letters.len() - 1
    }

    pub(super) fn uncertain(&self, thread: ThreadId) {
        self.pages().uncertain.insert(thread);
    }

    pub(super) fn uncertain_threads(&self) -> HashSet<ThreadId> {
        self.pages().uncertain.clone()
    }

    pub(super) fn note(&self, number: usize, note: impl FnOnce(&mut Letter)) {
        note(&mut self.pages().letters[number]);
        self.event();
    }

    pub(super) fn letters(&self) -> Vec<Letter> {
        self.pages().letters.clone()
    }

    /// Chooses a letter that `wanted` holds for, notes something on it, and gives its number and itself.
    pub(super) fn choose(
        &self,
        dice: &Dice,
        wanted: impl Fn(usize, &Letter) -> bool,
        note: impl FnOnce(&mut Letter),
    ) -> Option<(usize, Letter)> {
        let mut pages = self.pages();
        let fit: Vec<usize> = (0..pages.letters.len())
            .filter(|number| wanted(*number, &pages.letters[*number]))
            .collect();
        let number = *fit.get(dice.below(fit.len().max(1)))?;
        note(&mut pages.letters[number]);
        let letter = pages.letters[number].clone();
        drop(pages);
        self.event();
        Some((number, letter))
    }

    /// Notes what the recipient's watch told.
    pub(super) fn told(&self, event: &MailboxEvent) {
        let message = match event {
            MailboxEvent::Arrived(item) => item.message_id,
            MailboxEvent::Message(notice) => notice.message_id,
            MailboxEvent::Begun | MailboxEvent::Referral(_) => return,
        };
        *self.pages().told.entry(message).or_default() += 1;
        self.events.send_modify(|_| {});
    }

    /// Waits until the recipient's watch told of all these.
    pub(super) async fn all_told(&self, messages: &[MessageId]) {
        let mut changed = self.events.subscribe();
        let all = |_: &u64| {
            let pages = self.pages();
            messages.iter().all(|message| pages.told.contains_key(message))
        };
        changed.wait_for(all).await.expect("the sender is here");
    }
}
