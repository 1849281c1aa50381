//! Confidential addresses stand in nothing that comes out.

use proptest::prelude::*;
use serde_json::{Value, json};
use sluis_hsds::{Directory, Report, Severity, offers};
use sluis_ranking::Place;

use crate::{publisher, read_text};

const STREET: &str = "Stillekade 77";
const POSTAL_CODE: &str = "9999 ZZ";

fn tables(service: &str, extra: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let mut files = vec![
        ("services.csv", service.to_owned()),
        ("service_at_location.csv", "id,service_id,location_id\nx1,s1,l1\n".to_owned()),
        (
            "locations.csv",
            "id,location_type,name,latitude,longitude,description\nl1,physical,Het huis,52.98765,4.12345,Achterom bij Stillekade 77\n".to_owned(),
        ),
        (
            "addresses.csv",
            format!("id,location_id,address_1,city,state_province,postal_code,country,address_type\na1,l1,{STREET},Noordstad,,{POSTAL_CODE},NL,physical\n"),
        ),
        ("contacts.csv", "id,location_id,name,title\nc1,l1,Wie Ook,Gastvrouw\n".to_owned()),
    ];
    files.extend_from_slice(extra);
    files
}

fn read_tables(files: &[(&'static str, String)]) -> (Directory, Report) {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    read_text(&files)
}

/// Everything that a directory gives out, as one text.
fn given_out(directory: &Directory, report: &mut Report) -> String {
    let made = offers(directory, &publisher(), report);
    let documents: Vec<String> = made
        .iter()
        .map(|offer| String::from_utf8(offer.encode().expect("an offer")).expect("text"))
        .collect();
    let exported = sluis_hsds::export(&made);
    format!(
        "{:?} {:?} {:?} {:?} {documents:?} {} {}",
        directory.to_json(),
        directory.to_csv(),
        exported.to_json(),
        exported.to_csv(),
        report.to_csv(),
        report.to_json()
    )
}

fn assert_silent(text: &str) {
    let lower = text.to_lowercase();
    for secret in [
        "stillekade",
        "9999 zz",
        "9999zz",
        "52.98765",
        "4.12345",
        "wie ook",
    ] {
        assert!(!lower.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn a_shelter_is_named_and_its_address_is_not() {
    let files = tables(
        "id,name,status,description\ns1,Vrouwenopvang Noord,active,\"Kom naar STILLEKADE 77, 9999ZZ of bel\"\n",
        &[],
    );
    let (directory, mut report) = read_tables(&files);
    assert_silent(&given_out(&directory, &mut report));
    let offers = offers(&directory, &publisher(), &mut report);
    assert_eq!(offers[0].place, Place::Confidential);
    assert_eq!(
        offers[0].description.as_str(),
        "Kom naar [niet openbaar], [niet openbaar] of bel"
    );
    let told = report.findings().iter().any(|finding| {
        finding.file == "locations.csv"
            && finding.severity == Severity::Mended
            && finding.advice.contains("confidential")
    });
    assert!(told, "{:#?}", report.findings());
}

#[test]
fn a_flag_or_an_attribute_says_it_too_and_a_flag_says_the_opposite() {
    let plain = "id,name,status\ns1,Huis Noord,active\n";
    let attribute = (
        "attributes.csv",
        "id,link_id,link_entity,value\nt1,s1,service,Geheim adres\n".to_owned(),
    );
    let term = [
        (
            "attributes.csv",
            "id,link_id,link_entity,taxonomy_term_id\nt1,l1,location,k1\n".to_owned(),
        ),
        (
            "taxonomy_terms.csv",
            "id,name,description\nk1,Domestic Violence Shelters,x\n".to_owned(),
        ),
    ];
    let flagged = "id,name,status,vertrouwelijk\ns1,Huis Noord,active,ja\n";
    for files in [
        tables(plain, &[attribute]),
        tables(plain, &term),
        tables(flagged, &[]),
    ] {
        let (directory, mut report) = read_tables(&files);
        assert_silent(&given_out(&directory, &mut report));
    }
    let mut public = tables(
        "id,name,status,confidential\ns1,Nachtopvang Noord,active,nee\n",
        &[],
    );
    public[2].1 = public[2]
        .1
        .replace("description\n", "description,confidential\n")
        .replace("77\n", "77,false\n");
    let (directory, mut report) = read_tables(&public);
    assert!(
        given_out(&directory, &mut report).contains(STREET),
        "an address that is said to be public is shown"
    );
}

fn shelter_document(flag: &str, wrap: u8) -> Value {
    let mut location = json!({
        "id": "l1", "location_type": "physical", "latitude": 52.98765,
        "addresses": [{ "id": "a1", "address_1": STREET, "postal_code": POSTAL_CODE, "city": "Noordstad" }],
        "contacts": [{ "id": "c1", "name": "Wie Ook" }],
    });
    location[flag] = true.into();
    let service = json!({
        "id": "s1", "name": "Huis", "status": "active", "alert": format!("Nu tijdelijk op {STREET}"),
        "service_at_locations": [{ "id": "x1", "location": location }],
    });
    match wrap {
        0 => service,
        1 => json!([service]),
        2 => json!({ "contents": [service] }),
        3 => {
            json!({ "id": "o1", "name": "O", "description": "", "locations": [location], "services": [service] })
        }
        _ => json!({
            "services.csv": [{ "id": "s1", "name": "Huis", "status": "active" }],
            "service_at_location.csv": [{ "id": "x1", "service_id": "s1", "location_id": "l1" }],
            "locations.csv": [{ "id": "l1", "location_type": "physical", flag: true, "latitude": 52.98765 }],
            "addresses.csv": [{ "id": "a1", "location_id": "l1", "address_1": STREET, "postal_code": POSTAL_CODE }],
            "contacts.csv": [{ "id": "c1", "location_id": "l1", "name": "Wie Ook" }],
        }),
    }
}

proptest! {
    #[test]
    fn in_every_form_of_json_nothing_comes_out(
        flag in proptest::sample::select(&["confidential", "is_confidential", "geheim_adres", "adres_geheim"]),
        wrap in 0_u8..5,
    ) {
        let document = shelter_document(flag, wrap);
        let (directory, mut report) = read_text(&[("in.json", &document.to_string())]);
        assert_silent(&given_out(&directory, &mut report));
        let made = offers(&directory, &publisher(), &mut report);
        prop_assert_eq!(&made[0].place, &Place::Confidential);
    }
}
