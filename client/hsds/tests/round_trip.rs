//! What goes in comes out again, unknown fields too.

use serde_json::{Value, json};
use sluis_hsds::{SourceFile, read};

use crate::read_text;

const ORGANISATION: &str = "0f5d7a52-2b0e-4c43-9f0a-0d3f35f3a001";
const SERVICE: &str = "0f5d7a52-2b0e-4c43-9f0a-0d3f35f3a002";
const LOCATION: &str = "0f5d7a52-2b0e-4c43-9f0a-0d3f35f3a003";

fn phone() -> Value {
    json!({
        "id": "p-1", "number": "020-5550100", "extension": 12, "type": "voice",
        "languages": [{ "id": "l-1", "code": "ar", "name": "Arabisch" }],
    })
}

/// A service with something of everything, and with fields that no version of HSDS knows.
fn service() -> Value {
    json!({
        "id": SERVICE, "name": "Inloop De Brug", "status": "active", "description": "Koffie en een praatje ",
        "minimum_age": 18, "x_gemeente": { "code": [1, 2] }, "x_empty": null,
        "organization": { "id": ORGANISATION, "name": "Welzijn De Brug", "description": "Welzijn", "x_kleur": "groen" },
        "phones": [phone()],
        "schedules": [{ "id": "h-1", "freq": "WEEKLY", "byday": "MO,TU", "opens_at": "09:00", "closes_at": "17:00" }],
        "service_areas": [{ "id": "a-1", "name": "Noord", "extent": "GM0363", "extent_type": "cbs" }],
        "cost_options": [{ "id": "c-1", "option": "Koffie", "amount": 0.5, "currency": "eur" }],
        "service_at_locations": [{
            "id": "sal-1",
            "location": {
                "id": LOCATION, "location_type": "physical", "latitude": 52.1, "longitude": 4.9,
                "addresses": [{
                    "id": "ad-1", "address_1": "Brugstraat 1", "city": "Noordstad", "state_province": "",
                    "postal_code": "1000 AA", "country": "NL", "address_type": "physical",
                }],
                "accessibility": [{ "id": "ac-1", "description": "Rolstoeltoegankelijk" }],
                "phones": [phone()],
            },
        }],
        "attributes": [{
            "id": "at-1", "link_id": SERVICE, "link_entity": "service", "value": "ja",
            "taxonomy_term": {
                "id": "t-1", "code": "SK-1", "name": "Samen eten", "description": "",
                "taxonomy_detail": { "id": "tx-1", "name": "Sociale kaart", "description": "" },
            },
        }],
        "metadata": [{
            "id": "m-1", "resource_id": SERVICE, "resource_type": "service", "last_action_date": "2026-01-01",
            "last_action_type": "update", "field_name": "name", "previous_value": "Inloop", "replacement_value": "Inloop De Brug",
            "updated_by": "redactie",
        }],
    })
}

/// The part of two documents that both say: what was read again must say all that was there.
fn says_all(again: &Value, before: &Value, at: &str) {
    match (again, before) {
        (Value::Object(again), Value::Object(before)) => {
            for (field, value) in before {
                let place = format!("{at}/{field}");
                match again.get(field) {
                    Some(said) => says_all(said, value, &place),
                    None => assert!(value.is_null() || *value == "", "{place} is lost"),
                }
            }
        }
        (Value::Array(again), Value::Array(before)) => {
            assert_eq!(again.len(), before.len(), "{at}");
            for (number, value) in before.iter().enumerate() {
                says_all(&again[number], value, &format!("{at}/{number}"));
            }
        }
        (Value::String(text), Value::Object(_) | Value::Array(_)) => {
            assert_eq!(
                serde_json::from_str::<Value>(text).expect("JSON in a cell"),
                *before,
                "{at}"
            );
        }
        _ => assert_eq!(again, before, "{at}"),
    }
}

#[test]
fn json_comes_out_as_it_went_in() {
    let organisation = json!({
        "id": ORGANISATION, "name": "Welzijn De Brug", "description": "Welzijn", "legal_status": "stichting",
        "services": [service()], "locations": [],
    });
    let at_location = json!({ "id": "sal-9", "service": service(), "location": { "id": LOCATION, "location_type": "virtual" } });
    for document in [
        service(),
        organisation,
        at_location,
        json!([service()]),
        json!({ "contents": [service()], "page_number": 1 }),
    ] {
        let (directory, report) = read_text(&[("in.json", &document.to_string())]);
        assert_eq!(
            directory.to_json(),
            [("in.json".to_owned(), document)],
            "{:?}",
            report.findings()
        );
    }
}

#[test]
fn csv_comes_out_as_it_went_in() {
    let files = [
        (
            "services.csv",
            "id,name,organization_id,status,x_kleur\ns1,\"Koffie, thee\",o1,active,\"gro\nen\"\ns2,Zonder,weg,inactive,\n",
        ),
        ("organizations.csv", "id,description,name\no1,,De Brug\n"),
        (
            "phones.csv",
            "id,number,organization_id,service_id\np1,020,o1,s1\np1,020,,s2\n",
        ),
        ("taxonomies.csv", "id,description,name\nt1,x,y\n"),
    ];
    let (directory, _) = read_text(&files);
    let mut again = directory.to_csv();
    again.sort();
    let mut before = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    before.sort();
    assert_eq!(again, before);
}

#[test]
fn documents_survive_the_tabular_form() {
    let (directory, _) = read_text(&[("in.json", &service().to_string())]);
    let tables = directory.to_csv();
    let files: Vec<SourceFile<'_>> = tables
        .iter()
        .map(|(path, text)| SourceFile {
            path,
            bytes: text.as_bytes(),
        })
        .collect();
    let (again, report) = read(&files);
    let files = again.to_json();
    let services = files
        .iter()
        .find(|(name, _)| name == "services.json")
        .expect("services");
    says_all(&services.1[0], &service(), "");
    assert_eq!(again.to_csv(), tables, "{:?}", report.findings());
}

#[test]
fn the_form_in_which_it_came_is_read_again() {
    let document = service().to_string();
    let tables = ("phones.csv", "id,number,service_id\np9,030,s9\n");
    let (directory, _) = read_text(&[("in.json", &document), tables]);
    let source = directory.to_source();
    let files: Vec<SourceFile<'_>> = source
        .iter()
        .map(|(path, text)| SourceFile {
            path,
            bytes: text.as_bytes(),
        })
        .collect();
    let (again, _) = read(&files);
    assert_eq!(again.to_source(), source);
    assert_eq!(again.to_csv(), directory.to_csv());
}

#[test]
fn rows_that_hang_on_nothing_are_carried_along_in_both_forms() {
    let (directory, _) = read_text(&[
        ("services.csv", "id,name,status\ns1,Inloop,active\n"),
        ("phones.csv", "id,number,service_id\np9,030,s9\n"),
    ]);
    let json = directory.to_json();
    let rest = json
        .iter()
        .find(|(name, _)| name == "tabular.json")
        .expect("the rest");
    assert_eq!(rest.1["phones.csv"][0]["number"], "030");
    let (again, _) = read_text(&[("tabular.json", &rest.1.to_string())]);
    assert_eq!(
        again.to_csv(),
        [(
            "phones.csv".to_owned(),
            "id,number,service_id\np9,030,s9\n".to_owned()
        )]
    );
}
