//! What was taken, mended and refused: row by row, to be sent back to the source.

use serde::Serialize;

/// What became of a row, or of one value of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Taken as it is.
    Taken,
    /// Taken after a change, or not in full.
    Mended,
    /// Not taken.
    Refused,
}

impl Severity {
    /// The word in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Mended => "mended",
            Self::Refused => "refused",
        }
    }
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which file.
    pub file: String,
    /// Which line of it, from 1; for JSON, which document in it.
    pub line: u64,
    /// Which column, or where in the document; empty for the whole row.
    pub column: String,
    /// What became of it.
    pub severity: Severity,
    /// What there was.
    pub what: String,
    /// What the source can do about it; empty where nothing is needed.
    pub advice: String,
}

/// Where in the source something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) file: String,
    pub(crate) line: u64,
}

/// Everything that was found, in order of files and lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    pub(crate) fn add(
        &mut self,
        spot: &Spot,
        column: &str,
        severity: Severity,
        what: impl Into<String>,
        advice: &str,
    ) {
        self.findings.push(Finding {
            file: spot.file.clone(),
            line: spot.line,
            column: column.to_owned(),
            severity,
            what: what.into(),
            advice: advice.to_owned(),
        });
    }

    /// Puts the findings in order of files and lines, what is worst first.
    pub fn sort(&mut self) {
        self.findings.sort_by(|one, other| {
            let key = |finding: &Finding| (finding.line, std::cmp::Reverse(finding.severity));
            (&one.file, key(one), &one.column).cmp(&(&other.file, key(other), &other.column))
        });
    }

    /// The findings.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many findings there are of a kind.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// The report as a CSV file, which spreadsheets open: with a byte-order mark, and cells that are no formulas.
    pub fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = ["file", "line", "column", "severity", "what", "advice"];
        // Writing to memory fails for nothing but rows of another length.
        let _ = writer.write_record(header);
        for finding in &self.findings {
            let line = finding.line.to_string();
            let cells = [
                &finding.file,
                &line,
                &finding.column,
                finding.severity.name(),
                &finding.what,
                &finding.advice,
            ];
            let _ = writer.write_record(cells.map(harmless));
        }
        let bytes = writer.into_inner().unwrap_or_default();
        format!("\u{feff}{}", String::from_utf8_lossy(&bytes))
    }

    /// The report as JSON: an array of findings.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(&self.findings).unwrap_or_default() + "\n"
    }
}

/// A cell that begins like a formula would be run by a spreadsheet.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_opens_in_a_spreadsheet_and_runs_nothing() {
        let mut report = Report::default();
        let spot = Spot {
            file: "services.csv".to_owned(),
            line: 3,
        };
        report.add(
            &spot,
            "name",
            Severity::Mended,
            "=HYPERLINK(\"x\")",
            "Schrijf, \"zo\".",
        );
        assert_eq!(
            report.to_csv(),
            "\u{feff}file,line,column,severity,what,advice\nservices.csv,3,name,mended,\"'=HYPERLINK(\"\"x\"\")\",\"Schrijf, \"\"zo\"\".\"\n"
        );
        let json: serde_json::Value = serde_json::from_str(&report.to_json()).expect("JSON");
        assert_eq!(
            (&json[0]["line"], &json[0]["severity"]),
            (&3.into(), &"mended".into())
        );
    }
}
