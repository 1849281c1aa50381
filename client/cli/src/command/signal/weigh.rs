//! `sluis signal weigh`: make a signal of a draft.

use clap::Args;
use sluis_client::{Checklist, DeferralReason, Error, ResidentTold};
use sluis_types::{SignalId, Timestamp};

use super::view::SignalView;
use crate::codes;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;

/// Make a signal of a draft, when every question has its answer
///
/// A serious one needs somebody else than who wrote it down; so does the draft of a volunteer or expert by experience,
/// and then a coordinator. From then on your system posts it every week by itself: `sluis inbox --watch` or
/// `sluis signal watch` while they run, or `sluis signal post` from a timer.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is the answer to a question")]
pub(crate) struct Arguments {
    /// The draft
    #[arg(value_name = "SIGNAL")]
    signal: SignalId,
    /// It was seen or heard by your own people
    #[arg(long)]
    first_hand: bool,
    /// The resident was asked, or the circle is the consent
    #[arg(long)]
    consent_tried: bool,
    /// Nothing less would do
    #[arg(long)]
    least_intrusive: bool,
    /// There is violence, or danger that cannot wait: then it is no signal, and you hear whom to call
    #[arg(long)]
    danger: bool,
    /// On which day the resident was told, YYYY-MM-DD
    #[arg(long, value_name = "DAY", value_parser = Dates::parse_day)]
    told: Option<Timestamp>,
    /// Why the resident is not told yet: SAFETY_OF_RESIDENT, SAFETY_OF_OTHERS or NOT_REACHED
    #[arg(long, value_name = "REASON", value_parser = codes::deferral_reasons(), ignore_case = true, hide_possible_values = true, conflicts_with = "told", requires = "until")]
    deferred: Option<DeferralReason>,
    /// Until which day telling is put off, YYYY-MM-DD, at most 30 days
    #[arg(long, value_name = "DAY", value_parser = Dates::parse_day, requires = "deferred")]
    until: Option<Timestamp>,
}

impl Arguments {
    fn told(&self, now: Timestamp) -> Result<ResidentTold, Failure> {
        match (self.told, self.deferred, self.until) {
            (Some(at), None, None) => Ok(ResidentTold::At(Dates::behind(at, now))),
            (None, Some(reason), Some(until)) => Ok(ResidentTold::Deferred { reason, until }),
            _ => Err(Failure::usage(
                "does the resident know? Say --told DAY, or --deferred REASON --until DAY",
            )),
        }
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    if arguments.danger {
        return Err(Error::CallInstead.into());
    }
    let checklist = Checklist {
        first_hand: arguments.first_hand,
        consent_tried: arguments.consent_tried,
        least_intrusive: arguments.least_intrusive,
        danger: false,
        told: arguments.told(context.environment.now())?,
    };
    let partner = context.connect()?;
    let draft = partner.signal(arguments.signal).await?;
    let signal = partner
        .weigh_signal(arguments.signal, draft.version, &checklist)
        .await?;
    context
        .screen
        .report(&SignalView::of(&signal, partner.profile())?)
}
