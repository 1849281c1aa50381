//! ConfirmNoticeAddress: a resident enters the code that was mailed.

use sluis_proto::consent::v1::{ConfirmNoticeAddressRequest, ConfirmNoticeAddressResponse};
use sluis_serve::{Caller, Refusal, ResidentCaller};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::Timestamp;
use tonic::Request;

use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::link_code::LinkCode;
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Entry, Head, Name, reach};
use crate::store::Rows;

const METHOD: &str = "sluis.consent.v1.ResidentNoticeService/ConfirmNoticeAddress";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ConfirmNoticeAddressRequest>,
) -> Result<ConfirmNoticeAddressResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let code = LinkCode::parse(&asked.code)
        .ok_or_else(|| Refusal::invalid_field("code", "must be 10 characters of Crockford base 32"))?;
    let confirm = Confirm {
        rows: desk.rows.clone(),
        caller,
        code,
        now: desk.now(),
    };
    let written = desk.store.write(attempt, confirm).await.map_err(write_refusal)?;
    written.answer?;
    Ok(ConfirmNoticeAddressResponse {})
}

struct Confirm {
    rows: Rows,
    caller: ResidentCaller,
    code: LinkCode,
    now: Timestamp,
}

impl Command for Confirm {
    type Reply = ();
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let reach = reach(rows, tx, &self.caller, now).await?;
        reach.require_own()?;
        let first = reach.first()?;
        let mut head = Head::lock(rows, tx, first).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let entry = Entry::by_resident(Happening::NoticeAddressConfirmed, METHOD, now);
        let access = rows.key(&Name::NoticeAddressOf { resident: first });
        let mut is_confirmed = false;
        if let Some(mut kept) = rows.lock_notice_address(tx, &access).await? {
            let waiting = kept.notice.waiting(now);
            let is_right =
                waiting.is_some_and(|waiting| rows.is_notice_code(&kept.id, &waiting.nonce, &self.code));
            is_confirmed = kept.notice.confirm(is_right, now);
            rows.save_notice_address(tx, &kept.key, &kept.notice).await?;
        }
        Ok(if is_confirmed {
            Outcome::done((), entry.done(tag))
        } else {
            Outcome::refused(Denial::CodeRefused, entry.refused(tag, Denial::CodeRefused))
        })
    }
}
