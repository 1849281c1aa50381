//! Offers from services. What HSDS says in other words is mended; what cannot be told is asked of the source.

use std::collections::BTreeSet;

use serde_json::Value;
use sluis_ranking::{
    Address, Ages, Capacity, Contact, Language, LongText, Offer, Opening, Place, ProofBasis, ShortText,
    TAGS_MAX, Tag, VulnerabilityProof, Weeks,
};
use sluis_types::{
    Accessibility, CapacityStatus, Code, CodeSet, Entrance, Law, LifeDomain, OfferKind, Oin, ProofCriterion,
    Provision, Timestamp, UnknownCode,
};

use crate::confidential::WITHHELD;
use crate::directory::{Directory, Service};
use crate::mend::{date, derived_id};
use crate::profile::{Fields, WEEKDAYS, fields, is_profile};
use crate::report::{Report, Severity};
use crate::words;

/// Who will publish the offers, and when they are made.
#[derive(Clone, Debug)]
pub struct Publisher {
    /// Its OIN.
    pub oin: Oin,
    /// How it calls itself, where a service names no organisation.
    pub name: String,
    /// Now: for what has no date of its own.
    pub now: Timestamp,
}

/// Makes offers of every active service. What could not be told is added to the report.
pub fn offers(directory: &Directory, publisher: &Publisher, report: &mut Report) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    let mut seen = BTreeSet::new();
    for service in directory.services() {
        let mut reading = Reading {
            service: &service,
            fields: fields(&service.document),
            report,
        };
        let Some(offer) = reading.offer(publisher) else {
            continue;
        };
        if seen.insert(offer.id) {
            offers.push(offer);
        } else {
            reading.tell(
                "/id",
                Severity::Mended,
                "the same service once more; left out",
                "",
            );
        }
    }
    report.sort();
    offers
}

struct Reading<'a> {
    service: &'a Service,
    fields: Fields,
    report: &'a mut Report,
}

impl Reading<'_> {
    fn tell(&mut self, at: &str, severity: Severity, what: impl Into<String>, advice: &str) {
        self.report.add(&self.service.spot, at, severity, what, advice);
    }

    fn text(&self, field: &str) -> &str {
        self.service.document[field].as_str().unwrap_or_default()
    }

    fn list(&self, field: &str) -> impl Iterator<Item = &Value> + use<'_> {
        self.service.document[field].as_array().into_iter().flatten()
    }

    /// The profile's value of a field.
    fn value(&self, field: &str) -> Option<&str> {
        self.fields.get(field)?.first().map(String::as_str)
    }

    fn code<C>(&mut self, field: &str, parse: fn(&str) -> Result<C, UnknownCode>) -> Option<C> {
        let value = self.value(field)?.to_owned();
        let parsed = parse(&value).ok();
        if parsed.is_none() {
            let what = format!("{value:?} is no {field}");
            self.tell(
                field,
                Severity::Mended,
                what,
                "Use a code of the profile (docs/matching.md).",
            );
        }
        parsed
    }

    fn codes<C: Code>(&mut self, field: &str, parse: fn(&str) -> Result<C, UnknownCode>) -> CodeSet<C> {
        let values = self.fields.get(field).cloned().unwrap_or_default();
        values.iter().filter_map(|value| parse(value).ok()).collect()
    }

    fn offer(&mut self, publisher: &Publisher) -> Option<Offer> {
        if self.text("status") != "active" {
            let what = format!("it is {}, so it is not offered", self.text("status"));
            self.tell("/status", Severity::Mended, what, "");
            return None;
        }
        let id = self.text("id").to_lowercase();
        let id = id
            .parse()
            .or_else(|_| derived_id(&["offer", publisher.oin.as_str(), &id]).parse());
        let offer = Offer {
            id: id.expect("a derived id is an id"),
            publisher: publisher.oin,
            organisation: self.organisation(publisher),
            name: self.short("name"),
            description: self.long("description"),
            kind: self
                .code("kind", OfferKind::from_name)
                .unwrap_or(OfferKind::Activity),
            provision: self
                .code("provision", Provision::from_name)
                .unwrap_or(Provision::General),
            law: self.code("law", Law::from_name).unwrap_or(Law::General),
            life_domains: self.life_domains(),
            areas: self.areas(),
            ages: self.ages(),
            eligibility: self.long("eligibility_description"),
            languages: self.languages(),
            accessibility: self.accessibility(),
            entrance: self.entrance(),
            proof: self.proof(),
            openings: self.openings(),
            costs: self.costs(),
            place: self.place(),
            contact: self.contact(),
            tags: self.tags(),
            capacity: self.capacity(),
            updated_at: self.changed_at().unwrap_or(publisher.now),
        };
        match offer.encode() {
            Ok(_) => Some(offer),
            Err(invalid) => {
                self.tell(
                    &format!("/{}", invalid.field),
                    Severity::Refused,
                    invalid.what,
                    "Shorten it.",
                );
                None
            }
        }
    }

    fn short(&mut self, field: &str) -> ShortText {
        let (text, was_cut) = ShortText::cut(self.text(field));
        self.tell_cut(field, was_cut);
        text
    }

    fn long(&mut self, field: &str) -> LongText {
        let (text, was_cut) = LongText::cut(self.text(field));
        self.tell_cut(field, was_cut);
        text
    }

    fn tell_cut(&mut self, field: &str, was_cut: bool) {
        if was_cut {
            self.tell(
                &format!("/{field}"),
                Severity::Mended,
                "longer than an offer may be; cut off",
                "Shorten it.",
            );
        }
    }

    fn organisation(&self, publisher: &Publisher) -> ShortText {
        let named = self.service.document["organization"]["name"]
            .as_str()
            .unwrap_or_default();
        let name = if named.trim().is_empty() {
            publisher.name.as_str()
        } else {
            named
        };
        ShortText::cut(name).0
    }

    fn life_domains(&mut self) -> CodeSet<LifeDomain> {
        let said = self.codes("life_domain", LifeDomain::from_name);
        if !said.is_empty() {
            return said;
        }
        let told = words::life_domains(&format!("{} {}", self.text("name"), self.text("description")));
        let found = if told.is_empty() {
            [LifeDomain::FittingSupport].into_iter().collect()
        } else {
            told
        };
        let names: Vec<&str> = found.iter().map(LifeDomain::name).collect();
        let what = format!("it names no life domain; told by its words: {}", names.join(", "));
        self.tell(
            "life_domain",
            Severity::Mended,
            what,
            "Add the attribute life_domain.",
        );
        found
    }

    fn areas(&mut self) -> BTreeSet<sluis_ranking::Area> {
        let (mut areas, mut unclear) = (BTreeSet::new(), false);
        for area in self.list("service_areas") {
            let text = ["extent", "name", "description"]
                .map(|field| area[field].as_str().unwrap_or_default())
                .join(" ");
            let codes = words::areas(&text);
            unclear |= codes.is_empty() && !text.trim().is_empty();
            areas.extend(codes);
        }
        if unclear {
            let advice = "Add the CBS code (GM, WK or BU) to the service area.";
            self.tell(
                "/service_areas",
                Severity::Mended,
                "an area without a code filters nothing",
                advice,
            );
        }
        areas.into_iter().take(sluis_ranking::AREAS_MAX).collect()
    }

    fn ages(&mut self) -> Ages {
        let age = |field: &str| {
            let years = self.service.document[field]
                .as_f64()
                .filter(|years| (0.0..=255.0).contains(years))?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked just above"
            )]
            Some(years as u8)
        };
        // Half of HSDS says 0 and 100 for "all ages".
        let (min, max) = (age("minimum_age").filter(|years| *years > 0), age("maximum_age"));
        let zero = self.service.document["minimum_age"].as_f64() == Some(0.0) && self.value("kind").is_some();
        Ages::new(if zero { Some(0) } else { min }, max).unwrap_or_else(|_| {
            self.tell(
                "/minimum_age",
                Severity::Mended,
                "ages the wrong way round; not used",
                "Swap them.",
            );
            Ages::ALL
        })
    }

    fn languages(&mut self) -> BTreeSet<Language> {
        let (mut languages, mut unclear) = (BTreeSet::new(), false);
        for language in self.list("languages") {
            let code = language["code"].as_str().unwrap_or_default().to_lowercase();
            let code = code.split(['-', '_']).next().unwrap_or_default();
            match Language::parse(code) {
                Ok(language) => {
                    languages.insert(language);
                }
                Err(_) => unclear = true,
            }
        }
        if unclear {
            self.tell(
                "/languages",
                Severity::Mended,
                "a language without a code is not used",
                "Add its ISO 639 code.",
            );
        }
        languages.into_iter().take(sluis_ranking::LANGUAGES_MAX).collect()
    }

    fn locations(&self) -> impl Iterator<Item = &Value> + use<'_> {
        self.list("service_at_locations")
            .map(|at| &at["location"])
            .filter(|location| location.is_object())
    }

    fn accessibility(&mut self) -> CodeSet<Accessibility> {
        let said = self.codes("accessibility", Accessibility::from_name);
        let told = self.locations().flat_map(|location| {
            let rows = location["accessibility"].as_array().into_iter().flatten();
            rows.map(|row| words::accessibility(&format!("{} {}", row["description"], row["details"])))
        });
        told.flat_map(|codes| codes.iter().collect::<Vec<_>>())
            .fold(said, CodeSet::with)
    }

    fn entrance(&mut self) -> Entrance {
        if let Some(entrance) = self.code("entrance", Entrance::from_name) {
            return entrance;
        }
        words::entrance(self.text("application_process")).unwrap_or(Entrance::SignUp)
    }

    fn proof(&mut self) -> Option<VulnerabilityProof> {
        self.value("vulnerability_proof")?;
        let by = self
            .value("vulnerability_proof_checked_by")
            .map(|by| ShortText::cut(by).0);
        let at = self.value("vulnerability_proof_checked_at").and_then(moment);
        let basis = match (by.filter(|by| !by.is_empty()), at) {
            (Some(by), Some(at)) => ProofBasis::Checked { by, at },
            _ => ProofBasis::SelfDeclared,
        };
        let criteria = self.codes("vulnerability_proof_criterion", ProofCriterion::from_name);
        Some(VulnerabilityProof { basis, criteria })
    }

    fn openings(&mut self) -> Vec<Opening> {
        let at = self
            .list("service_at_locations")
            .flat_map(|at| at["schedules"].as_array().into_iter().flatten());
        let schedules: Vec<Value> = self.list("schedules").chain(at).cloned().collect();
        let mut openings: Vec<Opening> = Vec::new();
        for schedule in &schedules {
            for opening in self.schedule(schedule) {
                if !openings.contains(&opening) || self.value("kind").is_some() {
                    openings.push(opening);
                }
            }
        }
        openings.truncate(sluis_ranking::OPENINGS_MAX);
        openings
    }

    fn schedule(&mut self, schedule: &Value) -> Vec<Opening> {
        let text = |field: &str| schedule[field].as_str().unwrap_or_default();
        let byday = text("byday").split(',');
        let days = byday
            .filter_map(|day| WEEKDAYS.iter().position(|name| *name == day.trim()))
            .fold(0_u8, |days, at| days | 1 << at);
        let (from, to) = (
            words::minutes(text("opens_at")),
            words::minutes(text("closes_at")),
        );
        let note = if text("notes").is_empty() {
            text("description")
        } else {
            text("notes")
        };
        if days == 0 && from.is_none() && to.is_none() {
            if let Some(openings) = words::openings(text("description")) {
                let what = format!("the hours {:?} are read", text("description"));
                self.tell(
                    "/schedules",
                    Severity::Mended,
                    what,
                    "Fill in byday, opens_at and closes_at.",
                );
                return openings;
            }
            if !text("description").trim().is_empty() {
                self.tell(
                    "/schedules",
                    Severity::Mended,
                    "the hours are shown as text",
                    "Fill in byday, opens_at and closes_at.",
                );
            }
        }
        vec![Opening {
            days,
            from,
            to,
            note: ShortText::cut(note).0,
        }]
    }

    fn costs(&mut self) -> ShortText {
        if !self.text("fees_description").is_empty() {
            return self.short("fees_description");
        }
        let options = self.list("cost_options").map(|option| {
            let text = |field: &str| option[field].as_str().unwrap_or_default().to_owned();
            let amount = option["amount"]
                .as_f64()
                .map(|amount| amount.to_string())
                .unwrap_or_default();
            [
                text("option"),
                text("currency").to_uppercase(),
                amount,
                text("amount_description"),
            ]
            .join(" ")
        });
        ShortText::cut(&options.collect::<Vec<_>>().join("; ")).0
    }

    fn place(&mut self) -> Place {
        if self
            .locations()
            .any(|location| location["confidential"] == true || location["confidential"] == "true")
        {
            return Place::Confidential;
        }
        let addresses = self
            .locations()
            .flat_map(|location| location["addresses"].as_array().into_iter().flatten());
        let Some(address) = addresses.into_iter().next() else {
            return Place::Nowhere;
        };
        let text = |field: &str| address[field].as_str().unwrap_or_default();
        if ["address_1", "postal_code"]
            .iter()
            .any(|field| text(field).contains(WITHHELD))
        {
            return Place::Confidential;
        }
        Place::Public(Address {
            line: ShortText::cut(text("address_1")).0,
            postal_code: ShortText::cut(text("postal_code")).0,
            town: ShortText::cut(text("city")).0,
        })
    }

    /// A function and its line: never a person's name, and no number that may be a person's own.
    fn contact(&mut self) -> Contact {
        let own = self.list("phones").chain(
            self.list("service_at_locations")
                .flat_map(|at| at["phones"].as_array().into_iter().flatten()),
        );
        let of_organisation = self.service.document["organization"]["phones"]
            .as_array()
            .into_iter()
            .flatten();
        let numbers: Vec<String> = own
            .chain(of_organisation)
            .filter_map(|phone| phone["number"].as_str())
            .map(|number| number.trim().trim_matches('"').to_owned())
            .collect();
        let line = numbers
            .iter()
            .find(|number| !words::is_mobile(number))
            .cloned()
            .unwrap_or_default();
        if line.is_empty() && !numbers.is_empty() && self.value("contact_phone").is_none() {
            let advice = "Give the number of a function, or the attribute contact_phone.";
            self.tell(
                "/phones",
                Severity::Mended,
                "a mobile number may be a person's own; left out",
                advice,
            );
        }
        let function = self.list("contacts").find_map(|contact| {
            contact["title"]
                .as_str()
                .or_else(|| contact["department"].as_str())
        });
        let phone = self.value("contact_phone").unwrap_or(&line);
        Contact {
            function: ShortText::cut(self.value("contact_function").or(function).unwrap_or_default()).0,
            phone: ShortText::cut(phone).0,
            email: ShortText::cut(self.text("email")).0,
            page: ShortText::cut(self.text("url")).0,
        }
    }

    /// The profile's tags, and the names of other taxonomies' terms.
    fn tags(&self) -> BTreeSet<Tag> {
        let own = self.fields.get("tag").into_iter().flatten().map(String::as_str);
        let others = self
            .list("attributes")
            .map(|attribute| &attribute["taxonomy_term"])
            .filter(|term| !is_profile(term))
            .filter_map(|term| term["name"].as_str());
        own.chain(others)
            .filter_map(|text| Tag::parse(text).ok())
            .take(TAGS_MAX)
            .collect()
    }

    fn capacity(&mut self) -> Option<Capacity> {
        let status = self.code("capacity_status", CapacityStatus::from_name);
        let updated_at = self
            .value("capacity_updated_at")
            .and_then(moment)
            .or_else(|| self.changed_at());
        if let (Some(status), Some(updated_at)) = (status, updated_at) {
            let weeks = self
                .value("capacity_weeks")
                .and_then(|weeks| weeks.split_once('-'));
            let wait = weeks.and_then(|(min, max)| Weeks::new(min.parse().ok()?, max.parse().ok()?).ok());
            return Some(Capacity {
                status,
                wait: wait.filter(|_| status == CapacityStatus::Waitlist),
                updated_at,
                note: ShortText::cut(self.value("capacity_note").unwrap_or_default()).0,
            });
        }
        let wait_time = self.text("wait_time").to_owned();
        let (status, wait) = match words::weeks(&wait_time) {
            _ if words::is_no_wait(&wait_time) => (CapacityStatus::Capacity, None),
            Some(weeks) => (CapacityStatus::Waitlist, Some(weeks)),
            None => return None,
        };
        let what = format!("the waiting time {wait_time:?} is read");
        self.tell(
            "/wait_time",
            Severity::Mended,
            what,
            "Report capacity: wait_time is deprecated in HSDS.",
        );
        Some(Capacity {
            status,
            wait,
            updated_at: updated_at?,
            note: ShortText::default(),
        })
    }

    fn changed_at(&self) -> Option<Timestamp> {
        moment(self.text("last_modified")).or_else(|| moment(self.text("assured_date")))
    }
}

/// A moment, or the beginning of a day in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let exact = text.parse::<jiff::Timestamp>().ok();
    let day = || {
        format!("{}T00:00:00Z", date(text)?)
            .parse::<jiff::Timestamp>()
            .ok()
    };
    let seconds = exact.or_else(day)?.as_second();
    (seconds > 0).then(|| Timestamp::from_seconds(seconds))
}
