//! WithdrawAll: a resident tells any linked organisation that they withdraw everything. The answer is always "done".

use std::sync::Arc;

use sluis_proto::consent::v1::{WithdrawAllRequest, WithdrawAllResponse};
use sluis_serve::{Caller, PartnerCaller, Refusal};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{GrantId, Handle, Randomness, Timestamp};
use tonic::Request;

use super::convert;
use super::end_grants::{Ending, end_grants, live_grants};
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::receipt::Speaker;
use crate::error::{CommandError, write_refusal};
use crate::identity::{Entry, Head, Name, ResidentKey};
use crate::store::Rows;

const METHOD: &str = "sluis.consent.v1.AssistedService/WithdrawAll";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<WithdrawAllRequest>,
) -> Result<WithdrawAllResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let handle = convert::handle(&asked.handle)?;
    let now = desk.now();
    let note = Note {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        handle,
        now,
    };
    let written = desk.store.write(attempt, note).await.map_err(write_refusal)?;
    let at = written.leaf().at;
    written.answer.map_err(|()| Refusal::not_available())?;
    // Also for a repeat: an earlier attempt may have been cut short here.
    let ending = Ending {
        entry: Entry::by_partner(Happening::Withdrawn, METHOD, &caller, now),
        speaker: Speaker::Worker,
    };
    end_grants(desk, &live(desk, &caller, &handle, at).await?, &ending).await?;
    Ok(WithdrawAllResponse {})
}

/// Every grant of the resident behind the handle that had begun at `at` and has not ended; of nobody there is none.
async fn live(
    desk: &Desk,
    caller: &PartnerCaller,
    handle: &Handle,
    at: Timestamp,
) -> Result<Vec<GrantId>, CommandError> {
    let mut read = desk.store.read("WithdrawAll").await?;
    let mut tx = read.tx();
    let link = Name::Link {
        organisation: &caller.organisation,
        handle,
    };
    let link = desk.rows.access(&mut tx, &desk.rows.key(&link)).await?;
    let resident = link.map_or_else(|| ResidentKey::generate(&*desk.randomness), |link| link.resident);
    live_grants(&desk.rows, &mut tx, &resident, |grant| grant.since <= at).await
}

/// Writes down that it was asked, before anything ends.
struct Note {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    caller: PartnerCaller,
    handle: Handle,
    now: Timestamp,
}

impl Command for Note {
    type Reply = ();
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, CommandError> {
        let rows = &self.rows;
        let link = Name::Link {
            organisation: &self.caller.organisation,
            handle: &self.handle,
        };
        let link = rows.access(tx, &rows.key(&link)).await?;
        let resident = link.map_or_else(|| ResidentKey::generate(&*self.randomness), |link| link.resident);
        let mut head = Head::lock(rows, tx, &resident).await?;
        // What waits was agreed to before: it must not begin after.
        for (i, proposal) in rows.proposals(tx, &resident).await? {
            rows.clear_proposal(tx, &mut head, proposal.id, i).await?;
        }
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let entry = Entry::by_partner(Happening::WithdrewAll, METHOD, &self.caller, self.now);
        Ok(Outcome::done((), entry.done(tag)))
    }
}
