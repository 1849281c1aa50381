//! GetNoticeAddress: where a resident's notices go. Masked: its owner recognises it, and nobody else learns it.

use sluis_proto::consent::v1::{self as proto, GetNoticeAddressRequest, GetNoticeAddressResponse};
use sluis_serve::{Caller, Refusal, to_proto_timestamp};
use tonic::Request;

use crate::desk::Desk;
use crate::domain::notice_address::NoticeLanguage;
use crate::error::{CommandError, store_refusal};
use crate::identity::view;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<GetNoticeAddressRequest>,
) -> Result<GetNoticeAddressResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?;
    let now = desk.now();
    let mut read = desk
        .store
        .read("GetNoticeAddress")
        .await
        .map_err(|error| store_refusal(&error))?;
    let mut tx = read.tx();
    let reach = view(&desk.rows, &mut tx, caller, now).await?;
    reach.require_own()?;
    let notice = desk.rows.notice_address(&mut tx, reach.first()?).await;
    let notice = notice.map_err(CommandError::Store)?;
    let waiting = notice.waiting(now);
    let newest = notice.confirmed.as_ref().or(waiting.map(|waiting| &waiting.to));
    let language = newest.map_or(proto::NoticeLanguage::Unspecified, |to| match to.language {
        NoticeLanguage::Dutch => proto::NoticeLanguage::Dutch,
        NoticeLanguage::English => proto::NoticeLanguage::English,
    });
    Ok(GetNoticeAddressResponse {
        sends_notices: desk.notices.is_some(),
        address: notice
            .confirmed
            .as_ref()
            .map(|to| to.address.masked())
            .unwrap_or_default(),
        waiting_address: waiting
            .map(|waiting| waiting.to.address.masked())
            .unwrap_or_default(),
        code_expires_at: waiting.map(|waiting| to_proto_timestamp(waiting.ends)),
        language: language.into(),
    })
}
