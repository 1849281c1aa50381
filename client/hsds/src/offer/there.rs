//! What one finds there: when, where, for how much, whom to ask, and whether there is room.

use serde_json::Value;
use sluis_ranking::{Address, Capacity, Contact, Opening, Place, ShortText, Weeks};
use sluis_types::CapacityStatus;

use super::{Reading, moment};
use crate::confidential::WITHHELD;
use crate::profile::WEEKDAYS;
use crate::report::Severity;
use crate::words;

impl Reading<'_> {
    pub(super) fn openings(&mut self) -> Vec<Opening> {
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

    pub(super) fn schedule(&mut self, schedule: &Value) -> Vec<Opening> {
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

    pub(super) fn costs(&mut self) -> ShortText {
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

    pub(super) fn place(&mut self) -> Place {
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
    pub(super) fn contact(&mut self) -> Contact {
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

    pub(super) fn capacity(&mut self) -> Option<Capacity> {
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
}
