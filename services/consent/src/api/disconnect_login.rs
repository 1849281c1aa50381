//! DisconnectLogin: a resident breaks the tie between a login and everything behind it. What is behind it stays as it is.

use sluis_proto::consent::v1::{DisconnectLoginRequest, DisconnectLoginResponse};
use sluis_serve::{Caller, Refusal, ResidentCaller};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::Timestamp;
use tonic::Request;

use crate::desk::{Desk, store_request};
use crate::domain::access_kind::Happening;
use crate::error::{CommandError, write_refusal};
use crate::identity::{Entry, Head, RESIDENTS_MAX, login_name, reach};
use crate::store::Rows;

const METHOD: &str = "sluis.consent.v1.ResidentConsentService/DisconnectLogin";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<DisconnectLoginRequest>,
) -> Result<DisconnectLoginResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let attempt = store_request(&request, METHOD, &request.get_ref().request_id)?;
    let disconnect = Disconnect {
        rows: desk.rows.clone(),
        caller,
        now: desk.now(),
    };
    let written = desk
        .store
        .write(attempt, disconnect)
        .await
        .map_err(write_refusal)?;
    written.answer.map_err(|()| Refusal::not_available())?;
    Ok(DisconnectLoginResponse {})
}

struct Disconnect {
    rows: Rows,
    caller: ResidentCaller,
    now: Timestamp,
}

impl Command for Disconnect {
    type Reply = ();
    type Refusal = ();
    type Error = CommandError;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<(), ()>, CommandError> {
        let rows = &self.rows;
        let reach = reach(rows, tx, &self.caller, self.now).await?;
        for j in 0..RESIDENTS_MAX {
            rows.delete_access(tx, &rows.key(&login_name(&self.caller, j)))
                .await?;
        }
        rows.delete_session(tx, &rows.session_key(&self.caller.session))
            .await?;
        if !reach.is_representative {
            let own: Vec<_> = reach.residents.iter().map(|reached| &reached.resident).collect();
            rows.forget_notice_address(tx, &own).await?;
        }
        let mut first = None;
        for reached in &reach.residents {
            let mut head = Head::lock(rows, tx, &reached.resident).await?;
            first.get_or_insert_with(|| head.next_log());
            if !reach.is_representative {
                head.remove_login();
            }
            head.save(rows, tx).await?;
        }
        let tag = first.ok_or(CommandError::Form("a login without residents"))?;
        let entry = Entry::by_resident(Happening::LoginDisconnected, METHOD, self.now).acting(&reach);
        Ok(Outcome::done((), entry.done(tag)))
    }
}
