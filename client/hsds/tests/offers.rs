//! Offers out of HSDS, and into it.

use sluis_hsds::{SourceFile, export, offers, read};
use sluis_ranking::{
    Address, Ages, Area, Availability, Capacity, Contact, Language, LongText, Offer, Opening, Place,
    ProofBasis, ShortText, Tag, VulnerabilityProof, Weeks,
};
use sluis_types::{
    Accessibility, CapacityStatus, Entrance, Law, LifeDomain, OfferId, OfferKind, ProofCriterion, Provision,
};

use crate::{NOW, publisher, read_text};

fn short(text: &str) -> ShortText {
    ShortText::cut(text).0
}

/// An offer with something in every field.
fn full(id: u8) -> Offer {
    Offer {
        id: OfferId::from_bytes([id; 16]),
        publisher: publisher().oin,
        organisation: short("Welzijn De Brug"),
        name: short("Inloop, met \"soep\""),
        description: LongText::cut("Elke dag soep.\nKom binnen; het kost niets.").0,
        kind: OfferKind::GeneralFacility,
        provision: Provision::Informal,
        law: Law::Wmo,
        life_domains: [LifeDomain::MeaningfulDay, LifeDomain::Surroundings]
            .into_iter()
            .collect(),
        areas: ["GM0363", "WK036301", "BU0363AA01"]
            .map(|code| Area::parse(code).expect("a code"))
            .into(),
        ages: Ages::new(Some(18), Some(99)).expect("ages"),
        eligibility: LongText::cut("Voor wie in de buurt woont").0,
        languages: ["nl", "ar"]
            .map(|code| Language::parse(code).expect("a code"))
            .into(),
        accessibility: [Accessibility::Wheelchair, Accessibility::LowStimulus]
            .into_iter()
            .collect(),
        entrance: Entrance::DropIn,
        proof: Some(VulnerabilityProof {
            basis: ProofBasis::Checked {
                by: short("Zelfregiecentrum Noord"),
                at: NOW,
            },
            criteria: [ProofCriterion::HostPresent, ProofCriterion::OpenToAll]
                .into_iter()
                .collect(),
        }),
        openings: vec![
            Opening {
                days: 0b1_1111,
                from: Some(570),
                to: Some(1020),
                note: short("niet in de vakantie"),
            },
            Opening {
                days: 0,
                from: None,
                to: None,
                note: short("en op feestdagen na overleg"),
            },
        ],
        costs: short("gratis; soep 1 euro"),
        place: Place::Public(Address {
            line: short("Brugstraat 1"),
            postal_code: short("1000 AA"),
            town: short("Noordstad"),
        }),
        contact: Contact {
            function: short("gastvrouw"),
            phone: short("06-12345678"),
            email: short("inloop@brug.example"),
            page: short("https://brug.example/inloop"),
        },
        tags: ["samen-eten", "rust"]
            .map(|tag| Tag::parse(tag).expect("a tag"))
            .into(),
        capacity: Some(Capacity {
            status: CapacityStatus::Waitlist,
            wait: Some(Weeks::new(2, 4).expect("weeks")),
            updated_at: NOW,
            note: short("na de zomer korter"),
        }),
        updated_at: NOW,
    }
}

#[test]
fn an_offer_comes_back_from_both_forms() {
    let mut shelter = full(2);
    shelter.place = Place::Confidential;
    let mut plain = full(3);
    (plain.proof, plain.capacity, plain.place) = (None, None, Place::Nowhere);
    (plain.ages, plain.openings) = (Ages::ALL, Vec::new());
    let before = [full(1), shelter, plain];
    let directory = export(&before);
    let json = directory.to_json();
    let nested = read_text(&[(json[0].0.as_str(), &json[0].1.to_string())]);
    let tables = directory.to_csv();
    let files: Vec<SourceFile<'_>> = tables
        .iter()
        .map(|(path, text)| SourceFile {
            path,
            bytes: text.as_bytes(),
        })
        .collect();
    for (again, mut report) in [nested, read(&files)] {
        let mut after = offers(&again, &publisher(), &mut report);
        after.sort_by_key(|offer| offer.id);
        assert_eq!(after, before, "{:#?}", report.findings());
    }
}

#[test]
fn what_is_exported_has_what_the_schema_asks_for() {
    let document = export(&[full(1)]).to_json().remove(0).1;
    let service = &document[0];
    for (place, required) in [
        ("", &["id", "name", "status"][..]),
        ("/organization", &["id", "name", "description"]),
        (
            "/organization/organization_identifiers/0",
            &["id", "identifier_type", "identifier"],
        ),
        ("/phones/0", &["id", "number"]),
        ("/service_at_locations/0", &["id"]),
        ("/service_at_locations/0/location", &["id", "location_type"]),
        (
            "/service_at_locations/0/location/addresses/0",
            &[
                "id",
                "address_1",
                "city",
                "state_province",
                "postal_code",
                "country",
                "address_type",
            ],
        ),
        ("/attributes/0/taxonomy_term", &["id", "name", "description"]),
    ] {
        let object = service.pointer(place).unwrap_or_else(|| panic!("{place}"));
        for field in required {
            assert!(object[*field].is_string(), "{place}/{field}");
        }
    }
}

#[test]
fn nobodys_name_and_own_number_become_part_of_an_offer() {
    let service = r#"{"id":"s1","name":"Maatjes","status":"active",
        "contacts":[{"id":"c1","name":"Wie Ook","title":"Coordinator"}],
        "phones":[{"id":"p1","number":"+31 6 1234 5678"}]}"#;
    let (directory, mut report) = read_text(&[("in.json", service)]);
    let offer = &offers(&directory, &publisher(), &mut report)[0];
    assert_eq!(
        (offer.contact.function.as_str(), offer.contact.phone.as_str()),
        ("Coordinator", "")
    );
    assert!(
        report
            .findings()
            .iter()
            .any(|finding| finding.column == "/phones")
    );
    assert!(
        !String::from_utf8(offer.encode().expect("an offer"))
            .expect("text")
            .contains("Wie Ook")
    );
}

#[test]
fn a_waiting_time_in_words_is_as_old_as_the_service() {
    let service = r#"{"id":"s1","name":"Coach","status":"active","wait_time":"3 weken","last_modified":"2020-01-01T00:00:00Z"}"#;
    let (directory, mut report) = read_text(&[("in.json", service)]);
    let offer = &offers(&directory, &publisher(), &mut report)[0];
    assert_eq!(
        offer.capacity.as_ref().and_then(|capacity| capacity.wait),
        Weeks::new(3, 3).ok()
    );
    assert_eq!(
        offer.availability(NOW),
        Availability::Unknown,
        "it was said too long ago"
    );
}

#[test]
fn a_service_keeps_its_id_when_it_is_read_again() {
    let service = |name: &str| format!(r#"{{"id":"gids-17","name":"{name}","status":"active"}}"#);
    let id = |text: &str| {
        let (directory, mut report) = read_text(&[("in.json", text)]);
        offers(&directory, &publisher(), &mut report)[0].id
    };
    assert_eq!(id(&service("Inloop")), id(&service("Inloop De Brug")));
}
