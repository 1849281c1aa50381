//! Properties of documents and of ranking, over directories and questions of every shape.

mod made;

use std::collections::BTreeSet;

use proptest::prelude::*;
use sluis_ranking::{
    Ages, Area, Availability, Facts, Misfit, Nearness, Offer, OfferDocument, Place, PlanTag, Question,
    Rankable as _, Ranking, Reason, ShortText, rank,
};
use sluis_types::{CodeSet, LifeDomain, OfferId, Quadrant};

use made::{NOW, area, offer, plain, question, tag};

fn ids(ranking: &Ranking<'_>) -> Vec<OfferId> {
    ranking.fitting.iter().map(|ranked| ranked.offer.id).collect()
}

/// What a hard filter asks, written once more and the other way round.
fn fits(offer: &Offer, question: &Question) -> bool {
    let overlap = |mut both: Box<dyn Iterator<Item = bool> + '_>| both.any(|one| one);
    let domains = overlap(Box::new(LifeDomain::ALL.iter().map(|domain| {
        question.life_domains.contains(*domain) && offer.life_domains.contains(*domain)
    })));
    let spoken = overlap(Box::new(question.languages.iter().map(|language| {
        if offer.languages.is_empty() {
            language.as_str() == "nl"
        } else {
            offer.languages.contains(language)
        }
    })));
    let near = question.area.is_none_or(|lives| {
        let digits = |area: &Area| area.to_string()[2..].to_owned();
        let served = |area: &Area| {
            digits(&lives).starts_with(&digits(area)) || digits(area).starts_with(&digits(&lives))
        };
        offer.areas.is_empty() || offer.areas.iter().any(served)
    });
    let aged = question
        .age
        .is_none_or(|age| offer.ages.min().unwrap_or(0) <= age && age <= offer.ages.max().unwrap_or(u8::MAX));
    (question.kinds.is_empty() || question.kinds.contains(offer.kind))
        && (question.life_domains.is_empty() || domains)
        && near
        && aged
        && (question.languages.is_empty() || spoken)
        && question
            .accessibility
            .iter()
            .all(|needed| offer.accessibility.contains(needed))
        && (question.entrances.is_empty() || question.entrances.contains(offer.entrance))
        && (offer.proof.is_some() || !question.only_proof)
        && (question.with_full || offer.availability(NOW) != Availability::Full)
}

proptest! {
    #[test]
    fn a_document_gives_its_offer_again(offer in offer()) {
        let document = offer.encode().expect("a whole offer");
        let again = Offer::decode(&document);
        prop_assert_eq!(again.as_ref(), Ok(&offer));
        prop_assert_eq!(offer.encode().expect("again"), document);
    }

    #[test]
    fn any_bytes_are_an_offer_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(offer) = Offer::decode(&bytes) {
            prop_assert!(offer.check().is_ok());
        }
    }

    #[test]
    fn a_document_with_one_field_spoilt_is_an_offer_or_refused(
        offer in offer(),
        field in 0_usize..30,
        value in ".{0,20}",
    ) {
        let document = offer.encode().expect("a whole offer");
        let mut fields: serde_json::Value = serde_json::from_slice(&document).expect("JSON");
        let fields = fields.as_object_mut().expect("an object");
        if let Some((_, slot)) = fields.iter_mut().nth(field) {
            *slot = value.into();
        }
        if let Ok(spoilt) = Offer::decode(&serde_json::to_vec(&*fields).expect("JSON")) {
            prop_assert!(spoilt.check().is_ok());
        }
    }

    #[test]
    fn what_is_ranked_passes_every_filter_and_nothing_else_does(
        offers in proptest::collection::vec(offer(), 0..30),
        question in question(),
    ) {
        let ranking = rank(&offers, &question, NOW);
        let ranked: BTreeSet<OfferId> = ids(&ranking).into_iter().collect();
        for offer in &offers {
            prop_assert_eq!(ranked.contains(&offer.id), fits(offer, &question), "{:?}", offer);
        }
        let passed_over: usize = ranking.passed_over.values().sum();
        prop_assert_eq!(ranking.fitting.len() + passed_over, offers.len());
    }

    #[test]
    fn facts_rank_as_the_offers_that_they_are_of(
        offers in proptest::collection::vec(offer(), 0..30),
        question in question(),
    ) {
        let facts: Vec<Facts> = offers.iter().map(Facts::from).collect();
        let (of_offers, of_facts) = (rank(&offers, &question, NOW), rank(&facts, &question, NOW));
        prop_assert_eq!(of_offers.passed_over, of_facts.passed_over);
        prop_assert_eq!(of_offers.fitting.len(), of_facts.fitting.len());
        for (offer, facts) in of_offers.fitting.into_iter().zip(of_facts.fitting) {
            prop_assert_eq!(offer.offer.id, facts.offer.id());
            prop_assert_eq!((offer.standing, offer.reasons), (facts.standing, facts.reasons));
        }
    }

    #[test]
    fn the_order_does_not_depend_on_the_order_of_the_directory(
        mut offers in proptest::collection::vec(offer(), 0..30),
        question in question(),
        turn in 0_usize..30,
    ) {
        let before = ids(&rank(&offers, &question, NOW));
        let turn = turn.min(offers.len());
        offers.rotate_left(turn);
        offers.reverse();
        prop_assert_eq!(ids(&rank(&offers, &question, NOW)), before);
    }

    #[test]
    fn every_part_of_a_standing_is_in_its_order(
        offers in proptest::collection::vec(offer(), 0..30),
        question in question(),
    ) {
        let ranking = rank(&offers, &question, NOW);
        for pair in ranking.fitting.windows(2) {
            prop_assert!(pair[0].standing <= pair[1].standing);
        }
    }

    #[test]
    fn one_more_tag_that_fits_never_lowers_an_offer(
        offers in proptest::collection::vec(offer(), 1..20),
        question in question(),
        quadrant in proptest::sample::select(Quadrant::ALL),
        chosen in any::<proptest::sample::Index>(),
        tag in tag(),
    ) {
        let mut offers = offers;
        let chosen = chosen.index(offers.len());
        offers[chosen].tags.insert(tag.clone());
        let standing = |question: &Question| {
            let ranking = rank(&offers, question, NOW);
            let found = ranking.fitting.iter().find(|ranked| ranked.offer.id == offers[chosen].id);
            found.map(|ranked| ranked.standing)
        };
        let before = standing(&question);
        let mut more = question.clone();
        more.tags.insert(PlanTag { quadrant, tag });
        prop_assert!(standing(&more) <= before);
    }

    #[test]
    fn a_stricter_question_finds_no_more(
        offers in proptest::collection::vec(offer(), 0..30),
        question in question(),
        lives in area(),
    ) {
        let wide = Question { area: None, only_proof: false, with_full: true, ..question.clone() };
        let strict = Question { area: Some(lives), only_proof: true, with_full: false, ..question };
        let found: BTreeSet<OfferId> = ids(&rank(&offers, &wide, NOW)).into_iter().collect();
        prop_assert!(ids(&rank(&offers, &strict, NOW)).iter().all(|id| found.contains(id)));
    }

    #[test]
    fn every_reason_is_true(
        offers in proptest::collection::vec(offer(), 0..20),
        question in question(),
    ) {
        for ranked in rank(&offers, &question, NOW).fitting {
            let offer = ranked.offer;
            for reason in &ranked.reasons {
                let holds = match reason {
                    Reason::Tag(quadrant, tag) => {
                        offer.tags.contains(tag)
                            && question.tags.contains(&PlanTag { quadrant: *quadrant, tag: tag.clone() })
                    }
                    Reason::LifeDomain(domain) => {
                        offer.life_domains.contains(*domain) && question.life_domains.contains(*domain)
                    }
                    Reason::Near(nearness) => *nearness == ranked.standing.nearness && question.area.is_some(),
                    Reason::Age => question.age.is_some_and(|age| offer.ages.include(age)),
                    Reason::Language(language) => offer.speaks(*language) && question.languages.contains(language),
                    Reason::Accessibility(needed) => offer.accessibility.contains(*needed),
                    Reason::Availability(availability) => offer.availability(NOW) == *availability,
                    Reason::ProofSelfDeclared => ranked.standing.proof == 1,
                    Reason::ProofChecked { .. } => ranked.standing.proof == 0,
                    Reason::Entrance(entrance) => offer.entrance == *entrance,
                };
                prop_assert!(holds, "{:?}", reason);
            }
            let told = ranked.reasons.iter().filter(|reason| matches!(reason, Reason::Tag(..))).count();
            let counted = ranked.standing.needs.0 + ranked.standing.wishes.0 + ranked.standing.strengths.0;
            prop_assert_eq!(told, counted, "what counts is told");
        }
    }
}

#[test]
fn a_need_weighs_more_than_any_number_of_wishes_and_nearness_comes_last() {
    let tag = |text: &str| sluis_ranking::Tag::parse(text).expect("a tag");
    let mut needed = plain(1, "Rustpunt");
    needed.tags.insert(tag("rust"));
    let mut wished = plain(2, "Kookclub");
    wished.tags.extend([tag("koken"), tag("samen-eten")]);
    wished.areas.insert(Area::parse("BU03630001").expect("a code"));
    let question = Question {
        area: Some(Area::parse("BU03630001").expect("a code")),
        tags: [
            (Quadrant::Need, "rust"),
            (Quadrant::Wish, "koken"),
            (Quadrant::Wish, "samen-eten"),
        ]
        .map(|(quadrant, text)| PlanTag {
            quadrant,
            tag: tag(text),
        })
        .into(),
        ..Question::default()
    };
    let offers = [wished, needed];
    let ranking = rank(&offers, &question, NOW);
    let names: Vec<&str> = ranking
        .fitting
        .iter()
        .map(|ranked| ranked.offer.name.as_str())
        .collect();
    assert_eq!(names, ["Rustpunt", "Kookclub"]);
    assert_eq!(
        ranking.fitting[0].reasons[0],
        Reason::Tag(Quadrant::Need, tag("rust"))
    );
    assert_eq!(ranking.fitting[1].standing.nearness, Nearness::Quarter);
}

#[test]
fn who_is_passed_over_is_counted_by_the_first_reason() {
    let mut elsewhere = plain(1, "Elders");
    elsewhere.areas.insert(Area::parse("GM0344").expect("a code"));
    elsewhere.ages = Ages::new(Some(65), None).expect("ages");
    let offers = [elsewhere, plain(2, "Hier")];
    let question = Question {
        area: Some(Area::parse("GM0363").expect("a code")),
        age: Some(30),
        ..Question::default()
    };
    let ranking = rank(&offers, &question, NOW);
    assert_eq!(ids(&ranking), [offers[1].id]);
    assert_eq!(
        ranking.passed_over.into_iter().collect::<Vec<_>>(),
        [(Misfit::Area, 1)]
    );
}

#[test]
fn a_confidential_address_cannot_come_along() {
    let mut shelter = plain(1, "Opvang");
    shelter.place = Place::Confidential;
    let mut document = OfferDocument::from(&shelter);
    assert_eq!(Offer::try_from(document.clone()).as_ref(), Ok(&shelter));
    document.address = Some(sluis_ranking::AddressDocument {
        line: "Geheim 1".to_owned(),
        ..Default::default()
    });
    let refused = Offer::try_from(document).expect_err("refused");
    assert_eq!(refused.field, "address");
}

#[test]
fn a_field_of_a_later_version_is_passed_over() {
    let offer = plain(1, "Inloop");
    let document = String::from_utf8(offer.encode().expect("a whole offer")).expect("text");
    let later = document.replacen('{', "{\"later\":[1],", 1);
    assert_eq!(Offer::decode(later.as_bytes()), Ok(offer));
}

#[test]
fn what_is_missing_or_too_much_is_named() {
    let refused = |change: fn(&mut Offer)| {
        let mut offer = plain(1, "Inloop");
        change(&mut offer);
        offer.encode().expect_err("refused").field
    };
    assert_eq!(refused(|offer| offer.name = ShortText::default()), "name");
    assert_eq!(
        refused(|offer| offer.life_domains = CodeSet::EMPTY),
        "life_domains"
    );
    assert_eq!(
        refused(|offer| offer.tags = (0..50)
            .map(|n| sluis_ranking::Tag::parse(&n.to_string()).expect("a tag"))
            .collect()),
        "tags"
    );
}
