//! StartAssisted: a worker begins with a resident who has no login.

use std::sync::Arc;

use bytes::Bytes;
use sluis_envelope::{OrganisationKey, SealedHandle, SealingPublicKey};
use sluis_proto::consent::v1::{StartAssistedRequest, StartAssistedResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, PartnerCaller, Refusal, to_proto_timestamp};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::{Randomness, Timestamp};
use tonic::Request;

use super::derived::codes;
use crate::config::LETTER_CODE_LIFE;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::assisted::letter_maker;
use crate::domain::grant::hour_after;
use crate::domain::link_code::LinkCode;
use crate::error::{CommandError, write_refusal};
use crate::identity::{Access, Entry, Head, Name, Pointer, ResidentKey, handle_for};
use crate::store::{Due, Rows};

const METHOD: &str = "sluis.consent.v1.AssistedService/StartAssisted";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<StartAssistedRequest>,
) -> Result<StartAssistedResponse, Refusal> {
    let caller = *Caller::of(&request)?.partner()?;
    let attempt = store_request(&request, METHOD, &request.get_ref().request_id)?;
    let now = desk.now();
    let own = desk.directory.organisation(&caller.organisation)?;
    let key = own
        .and_then(|own| own.keys.newest_sealing_key(now))
        .ok_or_else(|| Refusal::new(ErrorReason::KeyRefused))?;
    let [spoken, picture] = codes(&desk.rows, "letter-code.chance", &attempt);
    let start = Start {
        rows: desk.rows.clone(),
        randomness: Arc::clone(&desk.randomness),
        caller,
        codes: [spoken.clone(), picture.clone()],
        key,
        now,
    };
    let written = desk.store.write(attempt, start).await.map_err(write_refusal)?;
    let ends = written.leaf().at.plus(LETTER_CODE_LIFE);
    let reply = written.answer.map_err(|()| Refusal::not_available())?;
    // The codes are no part of the reply that is remembered: they are kept nowhere.
    Ok(StartAssistedResponse {
        letter_code: spoken.shown(),
        letter_qr_code: picture.shown(),
        letter_expires_at: Some(to_proto_timestamp(ends)),
        ..reply
    })
}

struct Start {
    rows: Rows,
    randomness: Arc<dyn Randomness>,
    caller: PartnerCaller,
    codes: [LinkCode; 2],
    key: OrganisationKey<SealingPublicKey>,
    now: Timestamp,
}

impl Command for Start {
    type Reply = StartAssistedResponse;
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<StartAssistedResponse, ()>, CommandError> {
        let (rows, now) = (&self.rows, self.now);
        let resident = ResidentKey::generate(&*self.randomness);
        Head::create(rows, tx, &resident).await?;
        let mut head = Head::lock(rows, tx, &resident).await?;
        let organisation = &self.caller.organisation;
        let handle = handle_for(rows, tx, &mut head, organisation, now, None, &*self.randomness).await?;
        let forms = self
            .codes
            .each_ref()
            .map(|code| rows.key(&Name::LetterCode(code)));
        let ends = now.plus(LETTER_CODE_LIFE);
        let row = Access {
            resident,
            pointer: Pointer::Letter {
                ends,
                forms,
                maker: letter_maker(&self.caller.professional),
            },
        };
        for key in forms {
            rows.insert_access(tx, &key, &row).await?;
            rows.schedule(tx, hour_after(ends), &Due::AccessEnds(key)).await?;
        }
        let entry = Entry::by_partner(Happening::AssistedStarted, METHOD, &self.caller, now);
        let tag = head.next_log();
        head.save(rows, tx).await?;
        let sealed = SealedHandle::seal(&handle, &self.key, &*self.randomness)
            .map_err(|_| CommandError::Form("a handle that cannot be sealed"))?;
        let reply = StartAssistedResponse {
            sealed_handle: Bytes::from(sealed),
            ..StartAssistedResponse::default()
        };
        Ok(Outcome::done(reply, entry.done(tag)))
    }
}
