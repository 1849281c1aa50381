//! AnswerIntroduction: yes or no in the name of a side, without a reason.

use sluis_proto::matching::v1::{AnswerIntroductionRequest, AnswerIntroductionResponse};
use sluis_serve::Refusal;
use sluis_types::IntroductionId;
use tonic::Request;

use super::follow::{By, Deed, Doer, answer, follow};
use crate::context::Context;

const METHOD: &str = "sluis.matching.v1.IntroductionService/AnswerIntroduction";

pub(super) async fn handle(
    context: &Context,
    request: &Request<AnswerIntroductionRequest>,
) -> Result<AnswerIntroductionResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let id: IntroductionId = sluis_serve::id("introduction_id", &body.introduction_id)?;
    let deed = Deed::Answer {
        answer: answer(body.answer)?,
        exclude: body.exclude,
    };
    let doer = Doer {
        by: By::Organisation(partner.organisation()),
        who: partner.who(),
        method: METHOD,
        now: partner.now,
    };
    let introduction = follow(context, remembered, id, doer, deed).await?;
    Ok(AnswerIntroductionResponse {
        introduction: Some(introduction),
    })
}
