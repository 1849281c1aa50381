//! ListCapacityQuestions: the questions that wait for the caller's answer.

use sluis_proto::matching::v1::{
    CapacityQuestion, ListCapacityQuestionsRequest, ListCapacityQuestionsResponse,
};
use sluis_serve::{Refusal, to_proto_timestamp};
use tonic::Request;

use crate::context::Context;
use crate::store::question;
use crate::store::vault::Fault;

/// Questions that are looked at, from the newest.
const QUESTIONS_MAX: usize = 200;

pub(super) async fn handle(
    context: &Context,
    request: &Request<ListCapacityQuestionsRequest>,
) -> Result<ListCapacityQuestionsResponse, Refusal> {
    let partner = context.partner(request)?;
    let organisation = partner.organisation();
    let mut read = context
        .store
        .read("list_capacity_questions")
        .await
        .map_err(Fault::from)?;
    let questions = question::to(&context.vault, &mut read.tx(), organisation, QUESTIONS_MAX).await?;
    let mut waiting: Vec<CapacityQuestion> = Vec::new();
    for question in &questions {
        for offer in question.unanswered(organisation, partner.now) {
            waiting.push(CapacityQuestion {
                question_id: question.id.to_string(),
                offer_id: offer.to_string(),
                within_weeks: question.within_weeks.into(),
                open_until: Some(to_proto_timestamp(question.open_until)),
            });
        }
    }
    let surplus = waiting.len().saturating_sub(QUESTIONS_MAX);
    waiting.drain(..surplus);
    Ok(ListCapacityQuestionsResponse { questions: waiting })
}
