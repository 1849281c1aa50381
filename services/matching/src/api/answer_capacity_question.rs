//! AnswerCapacityQuestion: one offer of the caller says whether it has room.

use sluis_proto::matching::v1::{AnswerCapacityQuestionRequest, AnswerCapacityQuestionResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Subject, Tx};
use sluis_types::{OfferId, QuestionId};
use tonic::Request;

use super::ask_capacity::weeks;
use super::report_capacity::status;
use crate::context::{Context, Partner};
use crate::domain::question::Answer;
use crate::error::{Denial, of_write};
use crate::log::{self, Logged};
use crate::store::question;
use crate::store::vault::{Fault, Vault};

const METHOD: &str = "sluis.matching.v1.PlaceService/AnswerCapacityQuestion";

pub(super) async fn handle(
    context: &Context,
    request: &Request<AnswerCapacityQuestionRequest>,
) -> Result<AnswerCapacityQuestionResponse, Refusal> {
    let partner = context.partner(request)?;
    let body = request.get_ref();
    let remembered = partner.remembered(request, METHOD, &body.request_id)?;
    let tell = Tell {
        vault: context.vault.clone(),
        question: sluis_serve::id("question_id", &body.question_id)?,
        offer: sluis_serve::id("offer_id", &body.offer_id)?,
        answer: Answer {
            status: status(body.status)?,
            weeks: weeks("weeks", body.weeks)?,
        },
        partner,
    };
    let written = context.store.write(remembered, tell).await.map_err(of_write)?;
    Ok(written.answer?)
}

struct Tell {
    vault: Vault,
    question: QuestionId,
    offer: OfferId,
    answer: Answer,
    partner: Partner,
}

impl Command for Tell {
    type Reply = AnswerCapacityQuestionResponse;
    type Refusal = Denial;
    type Error = Fault;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<AnswerCapacityQuestionResponse, Denial>, Fault> {
        let (who, now) = (self.partner.who(), self.partner.now);
        let event = log::event(
            Logged::Question,
            who,
            now,
            METHOD,
            Subject::None,
            self.question.as_bytes(),
        );
        if let Some(mut question) = question::lock(&self.vault, tx, self.question).await?
            && question.answer(self.offer, self.partner.organisation(), self.answer, now)
        {
            question::save(&self.vault, tx, &question).await?;
            return Ok(Outcome::done(AnswerCapacityQuestionResponse {}, event));
        }
        let reason = ErrorReason::NotAvailable;
        Ok(Outcome::refused(Denial::of(reason), log::refused(event, reason)))
    }
}
