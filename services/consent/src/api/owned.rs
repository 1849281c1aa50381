//! What a resident's call may touch: rows that belong to one of the residents behind its login.

use sluis_store::{StoreError, Tx};
use sluis_types::{GrantId, Randomness, Timestamp};

use crate::domain::grant::Grant;
use crate::domain::mandate::{Mandate, MandateId};
use crate::domain::mandate_kind::MandateAct;
use crate::domain::proposal::{Proposal, ProposalId};
use crate::domain::receipt::{Receipt, ReceiptId};
use crate::identity::{Access, Name, RESIDENTS_MAX, Reach, ResidentKey, RowKind};
use crate::store::{Lock, Rows};

/// A row of the caller's, and whose it is.
#[derive(Debug)]
pub(super) struct Owned<T> {
    pub(super) resident: ResidentKey,
    pub(super) i: u64,
    pub(super) tag: [u8; 32],
    pub(super) row: T,
}

/// Where to look: at the caller's own row, or at one that never was, so that "not there" and "not yours" run alike.
fn place(
    access: Option<Access>,
    reach: &Reach,
    kind: RowKind,
    randomness: &dyn Randomness,
) -> (ResidentKey, u64, [u8; 32]) {
    let own = access
        .filter(|access| reach.owns(&access.resident))
        .and_then(|access| access.row().map(|i| (access.resident, i)));
    let (resident, i) = own.unwrap_or_else(|| (ResidentKey::generate(randomness), 0));
    let tag = resident.tag(kind, i);
    (resident, i, tag)
}

/// The caller's grant with this id. A record of another legal basis is none: what a resident may do with a grant, they
/// may not do with it.
pub(super) async fn grant(
    rows: &Rows,
    tx: &mut Tx<'_>,
    reach: &Reach,
    id: GrantId,
    lock: Lock,
    randomness: &dyn Randomness,
) -> Result<Option<Owned<Grant>>, StoreError> {
    let found = any_grant(rows, tx, reach, id, lock, randomness).await?;
    Ok(found.filter(|found| found.row.basis.is_none()))
}

/// The record of another legal basis about the caller with this id, once they may see it.
pub(super) async fn basis(
    rows: &Rows,
    tx: &mut Tx<'_>,
    reach: &Reach,
    id: GrantId,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Result<Option<Owned<Grant>>, StoreError> {
    let found = any_grant(rows, tx, reach, id, Lock::Exclusive, randomness).await?;
    let is_shown = |found: &Owned<Grant>| found.row.basis.as_ref().is_some_and(|basis| basis.is_shown(now));
    Ok(found.filter(is_shown))
}

async fn any_grant(
    rows: &Rows,
    tx: &mut Tx<'_>,
    reach: &Reach,
    id: GrantId,
    lock: Lock,
    randomness: &dyn Randomness,
) -> Result<Option<Owned<Grant>>, StoreError> {
    let access = rows.access(tx, &rows.key(&Name::Grant(id))).await?;
    let (resident, i, tag) = place(access, reach, RowKind::Grant, randomness);
    let row = rows.grant(tx, &tag, lock).await?;
    // What a mandate does not reach is not there for its holder.
    let row = row.filter(|row| reach.may(&resident, MandateAct::See, &row.whole()));
    Ok(row.map(|row| Owned {
        resident,
        i,
        tag,
        row,
    }))
}

/// The caller's proposal with this id, as long as it waits.
pub(super) async fn proposal(
    rows: &Rows,
    tx: &mut Tx<'_>,
    reach: &Reach,
    id: ProposalId,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Result<Option<Owned<Proposal>>, StoreError> {
    let access = rows.access(tx, &rows.key(&Name::Proposal(id))).await?;
    let (resident, i, tag) = place(access, reach, RowKind::Proposal, randomness);
    let row = rows.lock_proposal(tx, &tag).await?;
    let row = row.filter(|row| reach.may(&resident, MandateAct::See, &row.question.allowed));
    Ok(row.filter(|row| row.waits(now)).map(|row| Owned {
        resident,
        i,
        tag,
        row,
    }))
}

/// The same, for reading.
pub(super) async fn read_proposal(
    rows: &Rows,
    tx: &mut Tx<'_>,
    reach: &Reach,
    id: ProposalId,
    now: Timestamp,
    randomness: &dyn Randomness,
) -> Result<Option<Owned<Proposal>>, StoreError> {
    let access = rows.access(tx, &rows.key(&Name::Proposal(id))).await?;
    let (resident, i, tag) = place(access, reach, RowKind::Proposal, randomness);
    let row = rows.proposal(tx, &tag).await?;
    let row = row.filter(|row| reach.may(&resident, MandateAct::See, &row.question.allowed));
    Ok(row.filter(|row| row.waits(now)).map(|row| Owned {
        resident,
        i,
        tag,
        row,
    }))
}

/// The caller's mandate with this id: one row per resident that it is about, each held for a change.
pub(super) async fn mandates(
    rows: &Rows,
    tx: &mut Tx<'_>,
    reach: &Reach,
    id: MandateId,
    randomness: &dyn Randomness,
) -> Result<Vec<Owned<Mandate>>, StoreError> {
    let mut found = Vec::new();
    for j in 0..RESIDENTS_MAX {
        let access = rows.access(tx, &rows.key(&Name::Mandate { id, j })).await?;
        let (resident, i, tag) = place(access, reach, RowKind::Mandate, randomness);
        // Looked for to the end: the caller may own a later one only.
        let Some(row) = rows.mandate(tx, &tag, Lock::Exclusive).await? else {
            continue;
        };
        found.push(Owned {
            resident,
            i,
            tag,
            row,
        });
    }
    Ok(found)
}

/// The caller's receipt with this id.
pub(super) async fn receipt(
    rows: &Rows,
    tx: &mut Tx<'_>,
    reach: &Reach,
    id: ReceiptId,
    randomness: &dyn Randomness,
) -> Result<Option<Receipt>, StoreError> {
    let access = rows.access(tx, &rows.key(&Name::Receipt(id))).await?;
    let (resident, _, tag) = place(access, reach, RowKind::Receipt, randomness);
    let row = rows.receipt(tx, &tag).await?;
    Ok(row.filter(|row| reach.may(&resident, MandateAct::See, &row.whole())))
}
