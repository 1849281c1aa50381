//! What time does, and tidying up.
//!
//! Due rows are found by their time, and each is done in a transaction of its own that takes the row only if no other
//! replica has it (SKIP LOCKED) and it is still due: two replicas do nothing twice.

use std::sync::Arc;
use std::time::Duration;

use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Refusal, Stop};
use sluis_store::{Command, Outcome, StoreError, Subject, Tx, WriteError};
use sluis_types::{SignalId, Timestamp};

use super::meetings::TimeMeeting;
use super::{forgetting, rollover};
use crate::context::Context;
use crate::domain::encounter::{DueAct, Encounter};
use crate::domain::life::{Actor, Event, Outcome as Ending, Stage};
use crate::domain::signal::Signal;
use crate::ending::{along, escalate};
use crate::error::{of_store, of_write};
use crate::event::outbox_row;
use crate::log::{self, Logged, Who};
use crate::store::vault::{Fault, Tag, Vault};

pub(super) const NAME: &str = "timer";
/// How often is looked.
const EVERY: Duration = Duration::from_secs(30);
/// Rows looked at before others get their turn at the database.
pub(super) const ROWS: u32 = 100;

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
    let done = rollover::pass(context).await?
        + forgetting::pass(context, now).await?
        + all::<ExpireSignal>(context, now).await?
        + all::<TimeMatch>(context, now).await?
        + all::<TimeMeeting>(context, now).await?;
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

/// Work on one row when its time comes.
pub(super) trait Due: Command<Reply = (), Refusal = (), Error = Nothing> + Sized {
    /// What a row is found by.
    type Key: Copy + Send + Sync;
    /// The name of the look for rows.
    const LOOK: &'static str;

    /// The rows that are due.
    fn due(tx: &mut Tx<'_>, now: Timestamp) -> impl Future<Output = Result<Vec<Self::Key>, Fault>> + Send;

    /// The work on one of them.
    fn on(row: Self::Key, vault: Vault, now: Timestamp) -> Self;
}

/// Does one sort of work on every row that is due, and tells how much that was.
async fn all<W: Due>(context: &Context, now: Timestamp) -> Result<u64, Refusal> {
    let mut done = 0;
    loop {
        let mut read = context
            .store
            .read(W::LOOK)
            .await
            .map_err(|error| of_store(&error))?;
        let due = W::due(&mut read.tx(), now).await?;
        drop(read);
        let mut moved = 0;
        for row in due {
            moved += u64::from(look(context, W::on(row, context.vault.clone(), now)).await?);
        }
        done += moved;
        // What others hold is theirs, and a row may have more than one deadline behind it.
        if moved == 0 {
            return Ok(done);
        }
    }
}

/// Whether anything was done about one row.
async fn look<C>(context: &Context, work: C) -> Result<bool, Refusal>
where
    C: Command<Reply = (), Refusal = (), Error = Nothing>,
{
    match context.store.write_internal(NAME, work).await {
        Ok(_) => Ok(true),
        Err(WriteError::Command(Nothing::Here)) => Ok(false),
        Err(WriteError::Command(Nothing::Fault(fault))) => {
            let refusal = Refusal::from(fault);
            // One row with a fault does not hold up the others: it was logged.
            if refusal.reason() == ErrorReason::Internal {
                Ok(false)
            } else {
                Err(refusal)
            }
        }
        Err(WriteError::Store(error)) => Err(of_store(&error)),
        Err(error @ WriteError::RequestIdReused) => Err(of_write(error)),
    }
}

/// Why a look at a row is no act.
#[derive(Debug)]
pub(super) enum Nothing {
    /// Another replica has it, or had it, or nothing is due yet.
    Here,
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

impl From<Nothing> for Refusal {
    fn from(nothing: Nothing) -> Self {
        match nothing {
            Nothing::Here => Self::not_available(),
            Nothing::Fault(fault) => fault.into(),
        }
    }
}

/// Ends a signal whose time is over.
struct ExpireSignal {
    vault: Vault,
    signal: SignalId,
    now: Timestamp,
}

impl Due for ExpireSignal {
    type Key = SignalId;
    const LOOK: &'static str = "timer.signals";

    async fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<SignalId>, Fault> {
        Signal::due_ids(tx, now, ROWS).await
    }

    fn on(signal: SignalId, vault: Vault, now: Timestamp) -> Self {
        Self { vault, signal, now }
    }
}

impl Command for ExpireSignal {
    type Reply = ();
    type Refusal = ();
    type Error = Nothing;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, Nothing> {
        let found = Signal::lock_due(&self.vault, tx, self.signal, self.now).await?;
        let signal = found.ok_or(Nothing::Here)?;
        // A disputed one is over too: nobody needs to decide on it any more.
        let event = match signal.stage {
            Stage::Disputed { .. } => Event::Close(Ending::ObjectionUpheld),
            _ => Event::Expire,
        };
        let signal = signal.after(event, Actor::Mesh).map_err(|_| Nothing::Here)?;
        signal.save(&self.vault, tx).await?;
        let who = Who {
            organisation: Some(signal.organisation),
            professional: None,
        };
        let log = log::event(Logged::TimeRanOut, who, self.now, NAME, Subject::None);
        Ok(Outcome::done((), log))
    }
}

/// Does what is due about a match.
struct TimeMatch {
    vault: Vault,
    tag: Tag,
    now: Timestamp,
}

impl Due for TimeMatch {
    type Key = Tag;
    const LOOK: &'static str = "timer.matches";

    async fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Tag>, Fault> {
        Encounter::due_tags(tx, now, ROWS).await
    }

    fn on(tag: Tag, vault: Vault, now: Timestamp) -> Self {
        Self { vault, tag, now }
    }
}

impl Command for TimeMatch {
    type Reply = ();
    type Refusal = ();
    type Error = Nothing;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, Nothing> {
        let found = Encounter::lock_due(&self.vault, tx, &self.tag, self.now).await?;
        let found = found.ok_or(Nothing::Here)?;
        let act = found.due_act(self.now).ok_or(Nothing::Here)?;
        let changed = found.timed(act, self.now).map_err(|_| Nothing::Here)?;
        changed.save(&self.vault, tx).await?;
        match act {
            DueAct::UpholdObjection => {
                let close = Event::Close(Ending::ObjectionUpheld);
                along(&self.vault, tx, &changed, (close, Actor::Mesh)).await?;
            }
            DueAct::Escalate => escalate(&self.vault, tx, &changed).await?,
            DueAct::Expire => {}
        }
        let mut grants = changed.grants().into_iter();
        let grant = grants
            .next()
            .ok_or(Nothing::Fault(Fault::Contradiction("a match without parties")))?;
        let log = |grant| {
            let about = (grant, changed.id);
            log::of_match(Logged::TimeRanOut, Who::default(), self.now, NAME, about)
        };
        let done = grants.fold(Outcome::done((), log(grant)), |done, grant| {
            done.with_log(log(grant))
        });
        Ok(done.with_events(outbox_row(&[changed])))
    }
}
