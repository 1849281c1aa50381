//! A way to a home, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;
use sluis_client::Housing;
use sluis_types::{HomeAccess, LeaseKind, SizeBand, SupportBand, Timestamp};

use crate::codes::{list, words};
use crate::dates::{self, Dates};
use crate::screen::Report;

#[derive(Serialize)]
pub(super) struct HousingView {
    housing_id: String,
    state: &'static str,
    version: u32,
    need: NeedView,
    lease: Option<&'static str>,
    #[serde(serialize_with = "dates::serialize_optional")]
    contact_due: Option<Timestamp>,
    contacts: u32,
    #[serde(serialize_with = "dates::serialize_optional")]
    support_asked: Option<Timestamp>,
    steps: Vec<StepView>,
    /// Null for the landlord itself.
    landlord: Option<String>,
}

#[derive(Serialize)]
struct NeedView {
    size: Option<&'static str>,
    rent_max_euros: u32,
    areas: Vec<String>,
    low_stimulus: bool,
    access: Vec<&'static str>,
    support: Option<&'static str>,
    lease: Option<&'static str>,
}

#[derive(Serialize)]
struct StepView {
    state: &'static str,
    #[serde(serialize_with = "dates::serialize")]
    since: Timestamp,
}

impl HousingView {
    pub(super) fn of(housing: &Housing) -> Self {
        let need = &housing.need;
        Self {
            housing_id: housing.housing_id.to_string(),
            state: housing.state.name(),
            version: housing.version,
            need: NeedView {
                size: need.size.map(SizeBand::name),
                rent_max_euros: need.rent_max_euros,
                areas: need.areas.iter().map(ToString::to_string).collect(),
                low_stimulus: need.low_stimulus,
                access: need.access.iter().map(HomeAccess::name).collect(),
                support: need.support.map(SupportBand::name),
                lease: need.lease.map(LeaseKind::name),
            },
            lease: housing.lease.map(LeaseKind::name),
            contact_due: housing.contact_due,
            contacts: housing.contacts,
            support_asked: housing.support_asked,
            steps: housing
                .steps
                .iter()
                .map(|step| StepView {
                    state: step.state.name(),
                    since: step.since,
                })
                .collect(),
            landlord: housing.landlord.map(|oin| oin.to_string()),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.housing_id
    }

    /// Where it is, and what is due.
    pub(super) fn standing(&self, dates: &Dates) -> String {
        let mut text = words(self.state);
        if let Some(due) = self.contact_due {
            let _ = write!(text, ", contact due {}", dates.day(due));
        }
        if self.support_asked.is_some() {
            text.push_str(", the landlord asks for support");
        }
        text
    }

    /// What is needed, on one line.
    pub(super) fn need(&self) -> String {
        let need = &self.need;
        let mut facts = vec![format!("up to {} euros", need.rent_max_euros)];
        facts.extend(need.size.map(words));
        if !need.areas.is_empty() {
            facts.push(format!("in {}", need.areas.join(" ")));
        }
        facts.extend(need.low_stimulus.then(|| "quiet".to_owned()));
        if !need.access.is_empty() {
            facts.push(list(need.access.iter().copied()));
        }
        facts.extend(need.support.map(|band| format!("support: {}", words(band))));
        facts.extend(need.lease.map(|lease| format!("lease: {}", words(lease))));
        facts.join(", ")
    }
}

impl Report for HousingView {
    fn human(&self, dates: &Dates) -> String {
        let mut text = format!(
            "{}  {}\n  {}\n",
            self.housing_id,
            self.standing(dates),
            self.need()
        );
        for step in &self.steps {
            let _ = writeln!(text, "  {}  {}", dates.day(step.since), words(step.state));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use sluis_client::{HomeNeed, HousingStep};
    use sluis_types::{CodeSet, HousingId, HousingState};

    use super::*;

    #[test]
    fn it_says_where_it_is_and_what_is_needed() {
        let at = Timestamp::from_seconds(1_795_446_600);
        let housing = Housing {
            housing_id: HousingId::from_bytes([5; 16]),
            state: HousingState::Settling,
            version: 8,
            need: HomeNeed {
                size: Some(SizeBand::TwoRooms),
                rent_max_euros: 700,
                areas: Vec::new(),
                low_stimulus: true,
                access: CodeSet::EMPTY.with(HomeAccess::StepFree),
                support: Some(SupportBand::TwoHours),
                lease: None,
            },
            lease: Some(LeaseKind::Own),
            contact_due: Some(at),
            contacts: 0,
            support_asked: Some(at),
            steps: vec![HousingStep {
                state: HousingState::Nominated,
                since: at,
            }],
            landlord: None,
        };
        let view = HousingView::of(&housing);
        assert_eq!(
            view.human(&Dates(TimeZone::UTC)),
            "05050505-0505-0505-0505-050505050505  settling, contact due Mon 23 Nov 2026, the landlord asks for support\n  \
             up to 700 euros, two rooms, quiet, step free, support: two hours\n  Mon 23 Nov 2026  nominated\n"
        );
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(
            (&json["landlord"], &json["need"]["access"][0], &json["lease"]),
            (&serde_json::Value::Null, &"STEP_FREE".into(), &"OWN".into())
        );
    }
}
