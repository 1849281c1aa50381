//! What narrowing, pausing, resuming and withdrawing share: one command over one grant of the caller's.

use std::fmt;
use std::sync::Arc;

use sluis_proto::consent::v1 as proto;
use sluis_serve::{Refusal, ResidentCaller};
use sluis_store::{Command as StoreCommand, Outcome, Request as Attempt, Tx, WriteError, Written};
use sluis_types::{GrantId, Randomness, Timestamp};

use super::{convert, owned};
use crate::desk::Desk;
use crate::domain::Allowance;
use crate::domain::access_kind::Happening;
use crate::domain::assurance::{Assurance, GRANTING_NEEDS};
use crate::domain::circle::Circle;
use crate::domain::grant::{Grant, Ticked};
use crate::domain::life::{Change, Command, KeyFate, Stage};
use crate::domain::mandate_kind::MandateAct;
use crate::domain::receipt::ReceiptEvent;
use crate::error::{CommandError, Denial, write_refusal};
use crate::event::change_event;
use crate::gate::{GateKeys, Lost, Plan, Prepared};
use crate::identity::{Entry, Head, Name, reach, view};
use crate::store::Lock;

/// How often an act is prepared anew when others change what it was prepared for.
pub(super) const PREPARATIONS_MAX: usize = 8;

/// What the resident wants.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wish {
    Narrow { expected_version: u32, kept: Ticked },
    LeaveOut { expected_version: u32, kept: Circle },
    Suspend,
    Resume,
    Withdraw,
}

impl Wish {
    const fn command(self) -> Command {
        match self {
            Self::Narrow { .. } | Self::LeaveOut { .. } => Command::Narrow,
            Self::Suspend => Command::Suspend,
            Self::Resume => Command::Resume,
            Self::Withdraw => Command::Withdraw,
        }
    }

    const fn act(self) -> MandateAct {
        match self {
            Self::Narrow { .. } | Self::LeaveOut { .. } | Self::Suspend | Self::Withdraw => MandateAct::Stop,
            Self::Resume => MandateAct::Decide,
        }
    }

    /// What of the grant it is about.
    fn about(self, grant: &Grant) -> Allowance {
        let objected = match self {
            Self::Narrow { kept, .. } => kept.objected,
            Self::LeaveOut { .. } | Self::Suspend | Self::Resume | Self::Withdraw => Allowance::EMPTY,
        };
        grant.whole().union(&objected)
    }

    const fn receipt(self) -> ReceiptEvent {
        match self {
            Self::Narrow { .. } | Self::LeaveOut { .. } => ReceiptEvent::Narrowed,
            Self::Suspend => ReceiptEvent::Suspended,
            Self::Resume => ReceiptEvent::Resumed,
            Self::Withdraw => ReceiptEvent::Withdrawn,
        }
    }

    const fn happening(self) -> Happening {
        match self {
            Self::Narrow { .. } | Self::LeaveOut { .. } => Happening::Narrowed,
            Self::Suspend => Happening::Suspended,
            Self::Resume => Happening::Resumed,
            Self::Withdraw => Happening::Withdrawn,
        }
    }
}

/// Who wants what of which grant.
#[derive(Clone)]
pub(super) struct Wanted {
    pub(super) caller: ResidentCaller,
    pub(super) grant: GrantId,
    pub(super) wish: Wish,
    pub(super) method: &'static str,
}

/// Carries out a wish: prepares what the key store must do first, writes, settles, and only then gives the answer.
pub(super) async fn change(
    desk: &Desk,
    attempt: Attempt,
    wanted: Wanted,
) -> Result<Written<proto::Grant, Denial>, Refusal> {
    let now = desk.now();
    for _ in 0..PREPARATIONS_MAX {
        let plan = plan(desk, &wanted, now).await?;
        let (store, attempt) = (desk.store.clone(), attempt.clone());
        let template = ChangeGrant {
            keys: desk.gate.keys.clone(),
            randomness: Arc::clone(&desk.randomness),
            wanted: wanted.clone(),
            prepared: Prepared::Nothing,
            now,
        };
        let write =
            move |prepared| async move { store.write(attempt, ChangeGrant { prepared, ..template }).await };
        match desk.gate.run(plan, write).await {
            Err(WriteError::Command(CommandError::Moved)) => {}
            Err(error) => return Err(write_refusal(error)),
            Ok(written) => {
                if plan == Plan::Nothing && written.answer.is_ok() {
                    // A repeat, or a grant that had ended: what an earlier attempt left is destroyed first.
                    desk.gate.settle_grant(wanted.grant).await?;
                }
                return Ok(written);
            }
        }
    }
    Err(CommandError::Moved.into())
}

/// What the key store must do, by the grant as it is now. Only for a grant of the caller's: nobody else can make the key
/// store work.
async fn plan(desk: &Desk, wanted: &Wanted, now: Timestamp) -> Result<Plan, Refusal> {
    let mut read = desk
        .store
        .read("change_grant.plan")
        .await
        .map_err(CommandError::Store)?;
    let mut tx = read.tx();
    let reach = view(&desk.rows, &mut tx, &wanted.caller, now).await?;
    let random = &*desk.randomness;
    let found = owned::grant(&desk.rows, &mut tx, &reach, wanted.grant, Lock::None, random).await;
    let found = found.map_err(CommandError::Store)?;
    Ok(found.map_or(Plan::Nothing, |found| Plan::of(&found.row, wanted.wish.command())))
}

struct ChangeGrant {
    keys: GateKeys,
    randomness: Arc<dyn Randomness>,
    wanted: Wanted,
    prepared: Prepared,
    now: Timestamp,
}

impl fmt::Debug for ChangeGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeGrant")
            .field("wish", &self.wanted.wish)
            .finish_non_exhaustive()
    }
}

impl StoreCommand for ChangeGrant {
    type Reply = proto::Grant;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::Grant, Denial>, CommandError> {
        let (rows, now, wish) = (self.keys.rows(), self.now, self.wanted.wish);
        let reach = reach(rows, tx, &self.wanted.caller, now).await?;
        let id = self.wanted.grant;
        let found = owned::grant(rows, tx, &reach, id, Lock::Exclusive, &*self.randomness).await?;
        let resident = found
            .as_ref()
            .map_or(reach.first()?, |found| &found.resident)
            .clone();
        let mut entry = Entry::by_resident(wish.happening(), self.wanted.method, now)
            .acting(&reach)
            .under(found.as_ref().map(|found| &found.row));
        if let Some(scope) = found
            .as_ref()
            .and_then(|found| convert::spanned(&found.row.effective()))
        {
            entry = entry.declaring(scope);
        }
        let is_mandated = found.as_ref().is_some_and(|found| match wish.act() {
            MandateAct::Decide => reach.may_give(&resident, &wish.about(&found.row), &found.row.recipient),
            act => reach.may(&resident, act, &wish.about(&found.row)),
        });

        let (mut changed, mut lost, mut kept) = (None, Vec::new(), None);
        if let Some(mut found) = found {
            let before = found.row.clone();
            let decided = if is_mandated {
                decide(&mut found.row, wish, reach.assurance, now)
            } else {
                Err(Denial::NotMandated)
            };
            match decided {
                Err(denial) => changed = Some(Err(denial)),
                Ok((fate, change)) => {
                    lost = self
                        .keys
                        .carry_out(tx, &mut found.row, fate, &self.prepared, now)
                        .await?;
                    self.keys
                        .renew_bundles(tx, &resident, Some(&before), &found.row, now)
                        .await?;
                    rows.save_grant(tx, &found.tag, &found.row).await?;
                    if found.row.state.ended_at().is_some() {
                        let Grant {
                            discloser, recipient, ..
                        } = &found.row;
                        let pair = Name::GrantOf {
                            resident: &resident,
                            discloser,
                            recipient,
                        };
                        rows.delete_access_to(tx, &rows.key(&pair), found.i).await?;
                    }
                    let event = change.and_then(|change| change_event(&before, &found.row, change, now));
                    changed = Some(Ok((convert::grant(&found.row, now), event)));
                    // What had ended before has its receipt.
                    kept = change.is_some().then_some(found.row);
                }
            }
        }

        let mut head = Head::lock(rows, tx, &resident).await?;
        let tag = head.next_log();
        if let Some(grant) = kept {
            // A circle's two names are two of its members only: it says nothing of consent between them.
            if wish.act() == MandateAct::Stop && grant.circle.is_none() {
                rows.clear_records(tx, &mut head, &grant.discloser, &grant.recipient)
                    .await?;
            }
            rows.add_receipt(tx, &mut head, &grant, wish.receipt(), reach.speaker(), now)
                .await?;
        }
        head.save(rows, tx).await?;
        if reach.is_representative && matches!(changed, Some(Ok(_))) {
            rows.announce(tx, &resident, now).await?;
        }
        Ok(match changed.unwrap_or(Err(Denial::NotAvailable)) {
            Ok((reply, event)) => Lost::tell(lost, Outcome::done(reply, entry.done(tag)).with_events(event)),
            Err(denial) => Outcome::refused(denial, entry.refused(tag, denial)),
        })
    }
}

/// Keeps only these members and classes of a circle.
fn leave_out(next: &mut Grant, version: u32, expected_version: u32, kept: Circle) -> Result<(), Denial> {
    let circle = next.circle.ok_or(Denial::NotAvailable)?;
    if expected_version != version {
        return Err(Denial::VersionConflict);
    }
    if !kept.is_within(&circle) {
        return Err(Denial::NotWithin);
    }
    next.set_circle(kept);
    Ok(())
}

type Step = (KeyFate, Option<Change>);

/// Decides a wish, and takes the step when it is allowed.
fn decide(grant: &mut Grant, wish: Wish, assurance: Assurance, now: Timestamp) -> Result<Step, Denial> {
    let over = grant.state.ended_at().is_none() && now >= grant.valid_until;
    if over && wish.command() != Command::Withdraw {
        return Err(Denial::Illegal(Stage::Expired));
    }
    // Resuming gives away anew what was not allowed any more.
    if wish.command() == Command::Resume && assurance < GRANTING_NEEDS {
        return Err(Denial::AssuranceTooLow);
    }
    let mut next = grant.clone();
    let line = next.step(wish.command(), now).map_err(Denial::Illegal)?;
    if let Wish::LeaveOut {
        expected_version,
        kept,
    } = wish
    {
        leave_out(&mut next, grant.version, expected_version, kept)?;
    }
    if let Wish::Narrow {
        expected_version,
        kept,
    } = wish
    {
        if expected_version != grant.version {
            return Err(Denial::VersionConflict);
        }
        if !next.keep_only(&kept) {
            return Err(Denial::NotWithin);
        }
    }
    *grant = next;
    Ok((line.key, line.change))
}
