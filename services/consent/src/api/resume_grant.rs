//! ResumeGrant: a resident resumes a paused grant, or confirms one whose key was lost in a restore.

use sluis_proto::consent::v1::{ResumeGrantRequest, ResumeGrantResponse};
use sluis_serve::{Caller, Refusal, id};
use tonic::Request;

use super::change_grant::{Wanted, Wish, change};
use crate::desk::{Desk, store_request};

const METHOD: &str = "sluis.consent.v1.ResidentConsentService/ResumeGrant";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ResumeGrantRequest>,
) -> Result<ResumeGrantResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let wanted = Wanted {
        caller,
        grant: id("grant_id", &asked.grant_id)?,
        wish: Wish::Resume,
        method: METHOD,
    };
    let written = change(desk, attempt, wanted).await?;
    Ok(ResumeGrantResponse {
        grant: Some(written.answer?),
    })
}
