//! AnswerResidentIntroduction: yes or no for oneself, without a reason.

use sluis_envelope::TicketActions;
use sluis_proto::matching::v1::{AnswerResidentIntroductionRequest, AnswerResidentIntroductionResponse};
use sluis_serve::Refusal;
use sluis_types::IntroductionId;
use tonic::Request;

use super::follow::{By, Deed, Doer, answer, follow};
use super::ticket;
use crate::context::Context;
use crate::log::Who;

const METHOD: &str = "sluis.matching.v1.ResidentMatchingService/AnswerResidentIntroduction";

pub(super) async fn handle(
    context: &Context,
    request: &Request<AnswerResidentIntroductionRequest>,
) -> Result<AnswerResidentIntroductionResponse, Refusal> {
    let body = request.get_ref();
    let now = context.clock.now();
    let id: IntroductionId = sluis_serve::id("introduction_id", &body.introduction_id)?;
    let deed = Deed::Answer {
        answer: answer(body.answer)?,
        exclude: body.exclude,
    };
    let asked = TicketActions::DECIDE;
    let grant = ticket::grant(context, request, &body.ticket, asked, METHOD, id.as_bytes()).await?;
    let said = [
        u8::from(body.exclude),
        u8::try_from(body.answer).unwrap_or_default(),
    ];
    let remembered = ticket::remembered(request, METHOD, &body.request_id, grant, id, &said)?;
    let doer = Doer {
        by: By::Grant(grant),
        who: Who::default(),
        method: METHOD,
        now,
    };
    let introduction = follow(context, remembered, id, doer, deed).await?;
    Ok(AnswerResidentIntroductionResponse {
        introduction: Some(introduction),
    })
}
