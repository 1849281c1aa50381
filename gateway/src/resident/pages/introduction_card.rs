//! The card of the other side of an introduction, in words: enough to say yes or no, too little to know who.

use sluis_proto::matching::v1::{CardContent, CardRole, DistanceBand, Gender};
use sluis_ranking::Area;

use super::areas::Areas;
use super::offer_question::tag_in_words;
use super::offer_words;
use super::text::Language;

/// Parts of a day that a card speaks of.
const DAY_PARTS: u32 = 3;
const WEEK_DAYS: u32 = 7;

/// What the other wants.
pub(super) fn title(card: &CardContent, t: Language) -> &'static str {
    match card.role() {
        CardRole::Unspecified | CardRole::Offers => t.introduction_offers(),
        CardRole::Seeks => t.introduction_seeks(),
    }
}

/// The card, one line for each thing that it says.
pub(super) fn lines(areas: &Areas, card: &CardContent, t: Language) -> Vec<String> {
    let mut lines = Vec::new();
    let area = Area::parse(&card.area).ok().and_then(|area| areas.name(area));
    lines.extend(area.map(|name| t.introduction_area(name)));
    lines.extend(distance(card.distance(), t).map(ToOwned::to_owned));
    let parts = week_parts(card.week_parts, t);
    if !parts.is_empty() {
        lines.push(t.introduction_when(parts.join(", ")));
    }
    if card.hours_max > 0 {
        lines.push(t.introduction_hours(card.hours_max));
    }
    let spoken = card.languages.iter().map(|code| offer_words::spoken(code, t));
    let spoken: Vec<_> = spoken.collect();
    if !spoken.is_empty() {
        lines.push(t.introduction_languages(spoken.join(", ")));
    }
    let tags: Vec<_> = card.tags.iter().map(|tag| tag_in_words(tag, t)).collect();
    if !tags.is_empty() {
        lines.push(t.introduction_tags(tags.join(", ")));
    }
    let said = [
        (card.gender() == Gender::Woman, t.introduction_woman()),
        (card.gender() == Gender::Man, t.introduction_man()),
        (
            card.gender_wished() == Gender::Woman,
            t.introduction_wishes_woman(),
        ),
        (card.gender_wished() == Gender::Man, t.introduction_wishes_man()),
        (card.smoke_is_fine, t.introduction_smoke()),
        (card.animals_are_fine, t.introduction_animals()),
        (card.conduct_was_verified, t.introduction_conduct()),
    ];
    let said = said.into_iter().filter(|(holds, _)| *holds);
    lines.extend(said.map(|(_, words)| words.to_owned()));
    lines
}

fn distance(distance: DistanceBand, t: Language) -> Option<&'static str> {
    match distance {
        DistanceBand::Unspecified => None,
        DistanceBand::Walk => Some(t.distance_walk()),
        DistanceBand::Cycle => Some(t.distance_cycle()),
        DistanceBand::Town => Some(t.distance_town()),
        DistanceBand::Region => Some(t.distance_region()),
    }
}

/// Bits from Monday morning, afternoon and evening on, as "maandagochtend".
fn week_parts(bits: u32, t: Language) -> Vec<String> {
    (0..WEEK_DAYS * DAY_PARTS)
        .filter(|bit| bits & (1 << bit) != 0)
        .map(|bit| {
            let day = t.weekday((bit / DAY_PARTS) as usize);
            match bit % DAY_PARTS {
                0 => t.part_morning(day),
                1 => t.part_afternoon(day),
                _ => t.part_evening(day),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_says_what_it_has_and_no_more() {
        let none = lines(&Areas::default(), &CardContent::default(), Language::Dutch);
        assert!(none.is_empty());
        let card = CardContent {
            role: CardRole::Offers.into(),
            week_parts: 0b1_000_010,
            hours_max: 3,
            area: "GM0755".to_owned(),
            languages: vec!["nl".to_owned()],
            tags: vec!["wandelen".to_owned(), "iets-anders".to_owned()],
            conduct_was_verified: true,
            ..CardContent::default()
        };
        let said = lines(&Areas::default(), &card, Language::Dutch);
        assert_eq!(
            said,
            [
                "Kan: maandagmiddag, woensdagochtend",
                "Hooguit 3 uur per week",
                "Spreekt: Nederlands",
                "Houdt van of helpt bij: wandelen, iets anders",
                "Er is een Verklaring Omtrent het Gedrag (VOG) gezien."
            ],
            "an area without a name here is left out"
        );
        assert_eq!(
            title(&card, Language::English),
            "Somebody wants to be there for you"
        );
    }
}
