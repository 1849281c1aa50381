//! ObjectToLegalBasis: a resident says that a record is not right. A privacy officer of the organisation must look at it.

use std::sync::Arc;

use sluis_proto::consent::v1::{LegalBasisRecord, ObjectToLegalBasisRequest, ObjectToLegalBasisResponse};
use sluis_serve::{Caller, Refusal, ResidentCaller, id};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{GrantId, Randomness, Timestamp};
use tonic::Request;

use super::{convert, convert_legal_basis, owned};
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::legal_basis::object;
use crate::domain::mandate_kind::MandateAct;
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Entry, Head, reach};
use crate::store::Rows;

const METHOD: &str = "sluis.consent.v1.ResidentLegalBasisService/ObjectToLegalBasis";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ObjectToLegalBasisRequest>,
) -> Result<ObjectToLegalBasisResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let objection = Objection {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        basis: id("legal_basis_id", &asked.legal_basis_id)?,
        now: desk.now(),
    };
    let written = desk
        .store
        .write(attempt, objection)
        .await
        .map_err(write_refusal)?;
    Ok(ObjectToLegalBasisResponse {
        record: Some(written.answer?),
    })
}

struct Objection {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    caller: ResidentCaller,
    basis: GrantId,
    now: Timestamp,
}

impl Command for Objection {
    type Reply = LegalBasisRecord;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<LegalBasisRecord, Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let reach = reach(rows, tx, &self.caller, now).await?;
        let found = owned::basis(rows, tx, &reach, self.basis, now, &*self.randomness).await?;
        let resident = found
            .as_ref()
            .map_or(reach.first()?, |found| &found.resident)
            .clone();
        let mut entry = Entry::by_resident(Happening::BasisObjected, METHOD, now)
            .acting(&reach)
            .under(found.as_ref().map(|found| &found.row));
        let mut decided = Err(Denial::NotAvailable);
        if let Some(mut found) = found {
            let whole = found.row.whole();
            if let Some(scope) = convert::spanned(&whole) {
                entry = entry.declaring(scope);
            }
            decided = if reach.may(&resident, MandateAct::Stop, &whole) {
                if found.row.basis.as_mut().is_some_and(|basis| object(basis, now)) {
                    rows.save_grant(tx, &found.tag, &found.row).await?;
                }
                convert_legal_basis::record(&found.row, now).ok_or(Denial::NotAvailable)
            } else {
                Err(Denial::NotMandated)
            };
        }
        let mut head = Head::lock(rows, tx, &resident).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        Ok(match decided {
            Ok(record) => Outcome::done(record, entry.done(tag)),
            Err(denial) => Outcome::refused(denial, entry.refused(tag, denial)),
        })
    }
}
