//! Tabular CSV: rows with their lines, whatever the separator, the header's case and the length of the rows.

use serde_json::{Map, Value};

use crate::encoding::decode;
use crate::report::{Report, Severity, Spot};
use crate::schema::Table;

/// Longest file, in bytes. A directory of a whole country is smaller.
pub(crate) const FILE_BYTES_MAX: usize = 512 * 1024 * 1024;
/// Most columns of one file.
const COLUMNS_MAX: usize = 500;

/// A row of a table and where it stood.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Row {
    pub(crate) cells: Map<String, Value>,
    pub(crate) spot: Spot,
}

impl Row {
    /// The text of a cell, empty where there is none.
    pub(crate) fn text(&self, column: &str) -> &str {
        self.cells.get(column).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Reads one file of one table.
pub(crate) fn rows(table: &Table, path: &str, bytes: &[u8], report: &mut Report) -> Vec<Row> {
    let file = Spot {
        file: path.to_owned(),
        line: 1,
    };
    if bytes.len() > FILE_BYTES_MAX {
        report.add(&file, "", Severity::Refused, "the file is too long", "Split it.");
        return Vec::new();
    }
    let (text, encoding) = decode(bytes);
    if let Some(encoding) = encoding {
        let what = format!("written in {encoding}, read as such");
        report.add(&file, "", Severity::Mended, what, "Save it as UTF-8.");
    }
    let separator = separator(&text);
    if separator != b',' {
        let what = format!("separated by {:?}, read as such", char::from(separator));
        report.add(&file, "", Severity::Mended, what, "Save it separated by commas.");
    }
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let Some(Ok(header)) = records.next() else {
        report.add(
            &file,
            "",
            Severity::Refused,
            "the file has no header",
            "Give the columns their names.",
        );
        return Vec::new();
    };
    let columns = header_names(&header);
    report_header(table, &columns, &file, report);
    let mut rows = Vec::new();
    let mut lines = Lines::of(&text);
    for record in records {
        // Text that came in whole has no bad bytes and flexible rows no wrong length: nothing is left to fail.
        let Ok(record) = record else { continue };
        let spot = Spot {
            file: path.to_owned(),
            line: lines.line_at(record.position().map_or(0, csv::Position::byte)),
        };
        rows.extend(row(&columns, &record, spot, report));
    }
    rows
}

/// Counts lines. The CSV reader's own count is behind where lines end as on Windows, or are empty.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    const fn of(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    /// The line of the record that is found from this byte on; bytes only rise.
    fn line_at(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX).min(self.bytes.len());
        let rest = self.bytes[byte..].iter();
        let start = byte + rest.take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = &self.bytes[self.at.min(start)..start];
        self.line += passed.split(|byte| *byte == b'\n').count() as u64 - 1;
        self.at = start;
        self.line
    }
}

/// The separator that the first line has most of, outside quotes.
fn separator(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some((_, count)) = counts.iter_mut().find(|(separator, _)| *separator == byte) {
                    *count += 1;
                }
            }
        }
    }
    // Of equals the first: a comma.
    let best = counts.iter().rev().max_by_key(|(_, count)| *count);
    best.map_or(b',', |(separator, _)| *separator)
}

fn header_names(header: &csv::StringRecord) -> Vec<String> {
    let names = header.iter().take(COLUMNS_MAX);
    names
        .map(|name| {
            let name = name.trim().trim_start_matches('\u{feff}').to_lowercase();
            name.replace([' ', '-'], "_")
        })
        .collect()
}

fn report_header(table: &Table, columns: &[String], file: &Spot, report: &mut Report) {
    for required in table.required {
        if !columns.iter().any(|column| column == required) {
            let what = format!("the column {required} is missing");
            report.add(file, required, Severity::Mended, what, "Add the column.");
        }
    }
}

fn row(columns: &[String], record: &csv::StringRecord, spot: Spot, report: &mut Report) -> Option<Row> {
    if record.iter().all(|cell| cell.trim().is_empty()) {
        return None;
    }
    if record.len() > columns.len() {
        report.add(
            &spot,
            "",
            Severity::Mended,
            "more cells than the header has; those without a name are left out",
            "Put text with separators between quotes.",
        );
    } else if record.len() < columns.len() {
        report.add(
            &spot,
            "",
            Severity::Mended,
            "fewer cells than the header has",
            "Fill in the row.",
        );
    }
    let mut cells = Map::new();
    for (column, cell) in columns.iter().zip(record.iter()) {
        if !column.is_empty() {
            cells.insert(column.clone(), Value::String(cell.replace('\0', "")));
        }
    }
    Some(Row { cells, spot })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> (Vec<Row>, Report) {
        let mut report = Report::default();
        let table = crate::schema::table("service").expect("a table");
        let rows = rows(table, "services.csv", text, &mut report);
        (rows, report)
    }

    #[test]
    fn a_spreadsheet_of_excel_is_read() {
        let (rows, report) = read(
            b"\xef\xbb\xbfID;Name;Status\r\n1;\"Inloop; koffie\r\nen thee\";active\r\n\r\n2;Kook;active\r\n",
        );
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].text("name"), "Inloop; koffie\r\nen thee");
        assert_eq!((rows[0].spot.line, rows[1].spot.line), (2, 5));
        assert_eq!(report.count(Severity::Mended), 1, "{:?}", report.findings());
    }

    #[test]
    fn rows_of_another_length_and_missing_columns_are_told() {
        let (rows, report) = read(b"id,name\n1,a,b\n2\n");
        assert_eq!(rows.len(), 2);
        let told: Vec<(u64, &str)> = report
            .findings()
            .iter()
            .map(|finding| (finding.line, finding.column.as_str()))
            .collect();
        assert_eq!(told, [(1, "status"), (2, ""), (3, "")]);
    }
}
