//! WithdrawGrant: a resident ends a grant. When the answer comes, its key is destroyed.

use sluis_proto::consent::v1::{WithdrawGrantRequest, WithdrawGrantResponse};
use sluis_serve::{Caller, Refusal, id};
use tonic::Request;

use super::change_grant::{Wanted, Wish, change};
use crate::desk::{Desk, store_request};

const METHOD: &str = "sluis.consent.v1.ResidentConsentService/WithdrawGrant";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<WithdrawGrantRequest>,
) -> Result<WithdrawGrantResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let wanted = Wanted {
        caller,
        grant: id("grant_id", &asked.grant_id)?,
        wish: Wish::Withdraw,
        method: METHOD,
    };
    let written = change(desk, attempt, wanted).await?;
    let leaf_promise = desk.promise(written.leaf());
    Ok(WithdrawGrantResponse {
        grant: Some(written.answer?),
        leaf_promise,
    })
}
