//! From nested documents to tables.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::nest::Tables;
use crate::read_csv::Row;
use crate::report::Spot;
use crate::schema::Table;

/// Most levels of a document: HSDS has seven.
const LEVELS_MAX: usize = 12;

/// Takes documents apart. One thing that stands in several places becomes one row that hangs on all of them.
#[derive(Default)]
pub(crate) struct Flattening {
    tables: Tables,
    by_id: HashMap<(&'static str, String), Vec<usize>>,
}

impl Flattening {
    /// Takes a document apart.
    pub(crate) fn add(&mut self, table: &'static Table, document: &Value, spot: &Spot) {
        self.object(table, document, Map::new(), spot, 0);
    }

    /// Takes a row as it is.
    pub(crate) fn row(&mut self, name: &'static str, row: Row) {
        self.merge(name, row);
    }

    /// The tables.
    pub(crate) fn finish(self) -> Tables {
        self.tables
    }

    fn object(
        &mut self,
        table: &'static Table,
        object: &Value,
        links: Map<String, Value>,
        spot: &Spot,
        level: usize,
    ) {
        let Some(object) = object.as_object().filter(|_| level < LEVELS_MAX) else {
            return;
        };
        let id = object.get("id").map(cell).unwrap_or_default();
        let mut cells = links;
        for (field, value) in object {
            match table.links.iter().find(|link| link.field == field) {
                Some(link) if link.is_many && value.is_array() => {
                    let target = crate::schema::table(link.table).expect("every link leads to a table");
                    for child in value.as_array().into_iter().flatten() {
                        self.object(target, child, link_of(link.column, &id, table), spot, level + 1);
                    }
                }
                Some(link) if !link.is_many && value.is_object() => {
                    let target = crate::schema::table(link.table).expect("every link leads to a table");
                    cells.insert(link.column.to_owned(), value["id"].clone());
                    self.object(target, value, Map::new(), spot, level + 1);
                }
                _ if value.is_null() => {}
                _ => {
                    cells.insert(field.clone(), Value::String(cell(value)));
                }
            }
        }
        let row = Row {
            cells,
            spot: spot.clone(),
        };
        self.merge(table.name, row);
    }

    fn merge(&mut self, name: &'static str, row: Row) {
        let rows = self.tables.entry(name).or_default();
        let same = self.by_id.entry((name, row.text("id").to_owned())).or_default();
        for at in same.iter() {
            if fits(&rows[*at].cells, &row.cells) {
                fill(&mut rows[*at].cells, row.cells);
                return;
            }
        }
        same.push(rows.len());
        rows.push(row);
    }
}

/// The cells by which a child says on what it hangs.
fn link_of(column: &str, id: &str, parent: &Table) -> Map<String, Value> {
    let mut cells = Map::new();
    cells.insert(column.to_owned(), id.into());
    match column {
        "link_id" => cells.insert("link_entity".to_owned(), parent.name.into()),
        "resource_id" => cells.insert("resource_type".to_owned(), parent.name.into()),
        _ => None,
    };
    cells
}

/// Whether two rows of an id are one thing in one place: no column says two things. What hangs on several things of
/// one kind gets a row for each.
fn fits(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    let silent = |value: &Value| value == "";
    one.iter().all(|(column, value)| {
        other
            .get(column)
            .is_none_or(|said| said == value || silent(said) || silent(value))
    })
}

/// Adds what another row of the same thing says.
fn fill(cells: &mut Map<String, Value>, more: Map<String, Value>) {
    for (column, value) in more {
        if value != "" || !cells.contains_key(&column) {
            cells.insert(column, value);
        }
    }
}

/// A value as a cell: text as it is, anything else as JSON.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
