//! What confirming, ending and reviewing a record of another legal basis share: one command over one record of the
//! caller's organisation.

use std::fmt;
use std::sync::Arc;

use sluis_proto::consent::v1 as proto;
use sluis_serve::{PartnerCaller, Refusal};
use sluis_store::{Command as StoreCommand, Outcome, Request as Attempt, Tx, WriteError};
use sluis_types::{GrantId, Randomness, ReviewOutcome, Timestamp};

use super::change_grant::PREPARATIONS_MAX;
use super::owned::Owned;
use super::{convert, convert_legal_basis};
use crate::desk::Desk;
use crate::domain::access_kind::Happening;
use crate::domain::grant::Grant;
use crate::domain::legal_basis::{confirm, review};
use crate::domain::life::{Command, Transition};
use crate::error::{CommandError, Denial, write_refusal};
use crate::event::change_event;
use crate::gate::{GateKeys, Lost, Plan, Prepared};
use crate::identity::{Access, Entry, Head, Name, ResidentKey, RowKind};
use crate::store::{Due, Lock, Rows};

/// What the organisation wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Confirm,
    End,
    Review(ReviewOutcome),
}

impl Wish {
    /// What it does to the grant that the record is; none where it changes nothing of its life.
    const fn command(self) -> Option<Command> {
        match self {
            Self::Confirm => Some(Command::Confirm),
            Self::End | Self::Review(ReviewOutcome::Unfounded) => Some(Command::Withdraw),
            Self::Review(ReviewOutcome::Upheld) => None,
        }
    }

    const fn happening(self) -> Happening {
        match self {
            Self::Confirm => Happening::BasisConfirmed,
            Self::End => Happening::BasisEnded,
            Self::Review(_) => Happening::BasisReviewed,
        }
    }
}

/// Who wants what of which record.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) caller: PartnerCaller,
    pub(super) basis: GrantId,
    pub(super) wish: Wish,
    pub(super) method: &'static str,
}

/// Carries out a wish: prepares what the key store must do first, writes, settles, and only then gives the answer.
pub(super) async fn change(
    desk: &Desk,
    attempt: Attempt,
    wanted: Wanted,
) -> Result<proto::LegalBasisRecord, Refusal> {
    let now = desk.now();
    for _ in 0..PREPARATIONS_MAX {
        let plan = plan(desk, &wanted).await?;
        let (store, attempt) = (desk.store.clone(), attempt.clone());
        let template = Change {
            keys: desk.gate.keys.clone(),
            randomness: Arc::clone(&desk.randomness),
            wanted,
            prepared: Prepared::Nothing,
            now,
        };
        let write =
            move |prepared| async move { store.write(attempt, Change { prepared, ..template }).await };
        match desk.gate.run(plan, write).await {
            Err(WriteError::Command(CommandError::Moved)) => {}
            Err(error) => return Err(write_refusal(error)),
            Ok(written) => {
                let record = written.answer?;
                if plan == Plan::Nothing {
                    // A repeat, or a record that had ended: what an earlier attempt left is destroyed first.
                    desk.gate.settle_grant(wanted.basis).await?;
                }
                return Ok(record);
            }
        }
    }
    Err(CommandError::Moved.into())
}

/// What the key store must do, by the record as it is now. For another organisation's nothing is done.
async fn plan(desk: &Desk, wanted: &Wanted) -> Result<Plan, CommandError> {
    let mut read = desk.store.read("change_legal_basis.plan").await?;
    let found = find(&desk.rows, &mut read.tx(), wanted, Lock::None, &*desk.randomness).await?;
    let plan = found
        .zip(wanted.wish.command())
        .map(|(found, command)| Plan::of(&found.row, command));
    Ok(plan.unwrap_or(Plan::Nothing))
}

/// The caller's record with this id. Another organisation's is looked at and not found, like one that never was.
async fn find(
    rows: &Rows,
    tx: &mut Tx<'_>,
    wanted: &Wanted,
    lock: Lock,
    randomness: &dyn Randomness,
) -> Result<Option<Owned<Grant>>, CommandError> {
    let access = rows.access(tx, &rows.key(&Name::Grant(wanted.basis))).await?;
    let i = access.as_ref().and_then(Access::row).unwrap_or_default();
    let resident = access.map_or_else(|| ResidentKey::generate(randomness), |access| access.resident);
    let tag = resident.tag(RowKind::Grant, i);
    let row = rows.grant(tx, &tag, lock).await?;
    let row = row.filter(|row| row.basis.is_some() && row.discloser == wanted.caller.organisation);
    Ok(row.map(|row| Owned {
        resident,
        i,
        tag,
        row,
    }))
}

/// Decides a wish, and takes the step when it is allowed.
fn decide(
    grant: &mut Grant,
    wish: Wish,
    by: [u8; 32],
    now: Timestamp,
) -> Result<Option<&'static Transition>, Denial> {
    match wish {
        Wish::Confirm => Ok(Some(confirm(grant, by, now)?)),
        Wish::End => grant
            .step(Command::Withdraw, now)
            .map(Some)
            .map_err(Denial::Illegal),
        Wish::Review(outcome) => Ok(review(grant, by, outcome, now)?),
    }
}

struct Change {
    keys: GateKeys,
    randomness: Arc<dyn Randomness>,
    wanted: Wanted,
    prepared: Prepared,
    now: Timestamp,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("wish", &self.wanted.wish)
            .finish_non_exhaustive()
    }
}

impl StoreCommand for Change {
    type Reply = proto::LegalBasisRecord;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::LegalBasisRecord, Denial>, CommandError> {
        let (
            rows,
            now,
            Wanted {
                caller, wish, method, ..
            },
        ) = (self.keys.rows(), self.now, self.wanted);
        let entry = Entry::by_partner(wish.happening(), method, &caller, now);
        let found = find(rows, tx, &self.wanted, Lock::Exclusive, &*self.randomness).await?;
        let Some(mut found) = found else {
            let denial = Denial::NotAvailable;
            return Ok(Outcome::refused(denial, entry.refused_unlisted(denial)));
        };
        let before = found.row.clone();
        let decided = decide(&mut found.row, wish, caller.professional, now);
        let mut lost = Vec::new();
        if let Ok(line) = decided {
            if let Some(line) = line {
                lost = self
                    .keys
                    .carry_out(tx, &mut found.row, line.key, &self.prepared, now)
                    .await?;
            }
            rows.save_grant(tx, &found.tag, &found.row).await?;
            if found.row.valid_until != before.valid_until {
                rows.schedule(tx, found.row.valid_until, &Due::GrantEnds(found.row.id))
                    .await?;
            }
        }
        let mut head = Head::lock(rows, tx, &found.resident).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let mut entry = entry.under(Some(&found.row));
        if let Some(scope) = convert::spanned(&found.row.allowed) {
            entry = entry.declaring(scope);
        }
        let line = match decided {
            Err(denial) => return Ok(Outcome::refused(denial, entry.refused(tag, denial))),
            Ok(line) => line,
        };
        let change = line.and_then(|line| line.change);
        let event = change.and_then(|change| change_event(&before, &found.row, change, now));
        let reply = convert_legal_basis::record(&found.row, now);
        let reply = reply.ok_or(CommandError::Form("a basis of none"))?;
        let outcome = Outcome::done(reply, entry.done(tag)).with_events(event);
        Ok(Lost::tell(lost, outcome))
    }
}
