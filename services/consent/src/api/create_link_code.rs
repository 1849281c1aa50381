//! CreateLinkCode: a resident makes a code for one organisation.

use sluis_proto::consent::v1::{CreateLinkCodeRequest, CreateLinkCodeResponse};
use sluis_serve::{Caller, Refusal, ResidentCaller, oin, to_proto_timestamp};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{Oin, Timestamp};
use tonic::Request;

use super::derived::codes;
use crate::desk::{Desk, store_request};
use crate::domain::Allowance;
use crate::domain::access_kind::Happening;
use crate::domain::grant::hour_after;
use crate::domain::link_code::{LINK_CODE_LIFE, LinkCode};
use crate::domain::mandate_kind::MandateAct;
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Access, Entry, Head, Name, Pointer, reach};
use crate::store::{Due, Rows};

const METHOD: &str = "sluis.consent.v1.ResidentConsentService/CreateLinkCode";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<CreateLinkCodeRequest>,
) -> Result<CreateLinkCodeResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let organisation = oin("oin", &asked.oin)?;
    desk.require_member("oin", &organisation)?;
    let [spoken, picture] = codes(&desk.rows, "link-code.chance", &attempt);
    let create = Create {
        rows: desk.rows.clone(),
        caller,
        organisation,
        codes: [spoken.clone(), picture.clone()],
        now: desk.now(),
    };
    let written = desk
        .store
        .write_unstored(attempt, create)
        .await
        .map_err(write_refusal)?;
    // Counted from the leaf, so that a repeat says what the first answer said.
    let ends = written.leaf().at.plus(LINK_CODE_LIFE);
    written.answer?;
    Ok(CreateLinkCodeResponse {
        code: spoken.shown(),
        qr_code: picture.shown(),
        expires_at: Some(to_proto_timestamp(ends)),
    })
}

struct Create {
    rows: Rows,
    caller: ResidentCaller,
    organisation: Oin,
    codes: [LinkCode; 2],
    now: Timestamp,
}

impl Command for Create {
    type Reply = ();
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, CommandError> {
        let (rows, now, organisation) = (&self.rows, self.now, &self.organisation);
        let reach = reach(rows, tx, &self.caller, now).await?;
        let resident = reach.first()?;
        let repeated = tx.repeated().is_some();
        let mut head = Head::lock(rows, tx, resident).await?;
        let entry = Entry::by_resident(Happening::CodeCreated, METHOD, now).acting(&reach);
        let tag = head.next_log();
        // Who links an organisation lets it ask about everything.
        if !reach.may(resident, MandateAct::Decide, &Allowance::everything()) {
            head.save(rows, tx).await?;
            let denial = Denial::NotMandated;
            return Ok(Outcome::refused(denial, entry.refused(tag, denial)));
        }
        if repeated {
            // The code was made before, and may be used by now: it is not made again.
            return Ok(Outcome::done((), entry.done(tag)));
        }
        let code_of = rows.key(&Name::CodeOf {
            resident,
            organisation,
        });
        if let Some(Access {
            pointer: Pointer::Code { forms, .. },
            ..
        }) = rows.access(tx, &code_of).await?
        {
            for form in &forms {
                rows.delete_access(tx, form).await?;
            }
        }
        let forms = self
            .codes
            .each_ref()
            .map(|code| rows.key(&Name::LinkCode { organisation, code }));
        let ends = now.plus(LINK_CODE_LIFE);
        let row = Access {
            resident: resident.clone(),
            pointer: Pointer::Code { ends, forms },
        };
        for key in [forms[0], forms[1], code_of] {
            rows.put_access(tx, &key, &row).await?;
            rows.schedule(tx, hour_after(ends), &Due::AccessEnds(key)).await?;
        }
        head.save(rows, tx).await?;
        Ok(Outcome::done((), entry.done(tag)))
    }
}
