//! RemoveNoticeAddress: a resident wants no notices any more.

use sluis_proto::consent::v1::{RemoveNoticeAddressRequest, RemoveNoticeAddressResponse};
use sluis_serve::{Caller, Refusal, ResidentCaller};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::Timestamp;
use tonic::Request;

use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::error::{CommandError, write_refusal};
use crate::identity::{Entry, Head, Name, reach};
use crate::store::Rows;

const METHOD: &str = "sluis.consent.v1.ResidentNoticeService/RemoveNoticeAddress";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<RemoveNoticeAddressRequest>,
) -> Result<RemoveNoticeAddressResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let attempt = store_request(&request, METHOD, &request.get_ref().request_id)?;
    let remove = Remove {
        rows: desk.rows.clone(),
        caller,
        now: desk.now(),
    };
    let written = desk.store.write(attempt, remove).await.map_err(write_refusal)?;
    written.answer.map_err(|()| Refusal::not_available())?;
    Ok(RemoveNoticeAddressResponse {})
}

struct Remove {
    rows: Rows,
    caller: ResidentCaller,
    now: Timestamp,
}

impl Command for Remove {
    type Reply = ();
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let reach = reach(rows, tx, &self.caller, now).await?;
        reach.require_own()?;
        let first = reach.first()?;
        let mut head = Head::lock(rows, tx, first).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let access = rows.key(&Name::NoticeAddressOf { resident: first });
        if let Some(mut kept) = rows.lock_notice_address(tx, &access).await? {
            kept.notice.remove();
            rows.save_notice_address(tx, &kept.key, &kept.notice).await?;
        }
        let entry = Entry::by_resident(Happening::NoticeAddressRemoved, METHOD, now);
        Ok(Outcome::done((), entry.done(tag)))
    }
}
