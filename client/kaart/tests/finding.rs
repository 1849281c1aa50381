//! What is found: Dutch words, and nothing less than the ranking would have.

use std::path::Path;

use proptest::prelude::*;
use sluis_kaart::Kaart;
use sluis_ranking::{LongText, Offer, Question, Rankable as _, Tag, rank};
use sluis_types::OfferId;

use crate::made::{NOW, offer, plain, question};
use crate::signed::Directory;

fn kept(folder: &Path, offers: &[Offer]) -> Kaart {
    let mut directory = Directory::new();
    let mut kaart = Kaart::open(folder, directory.key(), NOW).expect("opens");
    let changes: Vec<_> = offers.iter().map(|offer| directory.put(offer)).collect();
    kaart.apply(&changes, directory.head(), NOW).expect("taken");
    kaart
}

fn told(id: u8, name: &str, description: &str, tag: &str) -> Offer {
    Offer {
        description: LongText::cut(description).0,
        tags: [Tag::parse(tag).expect("a tag")].into(),
        ..plain(id, name)
    }
}

#[test]
fn dutch_words_are_found_as_people_write_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let offers = [
        told(
            1,
            "Wandelgroep Noord",
            "Elke week een ommetje met de buurt",
            "bewegen",
        ),
        told(
            2,
            "Café De Brug",
            "Koffie en gesprekken voor wie zich eenzaam voelt",
            "ontmoeten",
        ),
        told(
            3,
            "Schuldhulpverlening",
            "Hulp bij betalingsachterstanden",
            "geld",
        ),
    ];
    let kaart = kept(folder.path(), &offers);
    let find = |words: &str| -> Vec<OfferId> {
        let mut found: Vec<OfferId> = kaart
            .find(&Question::default(), words)
            .expect("searched")
            .offers
            .iter()
            .map(|offer| offer.id())
            .collect();
        found.sort_unstable();
        found
    };
    let id = |at: usize| offers[at].id;
    for (words, at) in [
        ("wandelen", 0),
        ("wandelgroep", 0),
        ("BUURTEN", 0),
        ("cafe", 1),
        ("café de", 1),
        ("gesprek", 1),
        ("ontmoet", 1),
        ("schuld", 2),
        ("hulp bij betalingsachterstand", 2),
    ] {
        assert_eq!(find(words), [id(at)], "{words}");
    }
    assert!(find("wandelen koffie").is_empty(), "every word must be there");
    assert!(find("paardrijden").is_empty());
    assert_eq!(
        find("de het een").len(),
        3,
        "words that say nothing filter nothing"
    );
    for odd in ["", "\"", "(", "a:b", "AND OR NOT", "*", "\u{0}", "[1 TO 2]"] {
        find(odd);
    }
}

#[test]
fn a_name_weighs_more_than_a_description() {
    let folder = tempfile::tempdir().expect("a folder");
    let offers = [
        told(1, "Inloop", "We gaan ook koken en koken is leuk", "rust"),
        told(2, "Koken met de buren", "Elke dinsdag", "rust"),
    ];
    let kaart = kept(folder.path(), &offers);
    let found = kaart.find(&Question::default(), "koken").expect("searched");
    assert_eq!(found.offers[0].id(), offers[1].id);
}

#[test]
fn a_document_that_speaks_for_another_offer_is_not_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut directory = Directory::new();
    let mut kaart = Kaart::open(folder.path(), directory.key(), NOW).expect("opens");
    let good = directory.put(&plain(1, "Inloop"));
    let strange = directory.put_as(OfferId::from_bytes([9; 16]), &plain(2, "Maatjes"));
    kaart
        .apply(&[good, strange], directory.head(), NOW)
        .expect("taken");
    assert_eq!(kaart.head().map(|head| head.entries), Some(2));
    let offers = kaart.find(&Question::default(), "").expect("searched").offers;
    assert_eq!(
        offers.iter().map(|offer| offer.name()).collect::<Vec<_>>(),
        ["Inloop"]
    );
}

#[test]
fn what_changed_is_ranked_as_it_now_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut directory = Directory::new();
    let mut kaart = Kaart::open(folder.path(), directory.key(), NOW).expect("opens");
    let names = |kaart: &Kaart| -> Vec<String> {
        let question = Question::default();
        let found = kaart.find(&question, "").expect("searched");
        let ranking = found.rank(&question, NOW);
        let names = ranking.fitting.iter().map(|ranked| ranked.offer.name());
        names.map(ToOwned::to_owned).collect()
    };
    let changes = [
        directory.put(&plain(1, "Inloop")),
        directory.put(&plain(2, "Maatjes")),
    ];
    kaart.apply(&changes, directory.head(), NOW).expect("taken");
    assert_eq!(names(&kaart), ["Inloop", "Maatjes"]);
    let changes = [
        directory.put(&plain(1, "Open huis")),
        directory.remove(plain(2, "Maatjes").id),
    ];
    kaart.apply(&changes, directory.head(), NOW).expect("taken");
    assert_eq!(names(&kaart), ["Open huis"]);
    kaart.forget().expect("forgotten");
    assert_eq!(names(&kaart), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn without_words_the_answer_is_that_of_the_whole_directory(
        offers in proptest::collection::vec(offer(), 1..30),
        questions in proptest::collection::vec(question(), 8),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let kaart = kept(folder.path(), &offers);
        for question in questions {
            let whole = rank(&offers, &question, NOW);
            // Once from documents, once from what is kept of them in memory.
            for _ in 0..2 {
                let found = kaart.find(&question, "").expect("searched");
                let through_the_index = found.rank(&question, NOW).fitting;
                prop_assert_eq!(through_the_index.len(), whole.fitting.len());
                for (one, other) in through_the_index.iter().zip(&whole.fitting) {
                    let shown = kaart.offer(one.offer.id()).expect("read").expect("there");
                    prop_assert_eq!(&shown, other.offer);
                    prop_assert_eq!((one.standing, &one.reasons), (other.standing, &other.reasons));
                }
            }
        }
    }
}
