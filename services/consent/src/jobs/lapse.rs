//! Taking away what is no grant: each is looked at again, and what has changed meanwhile is left alone.

use sluis_store::{StoreError, Tx, Upkeep};
use sluis_types::Timestamp;

use crate::domain::proposal::{ProposalId, rests};
use crate::identity::{Access, Head, Name, Pointer, RowKind};
use crate::store::{Due, DueRow, Lock, Rows};

/// One entry of the list.
pub(super) struct Lapse {
    pub(super) rows: Rows,
    pub(super) row: DueRow,
    pub(super) now: Timestamp,
}

impl Upkeep for Lapse {
    type Output = ();
    type Error = StoreError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        match &self.row.what {
            // Ends with its own steps, and is never given here.
            Due::GrantEnds(_) => return Ok(()),
            Due::ProposalLapses(id) => self.proposal(tx, *id).await?,
            Due::AccessEnds(key) => {
                let over = match self.rows.access(tx, key).await? {
                    Some(Access {
                        pointer:
                            Pointer::Code { ends, .. }
                            | Pointer::Letter { ends, .. }
                            | Pointer::MandateCode { ends, .. },
                        ..
                    }) => self.now >= ends,
                    Some(Access {
                        pointer: Pointer::RefusedAt(at),
                        ..
                    }) => !rests(at, self.now),
                    _ => false,
                };
                if over {
                    self.rows.delete_access(tx, key).await?;
                }
            }
            Due::MandateLapses(key) => self.mandate(tx, key).await?,
            Due::SessionEnds(key) => {
                if self
                    .rows
                    .session(tx, key)
                    .await?
                    .is_some_and(|session| self.now >= session.ends)
                {
                    self.rows.delete_session(tx, key).await?;
                }
            }
            Due::TriesEnd(key) => {
                if self.rows.tries(tx, key).await?.are_over(self.now) {
                    self.rows.delete_tries(tx, key).await?;
                }
            }
        }
        self.rows.strike(tx, &self.row.id).await
    }
}

impl Lapse {
    /// Takes away a mandate that is nobody's: its code is over and was not redeemed. What a resident disputed or ended
    /// stays where they see it.
    async fn mandate(&self, tx: &mut Tx<'_>, key: &[u8; 32]) -> Result<(), StoreError> {
        let rows = &self.rows;
        let Some(access) = rows.access(tx, key).await? else {
            return Ok(());
        };
        let Some(i) = access.row() else {
            return Ok(());
        };
        let tag = access.resident.tag(RowKind::Mandate, i);
        let mandate = rows.mandate(tx, &tag, Lock::Exclusive).await?;
        if mandate.is_some_and(|mandate| mandate.stage.is_nobodys()) {
            rows.delete_mandate(tx, &tag).await?;
            rows.delete_access(tx, key).await?;
        }
        Ok(())
    }

    async fn proposal(&self, tx: &mut Tx<'_>, id: ProposalId) -> Result<(), StoreError> {
        let rows = &self.rows;
        let key = rows.key(&Name::Proposal(id));
        match rows.access(tx, &key).await? {
            Some(Access {
                resident,
                pointer: Pointer::NobodysRow(i),
            }) => {
                rows.delete_access(tx, &key).await?;
                rows.delete_proposal(tx, &resident.tag(RowKind::Proposal, i))
                    .await
            }
            Some(Access {
                resident,
                pointer: Pointer::Row(i),
            }) => {
                let tag = resident.tag(RowKind::Proposal, i);
                let waiting = rows.lock_proposal(tx, &tag).await?;
                if waiting.is_some_and(|proposal| !proposal.waits(self.now)) {
                    let mut head = Head::lock(rows, tx, &resident).await?;
                    rows.clear_proposal(tx, &mut head, id, i).await?;
                    head.save(rows, tx).await?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
