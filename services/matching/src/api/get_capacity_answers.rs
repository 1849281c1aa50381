//! GetCapacityAnswers: what was answered so far, for who asked.

use sluis_proto::matching::v1::{CapacityAnswer, GetCapacityAnswersRequest, GetCapacityAnswersResponse};
use sluis_serve::Refusal;
use sluis_types::QuestionId;
use tonic::Request;

use crate::context::Context;
use crate::domain::question::Asked;
use crate::store::question;
use crate::store::vault::Fault;

const METHOD: &str = "sluis.matching.v1.PlaceService/GetCapacityAnswers";

pub(super) async fn handle(
    context: &Context,
    request: &Request<GetCapacityAnswersRequest>,
) -> Result<GetCapacityAnswersResponse, Refusal> {
    let partner = context.partner(request)?;
    let id: QuestionId = sluis_serve::id("question_id", &request.get_ref().question_id)?;
    let mut read = context
        .store
        .read("get_capacity_answers")
        .await
        .map_err(Fault::from)?;
    let question = question::load(&context.vault, &mut read.tx(), id).await?;
    drop(read);
    match question.filter(|question| question.asker == partner.organisation()) {
        Some(question) => Ok(GetCapacityAnswersResponse {
            answers: question.asked.iter().map(shown).collect(),
        }),
        None => Err(context.not_available(&partner, METHOD, id.as_bytes()).await),
    }
}

fn shown(asked: &Asked) -> CapacityAnswer {
    CapacityAnswer {
        offer_id: asked.offer.to_string(),
        status: asked.answer.map_or(0, |answer| answer.status.number().into()),
        weeks: asked.answer.map_or(0, |answer| answer.weeks.into()),
    }
}
