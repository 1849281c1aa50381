//! What ending a mandate and disputing it share: one step of the resident's own.

use std::sync::Arc;

use sluis_proto::consent::v1 as proto;
use sluis_serve::{Refusal, ResidentCaller};
use sluis_store::{Command, Outcome, Request as Attempt, Tx};
use sluis_types::{Randomness, Timestamp};

use super::{convert_mandate, owned};
use crate::desk::Desk;
use crate::domain::access_kind::Happening;
use crate::domain::mandate::{MandateId, MandateStep};
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Entry, Head, reach};
use crate::store::Rows;

/// Who wants which step of which mandate.
pub(super) struct Wanted {
    pub(super) caller: ResidentCaller,
    pub(super) mandate: MandateId,
    pub(super) step: MandateStep,
    pub(super) happening: Happening,
    pub(super) method: &'static str,
}

/// Takes the step and gives the mandate as it then is.
pub(super) async fn change(desk: &Desk, attempt: Attempt, wanted: Wanted) -> Result<proto::Mandate, Refusal> {
    let change = ChangeMandate {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        wanted,
        now: desk.now(),
    };
    let written = desk.store.write(attempt, change).await.map_err(write_refusal)?;
    Ok(written.answer?)
}

struct ChangeMandate {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    wanted: Wanted,
    now: Timestamp,
}

impl Command for ChangeMandate {
    type Reply = proto::Mandate;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<proto::Mandate, Denial>, CommandError> {
        let (rows, now, wanted) = (&self.rows, self.now, &self.wanted);
        let reach = reach(rows, tx, &wanted.caller, now).await?;
        reach.require_own()?;
        let random = &*self.randomness;
        let mut found = owned::mandates(rows, tx, &reach, wanted.mandate, random).await?;
        let resident = found
            .first()
            .map_or(reach.first()?, |found| &found.resident)
            .clone();
        let mut head = Head::lock(rows, tx, &resident).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let entry = Entry::by_resident(wanted.happening, wanted.method, now);
        let mut reply = Err(Denial::NotAvailable);
        for found in &mut found {
            match found.row.step(wanted.step, now) {
                Ok(()) => {
                    rows.save_mandate(tx, &found.tag, &found.row).await?;
                    reply = Ok(convert_mandate::mandate(&found.row, false, now));
                }
                Err(stage) => reply = Err(Denial::IllegalForMandate(stage)),
            }
        }
        Ok(match reply {
            Ok(mandate) => Outcome::done(mandate, entry.done(tag)),
            Err(denial) => Outcome::refused(denial, entry.refused(tag, denial)),
        })
    }
}
