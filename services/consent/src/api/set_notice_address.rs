//! SetNoticeAddress: a resident says where notices go. A code is mailed there; nothing else is until it is entered.

use std::sync::Arc;

use sluis_proto::consent::v1::{self as proto, SetNoticeAddressRequest, SetNoticeAddressResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, Refusal, ResidentCaller, to_proto_timestamp};
use sluis_store::{Command, Outcome, StoreError, Tx};
use sluis_types::{Randomness, Timestamp};
use tonic::Request;

use super::derived::id;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::assurance::GRANTING_NEEDS;
use crate::domain::email_address::EmailAddress;
use crate::domain::grant::{hour_after, hour_of};
use crate::domain::notice_address::{Destination, NoticeAddress, NoticeLanguage};
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Access, Entry, Head, Name, NoticeAddressId, Pointer, Reach, reach};
use crate::store::Rows;

const METHOD: &str = "sluis.consent.v1.ResidentNoticeService/SetNoticeAddress";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<SetNoticeAddressRequest>,
) -> Result<SetNoticeAddressResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    if desk.notices.is_none() {
        return Err(Refusal::new(ErrorReason::NoticesOff));
    }
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let address = EmailAddress::parse(&asked.address)
        .ok_or_else(|| Refusal::invalid_field("address", "must be an e-mail address"))?;
    let set = Set {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        to: Destination {
            address,
            language: language(asked.language)?,
        },
        // Derived, so that a repeat of an act that was cut short mails the same code.
        nonce: id(&desk.rows, "notice-address.nonce", &attempt),
        now: desk.now(),
    };
    let written = desk.store.write(attempt, set).await.map_err(write_refusal)?;
    desk.notice_waits.notify_one();
    Ok(written.answer?)
}

fn language(stated: i32) -> Result<NoticeLanguage, Refusal> {
    match proto::NoticeLanguage::try_from(stated) {
        Ok(proto::NoticeLanguage::Dutch) => Ok(NoticeLanguage::Dutch),
        Ok(proto::NoticeLanguage::English) => Ok(NoticeLanguage::English),
        Ok(proto::NoticeLanguage::Unspecified) | Err(_) => {
            Err(Refusal::invalid_field("language", "must be a known value"))
        }
    }
}

struct Set {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    caller: ResidentCaller,
    to: Destination,
    nonce: [u8; 16],
    now: Timestamp,
}

impl Command for Set {
    type Reply = SetNoticeAddressResponse;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(
        &self,
        tx: &mut Tx<'_>,
    ) -> Result<Outcome<SetNoticeAddressResponse, Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let reach = reach(rows, tx, &self.caller, now).await?;
        reach.require_own()?;
        let first = reach.first()?;
        let mut head = Head::lock(rows, tx, first).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let entry = Entry::by_resident(Happening::NoticeAddressSet, METHOD, now);
        if reach.assurance < GRANTING_NEEDS {
            let denial = Denial::AssuranceTooLow;
            return Ok(Outcome::refused(denial, entry.refused(tag, denial)));
        }
        let access = rows.key(&Name::NoticeAddressOf { resident: first });
        let kept = rows.lock_notice_address(tx, &access).await?;
        let mut notice = kept
            .as_ref()
            .map_or_else(NoticeAddress::default, |kept| kept.notice.clone());
        let ends = match notice.set(self.to.clone(), self.nonce, now) {
            Ok(ends) => ends,
            Err(opens) => {
                let seconds = opens.since(now).as_secs() + 1;
                let denial = Denial::TooManyTries {
                    retry_seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
                };
                return Ok(Outcome::refused(denial, entry.refused(tag, denial)));
            }
        };
        let id = if let Some(kept) = kept {
            rows.save_notice_address(tx, &kept.key, &notice).await?;
            kept.id
        } else {
            let id = NoticeAddressId::random(&*self.randomness);
            rows.insert_notice_address(tx, &id, &notice).await?;
            id
        };
        self.lead_there(tx, &reach, id).await?;
        rows.schedule_notice(tx, hour_of(now), &access).await?;
        // By then it is confirmed, or goes.
        rows.schedule_notice(tx, hour_after(ends), &access).await?;
        let reply = SetNoticeAddressResponse {
            code_expires_at: Some(to_proto_timestamp(ends)),
        };
        Ok(Outcome::done(reply, entry.done(tag)))
    }
}

impl Set {
    /// Every resident behind the login has their notices there: however many there are, a mailbox gets one an hour.
    async fn lead_there(
        &self,
        tx: &mut Tx<'_>,
        reach: &Reach,
        id: NoticeAddressId,
    ) -> Result<(), StoreError> {
        for reached in &reach.residents {
            let resident = &reached.resident;
            let access = Access {
                resident: resident.clone(),
                pointer: Pointer::NoticeAddress(id),
            };
            let key = self.rows.key(&Name::NoticeAddressOf { resident });
            self.rows.put_access(tx, &key, &access).await?;
        }
        Ok(())
    }
}
