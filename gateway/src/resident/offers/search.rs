//! A search: the question that ranking answers, an age band, and words.

use std::collections::BTreeMap;

use sluis_ranking::{Ages, Misfit, Offer, Question, Reason, rank};
use sluis_types::Timestamp;

/// Offers of one answer that are shown.
pub(crate) const SHOWN_MAX: usize = 25;
/// Words that count; the rest of what was written is passed over.
const WORDS_MAX: usize = 8;
/// Letters of the shortest word that counts.
const WORD_LETTERS_MIN: usize = 3;

/// An offer, and its words as a search reads them: made once, and not by every search.
#[derive(Clone)]
pub(super) struct Shelved {
    pub(super) offer: Offer,
    /// Its words in lower case.
    words: String,
}

impl Shelved {
    pub(super) fn new(offer: Offer) -> Self {
        let tags = offer.tags.iter().map(sluis_ranking::Tag::as_str);
        let texts = [
            offer.name.as_str(),
            offer.organisation.as_str(),
            offer.description.as_str(),
        ];
        let words = texts.into_iter().chain(tags).collect::<Vec<_>>().join(" ");
        Self {
            words: words.to_lowercase(),
            offer,
        }
    }
}

/// What a resident looks for. It has no wire form and no `Debug`, so that it is neither sent nor logged.
#[derive(Default)]
pub(crate) struct Search {
    /// What ranking looks at.
    pub(crate) question: Question,
    /// Within which ages the resident is; all, where they do not say.
    pub(crate) ages: Ages,
    words: Vec<String>,
}

/// What fits.
pub(crate) struct Found {
    /// The best offers, the best first, each with why it is shown.
    pub(crate) offers: Vec<(Offer, Vec<Reason>)>,
    /// How many fit in all.
    pub(crate) fitting: usize,
    /// How many were passed over, and why.
    pub(crate) passed_over: BTreeMap<Misfit, usize>,
}

impl Search {
    /// A search for offers that fit the question, are for some of these ages, and have all of these words.
    pub(crate) fn new(question: Question, ages: Ages, words: &str) -> Self {
        let words = words
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| word.chars().count() >= WORD_LETTERS_MIN)
            .take(WORDS_MAX);
        Self {
            question,
            ages,
            words: words.map(str::to_lowercase).collect(),
        }
    }

    /// What fits among these offers.
    pub(super) fn among<'a>(&self, offers: impl Iterator<Item = &'a Shelved>, now: Timestamp) -> Found {
        let mut too_young_or_old = 0;
        let worded = offers.filter(|shelved| self.is_worded(shelved));
        let meant = worded.map(|shelved| &shelved.offer).filter(|offer| {
            let meant = offer.ages.meet(self.ages);
            too_young_or_old += usize::from(!meant);
            meant
        });
        let ranking = rank(meant, &self.question, now);
        let mut passed_over = ranking.passed_over;
        if too_young_or_old > 0 {
            *passed_over.entry(Misfit::Age).or_default() += too_young_or_old;
        }
        let fitting = ranking.fitting.len();
        let shown = ranking.fitting.into_iter().take(SHOWN_MAX);
        Found {
            offers: shown
                .map(|ranked| {
                    let mut reasons = ranked.reasons;
                    if self.ages != Ages::ALL && ranked.offer.ages != Ages::ALL {
                        reasons.push(Reason::Age);
                    }
                    (ranked.offer.clone(), reasons)
                })
                .collect(),
            fitting,
            passed_over,
        }
    }

    /// Whether each word stands somewhere in the offer, or begins a word there.
    fn is_worded(&self, shelved: &Shelved) -> bool {
        self.words
            .iter()
            .all(|word| shelved.words.contains(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sluis_ranking::{CardTag, PlanTag};
    use sluis_types::{OfferId, Quadrant};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn offer(number: u8, name: &str, ages: (Option<u8>, Option<u8>), tags: &[&str]) -> Shelved {
        let text = format!(
            "{{\"id\":\"{}\",\"publisher\":\"00000099000000001000\",\"organisation\":\"Buurthuis De Kade\",\
             \"name\":\"{name}\",\"description\":\"Een fijne plek.\",\"kind\":\"ACTIVITY\",\"provision\":\"GENERAL\",\
             \"law\":\"GENERAL\",\"life_domains\":[\"MEANINGFUL_DAY\"],\"entrance\":\"DROP_IN\",\
             \"updated_at_seconds\":1799000000}}",
            OfferId::from_bytes([number; 16])
        );
        let mut offer = Offer::decode(text.as_bytes()).expect("an offer");
        offer.ages = Ages::new(ages.0, ages.1).expect("ages");
        offer.tags = tags
            .iter()
            .map(|tag| CardTag::of(tag).expect("a tag").tag())
            .collect();
        Shelved::new(offer)
    }

    fn names(found: &Found) -> Vec<&str> {
        found
            .offers
            .iter()
            .map(|(offer, _)| offer.name.as_str())
            .collect()
    }

    #[test]
    fn what_was_ticked_comes_first_and_says_why() {
        let all = [
            offer(1, "Eten", (None, None), &["samen-eten"]),
            offer(2, "Rust", (None, None), &["prikkelarm", "samen-eten"]),
        ];
        let ticked = |quadrant, tag: &str| PlanTag {
            quadrant,
            tag: CardTag::of(tag).expect("a tag").tag(),
        };
        let search = Search {
            question: Question {
                tags: BTreeSet::from([
                    ticked(Quadrant::Wish, "samen-eten"),
                    ticked(Quadrant::Need, "prikkelarm"),
                ]),
                ..Question::default()
            },
            ..Search::default()
        };
        let found = search.among(all.iter(), NOW);
        assert_eq!(names(&found), ["Rust", "Eten"]);
        let why = &found.offers[0].1;
        assert!(
            matches!(why[0], Reason::Tag(Quadrant::Need, _))
                && matches!(why[1], Reason::Tag(Quadrant::Wish, _))
        );
    }

    #[test]
    fn an_age_band_passes_over_what_is_for_others_and_says_how_many() {
        let all = [
            offer(1, "Jong", (None, Some(17)), &[]),
            offer(2, "Oud", (Some(67), None), &[]),
            offer(3, "Allen", (None, None), &[]),
            offer(4, "Rond dertig", (Some(25), Some(35)), &[]),
        ];
        let search = Search {
            ages: Ages::new(Some(18), Some(26)).expect("ages"),
            ..Search::default()
        };
        let found = search.among(all.iter(), NOW);
        assert_eq!(names(&found), ["Allen", "Rond dertig"]);
        assert_eq!(found.passed_over, BTreeMap::from([(Misfit::Age, 2)]));
        assert!(found.offers[1].1.contains(&Reason::Age) && !found.offers[0].1.contains(&Reason::Age));
    }

    #[test]
    fn every_word_must_be_there_and_short_ones_do_not_count() {
        let all = [
            offer(1, "Samen Wandelen", (None, None), &[]),
            offer(2, "Samen eten", (None, None), &["samen-eten"]),
        ];
        let found = |text: &str| {
            let search = Search::new(Question::default(), Ages::ALL, text);
            let found = search.among(all.iter(), NOW);
            found
                .offers
                .into_iter()
                .map(|(offer, _)| offer.name.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(found("samen, in de KADE"), ["Samen Wandelen", "Samen eten"]);
        assert_eq!(found("wandel"), ["Samen Wandelen"]);
        assert!(found("wandelen eten").is_empty());
        assert_eq!(found("  of . ").len(), 2, "no words at all");
    }

    #[test]
    fn an_answer_has_an_end() {
        let all: Vec<_> = (0..60)
            .map(|number| offer(number, "Iets", (None, None), &[]))
            .collect();
        let found = Search::default().among(all.iter(), NOW);
        assert_eq!((found.offers.len(), found.fitting), (SHOWN_MAX, 60));
    }
}
