//! Addresses that nobody may learn: shelters. They are taken out of a directory while it is read.
//!
//! A thing is confidential when a flag or an attribute says so, or when its words say that it is a shelter and no flag
//! says that its address is public. A wrong guess withholds an address that could be shown; the other mistake could
//! cost a life.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::directory::Directory;
use crate::flatten::cell;
use crate::nest::Tables;
use crate::read_csv::Row;
use crate::read_json::documents;
use crate::report::{Report, Severity};
use crate::schema::{Table, ending, table, table_of_file};

/// Columns that say it.
const FLAGS: &[&str] = &[
    "confidential",
    "is_confidential",
    "confidential_address",
    "address_is_confidential",
    "vertrouwelijk",
    "adres_geheim",
    "geheim_adres",
    "geheim",
];
/// Words of attributes that say it.
const MARKS: &[&str] = &[
    "confidential",
    "vertrouwelijk",
    "geheim adres",
    "geheim-adres",
    "adres geheim",
    "domestic violence shelter",
];
/// Words of a name or description that say what it is.
const SHELTERS: &[&str] = &[
    "blijf-van-mijn-lijf",
    "blijf van mijn lijf",
    "blijfhuis",
    "safe house",
    "safehouse",
    "women's shelter",
    "domestic violence",
    "huiselijk geweld",
    "eerwraak",
    "loverboy",
    "mensenhandel",
];
/// Compounds of "opvang" that are no shelter.
const NO_SHELTERS: &[&str] = &[
    "kinderopvang",
    "dagopvang",
    "peuteropvang",
    "gastouderopvang",
    "schoolse opvang",
    "dierenopvang",
    "naopvang",
    "voorschoolse",
    "opvanggezin",
    "opvangouder",
    "opvangen",
];
/// What stands where something was withheld.
pub(crate) const WITHHELD: &str = "[niet openbaar]";
/// Shorter texts than this stand in other words by chance.
const SECRET_CHARACTERS_MIN: usize = 4;

/// Takes every confidential address out.
pub(crate) fn withhold(directory: &mut Directory, report: &mut Report) {
    let flat = directory.flat();
    let locations = confidential_locations(&flat, report);
    if locations.is_empty() {
        return;
    }
    let secrets = secrets(&flat, &locations);
    let (tables, files) = directory.parts_mut();
    for (name, rows) in tables.iter_mut() {
        rows.retain(|row| !goes(name, &row.cells, &locations));
        for row in rows {
            empty(name, &mut row.cells, &locations, true);
            scrub_cells(&mut row.cells, &secrets);
        }
    }
    for file in files {
        rows_of_tabular(&mut file.root, &locations);
        for found in documents(&file.path, &mut file.root, &mut Report::default()) {
            object(found.table, found.value, &locations);
        }
        scrub(&mut file.root, &secrets);
    }
}

/// The ids of the locations whose address is withheld.
fn confidential_locations(flat: &Tables, report: &mut Report) -> BTreeSet<String> {
    let marked = marked(flat);
    let mut locations: BTreeSet<String> = BTreeSet::new();
    let rows = |name: &str| flat.get(name).into_iter().flatten();
    let is_it = |row: &Row| match flag(row) {
        Some(says) => says,
        None => marked.contains(row.text("id")) || is_shelter(row),
    };
    let hidden = |name: &str| -> BTreeSet<String> {
        rows(name)
            .filter(|row| is_it(row))
            .map(|row| row.text("id").to_owned())
            .collect()
    };
    let organizations = hidden("organization");
    let mut services = hidden("service");
    services.extend(
        rows("service")
            .filter(|row| organizations.contains(row.text("organization_id")) && flag(row) != Some(false))
            .map(|row| row.text("id").to_owned()),
    );
    let at =
        rows("service_at_location").filter(|row| is_it(row) || services.contains(row.text("service_id")));
    locations.extend(at.map(|row| row.text("location_id").to_owned()));
    let own =
        rows("location").filter(|row| is_it(row) || organizations.contains(row.text("organization_id")));
    locations.extend(own.map(|row| row.text("id").to_owned()));
    locations.extend(
        rows("address")
            .filter(|row| is_it(row))
            .map(|row| row.text("location_id").to_owned()),
    );
    locations.remove("");
    let public = rows("location").filter(|row| flag(row) == Some(false));
    for row in public {
        locations.remove(row.text("id"));
    }
    for row in rows("location").filter(|row| locations.contains(row.text("id")) && flag(row) != Some(true)) {
        let advice = "If this address is public, say so: a column confidential with the value false.";
        report.add(
            &row.spot,
            "",
            Severity::Mended,
            "looks like a shelter: its address is withheld",
            advice,
        );
    }
    locations
}

/// What a flag says; nothing where there is none.
fn flag(row: &Row) -> Option<bool> {
    let said = FLAGS.iter().filter_map(|column| row.cells.get(*column)).map(cell);
    let text = said
        .map(|text| text.trim().to_lowercase())
        .find(|text| !text.is_empty())?;
    Some(!matches!(text.as_str(), "0" | "false" | "no" | "nee" | "n" | "f"))
}

/// The things that an attribute marks.
fn marked(flat: &Tables) -> BTreeSet<String> {
    let terms = flat.get("taxonomy_term").into_iter().flatten();
    let says = |row: &Row, columns: &[&str]| {
        columns.iter().any(|column| {
            let text = row.text(column).to_lowercase();
            MARKS.iter().chain(SHELTERS).any(|mark| text.contains(mark))
        })
    };
    let marks: BTreeSet<&str> = terms
        .filter(|row| says(row, &["code", "name", "description"]))
        .map(|row| row.text("id"))
        .collect();
    let attributes = flat.get("attribute").into_iter().flatten();
    attributes
        .filter(|row| marks.contains(row.text("taxonomy_term_id")) || says(row, &["value", "link_type"]))
        .map(|row| row.text("link_id").to_owned())
        .collect()
}

/// Whether its words say that it is a shelter.
fn is_shelter(row: &Row) -> bool {
    let words = ["name", "alternate_name", "description", "eligibility_description"];
    let text = words.map(|column| row.text(column).to_lowercase()).join(" ");
    let without = NO_SHELTERS.iter().fold(text, |text, word| text.replace(word, ""));
    without.contains("opvang") || SHELTERS.iter().any(|word| without.contains(word))
}

/// What may stand nowhere: streets, postal codes, coordinates.
fn secrets(flat: &Tables, locations: &BTreeSet<String>) -> Vec<String> {
    let mut secrets = BTreeSet::new();
    let mut add = |row: &Row, columns: &[&str]| {
        for column in columns {
            let text = row.text(column).trim();
            if text.chars().count() >= SECRET_CHARACTERS_MIN {
                secrets.insert(text.to_lowercase());
                secrets.insert(text.to_lowercase().replace(' ', ""));
            }
        }
    };
    for row in flat.get("address").into_iter().flatten() {
        if locations.contains(row.text("location_id")) {
            add(row, &["address_1", "address_2", "postal_code"]);
        }
    }
    for row in flat.get("location").into_iter().flatten() {
        if locations.contains(row.text("id")) {
            add(row, &["latitude", "longitude", "external_identifier"]);
        }
    }
    // The longest first: a street with its number before the street.
    let mut secrets: Vec<String> = secrets.into_iter().collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

/// Rows that go as a whole.
fn goes(table: &str, cells: &Map<String, Value>, locations: &BTreeSet<String>) -> bool {
    let hangs_on = |column: &str| {
        cells
            .get(column)
            .and_then(Value::as_str)
            .is_some_and(|id| locations.contains(id))
    };
    match table {
        "address" | "contact" | "accessibility" => hangs_on("location_id"),
        "metadata" => hangs_on("resource_id"),
        _ => false,
    }
}

/// Takes the rows that go out of the tabular form in JSON.
fn rows_of_tabular(root: &mut Value, locations: &BTreeSet<String>) {
    for (key, rows) in root.as_object_mut().into_iter().flatten() {
        let table = table_of_file(key).filter(|_| ending(key) == "csv");
        if let (Some(table), Some(rows)) = (table, rows.as_array_mut()) {
            rows.retain(|row| {
                row.as_object()
                    .is_none_or(|cells| !goes(table.name, cells, locations))
            });
        }
    }
}

/// Leaves of a withheld location what says nothing of where it is.
fn empty(table: &str, cells: &mut Map<String, Value>, locations: &BTreeSet<String>, is_tabular: bool) {
    let is_withheld = cells
        .get("id")
        .and_then(Value::as_str)
        .is_some_and(|id| locations.contains(id));
    if table == "location" && is_withheld {
        cells.retain(|column, _| matches!(column.as_str(), "id" | "organization_id" | "location_type"));
        let yes = if is_tabular {
            Value::from("true")
        } else {
            Value::Bool(true)
        };
        cells.insert("confidential".to_owned(), yes);
    }
}

fn object(kind: &Table, value: &mut Value, locations: &BTreeSet<String>) {
    let Some(cells) = value.as_object_mut() else {
        return;
    };
    empty(kind.name, cells, locations, false);
    for link in kind.links {
        let target = table(link.table).expect("every link leads to a table");
        match cells.get_mut(link.field) {
            Some(Value::Array(children)) => {
                children.retain(|child| {
                    child
                        .as_object()
                        .is_none_or(|cells| !goes(link.table, cells, locations))
                });
                for child in children {
                    object(target, child, locations);
                }
            }
            Some(child @ Value::Object(_)) => object(target, child, locations),
            _ => {}
        }
    }
}

fn scrub(value: &mut Value, secrets: &[String]) {
    match value {
        Value::String(text) => scrub_text(text, secrets),
        Value::Array(values) => {
            for value in values {
                scrub(value, secrets);
            }
        }
        Value::Object(cells) => scrub_cells(cells, secrets),
        _ => {}
    }
}

fn scrub_cells(cells: &mut Map<String, Value>, secrets: &[String]) {
    for (column, value) in cells.iter_mut() {
        // Ids stand for things and say nothing of them.
        if column != "id" && !column.ends_with("_id") {
            scrub(value, secrets);
        }
    }
}

fn scrub_text(text: &mut String, secrets: &[String]) {
    for secret in secrets {
        let lower = text.to_lowercase();
        if !lower.contains(secret.as_str()) {
            continue;
        }
        // Lower case may have another length; only where it has the same are positions those of the text.
        let places: Vec<&str> = lower.split(secret.as_str()).collect();
        if lower.len() != text.len() {
            WITHHELD.clone_into(text);
            continue;
        }
        let (mut kept, mut at) = (Vec::with_capacity(places.len()), 0);
        for place in places {
            kept.push(text.get(at..at + place.len()).unwrap_or_default());
            at += place.len() + secret.len();
        }
        *text = kept.join(WITHHELD);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_goes_wherever_it_stands() {
        let secrets = ["geheimelaan 12".to_owned(), "niet".to_owned()];
        let mut text = "Kom naar Geheimelaan 12! Geheimelaan 12 dus, en niet elders. É".to_owned();
        scrub_text(&mut text, &secrets);
        assert!(!text.to_lowercase().contains("geheimelaan"), "{text}");
        assert!(
            text.starts_with("Kom naar [") && text.ends_with("elders. É"),
            "{text}"
        );
    }

    #[test]
    fn a_shelter_is_told_by_its_words_and_child_care_is_none() {
        let row = |name: &str| Row {
            cells: [("name".to_owned(), Value::from(name))].into_iter().collect(),
            ..Row::default()
        };
        for name in ["Vrouwenopvang Noord", "Blijf-van-mijn-lijfhuis", "Crisisopvang"] {
            assert!(is_shelter(&row(name)), "{name}");
        }
        for name in [
            "Kinderopvang De Bij",
            "Buitenschoolse opvang",
            "Inloop",
            "Dagopvang",
        ] {
            assert!(!is_shelter(&row(name)), "{name}");
        }
    }
}
