//! A directory as it was read: mended, without confidential addresses, and otherwise as the source has it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::confidential;
use crate::flatten::Flattening;
use crate::mend;
use crate::nest::{Nesting, Tables, report_orphans, typed};
use crate::read_csv::{Row, rows};
use crate::read_json::{JsonFile, documents, file, is_tabular, row_of};
use crate::report::{Report, Severity, Spot};
use crate::schema::{TABLES, ending, table_of_file};

/// One file of a source.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// Its path or name, which says what it is: `services.csv`, `directory.json`.
    pub path: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// What was read. It holds no confidential address.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    tables: Tables,
    files: Vec<JsonFile>,
}

/// A service with its place in the source.
pub(crate) struct Service {
    pub(crate) document: Value,
    pub(crate) spot: Spot,
}

/// Reads a source. It never fails: the report says what could not be taken.
pub fn read(source: &[SourceFile<'_>]) -> (Directory, Report) {
    let (mut directory, mut report) = (Directory::default(), Report::default());
    for SourceFile { path, bytes } in source {
        if ending(path) == "json" {
            directory.files.extend(file(path, bytes, &mut report));
        } else if let Some(table) = table_of_file(path).filter(|_| ending(path) == "csv") {
            let mut taken = Vec::new();
            for mut row in rows(table, path, bytes, &mut report) {
                let spot = row.spot.clone();
                if mend::object(table, &mut row.cells, &spot, "", &mut report) {
                    taken.push(row);
                }
            }
            let taken = mend::without_duplicates(taken, &mut report);
            directory.tables.entry(table.name).or_default().extend(taken);
        } else {
            let spot = Spot {
                file: (*path).to_owned(),
                line: 1,
            };
            let advice =
                "Name the file as HSDS does: services.csv, organizations.csv, or any name ending in .json.";
            report.add(&spot, "", Severity::Refused, "no file of HSDS", advice);
        }
    }
    report_orphans(&directory.tables, &mut report);
    confidential::withhold(&mut directory, &mut report);
    directory.report_rows(&mut report);
    report.sort();
    (directory, report)
}

impl Directory {
    /// The nested form: every file of JSON as it was, and what came in tables as documents.
    pub fn to_json(&self) -> Vec<(String, Value)> {
        let mut files: Vec<(String, Value)> = self
            .files
            .iter()
            .map(|file| (file.path.clone(), file.root.clone()))
            .collect();
        let mut nesting = Nesting::new(&self.tables);
        let services: Vec<Value> = nesting
            .documents("service")
            .into_iter()
            .map(|(value, _)| value)
            .collect();
        if !services.is_empty() {
            files.push(("services.json".to_owned(), services.into()));
        }
        // What hangs on no service keeps the form that has a place for it.
        let mut rest = Map::new();
        for table in TABLES {
            let rows = self.tables.get(table.name).into_iter().flatten().enumerate();
            let left: Vec<Value> = rows
                .filter(|(at, _)| !nesting.is_used(table.name, *at))
                .map(|(_, row)| typed(table, row).into())
                .collect();
            if !left.is_empty() {
                rest.insert(table.file.to_owned(), left.into());
            }
        }
        if !rest.is_empty() {
            files.push(("tabular.json".to_owned(), rest.into()));
        }
        files
    }

    /// The form in which it came: what was JSON as JSON, what was tables as CSV. Reading it again gives the same.
    pub fn to_source(&self) -> Vec<(String, String)> {
        let nested = self.files.iter().enumerate();
        let mut source: Vec<(String, String)> = nested
            .map(|(number, file)| (format!("{number}.json"), file.root.to_string()))
            .collect();
        source.extend(csv_files(&self.tables));
        source
    }

    /// The tabular form: one file for each table that has rows.
    pub fn to_csv(&self) -> Vec<(String, String)> {
        csv_files(&self.flat())
    }

    /// Every service, with what hangs on it and the organisation that it is of.
    pub(crate) fn services(&self) -> Vec<Service> {
        let mut services = Vec::new();
        let (tables, mut nested) = (self.tables_with_tabular(), Vec::new());
        for (document, row) in Nesting::new(&tables).documents("service") {
            services.push(Service {
                document,
                spot: row.spot.clone(),
            });
        }
        for file in self.files.iter().filter(|file| !is_tabular(&file.root)) {
            let mut root = file.root.clone();
            for found in documents(&file.path, &mut root, &mut Report::default()) {
                nested.push((found.table.name, found.value.take(), found.spot));
            }
        }
        for (kind, document, spot) in nested {
            services.extend(services_of(kind, document).into_iter().map(|document| Service {
                document,
                spot: spot.clone(),
            }));
        }
        services
    }

    /// All of it as tables: what came so, and the documents taken apart.
    pub(crate) fn flat(&self) -> Tables {
        let mut flattening = Flattening::default();
        for (name, rows) in self.tables_with_tabular() {
            for row in rows {
                flattening.row(name, row);
            }
        }
        for file in self.files.iter().filter(|file| !is_tabular(&file.root)) {
            let mut root = file.root.clone();
            for found in documents(&file.path, &mut root, &mut Report::default()) {
                flattening.add(found.table, found.value, &found.spot);
            }
        }
        flattening.finish()
    }

    pub(crate) fn parts_mut(&mut self) -> (&mut Tables, &mut Vec<JsonFile>) {
        (&mut self.tables, &mut self.files)
    }

    fn tables_with_tabular(&self) -> Tables {
        let mut tables = self.tables.clone();
        for file in self.files.iter().filter(|file| is_tabular(&file.root)) {
            let mut root = file.root.clone();
            for found in documents(&file.path, &mut root, &mut Report::default()) {
                tables
                    .entry(found.table.name)
                    .or_default()
                    .push(row_of(found.value, &found.spot));
            }
        }
        tables
    }

    /// Says of every row about which nothing was said that it was taken.
    fn report_rows(&self, report: &mut Report) {
        let told: BTreeSet<(String, u64)> = report
            .findings()
            .iter()
            .map(|finding| (finding.file.clone(), finding.line))
            .collect();
        let tables = self.tables.values().flatten().map(|row| row.spot.clone());
        let nested = self.files.iter().flat_map(|file| {
            let mut root = file.root.clone();
            let spots = documents(&file.path, &mut root, &mut Report::default());
            spots.into_iter().map(|found| found.spot).collect::<Vec<_>>()
        });
        let spots: Vec<Spot> = tables.chain(nested).collect();
        for spot in spots {
            if !told.contains(&(spot.file.clone(), spot.line)) {
                report.add(&spot, "", Severity::Taken, "taken as it is", "");
            }
        }
    }
}

/// The services in a document, each with its organisation.
fn services_of(kind: &str, mut document: Value) -> Vec<Value> {
    match kind {
        "service" => vec![document],
        "service_at_location" => {
            let mut service = document["service"].take();
            if let Some(fields) = service.as_object_mut() {
                if let Some(whole) = document.as_object_mut() {
                    whole.remove("service");
                }
                fields
                    .entry("service_at_locations")
                    .or_insert_with(|| json!([document]));
            }
            vec![service]
        }
        "organization" => {
            let services = document["services"].take();
            if let Some(fields) = document.as_object_mut() {
                fields.remove("services");
            }
            let list = services.as_array().cloned().unwrap_or_default();
            list.into_iter()
                .map(|mut service| {
                    if let Some(fields) = service.as_object_mut() {
                        fields.entry("organization").or_insert_with(|| document.clone());
                    }
                    service
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

fn csv_files(tables: &Tables) -> Vec<(String, String)> {
    let files = TABLES.iter().filter_map(|table| {
        let rows = tables.get(table.name).filter(|rows| !rows.is_empty())?;
        Some((table.file.to_owned(), written(rows)))
    });
    files.collect()
}

/// Rows as CSV: the id first, then every column that some row has.
fn written(rows: &[Row]) -> String {
    let mut columns: BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| row.cells.keys().map(String::as_str))
        .collect();
    columns.remove("id");
    let columns: Vec<&str> = std::iter::once("id").chain(columns).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory fails for nothing but rows of another length.
    let _ = writer.write_record(&columns);
    for row in rows {
        let _ = writer.write_record(columns.iter().map(|column| row.text(column)));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The service documents of one list of offers (see [`crate::export`]).
pub(crate) fn of_documents(services: Vec<Value>) -> Directory {
    Directory {
        tables: Tables::new(),
        files: vec![JsonFile {
            path: "services.json".to_owned(),
            root: services.into(),
        }],
    }
}
