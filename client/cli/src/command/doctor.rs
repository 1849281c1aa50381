//! `sluis doctor`: what is wrong, and what to do.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;
use sluis_client::{Finding, Verdict, examine};

use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::screen::{Report, plain};

/// Look at files, certificate, keys, clock, reachability and pins; changes nothing
#[derive(Args, Debug)]
pub(crate) struct Arguments {}

#[derive(Serialize)]
struct Examined {
    verdict: &'static str,
    findings: Vec<FindingView>,
}

#[derive(Serialize)]
struct FindingView {
    what: String,
    verdict: &'static str,
    seen: String,
    advice: String,
}

const fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "GOOD",
        Verdict::Warning => "WARNING",
        Verdict::Broken => "BROKEN",
    }
}

impl Examined {
    fn new(findings: Vec<Finding>) -> Self {
        let has = |verdict| findings.iter().any(|finding| finding.verdict == verdict);
        let worst = [Verdict::Broken, Verdict::Warning]
            .into_iter()
            .find(|verdict| has(*verdict));
        Self {
            verdict: name(worst.unwrap_or(Verdict::Good)),
            findings: findings.into_iter().map(FindingView::from).collect(),
        }
    }
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        Self {
            what: finding.what,
            verdict: name(finding.verdict),
            seen: finding.seen,
            advice: finding.advice,
        }
    }
}

impl Report for Examined {
    fn human(&self, _dates: &Dates) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            let mark = match finding.verdict {
                "GOOD" => "good   ",
                "WARNING" => "warning",
                _ => "BROKEN ",
            };
            let _ = writeln!(text, "{mark}  {}: {}", plain(&finding.what), plain(&finding.seen));
            if !finding.advice.is_empty() {
                let _ = writeln!(text, "         {}", plain(&finding.advice));
            }
        }
        text
    }
}

pub(crate) async fn run(_arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let findings = match context.connect() {
        Ok(partner) => examine(&partner, &context.environment).await,
        Err(failure @ Failure::Usage { .. }) => return Err(failure),
        Err(failure) => vec![unusable(&failure)],
    };
    let examined = Examined::new(findings);
    context.screen.report(&examined)?;
    if examined.verdict == "BROKEN" {
        return Err(Failure::Broken);
    }
    Ok(())
}

/// A profile that cannot be opened at all.
fn unusable(failure: &Failure) -> Finding {
    Finding {
        what: "profile".to_owned(),
        verdict: Verdict::Broken,
        seen: failure.sentence(),
        advice: failure.hint().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn finding(what: &str, verdict: Verdict, advice: &str) -> Finding {
        Finding {
            what: what.to_owned(),
            verdict,
            seen: "seen".to_owned(),
            advice: advice.to_owned(),
        }
    }

    #[test]
    fn it_says_what_is_wrong_and_what_to_do() {
        let examined = Examined::new(vec![
            finding("clock", Verdict::Good, ""),
            finding("keys", Verdict::Warning, "Rotate."),
            finding("mesh", Verdict::Broken, "Call."),
        ]);
        assert_eq!(
            examined.human(&Dates(TimeZone::UTC)),
            "good     clock: seen\nwarning  keys: seen\n         Rotate.\nBROKEN   mesh: seen\n         Call.\n"
        );
        assert_eq!(
            serde_json::to_value(&examined).expect("JSON")["verdict"],
            "BROKEN"
        );
    }

    #[test]
    fn the_worst_finding_is_the_verdict() {
        assert_eq!(
            Examined::new(vec![finding("a", Verdict::Good, "")]).verdict,
            "GOOD"
        );
        let warned = vec![
            finding("a", Verdict::Good, ""),
            finding("b", Verdict::Warning, ""),
        ];
        assert_eq!(Examined::new(warned).verdict, "WARNING");
    }

    #[test]
    fn a_profile_that_cannot_be_opened_is_a_finding() {
        let failure = Failure::local("no organisation is enrolled in here", "Enrol.");
        let finding = unusable(&failure);
        assert_eq!(
            (finding.verdict, finding.advice.as_str()),
            (Verdict::Broken, "Enrol.")
        );
        assert_eq!(finding.seen, "no organisation is enrolled in here");
    }
}
