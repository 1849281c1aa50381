//! Offers from services. What HSDS says in other words is mended; what cannot be told is asked of the source.

mod there;
mod whom;

use std::collections::BTreeSet;

use serde_json::Value;
use sluis_ranking::{LongText, Offer, ShortText};
use sluis_types::{Code, CodeSet, Law, OfferKind, Oin, Provision, Timestamp, UnknownCode};

use crate::directory::{Directory, Service};
use crate::mend::{date, derived_id};
use crate::profile::{Fields, fields};
use crate::report::{Report, Severity};

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
