//! The two streams: reports on standard output, remarks and failures on standard error.

use std::io::Write;

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;

use crate::arguments::Global;
use crate::dates::Dates;
use crate::failure::Failure;

/// What a command reports: text for people, or the same facts for programs.
pub(crate) trait Report: Serialize {
    /// Lines for people, each with its line end.
    fn human(&self, dates: &Dates) -> String;
}

/// How to write.
pub(crate) struct Form {
    json: bool,
    dates: Dates,
}

/// Where and how to write.
pub(crate) struct Screen<'a> {
    form: Form,
    out: &'a mut (dyn Write + Send),
    out_is_terminal: bool,
    err: &'a mut (dyn Write + Send),
    err_is_terminal: bool,
}

impl Screen<'_> {
    /// The form of what will be written.
    #[expect(clippy::new_ret_no_self, reason = "the streams come with `Form::on`")]
    pub(crate) fn new(global: &Global, zone: &TimeZone) -> Form {
        Form {
            json: global.json,
            dates: Dates(zone.clone()),
        }
    }

    /// Whether programs read along.
    pub(crate) const fn is_json(&self) -> bool {
        self.form.json
    }

    /// Whether a progress bar would be seen.
    pub(crate) const fn shows_progress(&self) -> bool {
        self.err_is_terminal && !self.form.json
    }

    /// How people read times.
    pub(crate) const fn dates(&self) -> &Dates {
        &self.form.dates
    }

    /// Prints a report.
    pub(crate) fn report(&mut self, report: &impl Report) -> Result<(), Failure> {
        let text = if self.form.json {
            line(report)
        } else {
            report.human(&self.form.dates)
        };
        self.print(text.as_bytes())
    }

    /// Prints content as it is, or without control characters where a terminal would obey them.
    pub(crate) fn content(&mut self, content: &[u8]) -> Result<(), Failure> {
        if !self.out_is_terminal {
            return self.print(content);
        }
        let mut text = harmless(&String::from_utf8_lossy(content), "\n\t");
        if !text.ends_with('\n') {
            text.push('\n');
        }
        self.print(text.as_bytes())
    }

    /// Says something to the person at the terminal; programs get their facts in the report.
    pub(crate) fn remark(&mut self, text: &str) {
        if !self.form.json {
            // A remark that nobody can read is no reason to fail.
            let _ = writeln!(self.err, "{}", harmless(text, "\n"));
        }
    }

    /// Says why a command failed: to people on standard error, to programs as the one document that they wait for.
    pub(crate) fn failed(&mut self, failure: &Failure) {
        if matches!(failure, Failure::Broken) {
            return;
        }
        // Nobody is left to tell when this fails.
        let _ = if self.form.json {
            writeln!(self.out, "{}", failure.json())
        } else {
            write!(self.err, "{}", failure.human())
        };
    }

    fn print(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.out
            .write_all(bytes)
            .and_then(|()| self.out.flush())
            .map_err(Failure::Output)
    }
}

impl Form {
    /// Writes in this form on these streams.
    pub(crate) fn on<'a>(
        self,
        out: &'a mut (dyn Write + Send),
        out_is_terminal: bool,
        err: &'a mut (dyn Write + Send),
        err_is_terminal: bool,
    ) -> Screen<'a> {
        Screen {
            form: self,
            out,
            out_is_terminal,
            err,
            err_is_terminal,
        }
    }
}

fn line(report: &impl Report) -> String {
    let document = serde_json::to_value(report).unwrap_or_else(|error| json!({ "error": error.to_string() }));
    format!("{document}\n")
}

/// Text of others on one line of a terminal: no control characters, and none that turn the line around.
pub(crate) fn plain(text: &str) -> String {
    harmless(text, "")
}

fn harmless(text: &str, but: &str) -> String {
    let is_harmful = |character: char| {
        (character.is_control() && !but.contains(character))
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|character| {
            if is_harmful(character) {
                '\u{fffd}'
            } else {
                character
            }
        })
        .collect()
}

/// Rows as columns: each as wide as its widest cell, two spaces between, none behind.
pub(crate) fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let mut text = String::new();
    for row in rows {
        let mut cells = String::new();
        for (column, cell) in row.iter().enumerate() {
            let padding = width(column).saturating_sub(cell.chars().count()) + 2;
            cells.push_str(cell);
            cells.push_str(&" ".repeat(padding));
        }
        text.push_str(cells.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: bool, terminal: bool, act: impl FnOnce(&mut Screen<'_>)) -> (Vec<u8>, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let form = Form {
            json,
            dates: Dates(TimeZone::UTC),
        };
        act(&mut form.on(&mut out, terminal, &mut err, terminal));
        (out, String::from_utf8(err).expect("text"))
    }

    #[test]
    fn content_leaves_byte_for_byte_unless_a_terminal_would_obey_it() {
        let content = b"caf\xe9 \x1b[2J\r\nline";
        assert_eq!(
            shown(false, false, |screen| screen.content(content).expect("written")).0,
            content
        );
        let (seen, _) = shown(false, true, |screen| screen.content(content).expect("written"));
        let seen = String::from_utf8(seen).expect("text");
        assert!(
            !seen.contains('\u{1b}') && !seen.contains('\r') && seen.ends_with("\nline\n"),
            "{seen:?}"
        );
    }

    #[test]
    fn remarks_are_for_people_only() {
        assert_eq!(shown(false, false, |screen| screen.remark("well")).1, "well\n");
        assert_eq!(shown(true, false, |screen| screen.remark("well")).1, "");
    }

    #[test]
    fn a_failure_is_the_document_that_a_program_waits_for() {
        let (out, err) = shown(true, false, |screen| screen.failed(&Failure::usage("no")));
        let document: serde_json::Value = serde_json::from_slice(&out).expect("one document");
        assert_eq!(
            (document["error"]["exit_code"].as_u64(), err.as_str()),
            (Some(2), "")
        );
        let (out, err) = shown(false, false, |screen| screen.failed(&Failure::usage("no")));
        assert_eq!((out.as_slice(), err.as_str()), (&b""[..], "sluis: no\n"));
    }

    #[test]
    fn columns_line_up() {
        let rows = [["één", "b", ""], ["1", "22", "c"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(columns(&rows), "één  b\n1    22  c\n");
    }

    #[test]
    fn text_that_turns_a_line_around_is_shown_plainly() {
        assert_eq!(plain("gp\u{202e}fdp.exe\u{7}"), "gp\u{fffd}fdp.exe\u{fffd}");
    }
}
