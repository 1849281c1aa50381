//! A directory with the usual dirt, and what its report says.

use proptest::prelude::*;
use sluis_hsds::{Finding, Severity, SourceFile, offers, read};

use crate::{publisher, read_text};

/// What a spreadsheet of a municipality may look like: Windows-1252, semicolons, Dutch dates, hours in words.
fn services() -> Vec<u8> {
    let text = "ID;Name;Status;Description;Organization_ID;Assured_Date;Minimum_Age;Wait_Time\r\n\
        s1;Inloop 't Caf\u{e9};actief;\"Koffie,\r\nthee en praatje\";o1;31-12-2025;18;2-4 weken\r\n\
        s1;Iets anders;actief;Dubbel;o1;31-12-2025;18;\r\n\
        s2;;actief;Zonder naam;o1;;;\r\n\
        s3;Schuldhulp;ja;Hulp bij schulden;o9;binnenkort;;\r\n\
        s4;Gestopt;opgeheven;;o1;;;\r\n\
        ;Wandelen;actief;Samen wandelen;o1;1 mei 2026;;\r\n\
        s5;Te lang;actief;x;o1;;;;te;veel\r\n";
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).expect("Latin"))
        .collect()
}

fn findings() -> Vec<Finding> {
    let services = services();
    let files = [
        SourceFile { path: "services.csv", bytes: &services },
        SourceFile {
            path: "organizations.csv",
            bytes: b"id,name,description\no1,Welzijn De Brug,Welzijn\n",
        },
        SourceFile {
            path: "schedules.csv",
            bytes: b"id,service_id,description\nh1,s1,ma t/m vr 9.00-17.00 uur\nh2,s3,op afspraak\nh3,s77,ma 9-10\n",
        },
        SourceFile { path: "notities.docx", bytes: b"PK" },
    ];
    let (directory, mut report) = read(&files);
    let made = offers(&directory, &publisher(), &mut report);
    let mut names: Vec<&str> = made.iter().map(|offer| offer.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Inloop 't Café", "Schuldhulp", "Te lang", "Wandelen"]);
    let cafe = made
        .iter()
        .find(|offer| offer.name.as_str().starts_with("Inloop"))
        .expect("there");
    assert_eq!(cafe.description.as_str(), "Koffie,\nthee en praatje");
    assert_eq!(cafe.ages.min(), Some(18));
    assert_eq!(
        (cafe.openings[0].days, cafe.openings[0].from),
        (0b1_1111, Some(540))
    );
    report.findings().to_vec()
}

#[test]
fn every_row_is_told_of_and_what_is_wrong_has_its_place() {
    let findings = findings();
    let told = |file: &str, line: u64, column: &str, severity: Severity| {
        findings.iter().any(|finding| {
            (
                finding.file.as_str(),
                finding.line,
                finding.column.as_str(),
                finding.severity,
            ) == (file, line, column, severity)
        })
    };
    for (line, column, severity) in [
        (1, "", Severity::Mended),                // Windows-1252, and semicolons
        (2, "status", Severity::Mended),          // actief
        (2, "assured_date", Severity::Mended),    // 31-12-2025
        (2, "/wait_time", Severity::Mended),      // 2-4 weken
        (2, "/schedules", Severity::Mended),      // hours in words
        (4, "id", Severity::Refused),             // the same id, something else
        (5, "name", Severity::Refused),           // no name
        (6, "assured_date", Severity::Mended),    // binnenkort
        (6, "organization_id", Severity::Mended), // an orphan
        (7, "/status", Severity::Mended),         // not offered
        (8, "id", Severity::Mended),              // no id
        (9, "", Severity::Mended),                // more cells than columns
    ] {
        assert!(
            told("services.csv", line, column, severity),
            "{line} {column} {severity:?}: {findings:#?}"
        );
    }
    assert!(
        told("schedules.csv", 4, "service_id", Severity::Mended),
        "an orphan"
    );
    assert!(
        told("organizations.csv", 2, "", Severity::Taken),
        "nothing wrong is told too"
    );
    assert!(
        told("notities.docx", 1, "", Severity::Refused),
        "a file of something else"
    );
    let silent = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Refused && finding.advice.is_empty());
    assert_eq!(silent.count(), 0, "whoever is refused is told what to do");
}

#[test]
fn a_broken_file_of_json_is_refused_with_its_line() {
    let (_, report) = read_text(&[
        ("a.json", "{\n\"id\": \n}"),
        (
            "b.json",
            "[1, {\"id\":\"1\",\"name\":\"x\",\"status\":\"active\"}]",
        ),
    ]);
    let told: Vec<(&str, u64, Severity)> = report
        .findings()
        .iter()
        .map(|finding| (finding.file.as_str(), finding.line, finding.severity))
        .collect();
    assert!(told.contains(&("a.json", 3, Severity::Refused)), "{told:?}");
    assert!(
        told.contains(&("b.json", 1, Severity::Refused)) && told.contains(&("b.json", 2, Severity::Taken)),
        "{told:?}"
    );
}

fn name() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&[
        "services.csv",
        "locations.csv",
        "addresses.csv",
        "schedules.csv",
        "attributes.csv",
        "a.json",
        "x.txt",
    ])
}

/// Bytes that look like a directory now and then.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        "(id|name|service_id|location_id|status|[,;\"\n]|geheim|opvang|[a-c1-3]){0,60}".prop_map(String::into_bytes),
        "[\\[\\]{}:,\"a-d0-9]{0,60}".prop_map(String::into_bytes),
        r#"\[\{"id":"[ab]","name":"(opvang|x)","status":"active","service_at_locations":\[\{"location":\{"id":"[ab]","addresses":(\[\{"address_1":".{0,9}"\}\]|[0-9]|null)\}\}\],"attributes":(\[1\]|\{\}|\[\{"taxonomy_term":[0-9]\}\])\}\]"#
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn no_bytes_whatever_make_it_fail(
        files in proptest::collection::vec((name(), bytes()), 0..4),
    ) {
        let source: Vec<SourceFile<'_>> =
            files.iter().map(|(path, bytes)| SourceFile { path, bytes }).collect();
        let (directory, mut report) = read(&source);
        for offer in offers(&directory, &publisher(), &mut report) {
            prop_assert!(offer.check().is_ok());
        }
        directory.to_json();
        directory.to_csv();
        report.to_csv();
        report.to_json();
    }
}
