//! `sluis offers answer`: the questions for room that wait here, and answers to them.

use clap::Args;
use serde::Serialize;
use sluis_client::CapacityQuestion;
use sluis_types::{CapacityStatus, OfferId, QuestionId, Timestamp};

use crate::codes;
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::screen::{Report, columns};

/// List the questions for room that wait for you, or answer one for one of your offers
///
/// A question says neither for whom it is nor who asks. A later answer takes the place of an earlier one.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Which question
    #[arg(value_name = "QUESTION", requires = "offer")]
    question: Option<QuestionId>,
    /// For which offer of yours
    #[arg(value_name = "OFFER", requires = "status")]
    offer: Option<OfferId>,
    /// Whether there is room
    #[arg(long, value_name = "CODE", value_parser = codes::capacity_statuses(), ignore_case = true, requires = "offer")]
    status: Option<CapacityStatus>,
    /// How many weeks one waits
    #[arg(long, value_name = "N", requires = "status", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=520))]
    weeks: u32,
}

#[derive(Serialize)]
struct Waiting {
    questions: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    question_id: String,
    offer_id: String,
    within_weeks: u32,
    #[serde(serialize_with = "dates::serialize")]
    open_until: Timestamp,
}

impl Report for Waiting {
    fn human(&self, dates: &Dates) -> String {
        if self.questions.is_empty() {
            return "No questions wait.\n".to_owned();
        }
        let row = |question: &Line| {
            let within = match question.within_weeks {
                0 => "now".to_owned(),
                weeks => format!("within {weeks} weeks"),
            };
            vec![
                question.question_id.clone(),
                question.offer_id.clone(),
                within,
                format!("until {}", dates.moment(question.open_until)),
            ]
        };
        columns(&self.questions.iter().map(row).collect::<Vec<_>>())
    }
}

#[derive(Serialize)]
struct Answered {
    question_id: String,
    offer_id: String,
    status: &'static str,
    weeks: u32,
}

impl Report for Answered {
    fn human(&self, _dates: &Dates) -> String {
        format!("Answered: {}.\n", codes::words(self.status))
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let (Some(question), Some(offer), Some(status)) = (arguments.question, arguments.offer, arguments.status)
    else {
        let waiting = partner.capacity_questions().await?;
        return context.screen.report(&Waiting {
            questions: waiting.iter().map(Line::of).collect(),
        });
    };
    partner
        .answer_capacity(question, offer, status, arguments.weeks)
        .await?;
    context.screen.report(&Answered {
        question_id: question.to_string(),
        offer_id: offer.to_string(),
        status: status.name(),
        weeks: arguments.weeks,
    })
}

impl Line {
    fn of(question: &CapacityQuestion) -> Self {
        Self {
            question_id: question.question_id.to_string(),
            offer_id: question.offer_id.to_string(),
            within_weeks: question.within_weeks,
            open_until: question.open_until,
        }
    }
}
