//! SuspendGrant: a resident pauses a grant. Its key is kept.

use sluis_proto::consent::v1::{SuspendGrantRequest, SuspendGrantResponse};
use sluis_serve::{Caller, Refusal, id};
use tonic::Request;

use super::change_grant::{Wanted, Wish, change};
use crate::desk::{Desk, store_request};

const METHOD: &str = "sluis.consent.v1.ResidentConsentService/SuspendGrant";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<SuspendGrantRequest>,
) -> Result<SuspendGrantResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let wanted = Wanted {
        caller,
        grant: id("grant_id", &asked.grant_id)?,
        wish: Wish::Suspend,
        method: METHOD,
    };
    let written = change(desk, attempt, wanted).await?;
    Ok(SuspendGrantResponse {
        grant: Some(written.answer?),
    })
}
