//! RedeemLetterCode: a resident who got a letter brings what stands there behind their login.

use sluis_proto::consent::v1::{RedeemLetterCodeRequest, RedeemLetterCodeResponse};
use sluis_serve::{Caller, Refusal, ResidentCaller};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::Timestamp;
use tonic::Request;

use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::assurance::GRANTING_NEEDS;
use crate::domain::grant::hour_after;
use crate::domain::link_code::LinkCode;
use crate::domain::tries::TRIES_WINDOW;
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{
    Access, Entry, Head, Name, Pointer, RESIDENTS_MAX, Reach, ResidentKey, login_name, reach,
};
use crate::store::{Due, Rows};

const METHOD: &str = "sluis.consent.v1.ResidentAssistedService/RedeemLetterCode";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<RedeemLetterCodeRequest>,
) -> Result<RedeemLetterCodeResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
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
    written.answer?;
    Ok(RedeemLetterCodeResponse {})
}

struct Redeem {
    rows: Rows,
    caller: ResidentCaller,
    code: LinkCode,
    now: Timestamp,
}

impl Command for Redeem {
    type Reply = ();
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let reach = reach(rows, tx, &self.caller, now).await?;
        reach.require_own()?;
        let entry = Entry::by_resident(Happening::LetterRedeemed, METHOD, now);
        let counter = rows.tries_of_login(&self.caller);
        let mut tries = rows.tries(tx, &counter).await?;
        let decided = match tries.closed_until(now) {
            Some(opens) => {
                let seconds = opens.since(now).as_secs() + 1;
                Err(Denial::TooManyTries {
                    retry_seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
                })
            }
            None if reach.assurance < GRANTING_NEEDS => Err(Denial::AssuranceTooLow),
            None => self.take(tx, &reach).await?.ok_or(Denial::CodeRefused),
        };
        if decided == Err(Denial::CodeRefused) {
            tries.add(now);
            rows.put_tries(tx, &counter, &tries).await?;
            rows.schedule(tx, hour_after(now.plus(TRIES_WINDOW)), &Due::TriesEnd(counter))
                .await?;
        }
        let of = decided.as_ref().unwrap_or(reach.first()?);
        let mut head = Head::lock(rows, tx, of).await?;
        if decided.is_ok() && !reach.owns(of) {
            head.add_login();
        }
        let tag = head.next_log();
        head.save(rows, tx).await?;
        if let Ok(resident) = &decided {
            // Whoever had notices of this resident hears that a login was added; else they go where the new login's go.
            rows.announce(tx, resident, now).await?;
            rows.share_notice_address(tx, reach.first()?, resident).await?;
        }
        Ok(match decided {
            Ok(_) => Outcome::done((), entry.done(tag)),
            Err(denial) => Outcome::refused(denial, entry.refused(tag, denial)),
        })
    }
}

impl Redeem {
    /// Uses up the code and puts its resident behind the login. None when it is wrong, used or expired, or when there is
    /// no room behind the login: then it is not used up.
    async fn take(&self, tx: &mut Tx<'_>, reach: &Reach) -> Result<Option<ResidentKey>, CommandError> {
        let rows = &self.rows;
        let key = rows.key(&Name::LetterCode(&self.code));
        let Some(Access {
            resident,
            pointer: Pointer::Letter { ends, forms, .. },
        }) = rows.access(tx, &key).await?
        else {
            return Ok(None);
        };
        let j = u32::try_from(reach.residents.len()).unwrap_or(RESIDENTS_MAX);
        // Whoever takes the row away has used the code, and nobody else.
        if self.now >= ends || j >= RESIDENTS_MAX || !rows.delete_access(tx, &key).await? {
            return Ok(None);
        }
        for form in &forms {
            rows.delete_access(tx, form).await?;
        }
        if !reach.owns(&resident) {
            let access = Access {
                resident: resident.clone(),
                pointer: Pointer::Resident,
            };
            if !rows
                .insert_access(tx, &rows.key(&login_name(&self.caller, j)), &access)
                .await?
            {
                // Another letter came in at the same moment.
                return Err(CommandError::Moved);
            }
        }
        Ok(Some(resident))
    }
}
