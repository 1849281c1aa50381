//! `sluis circle propose`: ask a resident for a circle.

use clap::Args;
use serde::Serialize;
use sluis_client::CircleQuestion;
use sluis_types::{GrantId, MatchClass, Timestamp};

use crate::codes;
use crate::context::Context;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::Report;

/// Ask a resident whether organisations may find out that they worry about the same thing
///
/// The resident sees each organisation and each sort of worry, and may leave out what they do not want. Each sort needs
/// two members that may have such a worry.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The resident's label
    #[arg(long, value_name = "LABEL")]
    resident: String,
    /// Another member: its OIN, its name, or a part of its name; may be repeated, up to 7
    #[arg(long = "with", value_name = "ORGANISATION", required = true)]
    with: Vec<String>,
    /// A sort of worry that may meet; may be repeated
    #[arg(long = "class", value_name = "CLASS", required = true, value_parser = codes::match_classes(), ignore_case = true)]
    classes: Vec<MatchClass>,
    /// For how many days [default: half a year]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=363))]
    days: Option<u32>,
    /// The circle whose place it would take, as `sluis circle bundles` lists it
    #[arg(long, value_name = "CIRCLE")]
    replaces: Option<GrantId>,
}

#[derive(Serialize)]
struct Asked {
    members: Vec<String>,
    classes: Vec<&'static str>,
    #[serde(serialize_with = "dates::serialize")]
    lapses_at: Timestamp,
    #[serde(skip)]
    names: Vec<String>,
}

impl Report for Asked {
    fn human(&self, dates: &Dates) -> String {
        format!(
            "Asked the resident whether {} may find out that they worry about: {}.\nThe question lapses on {}.\n",
            self.names.join(", "),
            codes::list(self.classes.iter().copied()),
            dates.day(self.lapses_at)
        )
    }
}

pub(crate) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    let names = Names::load(&partner).await?;
    let mut members = vec![partner.profile().oin()];
    for text in &arguments.with {
        members.push(names.find(text)?);
    }
    members.sort_unstable();
    members.dedup();
    let resident = partner.profile().resident(&arguments.resident)?;
    let question = CircleQuestion {
        members,
        match_classes: arguments.classes.iter().copied().collect(),
        valid_days: arguments.days.unwrap_or(0),
        replaces: arguments.replaces,
    };
    let lapses_at = partner.propose_circle(&resident, &question).await?;
    context.screen.report(&Asked {
        members: question.members.iter().map(ToString::to_string).collect(),
        classes: question.match_classes.iter().map(MatchClass::name).collect(),
        names: question
            .members
            .iter()
            .filter(|member| **member != partner.profile().oin())
            .map(|member| names.of(*member))
            .chain([partner.profile().display_name().to_owned()])
            .collect(),
        lapses_at,
    })
}
