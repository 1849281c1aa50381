//! Offers and questions, plain ones and of every shape.

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use sluis_ranking::{
    Address, Ages, Area, Capacity, Contact, Language, LongText, Offer, Opening, Place, PlanTag, ProofBasis,
    Question, ShortText, Tag, VulnerabilityProof, Weeks,
};
use sluis_types::{
    Accessibility, CapacityStatus, Code, CodeSet, Entrance, Law, LifeDomain, OfferId, OfferKind,
    ProofCriterion, Provision, Quadrant, Timestamp,
};

/// When all of this happens.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

/// The plainest offer of a name.
pub(crate) fn plain(id: u8, name: &str) -> Offer {
    Offer {
        id: OfferId::from_bytes([id; 16]),
        publisher: "00000099000000001000".parse().expect("an OIN"),
        organisation: ShortText::cut("Welzijn De Brug").0,
        name: ShortText::cut(name).0,
        description: LongText::default(),
        kind: OfferKind::GeneralFacility,
        provision: Provision::General,
        law: Law::General,
        life_domains: [LifeDomain::MeaningfulDay].into_iter().collect(),
        areas: [].into(),
        ages: Ages::ALL,
        eligibility: LongText::default(),
        languages: [].into(),
        accessibility: CodeSet::EMPTY,
        entrance: Entrance::DropIn,
        proof: None,
        openings: Vec::new(),
        costs: ShortText::default(),
        place: Place::Nowhere,
        contact: Contact::default(),
        tags: [].into(),
        capacity: None,
        updated_at: NOW,
    }
}

fn codes<C: Code + std::fmt::Debug>(most: usize) -> impl Strategy<Value = CodeSet<C>> {
    vec(select(C::ALL), 0..=most).prop_map(|codes| codes.into_iter().collect())
}

/// A few areas that lie in each other, and one elsewhere.
pub(crate) fn area() -> impl Strategy<Value = Area> {
    select(&[
        "GM0363",
        "WK036300",
        "WK036301",
        "BU03630001",
        "BU03630002",
        "GM0344",
    ])
    .prop_map(|code| Area::parse(code).expect("a code"))
}

fn language() -> impl Strategy<Value = Language> {
    select(&["nl", "en", "ar", "tig"]).prop_map(|code| Language::parse(code).expect("a code"))
}

/// One of a few tags, so that they meet.
pub(crate) fn tag() -> impl Strategy<Value = Tag> {
    select(&["koken", "rust", "wandelen", "samen-eten", "geld"])
        .prop_map(|text| Tag::parse(text).expect("a tag"))
}

fn short() -> impl Strategy<Value = ShortText> {
    "[ -~éè€\n]{0,40}".prop_map(|text| ShortText::cut(&text).0)
}

fn long() -> impl Strategy<Value = LongText> {
    "[ -~éè€\n]{0,200}".prop_map(|text| LongText::cut(&text).0)
}

fn named() -> impl Strategy<Value = ShortText> {
    "[A-Za-zé]{1,30}".prop_map(|text| ShortText::cut(&text).0)
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (0_i64..40 * 86_400).prop_map(|before| Timestamp::from_seconds(NOW.seconds() - before))
}

fn capacity() -> impl Strategy<Value = Capacity> {
    (
        select(CapacityStatus::ALL),
        option::of((0_u16..20, 0_u16..20)),
        moment(),
        short(),
    )
        .prop_map(|(status, wait, updated_at, note)| Capacity {
            status,
            wait: wait
                .filter(|_| status == CapacityStatus::Waitlist)
                .map(|(min, more)| Weeks::new(min, min + more).expect("a range")),
            updated_at,
            note,
        })
}

fn proof() -> impl Strategy<Value = VulnerabilityProof> {
    (option::of((named(), moment())), codes::<ProofCriterion>(3)).prop_map(|(checked, criteria)| {
        VulnerabilityProof {
            basis: checked.map_or(ProofBasis::SelfDeclared, |(by, at)| ProofBasis::Checked {
                by,
                at,
            }),
            criteria,
        }
    })
}

fn opening() -> impl Strategy<Value = Opening> {
    (
        0_u8..128,
        option::of(0_u16..=1440),
        option::of(0_u16..=1440),
        short(),
    )
        .prop_map(|(days, from, to, note)| Opening { days, from, to, note })
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        Just(Place::Nowhere),
        Just(Place::Confidential),
        (short(), short(), short()).prop_map(|(line, postal_code, town)| Place::Public(Address {
            line,
            postal_code,
            town
        })),
    ]
}

fn ages() -> impl Strategy<Value = Ages> {
    (option::of(0_u8..60), option::of(60_u8..100)).prop_map(|(min, max)| Ages::new(min, max).expect("ages"))
}

/// An offer of any shape.
pub(crate) fn offer() -> impl Strategy<Value = Offer> {
    let who = (
        any::<[u8; 16]>(),
        named(),
        named(),
        long(),
        select(OfferKind::ALL),
        select(Provision::ALL),
    );
    let whom = (
        codes::<LifeDomain>(3),
        select(LifeDomain::ALL),
        btree_set(area(), 0..3),
        ages(),
        long(),
        btree_set(language(), 0..3),
        codes::<Accessibility>(4),
    );
    let how = (
        select(Law::ALL),
        select(Entrance::ALL),
        option::of(proof()),
        vec(opening(), 0..4),
        short(),
        place(),
    );
    let rest = (
        short(),
        short(),
        btree_set(tag(), 0..4),
        option::of(capacity()),
        moment(),
    );
    (who, whom, how, rest).prop_map(|(who, whom, how, rest)| Offer {
        id: OfferId::from_bytes(who.0),
        publisher: "00000099000000001000".parse().expect("an OIN"),
        organisation: who.1,
        name: who.2,
        description: who.3,
        kind: who.4,
        provision: who.5,
        law: how.0,
        life_domains: whom.0.with(whom.1),
        areas: whom.2,
        ages: whom.3,
        eligibility: whom.4,
        languages: whom.5,
        accessibility: whom.6,
        entrance: how.1,
        proof: how.2,
        openings: how.3,
        costs: how.4,
        place: how.5,
        contact: Contact {
            function: rest.0,
            phone: rest.1,
            ..Contact::default()
        },
        tags: rest.2,
        capacity: rest.3,
        updated_at: rest.4,
    })
}

/// A question of any shape.
pub(crate) fn question() -> impl Strategy<Value = Question> {
    let plan = (select(Quadrant::ALL), tag()).prop_map(|(quadrant, tag)| PlanTag { quadrant, tag });
    let whom = (
        option::of(area()),
        option::of(0_u8..100),
        btree_set(language(), 0..2),
        codes::<Accessibility>(1),
    );
    let what = (
        codes::<LifeDomain>(2),
        codes::<OfferKind>(3),
        codes::<Entrance>(2),
    );
    (whom, what, any::<bool>(), any::<bool>(), btree_set(plan, 0..4)).prop_map(
        |(whom, what, with_full, only_proof, tags)| Question {
            area: whom.0,
            age: whom.1,
            languages: whom.2,
            accessibility: whom.3,
            life_domains: what.0,
            kinds: what.1,
            entrances: what.2,
            with_full,
            only_proof,
            tags,
        },
    )
}
