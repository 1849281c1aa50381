//! Signals and matches as they are shown.

use std::fmt::Write as _;

use serde::Serialize;
use sluis_client::{Match, Profile, Signal};
use sluis_types::{SignalType, Timestamp};

use crate::codes::words;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::{Report, plain};

/// A signal.
#[derive(Serialize)]
pub(super) struct SignalView {
    signal_id: String,
    state: &'static str,
    outcome: &'static str,
    severity: &'static str,
    /// What sort; null when it was written down with another profile.
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    /// The resident's label; null when there is none, or it was written down with another profile.
    resident: Option<String>,
    #[serde(serialize_with = "dates::serialize")]
    observed_at: Timestamp,
    #[serde(serialize_with = "dates::serialize")]
    expires_at: Timestamp,
    version: u32,
    matches: Vec<String>,
}

impl SignalView {
    pub(super) fn of(signal: &Signal, profile: &Profile) -> Result<Self, Failure> {
        let resident = signal.resident.as_ref();
        Ok(Self {
            signal_id: signal.signal_id.to_string(),
            state: signal.state,
            outcome: signal.outcome,
            severity: signal.severity.name(),
            kind: signal.kind.map(SignalType::name),
            resident: resident
                .map(|handle| profile.label_of(handle))
                .transpose()?
                .flatten(),
            observed_at: signal.observed_at,
            expires_at: signal.expires_at,
            version: signal.version,
            matches: signal.matches.iter().map(ToString::to_string).collect(),
        })
    }

    fn standing(&self) -> String {
        if self.outcome.is_empty() {
            words(self.state)
        } else {
            format!("{}: {}", words(self.state), words(self.outcome))
        }
    }

    pub(super) fn cells(&self, dates: &Dates) -> Vec<String> {
        vec![
            self.signal_id.clone(),
            self.kind.map_or_else(|| "unknown here".to_owned(), words),
            words(self.severity),
            self.standing(),
            format!("until {}", dates.day(self.expires_at)),
            self.resident.as_deref().map(plain).unwrap_or_default(),
        ]
    }
}

impl Report for SignalView {
    fn human(&self, dates: &Dates) -> String {
        let kind = self.kind.map_or_else(|| "a worry".to_owned(), words);
        let about = self.resident.as_deref().map(plain);
        let mut text = format!(
            "{}  {kind}, {}, is {}{}\n",
            self.signal_id,
            words(self.severity),
            self.standing(),
            about.map_or_else(String::new, |label| format!(", about {label}")),
        );
        let _ = writeln!(
            text,
            "Seen {}; lives until {}.",
            dates.day(self.observed_at),
            dates.day(self.expires_at)
        );
        for found in &self.matches {
            let _ = writeln!(text, "Match: {found}");
        }
        text
    }
}

/// A match.
#[derive(Serialize)]
pub(super) struct MatchView {
    match_id: String,
    state: &'static str,
    outcome: &'static str,
    version: u32,
    #[serde(serialize_with = "dates::serialize")]
    matched_at: Timestamp,
    #[serde(serialize_with = "dates::serialize")]
    acknowledge_by: Timestamp,
    overdue: bool,
    parties: Vec<PartyView>,
    lead: Option<String>,
    #[serde(skip)]
    lead_name: Option<String>,
}

#[derive(Serialize)]
struct PartyView {
    organisation: String,
    name: String,
    acknowledged: bool,
}

impl MatchView {
    pub(super) fn of(found: &Match, names: &Names) -> Self {
        let parties = found.parties.iter().map(|party| PartyView {
            organisation: party.organisation.to_string(),
            name: names.of(party.organisation),
            acknowledged: party.acknowledged,
        });
        Self {
            match_id: found.match_id.to_string(),
            state: found.state,
            outcome: found.outcome,
            version: found.version,
            matched_at: found.matched_at,
            acknowledge_by: found.acknowledge_by,
            overdue: found.overdue,
            parties: parties.collect(),
            lead: found.lead.map(|lead| lead.to_string()),
            lead_name: found.lead.map(|lead| names.of(lead)),
        }
    }

    fn standing(&self) -> String {
        if self.outcome.is_empty() {
            words(self.state)
        } else {
            format!("{}: {}", words(self.state), words(self.outcome))
        }
    }

    fn who(&self) -> String {
        let names: Vec<&str> = self.parties.iter().map(|party| party.name.as_str()).collect();
        names.join(", ")
    }

    pub(super) fn cells(&self, dates: &Dates) -> Vec<String> {
        vec![
            self.match_id.clone(),
            self.standing(),
            self.who(),
            if self.overdue {
                "nobody acknowledged it in time".to_owned()
            } else {
                format!("acknowledge by {}", dates.day(self.acknowledge_by))
            },
        ]
    }
}

impl Report for MatchView {
    fn human(&self, dates: &Dates) -> String {
        let mut text = format!(
            "{}  another organisation worries too; it is {}\n",
            self.match_id,
            self.standing()
        );
        let _ = writeln!(text, "Met {}: {}.", dates.moment(self.matched_at), self.who());
        if let Some(lead) = &self.lead_name {
            let _ = writeln!(text, "Lead: {lead}.");
        }
        if self.overdue {
            text.push_str("Nobody acknowledged it in time: a coordinator looks at it.\n");
        } else if self.state == "MATCHED" {
            let _ = writeln!(text, "Acknowledge it by {}.", dates.day(self.acknowledge_by));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use sluis_client::Party;
    use sluis_types::MatchId;

    use super::*;

    #[test]
    fn a_match_says_who_and_until_when_and_nothing_of_what() {
        let oin = |text: &str| text.parse().expect("an OIN");
        let (housing, welfare) = (oin("00000099000000004000"), oin("00000099000000001000"));
        let party = |organisation| Party {
            organisation,
            acknowledged: false,
        };
        let mut found = Match {
            match_id: MatchId::from_bytes([1; 16]),
            state: "MATCHED",
            outcome: "",
            version: 1,
            matched_at: Timestamp::from_seconds(1_795_446_600),
            acknowledge_by: Timestamp::from_seconds(1_795_996_800),
            parties: vec![party(welfare), party(housing)],
            lead: None,
            overdue: false,
        };
        let names = Names::of_pairs([
            (housing, "Wonen Zuid".to_owned()),
            (welfare, "Welzijn".to_owned()),
        ]);
        let dates = Dates(TimeZone::UTC);
        let view = MatchView::of(&found, &names);
        assert_eq!(
            view.human(&dates),
            "01010101-0101-0101-0101-010101010101  another organisation worries too; it is matched\n\
             Met Mon 23 Nov 2026, 15:10: Welzijn, Wonen Zuid.\n\
             Acknowledge it by Mon 30 Nov 2026.\n"
        );
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(json["parties"][1]["name"], "Wonen Zuid");
        found.overdue = true;
        found.lead = Some(welfare);
        let text = MatchView::of(&found, &names).human(&dates);
        assert!(
            text.contains("coordinator") && text.contains("Lead: Welzijn"),
            "{text}"
        );
    }
}
