//! NarrowCircle: a resident leaves members or classes out of a circle.

use sluis_proto::consent::v1::{NarrowCircleRequest, NarrowCircleResponse};
use sluis_serve::{Caller, Refusal, id};
use tonic::Request;

use super::change_grant::{Wanted, Wish, change};
use super::convert_circle;
use crate::desk::{Desk, store_request};

const METHOD: &str = "sluis.consent.v1.ResidentCircleService/NarrowCircle";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<NarrowCircleRequest>,
) -> Result<NarrowCircleResponse, Refusal> {
    let caller = Caller::of(&request)?.resident()?.clone();
    let asked = request.get_ref();
    let attempt = store_request(&request, METHOD, &asked.request_id)?;
    let kept = convert_circle::terms(asked.terms.as_ref())?;
    let wanted = Wanted {
        caller,
        grant: id("grant_id", &asked.grant_id)?,
        wish: Wish::LeaveOut {
            expected_version: asked.expected_version,
            kept,
        },
        method: METHOD,
    };
    let written = change(desk, attempt, wanted).await?;
    Ok(NarrowCircleResponse {
        circle: Some(convert_circle::circle_of(written.answer?, &kept)),
    })
}
