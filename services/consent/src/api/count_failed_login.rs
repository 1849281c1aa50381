//! CountFailedLogin: a login from a source failed.

use sluis_proto::consent::v1::{CountFailedLoginRequest, CountFailedLoginResponse};
use sluis_serve::{MeshRole, Refusal, bytes32};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::Timestamp;
use tonic::Request;

use super::require_role;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::domain::grant::hour_after;
use crate::domain::tries::TRIES_WINDOW;
use crate::error::{CommandError, write_refusal};
use crate::identity::Entry;
use crate::store::{Due, Rows};

const METHOD: &str = "sluis.consent.v1.ResidentSessionService/CountFailedLogin";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<CountFailedLoginRequest>,
) -> Result<CountFailedLoginResponse, Refusal> {
    require_role(&request, &[MeshRole::Gateway])?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let source = bytes32("source", &asked.source)?;
    let now = desk.now();
    let count = Count {
        rows: desk.rows.clone(),
        counter: desk.rows.tries_of_source(&source),
        now,
    };
    let written = desk.store.write(attempt, count).await.map_err(write_refusal)?;
    if written.answer.is_ok() && !written.replayed {
        desk.login_alarm.failed(now);
    }
    written.answer.map_err(|()| Refusal::not_available())?;
    Ok(CountFailedLoginResponse {})
}

struct Count {
    rows: Rows,
    counter: [u8; 32],
    now: Timestamp,
}

impl Command for Count {
    type Reply = ();
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, CommandError> {
        let (rows, now, counter) = (&self.rows, self.now, &self.counter);
        let mut tries = rows.tries(tx, counter).await?;
        tries.add(now);
        rows.put_tries(tx, counter, &tries).await?;
        rows.schedule(tx, hour_after(now.plus(TRIES_WINDOW)), &Due::TriesEnd(*counter))
            .await?;
        let entry = Entry::by_resident(Happening::LoginFailed, METHOD, now);
        Ok(Outcome::done((), entry.done_unlisted()))
    }
}
