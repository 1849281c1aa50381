//! JSON files: single documents, lists, pages of an API, and the tabular form in one file.

use serde_json::Value;

use crate::encoding::decode;
use crate::mend;
use crate::read_csv::{FILE_BYTES_MAX, Row};
use crate::report::{Report, Severity, Spot};
use crate::schema::{Table, ending, table, table_of_file};

/// A JSON file, mended in place.
#[derive(Clone, Debug)]
pub(crate) struct JsonFile {
    pub(crate) path: String,
    pub(crate) root: Value,
}

/// A document within a file.
pub(crate) struct Found<'a> {
    pub(crate) table: &'static Table,
    pub(crate) value: &'a mut Value,
    pub(crate) spot: Spot,
}

/// Reads a file, and mends every object in it.
pub(crate) fn file(path: &str, bytes: &[u8], report: &mut Report) -> Option<JsonFile> {
    let spot = Spot {
        file: path.to_owned(),
        line: 1,
    };
    if bytes.len() > FILE_BYTES_MAX {
        report.add(&spot, "", Severity::Refused, "the file is too long", "Split it.");
        return None;
    }
    let (text, encoding) = decode(bytes);
    if let Some(encoding) = encoding {
        let what = format!("written in {encoding}, read as such");
        report.add(&spot, "", Severity::Mended, what, "Save it as UTF-8.");
    }
    let mut root: Value = match serde_json::from_str(&text) {
        Ok(root) => root,
        Err(error) => {
            let broken = Spot {
                line: error.line() as u64,
                ..spot
            };
            report.add(
                &broken,
                "",
                Severity::Refused,
                "this is no JSON",
                "Export the file again.",
            );
            return None;
        }
    };
    for found in documents(path, &mut root, report) {
        object(found.table, found.value, &found.spot, "/", report);
    }
    Some(JsonFile {
        path: path.to_owned(),
        root,
    })
}

/// Mends a document and all that hangs on it; what cannot be taken is taken out of its list.
fn object(table: &Table, value: &mut Value, spot: &Spot, at: &str, report: &mut Report) -> bool {
    let Some(cells) = value.as_object_mut() else {
        report.add(spot, at, Severity::Refused, "this is no object", "Leave it out.");
        return false;
    };
    if !mend::object(table, cells, spot, at, report) {
        return false;
    }
    for link in table.links {
        let target = crate::schema::table(link.table).expect("every link leads to a table");
        match cells.get_mut(link.field) {
            Some(Value::Array(children)) if link.is_many => {
                let mut number = 0_usize;
                children.retain_mut(|child| {
                    number += 1;
                    let at = format!("{at}{}/{}/", link.field, number - 1);
                    object(target, child, spot, &at, report)
                });
            }
            Some(child @ Value::Object(_)) if !link.is_many => {
                object(target, child, spot, &format!("{at}{}/", link.field), report);
            }
            _ => {}
        }
    }
    true
}

/// The documents of a file, each with what it is.
pub(crate) fn documents<'a>(path: &str, root: &'a mut Value, report: &mut Report) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    let list: Vec<(&'static Table, &mut Value)> = match shape(root) {
        Shape::List => root
            .as_array_mut()
            .into_iter()
            .flatten()
            .map(|value| (kind(value), value))
            .collect(),
        Shape::Page => {
            let contents = root["contents"].as_array_mut();
            contents
                .into_iter()
                .flatten()
                .map(|value| (kind(value), value))
                .collect()
        }
        Shape::Tabular => {
            let tables = root.as_object_mut().into_iter().flatten();
            let tables = tables.filter_map(|(key, rows)| Some((table_of_csv(key)?, rows)));
            tables
                .flat_map(|(table, rows)| {
                    rows.as_array_mut()
                        .into_iter()
                        .flatten()
                        .map(move |row| (table, row))
                })
                .collect()
        }
        Shape::Document => vec![(kind(root), root)],
    };
    for (number, (table, value)) in list.into_iter().enumerate() {
        let spot = Spot {
            file: path.to_owned(),
            line: number as u64 + 1,
        };
        if value.is_object() {
            found.push(Found { table, value, spot });
        } else {
            report.add(
                &spot,
                "",
                Severity::Refused,
                "this is no document of HSDS",
                "Leave it out.",
            );
        }
    }
    found
}

/// How a file holds its documents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Document,
    List,
    /// A page of an API.
    Page,
    /// The tabular form in JSON.
    Tabular,
}

fn shape(root: &Value) -> Shape {
    match root {
        Value::Array(_) => Shape::List,
        Value::Object(object) if object.keys().any(|key| table_of_csv(key).is_some()) => Shape::Tabular,
        Value::Object(object) if object.get("contents").is_some_and(Value::is_array) => Shape::Page,
        _ => Shape::Document,
    }
}

/// Whether the file is the tabular form in JSON.
pub(crate) fn is_tabular(root: &Value) -> bool {
    shape(root) == Shape::Tabular
}

fn table_of_csv(key: &str) -> Option<&'static Table> {
    table_of_file(key).filter(|_| ending(key) == "csv")
}

/// What a document is, by the fields that only it has.
fn kind(value: &Value) -> &'static Table {
    let has = |field: &str| value.get(field).is_some();
    let is = [
        (
            "service_at_location",
            has("service") && (has("location") || has("service_id")),
        ),
        (
            "organization",
            has("services") || has("organization_identifiers") || has("legal_status") || has("locations"),
        ),
        ("location", has("location_type")),
        (
            "taxonomy_term",
            has("taxonomy_detail") || has("taxonomy_id") || has("term_uri"),
        ),
        (
            "taxonomy",
            has("version") && !has("status")
                || (has("uri") && has("name") && !has("status") && !has("email")),
        ),
    ];
    let name = is.iter().find(|(_, is)| *is).map_or("service", |(name, _)| *name);
    table(name).expect("a table of HSDS")
}

/// Rows of the tabular form in JSON.
pub(crate) fn row_of(value: &Value, spot: &Spot) -> Row {
    let cells = value.as_object().into_iter().flatten();
    Row {
        cells: cells
            .filter(|(_, value)| !value.is_null())
            .map(|(column, value)| (column.clone(), crate::flatten::cell(value).into()))
            .collect(),
        spot: spot.clone(),
    }
}
