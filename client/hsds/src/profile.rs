//! The Dutch profile: what an offer has and HSDS has no field for travels as attributes of one taxonomy, so that other
//! readers of HSDS pass it over and this one reads it back.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sluis_ranking::{Capacity, Offer, Opening, Place, ProofBasis};
use sluis_types::{Accessibility, LifeDomain, ProofCriterion, Timestamp};

use crate::directory::{Directory, of_documents};
use crate::mend::derived_id;

/// The taxonomy of the profile's attributes.
pub(crate) const TAXONOMY: &str = "sluis-nl";
/// Days as HSDS writes them, from Monday.
pub(crate) const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// Values of the profile by field.
pub(crate) type Fields = BTreeMap<String, Vec<String>>;

/// Offers as a directory of HSDS.
pub fn export<'a>(offers: impl IntoIterator<Item = &'a Offer>) -> Directory {
    of_documents(offers.into_iter().map(service).collect())
}

/// The profile's values in a service document.
pub(crate) fn fields(service: &Value) -> Fields {
    let mut fields = Fields::new();
    for attribute in service["attributes"].as_array().into_iter().flatten() {
        let term = &attribute["taxonomy_term"];
        if is_profile(term)
            && let (Some(field), Some(value)) = (term["code"].as_str(), attribute["value"].as_str())
        {
            fields.entry(field.to_owned()).or_default().push(value.to_owned());
        }
    }
    fields
}

/// Whether a taxonomy term is the profile's.
pub(crate) fn is_profile(term: &Value) -> bool {
    term["taxonomy"].as_str() == Some(TAXONOMY)
}

fn service(offer: &Offer) -> Value {
    let id = offer.id.to_string();
    let mut service = Map::new();
    let mut put = |field: &str, text: &str| {
        if !text.is_empty() {
            service.insert(field.to_owned(), text.into());
        }
    };
    put("id", &id);
    put("name", offer.name.as_str());
    put("status", "active");
    put("description", offer.description.as_str());
    put("eligibility_description", offer.eligibility.as_str());
    put("fees_description", offer.costs.as_str());
    put("email", offer.contact.email.as_str());
    put("url", offer.contact.page.as_str());
    put("last_modified", &written(offer.updated_at));
    for (field, age) in [
        ("minimum_age", offer.ages.min()),
        ("maximum_age", offer.ages.max()),
    ] {
        if let Some(age) = age {
            service.insert(field.to_owned(), age.into());
        }
    }
    service.insert("organization".to_owned(), organization(offer));
    let lists = [
        ("phones", phones(offer)),
        ("languages", languages(offer)),
        (
            "schedules",
            offer
                .openings
                .iter()
                .enumerate()
                .map(|(at, opening)| schedule(&id, at, opening))
                .collect(),
        ),
        ("service_areas", service_areas(offer)),
        ("service_at_locations", location(offer).into_iter().collect()),
        ("attributes", attributes(offer)),
    ];
    for (field, list) in lists {
        if !list.is_empty() {
            service.insert(field.to_owned(), list.into());
        }
    }
    service.into()
}

fn organization(offer: &Offer) -> Value {
    json!({
        "id": derived_id(&["organization", offer.publisher.as_str()]),
        "name": offer.organisation.as_str(),
        "description": "",
        "organization_identifiers": [{
            "id": derived_id(&["oin", offer.publisher.as_str()]),
            "identifier_scheme": "NL-OIN",
            "identifier_type": "OIN",
            "identifier": offer.publisher.as_str(),
        }],
    })
}

fn phones(offer: &Offer) -> Vec<Value> {
    let number = offer.contact.phone.as_str();
    let phone = json!({ "id": derived_id(&["phone", &offer.id.to_string()]), "number": number });
    if number.is_empty() {
        Vec::new()
    } else {
        vec![phone]
    }
}

fn languages(offer: &Offer) -> Vec<Value> {
    let id = offer.id.to_string();
    let languages = offer.languages.iter();
    languages
        .map(|language| json!({ "id": derived_id(&["language", &id, language.as_str()]), "code": language.as_str() }))
        .collect()
}

fn schedule(id: &str, at: usize, opening: &Opening) -> Value {
    let days: Vec<&str> = WEEKDAYS
        .iter()
        .enumerate()
        .filter(|(day, _)| opening.days & (1 << day) != 0)
        .map(|(_, name)| *name)
        .collect();
    let mut schedule = Map::new();
    schedule.insert(
        "id".to_owned(),
        derived_id(&["schedule", id, &at.to_string()]).into(),
    );
    if !days.is_empty() {
        schedule.insert("freq".to_owned(), "WEEKLY".into());
        schedule.insert("byday".to_owned(), days.join(",").into());
    }
    for (field, minutes) in [("opens_at", opening.from), ("closes_at", opening.to)] {
        if let Some(minutes) = minutes {
            schedule.insert(
                field.to_owned(),
                format!("{:02}:{:02}", minutes / 60, minutes % 60).into(),
            );
        }
    }
    if !opening.note.is_empty() {
        schedule.insert("notes".to_owned(), opening.note.as_str().into());
    }
    schedule.into()
}

fn service_areas(offer: &Offer) -> Vec<Value> {
    let id = offer.id.to_string();
    let areas = offer.areas.iter().map(ToString::to_string);
    areas
        .map(|code| json!({ "id": derived_id(&["area", &id, &code]), "name": code, "extent": code, "extent_type": "cbs" }))
        .collect()
}

fn location(offer: &Offer) -> Option<Value> {
    let id = offer.id.to_string();
    let location_id = derived_id(&["location", &id]);
    let location = match &offer.place {
        Place::Nowhere => return None,
        Place::Confidential => {
            json!({ "id": location_id, "location_type": "physical", "confidential": true })
        }
        Place::Public(address) => json!({
            "id": location_id,
            "location_type": "physical",
            "confidential": false,
            "addresses": [{
                "id": derived_id(&["address", &id]),
                "address_1": address.line.as_str(),
                "postal_code": address.postal_code.as_str(),
                "city": address.town.as_str(),
                "state_province": "",
                "country": "NL",
                "address_type": "physical",
            }],
        }),
    };
    Some(json!({ "id": derived_id(&["service_at_location", &id]), "location": location }))
}

fn attributes(offer: &Offer) -> Vec<Value> {
    let id = offer.id.to_string();
    let mut attributes = Vec::new();
    let mut put = |field: &str, value: &str| {
        if !value.is_empty() {
            attributes.push(attribute(&id, field, value));
        }
    };
    put("kind", offer.kind.name());
    put("provision", offer.provision.name());
    put("law", offer.law.name());
    put("entrance", offer.entrance.name());
    put("contact_function", offer.contact.function.as_str());
    put("contact_phone", offer.contact.phone.as_str());
    offer
        .life_domains
        .iter()
        .map(LifeDomain::name)
        .for_each(|name| put("life_domain", name));
    offer
        .accessibility
        .iter()
        .map(Accessibility::name)
        .for_each(|name| put("accessibility", name));
    offer.tags.iter().for_each(|tag| put("tag", tag.as_str()));
    if let Some(proof) = &offer.proof {
        put("vulnerability_proof", "yes");
        if let ProofBasis::Checked { by, at } = &proof.basis {
            put("vulnerability_proof_checked_by", by.as_str());
            put("vulnerability_proof_checked_at", &written(*at));
        }
        proof
            .criteria
            .iter()
            .map(ProofCriterion::name)
            .for_each(|name| put("vulnerability_proof_criterion", name));
    }
    if let Some(Capacity {
        status,
        wait,
        updated_at,
        note,
    }) = &offer.capacity
    {
        put("capacity_status", status.name());
        put(
            "capacity_weeks",
            &wait
                .map(|weeks| format!("{}-{}", weeks.min(), weeks.max()))
                .unwrap_or_default(),
        );
        put("capacity_updated_at", &written(*updated_at));
        put("capacity_note", note.as_str());
    }
    attributes
}

fn attribute(id: &str, field: &str, value: &str) -> Value {
    json!({
        "id": derived_id(&["attribute", id, field, value]),
        "link_id": id,
        "link_entity": "service",
        "value": value,
        "taxonomy_term": {
            "id": derived_id(&["term", TAXONOMY, field]),
            "code": field,
            "name": field.replace('_', " "),
            "description": "docs/matching.md",
            "taxonomy": TAXONOMY,
        },
    })
}

/// A moment as HSDS writes it.
fn written(moment: Timestamp) -> String {
    jiff::Timestamp::from_second(moment.seconds())
        .map(|moment| moment.to_string())
        .unwrap_or_default()
}
