//! RedeemLinkCode: a worker turns the code that a resident gave into the organisation's own handle.

use std::sync::Arc;

use bytes::Bytes;
use sluis_envelope::{OrganisationKey, SealedHandle, SealingPublicKey};
use sluis_proto::consent::v1::{RedeemLinkCodeRequest, RedeemLinkCodeResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, PartnerCaller, Refusal};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{Randomness, Timestamp};
use tonic::Request;

use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::grant::hour_after;
use crate::domain::link_code::LinkCode;
use crate::domain::tries::TRIES_WINDOW;
use crate::error::{CommandError, Denial, write_refusal};
use crate::identity::{Access, Entry, Head, Name, Pointer, ResidentKey, handle_for};
use crate::store::{Due, Rows};

const METHOD: &str = "sluis.consent.v1.ConsentService/RedeemLinkCode";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<RedeemLinkCodeRequest>,
) -> Result<RedeemLinkCodeResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let code = LinkCode::parse(&asked.code)
        .ok_or_else(|| Refusal::invalid_field("code", "must be 10 or 26 characters of Crockford base 32"))?;
    let now = desk.now();
    let own = desk.directory.organisation(&caller.organisation)?;
    let key = own
        .and_then(|own| own.keys.newest_sealing_key(now))
        .ok_or_else(|| Refusal::new(ErrorReason::KeyRefused))?;
    let redeem = Redeem {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        code,
        key,
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
    randomness: Arc<dyn Randomness>,
    caller: PartnerCaller,
    code: LinkCode,
    key: OrganisationKey<SealingPublicKey>,
    now: Timestamp,
}

impl Command for Redeem {
    type Reply = RedeemLinkCodeResponse;
    type Refusal = Denial;
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<RedeemLinkCodeResponse, Denial>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let (organisation, professional) = (&self.caller.organisation, &self.caller.professional);
        let entry = Entry::by_partner(Happening::Linked, METHOD, &self.caller, now);
        let counters = [
            rows.tries_of_organisation(organisation),
            rows.tries_of_professional(organisation, professional),
        ];
        let mut tries = [
            rows.tries(tx, &counters[0]).await?,
            rows.tries(tx, &counters[1]).await?,
        ];
        if let Some(opens) = tries.iter().filter_map(|tries| tries.closed_until(now)).max() {
            let seconds = opens.since(now).as_secs() + 1;
            let denial = Denial::TooManyTries {
                retry_seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
            };
            return Ok(Outcome::refused(denial, entry.refused_unlisted(denial)));
        }

        for counter in &counters {
            rows.schedule(tx, hour_after(now.plus(TRIES_WINDOW)), &Due::TriesEnd(*counter))
                .await?;
        }

        let key = rows.key(&Name::LinkCode {
            organisation,
            code: &self.code,
        });
        let access = rows.access(tx, &key).await?;
        // Whoever takes the row away has used the code, and nobody else.
        let taken = rows.delete_access(tx, &key).await?;
        let resident = access.as_ref().map_or_else(
            || ResidentKey::generate(&*self.randomness),
            |access| access.resident.clone(),
        );
        let forms = match access {
            Some(Access {
                pointer: Pointer::Code { ends, forms },
                ..
            }) if taken && now < ends => Some(forms),
            _ => None,
        };
        let mut head = Head::lock(rows, tx, &resident).await?;
        let tag = head.next_log();
        let outcome = if let Some(forms) = forms {
            for form in &forms {
                rows.delete_access(tx, form).await?;
            }
            let code_of = rows.key(&Name::CodeOf {
                resident: &resident,
                organisation,
            });
            rows.delete_access(tx, &code_of).await?;
            let handle = handle_for(rows, tx, &mut head, organisation, now, None, &*self.randomness).await?;
            let sealed = SealedHandle::seal(&handle, &self.key, &*self.randomness)
                .map_err(|_| CommandError::Form("a handle that cannot be sealed"))?;
            let reply = RedeemLinkCodeResponse {
                sealed_handle: Bytes::from(sealed),
            };
            Outcome::done(reply, entry.done(tag))
        } else {
            for (counter, tries) in counters.iter().zip(&mut tries) {
                tries.add(now);
                rows.put_tries(tx, counter, tries).await?;
            }
            Outcome::refused(Denial::CodeRefused, entry.refused(tag, Denial::CodeRefused))
        };
        head.save(rows, tx).await?;
        Ok(outcome)
    }
}
