//! `sluis offers ask`: whether many offers have room, without saying for whom.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;
use sluis_client::{CapacityAnswer, Partner};
use sluis_types::{OfferId, QuestionId, Timestamp};

use crate::codes;
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::screen::{Report, columns};

/// Ask up to 32 offers at once whether they have room, or read what they answered
///
/// The question says neither for whom it is nor who asks.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Which offers
    #[arg(value_name = "OFFER", required_unless_present = "question", conflicts_with = "question", num_args = 1..=32)]
    offers: Vec<OfferId>,
    /// Within how many weeks a place is looked for; 0 is now
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "question", value_parser = clap::value_parser!(u32).range(0..=520))]
    within_weeks: u32,
    /// Read the answers to a question that you asked before
    #[arg(long, value_name = "QUESTION")]
    question: Option<QuestionId>,
}

#[derive(Serialize)]
struct Asked {
    question_id: String,
    offers: usize,
    #[serde(serialize_with = "dates::serialize")]
    open_until: Timestamp,
}

impl Report for Asked {
    fn human(&self, dates: &Dates) -> String {
        let Self {
            question_id, offers, ..
        } = self;
        format!(
            "Asked {offers} offers; they can answer until {}.\n`sluis offers ask --question {question_id}` reads the answers.\n",
            dates.moment(self.open_until)
        )
    }
}

#[derive(Serialize)]
struct Answers {
    question_id: String,
    answers: Vec<Answer>,
}

#[derive(Serialize)]
struct Answer {
    offer_id: String,
    /// Null while there is no answer.
    status: Option<&'static str>,
    weeks: u32,
}

impl Report for Answers {
    fn human(&self, _dates: &Dates) -> String {
        let row = |answer: &Answer| {
            let mut said = answer.status.map_or("no answer yet".to_owned(), codes::words);
            if answer.weeks > 0 {
                let _ = write!(said, ", {} weeks", answer.weeks);
            }
            vec![answer.offer_id.clone(), said]
        };
        columns(&self.answers.iter().map(row).collect::<Vec<_>>())
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    if let Some(question) = arguments.question {
        let answers = read(&partner, question).await?;
        return context.screen.report(&answers);
    }
    let (question, open_until) = partner
        .ask_capacity(&arguments.offers, arguments.within_weeks)
        .await?;
    context.screen.report(&Asked {
        question_id: question.to_string(),
        offers: arguments.offers.len(),
        open_until,
    })
}

async fn read(partner: &Partner, question: QuestionId) -> Result<Answers, Failure> {
    let answers = partner.capacity_answers(question).await?;
    let view = |answer: &CapacityAnswer| Answer {
        offer_id: answer.offer_id.to_string(),
        status: answer.status.map(sluis_types::CapacityStatus::name),
        weeks: answer.weeks,
    };
    Ok(Answers {
        question_id: question.to_string(),
        answers: answers.iter().map(view).collect(),
    })
}
