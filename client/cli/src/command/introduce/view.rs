//! Introductions and cards, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;
use sluis_client::{Card, Introduction};
use sluis_types::{IntroductionState, Timestamp};

use crate::codes::words;
use crate::dates::{self, Dates};
use crate::screen::Report;

/// An introduction, as this organisation may know it.
#[derive(Serialize)]
pub(super) struct IntroductionView {
    introduction_id: String,
    state: &'static str,
    /// The other's card; null for the coordinator.
    other: Option<CardView>,
    #[serde(serialize_with = "dates::serialize")]
    answer_by: Timestamp,
    #[serde(serialize_with = "dates::serialize_optional")]
    trial_until: Option<Timestamp>,
    #[serde(serialize_with = "dates::serialize_optional")]
    review_by: Option<Timestamp>,
    /// Null before both said yes.
    other_organisation: Option<String>,
}

/// What stands on a card.
#[derive(Serialize)]
pub(super) struct CardView {
    role: &'static str,
    week_parts: Vec<&'static str>,
    hours_max: u32,
    distance: Option<&'static str>,
    area: String,
    languages: Vec<String>,
    gender: Option<&'static str>,
    gender_wished: Option<&'static str>,
    smoke_is_fine: bool,
    animals_are_fine: bool,
    tags: Vec<String>,
    conduct_was_verified: bool,
}

impl IntroductionView {
    pub(super) fn of(introduction: &Introduction) -> Self {
        Self {
            introduction_id: introduction.introduction_id.to_string(),
            state: introduction.state.name(),
            other: introduction.other.as_ref().map(CardView::of),
            answer_by: introduction.answer_by,
            trial_until: introduction.trial_until,
            review_by: introduction.review_by,
            other_organisation: introduction.other_organisation.map(|oin| oin.to_string()),
        }
    }

    /// Where it is, and until when.
    pub(super) fn standing(&self, dates: &Dates) -> String {
        let state = words(self.state);
        let is = |known: IntroductionState| self.state == known.name();
        if is(IntroductionState::Offered) || is(IntroductionState::Waiting) {
            return format!("{state}, until {}", dates.day(self.answer_by));
        }
        match (self.trial_until, self.review_by) {
            (Some(until), _) if is(IntroductionState::Trial) => {
                format!("{state}, until {}", dates.day(until))
            }
            (_, Some(by)) if is(IntroductionState::Active) => {
                format!("{state}, look at it by {}", dates.day(by))
            }
            _ => state,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.introduction_id
    }
}

impl Report for IntroductionView {
    fn human(&self, dates: &Dates) -> String {
        let mut text = format!("{}  {}\n", self.introduction_id, self.standing(dates));
        if let Some(other) = &self.other {
            let _ = writeln!(text, "  The other: {}", other.line());
        }
        if let Some(organisation) = &self.other_organisation {
            let _ = writeln!(
                text,
                "  Both said yes: exchange contact by a sealed message to {organisation}."
            );
        }
        text
    }
}

impl CardView {
    pub(super) fn of(card: &Card) -> Self {
        Self {
            role: card.role.name(),
            week_parts: card.week_parts.names().collect(),
            hours_max: card.hours_max,
            distance: card.distance.map(sluis_types::DistanceBand::name),
            area: card.area.to_string(),
            languages: card.languages.iter().map(ToString::to_string).collect(),
            gender: card.gender.map(sluis_types::Gender::name),
            gender_wished: card.gender_wished.map(sluis_types::Gender::name),
            smoke_is_fine: card.smoke_is_fine,
            animals_are_fine: card.animals_are_fine,
            tags: card.tags.iter().map(ToString::to_string).collect(),
            conduct_was_verified: card.conduct_was_verified,
        }
    }

    /// The card on one line.
    pub(super) fn line(&self) -> String {
        let mut facts = vec![words(self.role), format!("in {}", self.area)];
        facts.extend(self.distance.map(|band| format!("as far as {}", words(band))));
        if self.hours_max > 0 {
            facts.push(format!("up to {} hours a week", self.hours_max));
        }
        facts.extend(self.week_parts.iter().copied().map(words));
        facts.extend(self.languages.iter().cloned());
        facts.extend(self.gender.map(words));
        facts.extend(
            self.gender_wished
                .map(|gender| format!("would rather meet: {}", words(gender))),
        );
        facts.extend(self.smoke_is_fine.then(|| "smoke is fine".to_owned()));
        facts.extend(self.animals_are_fine.then(|| "animals are fine".to_owned()));
        facts.extend(
            self.conduct_was_verified
                .then(|| "certificate of conduct seen".to_owned()),
        );
        facts.extend(self.tags.iter().cloned());
        facts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use sluis_client::WeekParts;
    use sluis_ranking::{Area, Language, Tag};
    use sluis_types::{CardRole, DistanceBand, IntroductionId};

    use super::*;

    fn card() -> Card {
        Card {
            role: CardRole::Offers,
            week_parts: WeekParts::default().with("TUE_EVENING").expect("a part"),
            hours_max: 2,
            distance: Some(DistanceBand::Cycle),
            area: Area::parse("GM0828").expect("a gemeente"),
            languages: vec![Language::DUTCH],
            gender: None,
            gender_wished: None,
            smoke_is_fine: false,
            animals_are_fine: true,
            tags: vec![Tag::parse("wandelen").expect("a tag")],
            conduct_was_verified: true,
        }
    }

    #[test]
    fn it_says_what_this_side_may_know() {
        let at = Timestamp::from_seconds(1_795_446_600);
        let mut introduction = Introduction {
            introduction_id: IntroductionId::from_bytes([3; 16]),
            state: IntroductionState::Offered,
            other: Some(card()),
            answer_by: at,
            trial_until: None,
            review_by: None,
            other_organisation: None,
        };
        let said =
            |introduction: &Introduction| IntroductionView::of(introduction).human(&Dates(TimeZone::UTC));
        assert_eq!(
            said(&introduction),
            "03030303-0303-0303-0303-030303030303  offered, until Mon 23 Nov 2026\n  The other: offers, in GM0828, \
             as far as cycle, up to 2 hours a week, tue evening, nl, animals are fine, certificate of conduct seen, wandelen\n"
        );
        introduction.state = IntroductionState::Declined;
        introduction.other = None;
        assert_eq!(
            said(&introduction),
            "03030303-0303-0303-0303-030303030303  declined\n"
        );
        (introduction.state, introduction.trial_until) = (IntroductionState::Trial, Some(at));
        introduction.other_organisation = Some("00000099000000005000".parse().expect("an OIN"));
        assert!(said(&introduction).contains("trial, until Mon 23 Nov 2026\n  Both said yes"));
        let json = serde_json::to_value(IntroductionView::of(&introduction)).expect("JSON");
        assert_eq!(
            (&json["other"], &json["other_organisation"]),
            (&serde_json::Value::Null, &"00000099000000005000".into())
        );
    }
}
