//! CreateProxy: a resident authorises somebody, and gets a code for them.

use sluis_proto::consent::v1::{CreateProxyRequest, CreateProxyResponse};
use sluis_serve::{Caller, Refusal, ResidentCaller, text, to_proto_timestamp};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::Timestamp;
use tonic::Request;

use super::convert_mandate;
use super::derived::{codes, id};
use crate::config::MANDATE_CODE_LIFE;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::assurance::GRANTING_NEEDS;
use crate::domain::grant::end_of_day;
use crate::domain::link_code::LinkCode;
use crate::domain::mandate::{Mandate, MandateId, MandateStage, Verification};
use crate::domain::mandate_kind::MandateKind;
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Entry, Head, reach};
use crate::store::{LABEL_CHARS_MAX, Rows};

const METHOD: &str = "sluis.consent.v1.ResidentRepresentationService/CreateProxy";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<CreateProxyRequest>,
) -> Result<CreateProxyResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let now = desk.now();
    let days = convert_mandate::days(asked.valid_days, MandateKind::Proxy)?;
    let mandate = Mandate {
        id: MandateId::from_bytes(id(&desk.rows, "mandate.id", &attempt)),
        kind: MandateKind::Proxy,
        scope: convert_mandate::scope(asked)?,
        stage: MandateStage::Offered,
        recorded_by: None,
        verification: Verification::Resident,
        document_sha256: [0; 32],
        recorded_at: now,
        valid_until: end_of_day(now, days),
        label: text("label", &asked.label, LABEL_CHARS_MAX)?.to_owned(),
        declaration: None,
    };
    let [spoken, picture] = codes(&desk.rows, "mandate-code.chance", &attempt);
    let create = Create {
        rows: desk.rows.clone(),
        caller,
        mandate: mandate.clone(),
        codes: [spoken.clone(), picture.clone()],
        now,
    };
    let written = desk
        .store
        .write_unstored(attempt, create)
        .await
        .map_err(write_refusal)?;
    // Counted from the leaf, so that a repeat says what the first answer said.
    let ends = written.leaf().at.plus(MANDATE_CODE_LIFE);
    written.answer?;
    Ok(CreateProxyResponse {
        mandate_id: mandate.id.to_string(),
        code: spoken.shown(),
        qr_code: picture.shown(),
        code_expires_at: Some(to_proto_timestamp(ends)),
    })
}

struct Create {
    rows: Rows,
    caller: ResidentCaller,
    mandate: Mandate,
    codes: [LinkCode; 2],
    now: Timestamp,
}

impl Command for Create {
    type Reply = ();
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let reach = reach(rows, tx, &self.caller, now).await?;
        reach.require_own()?;
        let entry = Entry::by_resident(Happening::ProxyCreated, METHOD, now);
        let is_repeated = tx.repeated().is_some();
        let mut first_tag = None;
        for (reached, j) in reach.residents.iter().zip(0..) {
            let mut head = Head::lock(rows, tx, &reached.resident).await?;
            let tag = *first_tag.get_or_insert_with(|| head.next_log());
            if is_repeated {
                // It was made before, and may be redeemed or ended by now: it is not made again.
                return Ok(Outcome::done((), entry.done(tag)));
            }
            if reach.assurance < GRANTING_NEEDS {
                head.save(rows, tx).await?;
                let denial = Denial::AssuranceTooLow;
                return Ok(Outcome::refused(denial, entry.refused(tag, denial)));
            }
            let i = head.counts().mandates;
            rows.offer_mandate(tx, &mut head, j, &self.mandate, &self.codes, now)
                .await?;
            head.save(rows, tx).await?;
            // What the resident says themself goes before what relatives say.
            let others = rows.other_mandates(tx, &reached.resident, i).await?;
            rows.make_way(tx, others, &self.mandate, now).await?;
        }
        let tag = first_tag.ok_or(CommandError::Form("a login without residents"))?;
        Ok(Outcome::done((), entry.done(tag)))
    }
}
