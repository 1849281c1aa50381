//! `sluis reject`: decline, with a reason that only the referrer reads.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use serde::Serialize;
use sluis_client::{ANSWER_JSON, Answer, Command, Error};
use sluis_types::ThreadId;

use super::feedback::{scope_within, send};
use super::referral::{ReferralView, advance};
use crate::body::Body;
use crate::codes::ScopeArguments;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::names::Names;
use crate::progress::Bar;
use crate::screen::{Report, plain};

/// Decline a referral. The reason travels sealed, as feedback, if the resident allows that
///
/// The mesh learns only that it is declined, and with --no-capacity that it is for want of capacity. Without live
/// consent for FEEDBACK the reason stays here, and it says so.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The referral's thread
    #[arg(value_name = "THREAD")]
    thread: ThreadId,
    /// Why
    #[arg(long, value_name = "CODE", ignore_case = true)]
    reason: Reason,
    /// What there is to say about it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    text: String,
    /// Tell the mesh too that it is for want of capacity
    #[arg(long)]
    no_capacity: bool,
    #[command(flatten)]
    about: ScopeArguments,
}

/// Why a referral is declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
enum Reason {
    OutOfScope,
    NoCapacity,
    OutsideArea,
    Age,
    Safety,
    AlreadyClient,
    ResidentDeclined,
    InfoMissing,
    WrongResident,
    Duplicate,
    NoIndication,
    Consent,
    Other,
}

impl Reason {
    fn name(self) -> String {
        self.to_possible_value()
            .expect("no reason is hidden")
            .get_name()
            .to_owned()
    }
}

#[derive(Serialize)]
struct Rejected {
    #[serde(flatten)]
    referral: ReferralView,
    /// Whether the reason went to the sender.
    reason_sent: bool,
    reason_message_id: Option<String>,
    /// Why the reason stayed here.
    reason_not_sent_because: Option<String>,
    #[serde(skip)]
    hint: &'static str,
}

impl Report for Rejected {
    fn human(&self, dates: &Dates) -> String {
        let mut text = self.referral.human(dates);
        match &self.reason_not_sent_because {
            None => text.push_str("The reason went to the sender, sealed.\n"),
            Some(why) => {
                let _ = writeln!(
                    text,
                    "The sender sees that it is declined, not why: {}.",
                    plain(why)
                );
                if !self.hint.is_empty() {
                    let _ = writeln!(text, "  {}", self.hint);
                }
            }
        }
        text
    }
}

pub(crate) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let conversation = partner.conversation(arguments.thread)?;
    let scope = scope_within(&conversation, &arguments.about)?;
    let names = Names::load(&partner).await?;
    let command = Command::Reject {
        no_capacity: arguments.no_capacity,
    };
    let referral = advance(&partner, arguments.thread, command).await?;
    let answer = Answer::new(arguments.reason.name(), arguments.text);
    let body = Body::json(ANSWER_JSON, &answer, scope);
    let bar = Bar::new(&context.screen, "");
    let sent = send(&partner, arguments.thread, &conversation, body, Vec::new(), &bar).await;
    drop(bar);
    let referral = ReferralView::of(&referral, &partner, &names)?;
    // It is declined now, whatever became of the reason: that is told, not failed.
    context.screen.report(&Rejected {
        referral,
        reason_sent: sent.is_ok(),
        reason_message_id: sent.as_ref().ok().map(|sent| sent.message_id.to_string()),
        reason_not_sent_because: sent.as_ref().err().map(because),
        hint: sent.as_ref().err().map_or("", hint),
    })
}

fn because(error: &Error) -> String {
    if error.is_not_available() {
        "the resident's consent for feedback is not live".to_owned()
    } else {
        error.to_string()
    }
}

fn hint(error: &Error) -> &'static str {
    if error.is_not_available() || matches!(error, Error::OutsideGrant { .. }) {
        "Ask the resident with `sluis consent ask`, then tell it with `sluis feedback`."
    } else {
        "Tell it with `sluis feedback` when that is mended."
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::super::referral::tests::{names, referral, them};
    use super::*;

    fn rejected(error: Option<&Error>) -> Rejected {
        Rejected {
            referral: ReferralView::new(&referral("REJECTED", ""), them(), &names(), None),
            reason_sent: error.is_none(),
            reason_message_id: None,
            reason_not_sent_because: error.map(because),
            hint: error.map_or("", hint),
        }
    }

    #[test]
    fn it_says_whether_the_reason_travelled() {
        let text = rejected(None).human(&Dates(TimeZone::UTC));
        assert!(
            text.starts_with("Referral from Welzijn\n  rejected since"),
            "{text}"
        );
        assert!(
            text.ends_with("The reason went to the sender, sealed.\n"),
            "{text}"
        );
        let outside = Error::OutsideGrant { what: "SITUATION" };
        let text = rejected(Some(&outside)).human(&Dates(TimeZone::UTC));
        assert!(
            text.ends_with(
                "The sender sees that it is declined, not why: this is more than the resident allows: SITUATION.\n  \
                 Ask the resident with `sluis consent ask`, then tell it with `sluis feedback`.\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn programs_get_the_referral_and_what_became_of_the_reason() {
        let json = serde_json::to_value(rejected(None)).expect("JSON");
        assert_eq!(
            (&json["state"], &json["reason_sent"]),
            (&"REJECTED".into(), &true.into())
        );
        assert_eq!(json.get("hint"), None);
    }

    #[test]
    fn reasons_have_the_names_of_the_domain() {
        let names: Vec<_> = Reason::value_variants()
            .iter()
            .map(|reason| reason.name())
            .collect();
        assert_eq!(
            names.join(" "),
            "OUT_OF_SCOPE NO_CAPACITY OUTSIDE_AREA AGE SAFETY ALREADY_CLIENT RESIDENT_DECLINED INFO_MISSING \
             WRONG_RESIDENT DUPLICATE NO_INDICATION CONSENT OTHER"
        );
    }
}
