//! EndSession: a resident logs out.

use sluis_proto::consent::v1::{EndSessionRequest, EndSessionResponse};
use sluis_serve::{MeshRole, Refusal, session_hash};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::Timestamp;
use tonic::Request;

use super::require_role;
use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::error::{CommandError, write_refusal};
use crate::identity::Entry;
use crate::store::Rows;

const METHOD: &str = "sluis.consent.v1.ResidentSessionService/EndSession";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<EndSessionRequest>,
) -> Result<EndSessionResponse, Refusal> {
    require_role(&request, &[MeshRole::Gateway])?;
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let key = desk.rows.session_key(&session_hash(&asked.session_token));
    let end = End {
        rows: desk.rows.clone(),
        key,
        now: desk.now(),
    };
    let written = desk.store.write(attempt, end).await.map_err(write_refusal)?;
    debug_assert!(written.answer.is_ok(), "ending a session is never refused");
    Ok(EndSessionResponse {})
}

struct End {
    rows: Rows,
    key: [u8; 32],
    now: Timestamp,
}

impl Command for End {
    type Reply = ();
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, CommandError> {
        self.rows.delete_session(tx, &self.key).await?;
        let entry = Entry::by_resident(Happening::SessionEnded, METHOD, self.now);
        Ok(Outcome::done((), entry.done_unlisted()))
    }
}
