//! RedeemMandateCode: a representative, who logged in with `represents`, makes a mandate theirs.

use sluis_proto::consent::v1::{RedeemMandateCodeRequest, RedeemMandateCodeResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, Refusal, ResidentCaller};
use sluis_store::{Command, Outcome, StoreError, Tx};
use sluis_types::Timestamp;
use tonic::Request;

use super::convert_mandate;
use super::owned::Owned;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::assurance::GRANTING_NEEDS;
use crate::domain::grant::hour_after;
use crate::domain::link_code::LinkCode;
use crate::domain::mandate::{Mandate, MandateStep};
use crate::domain::tries::TRIES_WINDOW;
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{
    Access, Entry, Head, Name, Pointer, RESIDENTS_MAX, ResidentKey, RowKind, login_name, session,
};
use crate::store::{Due, Lock, Rows};

const METHOD: &str = "sluis.consent.v1.ResidentRepresentationService/RedeemMandateCode";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<RedeemMandateCodeRequest>,
) -> Result<RedeemMandateCodeResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    if caller.represents.is_none() {
        return Err(Refusal::new(ErrorReason::MandateRefused));
    }
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let code = LinkCode::parse(&asked.code)
        .ok_or_else(|| Refusal::invalid_field("code", "must be 10 or 26 characters of Crockford base 32"))?;
    let now = desk.now();
    let redeem = Redeem {
        rows: desk.rows.clone(),
        caller,
        code,
        now,
    };
    let written = desk.store.write(attempt, redeem).await.map_err(write_refusal)?;
    if written.answer == Err(Denial::CodeRefused) && !written.replayed {
        desk.alarm.wrong_code(now);
    }
    Ok(written.answer?)
}

struct Redeem {
    rows: Rows,
    caller: ResidentCaller,
    code: LinkCode,
    now: Timestamp,
}

impl Command for Redeem {
    type Reply = RedeemMandateCodeResponse;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(
        &self,
        tx: &mut Tx<'_>,
    ) -> Result<Outcome<RedeemMandateCodeResponse, Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let session = session(rows, tx, &self.caller, now).await?;
        let entry = Entry::by_resident(Happening::MandateRedeemed, METHOD, now).by_representative();
        let counter = rows.tries_of_login(&self.caller);
        let mut tries = rows.tries(tx, &counter).await?;
        if let Some(opens) = tries.closed_until(now) {
            let seconds = opens.since(now).as_secs() + 1;
            let denial = Denial::TooManyTries {
                retry_seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
            };
            return Ok(Outcome::refused(denial, entry.refused_unlisted(denial)));
        }
        rows.schedule(tx, hour_after(now.plus(TRIES_WINDOW)), &Due::TriesEnd(counter))
            .await?;
        if session.assurance < GRANTING_NEEDS {
            let denial = Denial::AssuranceTooLow;
            return Ok(Outcome::refused(denial, entry.refused_unlisted(denial)));
        }
        let mut offered = self.offered(tx).await?;
        let all_step = offered
            .iter_mut()
            .all(|found| found.row.step(MandateStep::Redeem, now).is_ok());
        if offered.is_empty() || !all_step || !self.take(tx, &offered).await? {
            tries.add(now);
            rows.put_tries(tx, &counter, &tries).await?;
            let denial = Denial::CodeRefused;
            return Ok(Outcome::refused(denial, entry.refused_unlisted(denial)));
        }
        for (found, j) in offered.iter().zip(0..) {
            rows.save_mandate(tx, &found.tag, &found.row).await?;
            let name = Name::MandateCode { code: &self.code, j };
            rows.delete_access(tx, &rows.key(&name)).await?;
        }
        let mut head = Head::lock(rows, tx, &offered[0].resident).await?;
        let tag = head.next_log();
        head.save(rows, tx).await?;
        for found in &offered {
            rows.announce(tx, &found.resident, now).await?;
        }
        let reply = RedeemMandateCodeResponse {
            mandate: Some(convert_mandate::mandate(&offered[0].row, true, now)),
        };
        Ok(Outcome::done(reply, entry.done(tag)))
    }
}

impl Redeem {
    /// The mandate that the code is for: one row per resident that it is about. Nothing when the login represents
    /// somebody whom the mesh knows as another.
    async fn offered(&self, tx: &mut Tx<'_>) -> Result<Vec<Owned<Mandate>>, StoreError> {
        let (rows, mut offered) = (&self.rows, Vec::new());
        for j in 0..RESIDENTS_MAX {
            let key = rows.key(&Name::MandateCode { code: &self.code, j });
            let Some(Access {
                resident,
                pointer: Pointer::MandateCode { ends, i },
            }) = rows.access(tx, &key).await?
            else {
                break;
            };
            let tag = resident.tag(RowKind::Mandate, i);
            if let Some(row) = rows.mandate(tx, &tag, Lock::Exclusive).await?
                && self.now < ends
            {
                offered.push(Owned {
                    resident,
                    i,
                    tag,
                    row,
                });
            }
        }
        let known = self.residents_of_represented(tx).await?;
        for found in &offered {
            // Whoever has a login of their own is represented under that login and no other.
            let has_login = Head::read(rows, tx, &found.resident).await?.logins > 0;
            let is_nobody_known = known.is_empty() && !has_login;
            if !is_nobody_known && !known.contains(&found.resident) {
                return Ok(Vec::new());
            }
        }
        Ok(offered)
    }

    /// The residents behind the own login of whoever is represented, if they ever logged in.
    async fn residents_of_represented(&self, tx: &mut Tx<'_>) -> Result<Vec<ResidentKey>, StoreError> {
        let (rows, mut known) = (&self.rows, Vec::new());
        let issuer = self.caller.issuer.as_str();
        let subject = self.caller.represents.as_deref().unwrap_or_default();
        for j in 0..RESIDENTS_MAX {
            let key = rows.key(&Name::Login { issuer, subject, j });
            let Some(access) = rows.access(tx, &key).await? else {
                break;
            };
            known.push(access.resident);
        }
        Ok(known)
    }

    /// Puts the mandates behind the login: in free places, or in those of mandates that gave their last. False when
    /// there is no room.
    async fn take(&self, tx: &mut Tx<'_>, offered: &[Owned<Mandate>]) -> Result<bool, StoreError> {
        let rows = &self.rows;
        let mut waiting = offered.iter();
        let mut next = waiting.next();
        for j in 0..RESIDENTS_MAX {
            let Some(found) = next else { break };
            let key = rows.key(&login_name(&self.caller, j));
            let is_free = match rows.access(tx, &key).await? {
                None => true,
                Some(access) => {
                    let tag = access
                        .resident
                        .tag(RowKind::Mandate, access.row().unwrap_or_default());
                    let mandate = rows.mandate(tx, &tag, Lock::Shared).await?;
                    !mandate.is_some_and(|mandate| mandate.is_live(self.now))
                }
            };
            if is_free {
                let access = Access {
                    resident: found.resident.clone(),
                    pointer: Pointer::Row(found.i),
                };
                rows.put_access(tx, &key, &access).await?;
                next = waiting.next();
            }
        }
        Ok(next.is_none())
    }
}
