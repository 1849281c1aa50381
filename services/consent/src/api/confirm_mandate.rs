//! ConfirmMandate: a second person of an organisation confirms what a colleague recorded. From then on relatives give way
//! to it; a relative to whom somebody goes before is suspended instead.

use std::sync::Arc;

use sluis_proto::consent::v1::{ConfirmMandateRequest, ConfirmMandateResponse};
use sluis_serve::{Caller, PartnerCaller, Refusal};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{Randomness, Timestamp};
use tonic::Request;

use super::convert_mandate::mandate_id;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::mandate::{Mandate, MandateId, MandateStep};
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Access, Entry, Head, Name, ResidentKey, RowKind};
use crate::store::{Lock, Rows};

const METHOD: &str = "sluis.consent.v1.RepresentationService/ConfirmMandate";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ConfirmMandateRequest>,
) -> Result<ConfirmMandateResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let confirm = Confirm {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        mandate: mandate_id(&asked.mandate_id)?,
        now: desk.now(),
    };
    let written = desk.store.write(attempt, confirm).await.map_err(write_refusal)?;
    written.answer?;
    Ok(ConfirmMandateResponse {})
}

struct Confirm {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    caller: PartnerCaller,
    mandate: MandateId,
    now: Timestamp,
}

/// Where a mandate is.
struct Place {
    resident: ResidentKey,
    i: u64,
    tag: [u8; 32],
}

impl Confirm {
    /// Whether this person may confirm it, and what it then is.
    fn decide(&self, mandate: &Mandate) -> Result<Mandate, Denial> {
        let (organisation, professional) = mandate.recorded_by.ok_or(Denial::NotAvailable)?;
        if organisation != self.caller.organisation {
            return Err(Denial::NotAvailable);
        }
        if professional == self.caller.professional {
            return Err(Denial::SamePerson);
        }
        let mut mandate = mandate.clone();
        mandate
            .step(MandateStep::Confirm, self.now)
            .map_err(Denial::IllegalForMandate)?;
        Ok(mandate)
    }

    /// Writes what was decided: the mandate with those that give way to it, or the mandate that gives way itself.
    async fn carry_out(
        &self,
        tx: &mut Tx<'_>,
        place: &Place,
        before: &Mandate,
        confirmed: &Mandate,
    ) -> Result<Result<(), Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let others = rows.other_mandates(tx, &place.resident, place.i).await?;
        let gives_way = others
            .iter()
            .any(|(_, other)| other.stands(now) && other.goes_before(before));
        if gives_way {
            let mut suspended = before.clone();
            suspended
                .step(MandateStep::GiveWay, now)
                .map_err(|_| CommandError::Form("a mandate that gives way"))?;
            rows.save_mandate(tx, &place.tag, &suspended).await?;
            return Ok(Err(Denial::IllegalForMandate(suspended.stage)));
        }
        rows.make_way(tx, others, confirmed, now).await?;
        rows.save_mandate(tx, &place.tag, confirmed).await?;
        Ok(Ok(()))
    }
}

impl Command for Confirm {
    type Reply = ();
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, CommandError> {
        let rows = &self.rows;
        let name = Name::Mandate {
            id: self.mandate,
            j: 0,
        };
        let access = rows.access(tx, &rows.key(&name)).await?;
        let i = access.as_ref().and_then(Access::row).unwrap_or_default();
        let resident = access.map_or_else(
            || ResidentKey::generate(&*self.randomness),
            |access| access.resident,
        );
        let place = Place {
            tag: resident.tag(RowKind::Mandate, i),
            resident: resident.clone(),
            i,
        };
        let before = rows.mandate(tx, &place.tag, Lock::Exclusive).await?;
        let decided = before
            .as_ref()
            .ok_or(Denial::NotAvailable)
            .and_then(|it| self.decide(it));
        let done = match (&before, decided) {
            (Some(before), Ok(confirmed)) => self.carry_out(tx, &place, before, &confirmed).await?,
            (_, decided) => Err(decided.err().unwrap_or(Denial::NotAvailable)),
        };
        let mut head = Head::lock(rows, tx, &resident).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        if done.is_ok() {
            rows.announce(tx, &resident, self.now).await?;
        }
        let entry = Entry::by_partner(Happening::MandateConfirmed, METHOD, &self.caller, self.now);
        Ok(match done {
            Ok(()) => Outcome::done((), entry.done(tag)),
            Err(denial) => Outcome::refused(denial, entry.refused(tag, denial)),
        })
    }
}
