//! Values that everybody writes in their own way, and rows that come twice.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::read_csv::Row;
use crate::report::{Report, Severity, Spot};
use crate::schema::{DATES, LINK_COLUMNS, NUMBERS, Table};

/// Ways in which dates are written, the likeliest first; in Dutch the day comes before the month.
const DATE_FORMS: [&str; 9] = [
    "%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%d %B %Y", "%d %b %Y", "%d-%m-%y",
];
/// Dutch months, for forms that name them.
const MONTHS: [(&str, &str); 10] = [
    ("januari", "january"),
    ("februari", "february"),
    ("maart", "march"),
    ("mrt", "mar"),
    ("mei", "may"),
    ("juni", "june"),
    ("juli", "july"),
    ("augustus", "august"),
    ("oktober", "october"),
    ("okt", "oct"),
];
/// What a status is called elsewhere.
const STATUSES: [(&str, &[&str]); 4] = [
    (
        "active",
        &[
            "actief",
            "open",
            "live",
            "published",
            "gepubliceerd",
            "ja",
            "1",
            "true",
        ],
    ),
    ("inactive", &["inactief", "concept", "draft", "nee", "0", "false"]),
    (
        "defunct",
        &["gestopt", "opgeheven", "vervallen", "closed", "gesloten"],
    ),
    (
        "temporarily closed",
        &["tijdelijk gesloten", "temporarily_closed", "gepauzeerd", "paused"],
    ),
];

/// Mends the values of one object. Says whether it can be taken at all.
pub(crate) fn object(
    table: &Table,
    cells: &mut Map<String, Value>,
    spot: &Spot,
    at: &str,
    report: &mut Report,
) -> bool {
    let place = |column: &str| format!("{at}{column}");
    trim(cells);
    if table.required.contains(&"name") && cells.get("name").is_none_or(is_empty) {
        report.add(
            spot,
            &place("name"),
            Severity::Refused,
            "it has no name",
            "Give it a name.",
        );
        return false;
    }
    identify(table, cells, spot, &place("id"), report);
    for column in DATES {
        if let Some(Value::String(text)) = cells.get(*column).filter(|value| !is_empty(value)) {
            match date(text) {
                Some(date) if date == *text => {}
                Some(date) => {
                    let what = format!("the date {text:?} is read as {date}");
                    report.add(
                        spot,
                        &place(column),
                        Severity::Mended,
                        what,
                        "Write dates as 2026-12-31.",
                    );
                    cells.insert((*column).to_owned(), date.into());
                }
                None => {
                    let what = format!("{text:?} is no date; it is carried along and not used");
                    report.add(
                        spot,
                        &place(column),
                        Severity::Mended,
                        what,
                        "Write dates as 2026-12-31.",
                    );
                }
            }
        }
    }
    if table.name == "service" {
        status(cells, spot, &place("status"), report);
    }
    true
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

/// Space around a value is nobody's intention; a description ends as its writer ended it.
fn trim(cells: &mut Map<String, Value>) {
    for (column, value) in cells.iter_mut() {
        if let Value::String(text) = value
            && column != "description"
            && text.trim() != text
        {
            *text = text.trim().to_owned();
        }
    }
}

/// A row without an id gets one that it keeps as long as it says the same.
fn identify(table: &Table, cells: &mut Map<String, Value>, spot: &Spot, column: &str, report: &mut Report) {
    match cells.get("id") {
        Some(Value::String(id)) if !id.is_empty() => return,
        Some(Value::Number(id)) => {
            let id = id.to_string();
            cells.insert("id".to_owned(), id.into());
            return;
        }
        _ => {}
    }
    let content = serde_json::to_string(&*cells).unwrap_or_default();
    let id = derived_id(&[table.name, &content]);
    report.add(
        spot,
        column,
        Severity::Mended,
        "it has no id; one was made of its content",
        "Give it a lasting id.",
    );
    cells.insert("id".to_owned(), id.into());
}

/// An id in UUID form (version 8: made in a way of our own) from a hash over texts.
pub(crate) fn derived_id(texts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    }
    let mut bytes: [u8; 16] = *hasher
        .finalize()
        .first_chunk()
        .expect("a SHA-256 value is longer");
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    sluis_types::OfferId::from_bytes(bytes).to_string()
}

/// A date in the form of HSDS, from any usual one; a time after it is left out.
pub(crate) fn date(text: &str) -> Option<String> {
    let mut lower = text.trim().to_lowercase();
    for (dutch, english) in MONTHS {
        if lower.contains(dutch) {
            lower = lower.replace(dutch, english);
            break;
        }
    }
    let day = lower.split(['t', ' ']).next().unwrap_or_default();
    let parse = |text: &str, form: &str| Date::strptime(form, text).ok();
    let forms = DATE_FORMS.iter();
    let found = forms
        .clone()
        .find_map(|form| parse(&lower, form))
        .or_else(|| forms.clone().find_map(|form| parse(day, form)));
    found
        .filter(|date| (1900..=2200).contains(&date.year()))
        .map(|date| date.to_string())
}

fn status(cells: &mut Map<String, Value>, spot: &Spot, column: &str, report: &mut Report) {
    let given = cells
        .get("status")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let lower = given.to_lowercase();
    let known = STATUSES
        .iter()
        .find(|(status, others)| lower == *status || others.contains(&lower.as_str()));
    let status = known.map_or("active", |(status, _)| *status);
    if given == status {
        return;
    }
    let what = if known.is_some() {
        format!("the status {given:?} is read as {status}")
    } else {
        format!("the status {given:?} says nothing; read as {status}")
    };
    report.add(
        spot,
        column,
        Severity::Mended,
        what,
        "Write active, inactive, defunct or temporarily closed.",
    );
    cells.insert("status".to_owned(), status.into());
}

/// Numbers of the nested form, from the text of the tabular one.
pub(crate) fn number(column: &str, text: &str) -> Option<Value> {
    if !NUMBERS.contains(&column) {
        return None;
    }
    let text = text.trim().replace(',', ".");
    if let Ok(number) = text.parse::<i64>() {
        return Some(number.into());
    }
    text.parse::<f64>()
        .ok()
        .and_then(serde_json::Number::from_f64)
        .map(Value::Number)
}

/// Leaves out rows that come twice; rows of one thing that hangs on several others stay.
pub(crate) fn without_duplicates(rows: Vec<Row>, report: &mut Report) -> Vec<Row> {
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let id = row.text("id").to_owned();
        let Some(first) = seen.get(&id).map(|at| &kept[*at]) else {
            seen.insert(id, kept.len());
            kept.push(row);
            continue;
        };
        if first.cells == row.cells {
            let what = format!("the same row as line {}; left out", first.spot.line);
            report.add(&row.spot, "id", Severity::Mended, what, "Leave it out.");
        } else if same_thing(first, &row) {
            kept.push(row);
        } else {
            let what = format!("line {} has the same id and says something else", first.spot.line);
            report.add(&row.spot, "id", Severity::Refused, what, "Give each its own id.");
        }
    }
    kept
}

fn same_thing(one: &Row, other: &Row) -> bool {
    let own = |row: &Row| -> Vec<(String, Value)> {
        let cells = row
            .cells
            .iter()
            .filter(|(column, _)| !LINK_COLUMNS.contains(&column.as_str()));
        cells
            .map(|(column, value)| (column.clone(), value.clone()))
            .collect()
    };
    own(one) == own(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in [
            "2026-12-31",
            "31-12-2026",
            "31/12/2026",
            "31.12.2026",
            "20261231",
            "31 december 2026",
            "2026-12-31T10:00:00Z",
            "31-12-2026 10:00",
        ] {
            assert_eq!(date(text).as_deref(), Some("2026-12-31"), "{text}");
        }
        assert_eq!(date("1 mei 2026").as_deref(), Some("2026-05-01"));
        assert_eq!(date("3 mrt 2026").as_deref(), Some("2026-03-03"));
        for text in ["", "binnenkort", "31-02-2026", "2026", "0001-01-01"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn an_id_made_of_content_stays_and_differs() {
        assert_eq!(derived_id(&["service", "a"]), derived_id(&["service", "a"]));
        assert_ne!(derived_id(&["service", "a"]), derived_id(&["servic", "ea"]));
        assert!(derived_id(&["x"]).parse::<sluis_types::OfferId>().is_ok());
    }

    #[test]
    fn rows_that_come_twice_are_left_out_or_refused() {
        let row = |line, pairs: &[(&str, &str)]| Row {
            cells: pairs
                .iter()
                .map(|(column, text)| ((*column).to_owned(), (*text).into()))
                .collect(),
            spot: Spot {
                file: "phones.csv".to_owned(),
                line,
            },
        };
        let rows = vec![
            row(2, &[("id", "1"), ("number", "020"), ("service_id", "a")]),
            row(3, &[("id", "1"), ("number", "020"), ("service_id", "a")]),
            row(4, &[("id", "1"), ("number", "020"), ("service_id", "b")]),
            row(5, &[("id", "1"), ("number", "030")]),
        ];
        let mut report = Report::default();
        let kept: Vec<u64> = without_duplicates(rows, &mut report)
            .iter()
            .map(|row| row.spot.line)
            .collect();
        assert_eq!(kept, [2, 4]);
        let told: Vec<(u64, Severity)> = report
            .findings()
            .iter()
            .map(|finding| (finding.line, finding.severity))
            .collect();
        assert_eq!(told, [(3, Severity::Mended), (5, Severity::Refused)]);
    }
}
