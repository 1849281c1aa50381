//! RecordMandate: an organisation records that a court appointed a representative, or on whose declaration a relative
//! speaks. An unknown handle is answered like a known one.

use std::sync::Arc;

use sluis_proto::consent::v1::{RecordMandateRequest, RecordMandateResponse};
use sluis_serve::{Caller, PartnerCaller, Refusal, bytes32, to_proto_timestamp};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{Handle, Randomness, Timestamp};
use tonic::Request;

use super::derived::{codes, id};
use super::{convert, convert_mandate};
use crate::config::MANDATE_CODE_LIFE;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::grant::end_of_day;
use crate::domain::link_code::LinkCode;
use crate::domain::mandate::{Mandate, MandateId, MandateStage};
use crate::domain::mandate_kind::MandateScope;
use crate::error::{CommandError, write_refusal};
use crate::identity::{Entry, Head, Name, ResidentKey};
use crate::store::Rows;

const METHOD: &str = "sluis.consent.v1.RepresentationService/RecordMandate";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<RecordMandateRequest>,
) -> Result<RecordMandateResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let now = desk.now();
    let kind = convert_mandate::recorded_kind(asked.kind)?;
    let days = convert_mandate::days(asked.valid_days, kind)?;
    let declared = convert_mandate::declared(kind, asked.declaration.as_ref(), now)?;
    let mandate = Mandate {
        id: MandateId::from_bytes(id(&desk.rows, "mandate.id", &attempt)),
        kind,
        scope: declared.map_or_else(|| MandateScope::whole(kind), |(scope, _)| scope),
        stage: MandateStage::Recorded,
        recorded_by: Some((caller.organisation, caller.professional)),
        verification: convert_mandate::recorded_verification(asked.verification, kind)?,
        document_sha256: bytes32("document_sha256", &asked.document_sha256)?,
        recorded_at: now,
        valid_until: end_of_day(now, days),
        label: String::new(),
        declaration: declared.map(|(_, declaration)| declaration),
    };
    let [spoken, picture] = codes(&desk.rows, "mandate-code.chance", &attempt);
    let record = Record {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        handle: convert::handle(&asked.handle)?,
        mandate: mandate.clone(),
        codes: [spoken.clone(), picture.clone()],
        now,
    };
    let written = desk
        .store
        .write_unstored(attempt, record)
        .await
        .map_err(write_refusal)?;
    // Counted from the leaf, so that a repeat says what the first answer said.
    let ends = written.leaf().at.plus(MANDATE_CODE_LIFE);
    Ok(RecordMandateResponse {
        mandate_id: mandate.id.to_string(),
        code: spoken.shown(),
        qr_code: picture.shown(),
        code_expires_at: Some(to_proto_timestamp(ends)),
    })
}

struct Record {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    caller: PartnerCaller,
    handle: Handle,
    mandate: Mandate,
    codes: [LinkCode; 2],
    now: Timestamp,
}

impl Command for Record {
    type Reply = ();
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let link = Name::Link {
            organisation: &self.caller.organisation,
            handle: &self.handle,
        };
        let link = rows.access(tx, &rows.key(&link)).await?;
        // Nobody stands in for whom there is not: the mandate is written all the same, under a key that is thrown away.
        let resident = link.map_or_else(|| ResidentKey::generate(&*self.randomness), |link| link.resident);
        let mut head = Head::lock(rows, tx, &resident).await?;
        let entry = Entry::by_partner(Happening::MandateRecorded, METHOD, &self.caller, now);
        let tag = head.next_log();
        if tx.repeated().is_none() {
            rows.offer_mandate(tx, &mut head, 0, &self.mandate, &self.codes, now)
                .await?;
            head.save(rows, tx).await?;
            rows.announce(tx, &resident, now).await?;
        }
        Ok(Outcome::done((), entry.done(tag)))
    }
}
