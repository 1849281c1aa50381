//! From tables to nested documents.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::mend::number;
use crate::read_csv::Row;
use crate::report::{Report, Severity};
use crate::schema::{LINK_COLUMNS, TABLES, Table, table};

/// Rows by table.
pub(crate) type Tables = BTreeMap<&'static str, Vec<Row>>;

/// Finds what hangs on what.
pub(crate) struct Nesting<'a> {
    tables: &'a Tables,
    by_id: HashMap<(&'a str, &'a str), usize>,
    by_link: HashMap<(&'a str, &'a str, &'a str), Vec<usize>>,
    used: BTreeSet<(&'static str, usize)>,
}

impl<'a> Nesting<'a> {
    pub(crate) fn new(tables: &'a Tables) -> Self {
        let (mut by_id, mut by_link) = (HashMap::new(), HashMap::<_, Vec<usize>>::new());
        for (name, rows) in tables {
            for (at, row) in rows.iter().enumerate() {
                by_id.entry((*name, row.text("id"))).or_insert(at);
                for column in LINK_COLUMNS {
                    let id = row.text(column);
                    if !id.is_empty() {
                        by_link.entry((*name, *column, id)).or_default().push(at);
                    }
                }
            }
        }
        Self {
            tables,
            by_id,
            by_link,
            used: BTreeSet::new(),
        }
    }

    /// Every row of a table as a document, with all that hangs on it.
    pub(crate) fn documents(&mut self, name: &'static str) -> Vec<(Value, &'a Row)> {
        let tables = self.tables;
        let Some(table) = table(name) else {
            return Vec::new();
        };
        let rows = tables.get(name).map(Vec::as_slice).unwrap_or_default();
        let mut documents = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            // A second row of the same id is the same thing, linked once more.
            if self.by_id.get(&(name, row.text("id"))) == Some(&at) {
                documents.push((self.document(table, at, &mut Vec::new()), row));
            } else {
                self.used.insert((name, at));
            }
        }
        documents
    }

    /// Rows of a table that no document took in so far.
    pub(crate) fn is_used(&self, name: &'static str, at: usize) -> bool {
        self.used.contains(&(name, at))
    }

    fn document(&mut self, table: &'static Table, at: usize, above: &mut Vec<&'static str>) -> Value {
        self.used.insert((table.name, at));
        let row = &self.tables[table.name][at];
        let id = row.text("id");
        let mut object = typed(table, row);
        above.push(table.name);
        for link in table.links {
            let target = crate::schema::table(link.table).expect("every link leads to a table");
            // What is above already holds this: a service in its organisation in its service has no end.
            if above.contains(&link.table) || (link.table == "service" && above.len() > 1) {
                continue;
            }
            let found: Vec<usize> = if link.is_many {
                self.by_link
                    .get(&(link.table, link.column, id))
                    .cloned()
                    .unwrap_or_default()
            } else {
                self.by_id
                    .get(&(link.table, row.text(link.column)))
                    .copied()
                    .into_iter()
                    .collect()
            };
            if found.is_empty() {
                continue;
            }
            let mut children: Vec<Value> = found
                .into_iter()
                .map(|at| self.document(target, at, above))
                .collect();
            let child = if link.is_many {
                Value::Array(children)
            } else {
                children.remove(0)
            };
            object.insert(link.field.to_owned(), child);
        }
        above.pop();
        Value::Object(object)
    }
}

/// The cells of a row as the nested form has them: numbers as such, and empty ones only where the form asks for them.
pub(crate) fn typed(table: &Table, row: &Row) -> Map<String, Value> {
    let cells = row.cells.iter().filter_map(|(column, value)| {
        let text = value.as_str().unwrap_or_default();
        if text.is_empty() && !table.required.contains(&column.as_str()) {
            return None;
        }
        Some((
            column.clone(),
            number(column, text).unwrap_or_else(|| value.clone()),
        ))
    });
    cells.collect()
}

/// Tells which rows hang on something that is not there: they are carried along, and shown nowhere.
pub(crate) fn report_orphans(tables: &Tables, report: &mut Report) {
    let ids: BTreeSet<&str> = tables.values().flatten().map(|row| row.text("id")).collect();
    for table in TABLES {
        for row in tables.get(table.name).into_iter().flatten() {
            let linked = LINK_COLUMNS.iter().chain(&["program_id", "taxonomy_term_id"]);
            for column in linked.filter(|column| column.ends_with("_id")) {
                let id = row.text(column);
                if !id.is_empty() && !ids.contains(id) {
                    let what = format!("it hangs on {id}, which is not there");
                    report.add(
                        &row.spot,
                        column,
                        Severity::Mended,
                        what,
                        "Send that along, or empty the cell.",
                    );
                }
            }
        }
    }
}
