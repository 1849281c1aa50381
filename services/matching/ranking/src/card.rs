//! The plan card: the closed list of tags that a resident can tick, in words.
//!
//! Offers may carry any tag; what a person can say of themselves is this list and nothing else, so that no tag ever
//! tells more than somebody chose from here. Whoever shows the card takes the words from here: pages and command alike.

use sluis_types::Quadrant;
use sluis_types::Quadrant::{Need, Strength, Wish};

use crate::text::Tag;

/// A tag of the plan card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardTag {
    /// The tag, as offers carry it.
    pub name: &'static str,
    /// In which columns of the card it stands.
    pub quadrants: &'static [Quadrant],
    /// Its words in Dutch, at level B1, after "ik wil:", "ik kan:" or "ik heb nodig:".
    pub dutch: &'static str,
    /// Its words in English.
    pub english: &'static str,
}

impl CardTag {
    /// The tag, as offers carry it.
    ///
    /// # Panics
    /// Never: a test parses every one.
    pub fn tag(&self) -> Tag {
        Tag::parse(self.name).expect("every tag of the card is a tag")
    }

    /// The tag of this name, if it stands on the card.
    pub fn of(name: &str) -> Option<&'static Self> {
        CARD_TAGS.iter().find(|it| it.name == name)
    }

    /// The tags in one column, in the order of the card.
    pub fn in_quadrant(quadrant: Quadrant) -> impl Iterator<Item = &'static Self> {
        CARD_TAGS
            .iter()
            .filter(move |it| it.quadrants.contains(&quadrant))
    }
}

const fn tag(
    name: &'static str,
    quadrants: &'static [Quadrant],
    dutch: &'static str,
    english: &'static str,
) -> CardTag {
    CardTag {
        name,
        quadrants,
        dutch,
        english,
    }
}

/// Every tag of the card.
#[rustfmt::skip]
pub const CARD_TAGS: &[CardTag] = &[
    tag("mensen-ontmoeten", &[Wish], "mensen ontmoeten", "meeting people"),
    tag("samen-eten", &[Wish], "samen eten", "eating together"),
    tag("koken", &[Wish, Strength], "koken", "cooking"),
    tag("bewegen", &[Wish, Strength], "bewegen of sporten", "exercise or sport"),
    tag("wandelen", &[Wish, Strength], "wandelen", "walking"),
    tag("natuur", &[Wish], "buiten zijn, in de natuur", "being outside, in nature"),
    tag("tuinieren", &[Wish, Strength], "tuinieren", "gardening"),
    tag("dieren", &[Wish, Strength], "omgaan met dieren", "being with animals"),
    tag("creatief", &[Wish, Strength], "iets maken, zoals tekenen of handwerken", "making things, such as drawing or needlework"),
    tag("muziek", &[Wish, Strength], "muziek maken of zingen", "making music or singing"),
    tag("lezen-en-schrijven", &[Wish, Strength], "lezen of schrijven", "reading or writing"),
    tag("spelletjes", &[Wish, Strength], "spelletjes doen", "playing games"),
    tag("leren", &[Wish], "iets leren", "learning something"),
    tag("nederlands-leren", &[Wish, Need], "beter Nederlands leren", "learning better Dutch"),
    tag("computer", &[Wish, Strength, Need], "omgaan met computer of telefoon", "using a computer or telephone"),
    tag("vrijwilligerswerk", &[Wish], "vrijwilligerswerk", "volunteering"),
    tag("werk", &[Wish], "werk", "a job"),
    tag("repareren", &[Wish, Strength], "dingen repareren", "repairing things"),
    tag("anderen-helpen", &[Wish, Strength], "anderen helpen", "helping others"),
    tag("luisteren", &[Strength], "goed luisteren", "listening well"),
    tag("organiseren", &[Strength], "iets organiseren", "organising things"),
    tag("ervaring-delen", &[Wish, Strength], "mijn ervaring delen", "sharing my experience"),
    tag("talen-spreken", &[Strength], "meer talen spreken", "speaking more languages"),
    tag("zingeving", &[Wish], "praten over wat het leven waard maakt", "talking about what makes life worthwhile"),
    tag("luisterend-oor", &[Need], "iemand die luistert", "somebody who listens"),
    tag("maatje", &[Wish, Need], "een maatje", "a buddy"),
    tag("lotgenoten", &[Wish, Need], "mensen die hetzelfde meemaken", "people who go through the same"),
    tag("ervaringsdeskundige", &[Need], "hulp van iemand met eigen ervaring", "help from somebody with experience of their own"),
    tag("prikkelarm", &[Need], "een rustige plek, met weinig geluid en drukte", "a calm place, with little noise and crowd"),
    tag("structuur", &[Need], "regelmaat in mijn dag", "regularity in my day"),
    tag("hulp-bij-geld", &[Need], "hulp bij geld en post", "help with money and mail"),
    tag("hulp-bij-schulden", &[Need], "hulp bij schulden", "help with debts"),
    tag("hulp-bij-formulieren", &[Need], "hulp bij formulieren", "help with forms"),
    tag("hulp-in-huis", &[Need], "hulp in huis", "help in the home"),
    tag("hulp-bij-wonen", &[Need], "hulp bij zelf wonen", "help with living on my own"),
    tag("hulp-bij-opvoeden", &[Need], "hulp bij opvoeden", "help with raising children"),
    tag("hulp-bij-stoppen", &[Need], "hulp bij stoppen met drank, drugs of gokken", "help to stop drinking, drugs or gambling"),
    tag("steun-voor-mantelzorg", &[Need], "steun voor wie voor mij zorgt", "support for who cares for me"),
    tag("vervoer", &[Need], "vervoer", "transport"),
    tag("gratis", &[Need], "dat het niets kost", "that it costs nothing"),
    tag("avond-of-weekend", &[Need], "iets in de avond of het weekend", "something in the evening or weekend"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_tag_is_one_as_offers_carry_it_and_stands_once() {
        let mut names = BTreeSet::new();
        for it in CARD_TAGS {
            assert_eq!(it.tag().as_str(), it.name);
            assert!(names.insert(it.name), "{} stands twice", it.name);
            assert!(!it.quadrants.is_empty() && !it.dutch.is_empty() && !it.english.is_empty());
            assert_ne!(it.dutch, it.english);
            assert_eq!(CardTag::of(it.name), Some(it));
        }
        assert_eq!(CardTag::of("bestaat-niet"), None);
        for quadrant in Quadrant::ALL.iter().copied() {
            let count = CardTag::in_quadrant(quadrant).count();
            assert!(
                (10..=24).contains(&count),
                "{quadrant:?} has {count}: a card is looked through"
            );
        }
    }
}
