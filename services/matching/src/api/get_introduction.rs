//! GetIntroduction: an introduction, as its coordinator or a side may know it.

use sluis_proto::matching::v1::{GetIntroductionRequest, GetIntroductionResponse};
use sluis_serve::Refusal;
use sluis_types::IntroductionId;
use tonic::Request;

use super::follow::{By, part, shown};
use crate::context::Context;

const METHOD: &str = "sluis.matching.v1.IntroductionService/GetIntroduction";

pub(super) async fn handle(
    context: &Context,
    request: &Request<GetIntroductionRequest>,
) -> Result<GetIntroductionResponse, Refusal> {
    let partner = context.partner(request)?;
    let id: IntroductionId = sluis_serve::id("introduction_id", &request.get_ref().introduction_id)?;
    match part(context, By::Organisation(partner.organisation()), id).await? {
        Some(part) => Ok(GetIntroductionResponse {
            introduction: shown(context, &[part], partner.now).await?.pop(),
        }),
        None => Err(context.not_available(&partner, METHOD, id.as_bytes()).await),
    }
}
