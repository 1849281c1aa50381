//! `sluis signal counts`: what became of this organisation's signals, and what of it may be handed on.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use sluis_client::{Ended, Quarter, SignalQuarter};
use sluis_types::ProfessionalRole;

use crate::codes::words;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::{Report, columns};

/// Count your organisation's signals, or write what may be handed on of a quarter
///
/// Without an option: your own counts, for your coordinator and privacy officer. They hold small numbers: do not hand
/// them on. With --hand-on: two files of a quarter that is over, a table and JSON, in which every count below 10 is
/// withheld, and others where a total would tell it. They are made once and stay as they are.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Which quarter, such as 2026-Q3
    #[arg(long, value_name = "QUARTER", value_parser = quarter, requires = "to")]
    hand_on: Option<Quarter>,
    /// The directory to write the files in
    #[arg(long, value_name = "DIR", requires = "hand_on")]
    to: Option<PathBuf>,
}

fn quarter(text: &str) -> Result<Quarter, String> {
    text.parse()
        .map_err(|_| "a quarter is 2026-Q1 to 2026-Q4".to_owned())
}

#[derive(Serialize)]
struct Counts {
    quarters: Vec<QuarterView>,
    /// What is kept of signals that ended and were written down with this profile.
    ended: Vec<EndedView>,
}

#[derive(Serialize)]
struct QuarterView {
    quarter: String,
    registered: u32,
    met: u32,
    closed: u32,
    unfounded: u32,
    withdrawn: u32,
    expired: u32,
    objected: u32,
    drafters: u32,
    most_by_one: u32,
}

#[derive(Serialize)]
struct EndedView {
    month: String,
    r#type: &'static str,
    area: Option<String>,
    ending: &'static str,
    count: u32,
}

impl From<SignalQuarter> for QuarterView {
    fn from(it: SignalQuarter) -> Self {
        Self {
            quarter: format!("{}-Q{}", it.year, it.quarter),
            registered: it.registered,
            met: it.met,
            closed: it.closed,
            unfounded: it.unfounded,
            withdrawn: it.withdrawn,
            expired: it.expired,
            objected: it.objected,
            drafters: it.drafters,
            most_by_one: it.most_by_one,
        }
    }
}

impl From<(Ended, u32)> for EndedView {
    fn from((ended, count): (Ended, u32)) -> Self {
        Self {
            month: ended.month.to_string(),
            r#type: ended.kind.name(),
            area: ended.area.map(|area| area.to_string()),
            ending: ended.ending,
            count,
        }
    }
}

impl QuarterView {
    fn line(&self) -> String {
        let of = self.registered;
        format!(
            "{}: {of} signals of {} professionals, {} by the one who wrote most. {} of {of} met another, {} of {of} were \
             closed, {} as unfounded, {} by objection; {} were taken back, {} ended by time.\n",
            self.quarter,
            self.drafters,
            self.most_by_one,
            self.met,
            self.closed,
            self.unfounded,
            self.objected,
            self.withdrawn,
            self.expired
        )
    }
}

impl Report for Counts {
    fn human(&self, _dates: &Dates) -> String {
        let mut text: String = self.quarters.iter().map(QuarterView::line).collect();
        if self.ended.is_empty() {
            text.push_str("Of signals that ended nothing is counted here yet.\n");
            return text;
        }
        text.push_str("Ended, for your own organisation only:\n");
        let row = |it: &EndedView| {
            let area = it.area.clone().unwrap_or_else(|| "no area".to_owned());
            vec![
                it.month.clone(),
                words(it.r#type),
                area,
                words(it.ending),
                it.count.to_string(),
            ]
        };
        text.push_str(&columns(&self.ended.iter().map(row).collect::<Vec<_>>()));
        text
    }
}

#[derive(Serialize)]
struct Written {
    quarter: String,
    /// How many signals ended; null where it is withheld.
    ended: Option<u32>,
    files: Vec<String>,
}

impl Report for Written {
    fn human(&self, _dates: &Dates) -> String {
        let mut text = match self.ended {
            Some(ended) => format!("{}: {ended} signals ended.\n", self.quarter),
            None => format!(
                "{}: so few signals ended that everything is withheld.\n",
                self.quarter
            ),
        };
        for file in &self.files {
            let _ = writeln!(text, "Written: {file}");
        }
        text
    }
}

pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect_as(Some(ProfessionalRole::Coordinator))?;
    if let (Some(quarter), Some(to)) = (arguments.hand_on, &arguments.to) {
        let handed_on = partner.hand_on_counts(quarter)?;
        let json = serde_json::to_vec_pretty(&handed_on).expect("counts are JSON");
        let written = Written {
            quarter: handed_on.quarter.clone(),
            ended: handed_on.ended,
            files: vec![
                write(
                    to,
                    &format!("signals-{quarter}.csv"),
                    handed_on.to_csv().as_bytes(),
                )?,
                write(to, &format!("signals-{quarter}.json"), &json)?,
            ],
        };
        return context.screen.report(&written);
    }
    let counts = Counts {
        quarters: partner
            .count_signals()
            .await?
            .into_iter()
            .map(QuarterView::from)
            .collect(),
        ended: partner
            .ended_signals()?
            .into_iter()
            .map(EndedView::from)
            .collect(),
    };
    context.screen.report(&counts)
}

fn write(directory: &Path, name: &str, contents: &[u8]) -> Result<String, Failure> {
    let path = directory.join(name);
    std::fs::write(&path, contents).map_err(|error| Failure::file(&path, error))?;
    Ok(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn counts_are_told_as_counts() {
        let quarter = QuarterView {
            quarter: "2026-Q3".to_owned(),
            registered: 23,
            met: 9,
            closed: 12,
            unfounded: 3,
            withdrawn: 2,
            expired: 5,
            objected: 1,
            drafters: 4,
            most_by_one: 17,
        };
        let counts = Counts {
            quarters: vec![quarter],
            ended: vec![EndedView {
                month: "2026-09".to_owned(),
                r#type: "NO_CONTACT",
                area: None,
                ending: "UNFOUNDED",
                count: 3,
            }],
        };
        let text = counts.human(&Dates(TimeZone::UTC));
        assert!(
            text.contains("17 by the one") && text.contains("9 of 23 met") && !text.contains('%'),
            "{text}"
        );
        assert!(
            text.contains("2026-09  no contact  no area  unfounded  3"),
            "{text}"
        );
        let written = Written {
            quarter: "2026-Q3".to_owned(),
            ended: None,
            files: vec!["a.csv".to_owned()],
        };
        assert!(
            written
                .human(&Dates(TimeZone::UTC))
                .contains("everything is withheld")
        );
    }
}
