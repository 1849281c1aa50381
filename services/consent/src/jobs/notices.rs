//! Notices that are to go out. At least once: a notice leaves the list in the transaction that writes its leaf, after it
//! was handed over. An entry that stays is tried again, ever later, until its time is over.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use sluis_store::{Command, Outcome, StoreError, Tx, Upkeep, WriteError};
use sluis_types::Timestamp;

use crate::config::NOTICES_EVERY;
use crate::desk::Desk;
use crate::domain::access_kind::Happening;
use crate::domain::notice_address::{NoticeAddress, Sent, Task};
use crate::error::CommandError;
use crate::identity::{Entry, Head};
use crate::mail::{Mail, Notices, SendError};
use crate::store::{NoticeDue, Rows};

const METHOD: &str = "notices";
/// Entries of the list that are looked at together.
const PAGE: u32 = 256;
/// Mails that are handed over at a time.
const AT_ONCE: usize = 4;
/// Mails that could not be handed over, after which a pass ends: the relay is down, and every attempt counts.
const FAILURES_MAX: u32 = 8;

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoticesSent {
    /// Mails that were handed over.
    pub sent: u64,
    /// Mails that were not: they are tried again, or their address is refused for good.
    pub failed: u64,
}

/// Sends what is due every minute, and when something comes that cannot wait. Runs until stopped.
pub(super) async fn run(desk: &Desk) {
    let (timer, stop) = (&desk.pace.timer, &desk.pace.stop);
    while !stop.is_requested() {
        match pass(desk).await {
            Ok(NoticesSent { sent: 0, failed: 0 }) => {}
            Ok(NoticesSent { sent, failed }) => tracing::info!(sent, failed, "notices were sent"),
            Err(error) => tracing::error!(%error, "notices could not be looked for; it is tried again"),
        }
        tokio::select! {
            () = timer.sleep_until(timer.now() + NOTICES_EVERY) => {}
            () = desk.notice_waits.notified() => {}
            () = stop.requested() => return,
        }
    }
}

/// What a pass did so far.
#[derive(Default)]
struct Tally {
    sent: AtomicU64,
    failed: AtomicU64,
    /// Of the failed: those that the relay did not even look at.
    unreached: AtomicU32,
}

/// Sends everything that is due by now. Where notices are off, nothing is sent and the list waits.
pub(crate) async fn pass(desk: &Desk) -> Result<NoticesSent, CommandError> {
    let Some(notices) = &desk.notices else {
        return Ok(NoticesSent::default());
    };
    let (now, tally, mut after, mut fault) = (desk.now(), Tally::default(), None, None);
    loop {
        let page = {
            let mut read = desk.store.read("notices.list").await?;
            desk.rows
                .notices_due(&mut read.tx(), now, after.as_ref(), PAGE)
                .await?
        };
        let Some(last) = page.last() else { break };
        after = Some(*last);
        let mut under_way = FuturesUnordered::new();
        for due in page {
            if under_way.len() >= AT_ONCE {
                let done: Option<Result<(), CommandError>> = under_way.next().await;
                // One that cannot be done keeps nothing else waiting.
                fault = fault.or(done.and_then(Result::err));
            }
            under_way.push(attempt(desk, notices, due, now, &tally));
        }
        while let Some(done) = under_way.next().await {
            fault = fault.or(done.err());
        }
    }
    let done = NoticesSent {
        sent: tally.sent.into_inner(),
        failed: tally.failed.into_inner(),
    };
    fault.map_or(Ok(done), Err)
}

/// Does what one entry asks for and counts it, unless the relay is down.
async fn attempt(
    desk: &Desk,
    notices: &Notices,
    due: NoticeDue,
    now: Timestamp,
    tally: &Tally,
) -> Result<(), CommandError> {
    if tally.unreached.load(Ordering::Relaxed) >= FAILURES_MAX || desk.pace.stop.is_requested() {
        return Ok(());
    }
    match one(desk, notices, due, now).await? {
        None => {}
        Some(Ok(())) => {
            tally.sent.fetch_add(1, Ordering::Relaxed);
        }
        Some(Err(error)) => {
            tally.failed.fetch_add(1, Ordering::Relaxed);
            if error == SendError::Later {
                tally.unreached.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    Ok(())
}

/// Does what one entry asks for; none when there was nothing to send.
async fn one(
    desk: &Desk,
    notices: &Notices,
    due: NoticeDue,
    now: Timestamp,
) -> Result<Option<Result<(), SendError>>, CommandError> {
    let take = Take {
        rows: desk.rows.clone(),
        due,
        now,
    };
    let Some(errand) = upkeep(desk, "notices.take", take).await? else {
        return Ok(None);
    };
    let mail = match &errand {
        Errand::Notice(notice) => notice
            .confirmed
            .as_ref()
            .map(|to| Mail::notice(to, &notices.pages_url)),
        Errand::Code(notice, code) => notice
            .waiting
            .as_ref()
            .map(|waiting| Mail::code(&waiting.to, &notices.pages_url, code)),
    };
    let mail = mail.ok_or(CommandError::Form("a notice without an address"))?;
    let handed_over = notices.sender.send(&mail).await;
    match handed_over {
        Ok(()) => {
            let done = Done {
                rows: desk.rows.clone(),
                due,
                nonce: errand.nonce(),
                now: desk.now(),
            };
            match desk.store.write_internal("notices.sent", done).await {
                Ok(_) | Err(WriteError::RequestIdReused) => {}
                Err(WriteError::Command(error)) => return Err(error),
                Err(WriteError::Store(error)) => return Err(error.into()),
            }
        }
        Err(SendError::Refused) => {
            let give_up = GiveUp {
                rows: desk.rows.clone(),
                due,
                nonce: errand.nonce(),
                now: desk.now(),
            };
            upkeep(desk, "notices.give-up", give_up).await?;
        }
        // The attempt was counted when it began.
        Err(SendError::Later) => {}
    }
    Ok(Some(handed_over))
}

/// What is to be handed over.
enum Errand {
    Notice(NoticeAddress),
    /// With the code as people read it.
    Code(NoticeAddress, zeroize::Zeroizing<String>),
}

impl Errand {
    /// Which code it is.
    fn nonce(&self) -> Option<[u8; 16]> {
        match self {
            Self::Notice(_) => None,
            Self::Code(notice, _) => notice.waiting.as_ref().map(|waiting| waiting.nonce),
        }
    }
}

/// Looks what an entry asks for, and counts the attempt before it is made: nobody else makes it meanwhile.
struct Take {
    rows: Rows,
    due: NoticeDue,
    now: Timestamp,
}

impl Upkeep for Take {
    type Output = Option<Errand>;
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Option<Errand>, StoreError> {
        let rows = &self.rows;
        let Some(mut kept) = rows.lock_notice_address(tx, &self.due.access).await? else {
            rows.strike_notice(tx, &self.due.id).await?;
            return Ok(None);
        };
        let task = kept.notice.take(self.now);
        rows.save_notice_address(tx, &kept.key, &kept.notice).await?;
        Ok(match task {
            Task::Nothing => {
                rows.strike_notice(tx, &self.due.id).await?;
                None
            }
            Task::Wait => None,
            Task::SendNotice => Some(Errand::Notice(kept.notice)),
            Task::SendCode => kept
                .notice
                .waiting
                .as_ref()
                .map(|waiting| waiting.nonce)
                .map(|nonce| {
                    let code = rows.notice_code(&kept.id, &nonce).shown();
                    Errand::Code(kept.notice, zeroize::Zeroizing::new(code))
                }),
        })
    }
}

/// Writes down that a mail was handed over. Strikes the entry, unless something is still to be sent.
struct Done {
    rows: Rows,
    due: NoticeDue,
    /// The code that was mailed; none for a notice.
    nonce: Option<[u8; 16]>,
    now: Timestamp,
}

impl Command for Done {
    type Reply = ();
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, CommandError> {
        let rows = &self.rows;
        let entry = Entry::by_resident(Happening::NoticeSent, METHOD, self.now);
        let Some(access) = rows.access(tx, &self.due.access).await? else {
            // The login was disconnected meanwhile.
            return Ok(Outcome::done((), entry.done_unlisted()));
        };
        let mut head = Head::lock(rows, tx, &access.resident).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        settle(rows, tx, &self.due, self.nonce, Sent::Done, self.now).await?;
        Ok(Outcome::done((), entry.done(tag)))
    }
}

/// Gives up a mail whose address is refused for good. Nobody hears of it: the address is known to its owner only.
struct GiveUp {
    rows: Rows,
    due: NoticeDue,
    nonce: Option<[u8; 16]>,
    now: Timestamp,
}

impl Upkeep for GiveUp {
    type Output = ();
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        settle(&self.rows, tx, &self.due, self.nonce, Sent::Never, self.now).await
    }
}

async fn settle(
    rows: &Rows,
    tx: &mut Tx<'_>,
    due: &NoticeDue,
    nonce: Option<[u8; 16]>,
    sent: Sent,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(mut kept) = rows.lock_notice_address(tx, &due.access).await? else {
        return rows.strike_notice(tx, &due.id).await;
    };
    match nonce {
        Some(nonce) => kept.notice.code_is_mailed(&nonce),
        None => kept.notice.notice_is_over(sent, now),
    }
    rows.save_notice_address(tx, &kept.key, &kept.notice).await?;
    if kept.notice.is_outstanding() {
        return Ok(());
    }
    rows.strike_notice(tx, &due.id).await
}

async fn upkeep<U>(desk: &Desk, name: &'static str, work: U) -> Result<U::Output, CommandError>
where
    U: Upkeep<Error = StoreError>,
    U::Output: Default,
{
    match desk.store.upkeep(name, work).await {
        Ok(output) => Ok(output),
        Err(WriteError::RequestIdReused) => Ok(U::Output::default()),
        Err(WriteError::Command(error) | WriteError::Store(error)) => Err(error.into()),
    }
}
