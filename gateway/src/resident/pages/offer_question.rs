//! The card that a resident fills in: what they want, can and need, roughly where, and what a place must have.
//!
//! What is ticked stands in the form that comes back, in the page that is made of it, and nowhere else.

use sluis_ranking::{Ages, Area, CardTag, Language as Spoken, PlanTag, Question};
use sluis_types::{Accessibility, CodeSet, LifeDomain, Quadrant};

use super::areas::Areas;
use super::form::Fields;
use super::offer_words;
use super::text::Language;
use super::words;
use crate::resident::offers::Search;

const AREA: &str = "waar";
const AGE: &str = "leeftijd";
const LANGUAGE: &str = "taal-spreken";
const ACCESSIBILITY: &str = "toegang";
const LIFE_DOMAIN: &str = "over";
const ONLY_PROOF: &str = "kwetsbaarproof";
const WORDS: &str = "woorden";
/// Longest text that is searched for, in characters; the field takes no more.
const WORDS_CHARACTERS_MAX: usize = 80;
const YES: &str = "ja";

/// Age bands: their value in the form, and from and up to which age, both included.
const AGE_BANDS: [(&str, Option<u8>, Option<u8>); 4] = [
    ("0-17", None, Some(17)),
    ("18-26", Some(18), Some(26)),
    ("27-66", Some(27), Some(66)),
    ("67", Some(67), None),
];

/// Languages that are asked for most; an offer may speak others.
const LANGUAGES: [&str; 10] = ["nl", "en", "ar", "fa", "fr", "pl", "so", "ti", "tr", "uk"];

/// One thing to tick or choose.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) ticked: bool,
}

/// Things to tick under one heading.
pub(super) struct Group {
    pub(super) field: &'static str,
    pub(super) title: &'static str,
    pub(super) choices: Vec<Choice>,
}

/// The card, as it is shown.
pub(super) struct Card {
    /// *Ik wil*, *ik kan*, *ik heb nodig*.
    pub(super) columns: Vec<Group>,
    /// Empty where the operator named no areas.
    pub(super) areas: Vec<Choice>,
    pub(super) ages: Vec<Choice>,
    /// What it is about, languages, accessibility.
    pub(super) more: Vec<Group>,
    pub(super) only_proof: bool,
    pub(super) words: String,
}

impl Card {
    /// Whether something was chosen in the part that stands folded.
    pub(super) fn has_more(&self) -> bool {
        let mut all = self.more.iter().flat_map(|group| &group.choices);
        self.only_proof || all.any(|choice| choice.ticked)
    }
}

/// The field of a column.
const fn field(quadrant: Quadrant) -> &'static str {
    match quadrant {
        Quadrant::Wish => "wil",
        Quadrant::Strength => "kan",
        Quadrant::Need => "nodig",
    }
}

fn title(quadrant: Quadrant, t: Language) -> &'static str {
    match quadrant {
        Quadrant::Wish => t.card_wish(),
        Quadrant::Strength => t.card_strength(),
        Quadrant::Need => t.card_need(),
    }
}

/// The words of a tag of the card; a tag that is not on it is shown as its words.
pub(super) fn tag_in_words(tag: &str, t: Language) -> String {
    CardTag::of(tag).map_or_else(|| tag.replace('-', " "), |it| of_card(it, t).to_owned())
}

fn of_card(tag: &CardTag, t: Language) -> &'static str {
    match t {
        Language::Dutch => tag.dutch,
        Language::English => tag.english,
    }
}

/// The card, with what was ticked.
pub(super) fn card(areas: &Areas, sent: Option<&Fields>, t: Language) -> Card {
    let is_sent = |field: &str, value: &str| sent.is_some_and(|sent| sent.all(field).any(|it| it == value));
    let choice = |field: &str, value: &str, label: String| Choice {
        ticked: is_sent(field, value),
        value: value.to_owned(),
        label,
    };
    let column = |quadrant: Quadrant| Group {
        field: field(quadrant),
        title: title(quadrant, t),
        choices: CardTag::in_quadrant(quadrant)
            .map(|tag| choice(field(quadrant), tag.name, of_card(tag, t).to_owned()))
            .collect(),
    };
    let domains = LifeDomain::ALL.iter().map(|domain| {
        let number = domain.number();
        let label = words::life_domain(i32::from(number), t).to_owned();
        choice(LIFE_DOMAIN, &number.to_string(), label)
    });
    let languages = LANGUAGES
        .iter()
        .map(|code| choice(LANGUAGE, code, offer_words::spoken(code, t)));
    let accessibility = Accessibility::ALL.iter().map(|it| {
        let label = offer_words::accessibility(*it, t).to_owned();
        choice(ACCESSIBILITY, &it.number().to_string(), label)
    });
    Card {
        columns: [Quadrant::Wish, Quadrant::Strength, Quadrant::Need]
            .map(column)
            .into(),
        areas: areas
            .all()
            .iter()
            .map(|(area, name)| choice(AREA, &area.to_string(), name.clone()))
            .collect(),
        ages: AGE_BANDS
            .iter()
            .map(|(value, min, max)| choice(AGE, value, band_in_words(*min, *max, t)))
            .collect(),
        more: vec![
            group(LIFE_DOMAIN, t.card_about(), domains.collect()),
            group(LANGUAGE, t.card_languages(), languages.collect()),
            group(ACCESSIBILITY, t.card_accessibility(), accessibility.collect()),
        ],
        only_proof: is_sent(ONLY_PROOF, YES),
        words: sent
            .and_then(|sent| sent.one(WORDS))
            .map(shortened)
            .unwrap_or_default(),
    }
}

fn group(field: &'static str, title: &'static str, choices: Vec<Choice>) -> Group {
    Group {
        field,
        title,
        choices,
    }
}

fn shortened(words: &str) -> String {
    words.chars().take(WORDS_CHARACTERS_MAX).collect()
}

/// From and up to which age, in words.
pub(super) fn band_in_words(min: Option<u8>, max: Option<u8>, t: Language) -> String {
    match (min, max) {
        (Some(min), Some(max)) => t.ages_from_to(min, max),
        (Some(min), None) => t.ages_from(min),
        (None, Some(max)) => t.ages_to(max),
        (None, None) => t.ages_all().to_owned(),
    }
}

/// What was asked. What no form of ours sends is passed over.
pub(super) fn search(areas: &Areas, sent: &Fields) -> Search {
    let numbers = |field: &str| {
        sent.all(field)
            .filter_map(|it| it.parse::<u8>().ok())
            .collect::<Vec<_>>()
    };
    let area = sent.one(AREA).and_then(|code| Area::parse(code).ok());
    let known = |area: &Area| areas.all().iter().any(|(known, _)| known == area);
    let band = sent
        .one(AGE)
        .and_then(|age| AGE_BANDS.iter().find(|(value, ..)| *value == age));
    let ages = band.and_then(|(_, min, max)| Ages::new(*min, *max).ok());
    let in_column = |quadrant: Quadrant| {
        let tags = sent.all(field(quadrant)).filter_map(CardTag::of);
        tags.filter(move |tag| tag.quadrants.contains(&quadrant))
            .map(move |tag| PlanTag {
                quadrant,
                tag: tag.tag(),
            })
    };
    let question = Question {
        area: area.filter(known),
        languages: sent
            .all(LANGUAGE)
            .filter(|code| LANGUAGES.contains(code))
            .filter_map(|code| Spoken::parse(code).ok())
            .collect(),
        accessibility: numbers(ACCESSIBILITY)
            .into_iter()
            .filter_map(|number| Accessibility::from_number(number).ok())
            .collect::<CodeSet<Accessibility>>(),
        life_domains: numbers(LIFE_DOMAIN)
            .into_iter()
            .filter_map(|number| LifeDomain::from_number(number).ok())
            .collect::<CodeSet<LifeDomain>>(),
        only_proof: sent.one(ONLY_PROOF) == Some(YES),
        tags: Quadrant::ALL.iter().copied().flat_map(in_column).collect(),
        ..Question::default()
    };
    let words = sent.one(WORDS).map(shortened).unwrap_or_default();
    Search::new(question, ages.unwrap_or(Ages::ALL), &words)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn areas() -> Areas {
        let setting = BTreeMap::from([("GM0755".to_owned(), "Boekel".to_owned())]);
        Areas::of(&setting).expect("a setting")
    }

    #[test]
    fn what_was_ticked_is_the_question_and_nothing_else_is() {
        let sent = Fields::of_query(Some(
            "wil=samen-eten&wil=prikkelarm&kan=luisteren&nodig=prikkelarm&nodig=iets-anders&waar=GM0755\
             &leeftijd=18-26&taal-spreken=ar&taal-spreken=xx&toegang=1&toegang=99&over=3&kwetsbaarproof=ja",
        ));
        let asked = search(&areas(), &sent);
        let tags: Vec<_> = asked
            .question
            .tags
            .iter()
            .map(|it| (it.quadrant, it.tag.as_str()))
            .collect();
        assert_eq!(
            tags,
            [
                (Quadrant::Wish, "samen-eten"),
                (Quadrant::Strength, "luisteren"),
                (Quadrant::Need, "prikkelarm")
            ],
            "a tag counts in its own columns only"
        );
        assert_eq!(asked.question.area.expect("an area").to_string(), "GM0755");
        assert_eq!(asked.ages, Ages::new(Some(18), Some(26)).expect("ages"));
        assert_eq!(asked.question.languages.len(), 1);
        assert_eq!(asked.question.accessibility.iter().count(), 1);
        assert_eq!(asked.question.life_domains.iter().count(), 1);
        assert!(asked.question.only_proof);
        let elsewhere = Fields::of_query(Some("waar=GM0363&leeftijd=40"));
        let asked = search(&areas(), &elsewhere);
        assert_eq!((asked.question.area, asked.ages), (None, Ages::ALL));
    }

    #[test]
    fn the_card_comes_back_as_it_was_ticked() {
        let sent = Fields::of_query(Some("wil=samen-eten&waar=GM0755&toegang=1&woorden=samen"));
        for (sent, count) in [(None, 0), (Some(&sent), 2)] {
            let card = card(&areas(), sent, Language::Dutch);
            let groups = card.columns.iter().chain(&card.more);
            let ticked = groups.flat_map(|group| &group.choices).filter(|it| it.ticked);
            assert_eq!(ticked.count(), count);
            assert_eq!(card.areas[0].ticked, sent.is_some());
            assert_eq!(card.words.as_str(), if sent.is_some() { "samen" } else { "" });
        }
    }

    #[test]
    fn every_language_of_the_card_is_one_and_has_its_word() {
        for code in LANGUAGES {
            assert!(Spoken::parse(code).is_ok());
            assert_ne!(offer_words::spoken(code, Language::Dutch), code);
        }
    }
}
