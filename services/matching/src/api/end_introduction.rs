//! EndIntroduction: it ends, without a reason.

use sluis_proto::matching::v1::{EndIntroductionRequest, EndIntroductionResponse};
use sluis_serve::Refusal;
use sluis_types::IntroductionId;
use tonic::Request;

use super::follow::{By, Deed, Doer, follow};
use crate::context::Context;

const METHOD: &str = "sluis.matching.v1.IntroductionService/EndIntroduction";

pub(super) async fn handle(
    context: &Context,
    request: &Request<EndIntroductionRequest>,
) -> Result<EndIntroductionResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let id: IntroductionId = sluis_serve::id("introduction_id", &body.introduction_id)?;
    let deed = Deed::End {
        exclude: body.exclude,
    };
    let doer = Doer {
        by: By::Organisation(partner.organisation()),
        who: partner.who(),
        method: METHOD,
        now: partner.now,
    };
    let introduction = follow(context, remembered, id, doer, deed).await?;
    Ok(EndIntroductionResponse {
        introduction: Some(introduction),
    })
}
