//! NarrowGrant: a resident takes something away from a grant.

use sluis_proto::consent::v1::{NarrowGrantRequest, NarrowGrantResponse};
use sluis_serve::{Caller, Refusal, id};
use tonic::Request;

use super::change_grant::{Wanted, Wish, change};
use super::convert;
use crate::desk::{Desk, store_request};

const METHOD: &str = "sluis.consent.v1.ResidentConsentService/NarrowGrant";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<NarrowGrantRequest>,
) -> Result<NarrowGrantResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let wanted = Wanted {
        caller,
        grant: id("grant_id", &asked.grant_id)?,
        wish: Wish::Narrow {
            expected_version: asked.expected_version,
            kept: convert::ticked(&asked.provisions)?,
        },
        method: METHOD,
    };
    let written = change(desk, attempt, wanted).await?;
    Ok(NarrowGrantResponse {
        grant: Some(written.answer?),
    })
}
