//! What refusing a proposal and putting it aside share.

use std::sync::Arc;

use sluis_serve::ResidentCaller;
use sluis_store::{Command, Outcome, StoreError, Tx};
use sluis_types::{Randomness, Timestamp};

use super::owned::{self, Owned};
use crate::domain::access_kind::Happening;
use crate::domain::circle::CircleQuestion;
use crate::domain::grant::hour_after;
use crate::domain::mandate_kind::MandateAct;
use crate::domain::proposal::{Answer, Proposal, ProposalId, Question, REFUSAL_REST};
use crate::error::{CommandError, Denial};
use crate::identity::{Access, Entry, Head, Name, Pointer, reach};
use crate::store::{Due, Rows};

/// An answer that makes no grant.
pub(super) struct AnswerProposal {
    pub(super) rows: Rows,
    pub(super) randomness: Arc<dyn Randomness>,
    pub(super) caller: ResidentCaller,
    pub(super) proposal: ProposalId,
    pub(super) answer: Answer,
    pub(super) happening: Happening,
    pub(super) method: &'static str,
    pub(super) now: Timestamp,
}

impl Command for AnswerProposal {
    type Reply = ();
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let reach = reach(rows, tx, &self.caller, now).await?;
        let found = owned::proposal(rows, tx, &reach, self.proposal, now, &*self.randomness).await?;
        let resident = found
            .as_ref()
            .map_or(reach.first()?, |found| &found.resident)
            .clone();
        let mut head = Head::lock(rows, tx, &resident).await?;
        let entry = Entry::by_resident(self.happening, self.method, now).acting(&reach);
        let tag = head.next_log();
        let may_decide = |found: &Owned<Proposal>| {
            reach.may(&found.resident, MandateAct::Decide, &found.row.question.allowed)
        };
        let outcome = match found {
            None => Outcome::refused(Denial::NotAvailable, entry.refused(tag, Denial::NotAvailable)),
            Some(found) if !may_decide(&found) => {
                Outcome::refused(Denial::NotMandated, entry.refused(tag, Denial::NotMandated))
            }
            Some(found) => {
                match found.row.clone().answer(self.answer) {
                    Some(kept) => rows.save_proposal(tx, &found.tag, Some(&kept)).await?,
                    None => self.end(tx, &mut head, &found).await?,
                }
                Outcome::done((), entry.done(tag))
            }
        };
        head.save(rows, tx).await?;
        if reach.is_representative && outcome.is_done() {
            rows.announce(tx, &resident, now).await?;
        }
        Ok(outcome)
    }
}

impl AnswerProposal {
    /// Ends a refused proposal, and remembers for a while that nobody may ask the same again.
    async fn end(&self, tx: &mut Tx<'_>, head: &mut Head, found: &Owned<Proposal>) -> Result<(), StoreError> {
        let rows = &self.rows;
        let Question {
            discloser, recipient, ..
        } = &found.row.question;
        let resident = &found.resident;
        let key = match &found.row.question.circle {
            None => rows.key(&Name::RefusalOf {
                resident,
                discloser,
                recipient,
            }),
            Some(CircleQuestion { circle, .. }) => rows.key(&Name::RefusalOfCircle { resident, circle }),
        };
        let refusal = Access {
            resident: resident.clone(),
            pointer: Pointer::RefusedAt(self.now),
        };
        rows.put_access(tx, &key, &refusal).await?;
        rows.schedule(tx, hour_after(self.now.plus(REFUSAL_REST)), &Due::AccessEnds(key))
            .await?;
        rows.clear_proposal(tx, head, found.row.id, found.i).await?;
        // A circle's two names are two of its members only: a no to it says nothing of consent between them.
        if found.row.question.circle.is_none() {
            rows.clear_records(tx, head, discloser, recipient).await?;
        }
        Ok(())
    }
}
