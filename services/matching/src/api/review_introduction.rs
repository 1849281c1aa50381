//! ReviewIntroduction: it was looked at, and goes on.

use sluis_proto::matching::v1::{ReviewIntroductionRequest, ReviewIntroductionResponse};
use sluis_serve::Refusal;
use sluis_types::IntroductionId;
use tonic::Request;

use super::follow::{By, Deed, Doer, follow};
use crate::context::Context;

const METHOD: &str = "sluis.matching.v1.IntroductionService/ReviewIntroduction";

pub(super) async fn handle(
    context: &Context,
    request: &Request<ReviewIntroductionRequest>,
) -> Result<ReviewIntroductionResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let id: IntroductionId = sluis_serve::id("introduction_id", &body.introduction_id)?;
    let deed = Deed::Review;
    let doer = Doer {
        by: By::Organisation(partner.organisation()),
        who: partner.who(),
        method: METHOD,
        now: partner.now,
    };
    let introduction = follow(context, remembered, id, doer, deed).await?;
    Ok(ReviewIntroductionResponse {
        introduction: Some(introduction),
    })
}
