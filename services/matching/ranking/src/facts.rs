//! What the ranking reads of an offer: whoever has many offers keeps these, and reads a whole document only of what is
//! shown.

use sluis_types::{Accessibility, CodeSet, Entrance, LifeDomain, OfferId, OfferKind, Timestamp};

use crate::area::Area;
use crate::capacity::{Availability, Capacity};
use crate::offer::{Ages, Offer, ProofBasis};
use crate::text::{Language, ShortText, Tag};

/// What can be ranked.
pub trait Rankable {
    /// Which offer.
    fn id(&self) -> OfferId;
    /// What it is called: the order of offers that stand alike.
    fn name(&self) -> &str;
    /// Which kind of thing.
    fn kind(&self) -> OfferKind;
    /// What of a life it is about.
    fn life_domains(&self) -> CodeSet<LifeDomain>;
    /// Whom it is for, by where they live; none for the whole country.
    fn areas(&self) -> impl Iterator<Item = Area>;
    /// Whom it is for, by age.
    fn ages(&self) -> Ages;
    /// What is spoken; none where nothing is said, which is Dutch.
    fn languages(&self) -> impl Iterator<Item = Language>;
    /// What the place is known to have.
    fn accessibility(&self) -> CodeSet<Accessibility>;
    /// How one comes in.
    fn entrance(&self) -> Entrance;
    /// Who says that it is kwetsbaarproof, if anybody does.
    fn proof(&self) -> Option<&ProofBasis>;
    /// Whether it has something of what people wish, can and need.
    fn has_tag(&self, tag: &Tag) -> bool;
    /// What is known of its room now.
    fn availability(&self, now: Timestamp) -> Availability;

    /// Whether it speaks a language. Who names none speaks Dutch.
    fn speaks(&self, language: Language) -> bool {
        let mut spoken = self.languages().peekable();
        match spoken.peek() {
            None => language == Language::DUTCH,
            Some(_) => spoken.any(|one| one == language),
        }
    }

    /// Whether it is for people in `area`, or in a part of it.
    fn serves(&self, area: Area) -> bool {
        let mut served = self.areas().peekable();
        served.peek().is_none() || served.any(|one| one.meets(area))
    }
}

impl Rankable for Offer {
    fn id(&self) -> OfferId {
        self.id
    }

    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn kind(&self) -> OfferKind {
        self.kind
    }

    fn life_domains(&self) -> CodeSet<LifeDomain> {
        self.life_domains
    }

    fn areas(&self) -> impl Iterator<Item = Area> {
        self.areas.iter().copied()
    }

    fn ages(&self) -> Ages {
        self.ages
    }

    fn languages(&self) -> impl Iterator<Item = Language> {
        self.languages.iter().copied()
    }

    fn accessibility(&self) -> CodeSet<Accessibility> {
        self.accessibility
    }

    fn entrance(&self) -> Entrance {
        self.entrance
    }

    fn proof(&self) -> Option<&ProofBasis> {
        self.proof.as_ref().map(|proof| &proof.basis)
    }

    fn has_tag(&self, tag: &Tag) -> bool {
        self.tags.contains(tag)
    }

    fn availability(&self, now: Timestamp) -> Availability {
        // The method of the type itself.
        Offer::availability(self, now)
    }
}

/// What the ranking reads of an offer, and nothing else: no text but its name. A few hundred bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    id: OfferId,
    name: ShortText,
    kind: OfferKind,
    life_domains: CodeSet<LifeDomain>,
    areas: Box<[Area]>,
    ages: Ages,
    languages: Box<[Language]>,
    accessibility: CodeSet<Accessibility>,
    entrance: Entrance,
    proof: Option<ProofBasis>,
    tags: Box<[Tag]>,
    capacity: Option<Capacity>,
}

impl From<&Offer> for Facts {
    fn from(offer: &Offer) -> Self {
        Self {
            id: offer.id,
            name: offer.name.clone(),
            kind: offer.kind,
            life_domains: offer.life_domains,
            areas: offer.areas.iter().copied().collect(),
            ages: offer.ages,
            languages: offer.languages.iter().copied().collect(),
            accessibility: offer.accessibility,
            entrance: offer.entrance,
            proof: offer.proof.as_ref().map(|proof| proof.basis.clone()),
            tags: offer.tags.iter().cloned().collect(),
            capacity: offer.capacity.as_ref().map(|capacity| Capacity {
                note: ShortText::default(),
                ..capacity.clone()
            }),
        }
    }
}

impl Rankable for Facts {
    fn id(&self) -> OfferId {
        self.id
    }

    fn name(&self) -> &str {
        self.name.as_str()
    }

    fn kind(&self) -> OfferKind {
        self.kind
    }

    fn life_domains(&self) -> CodeSet<LifeDomain> {
        self.life_domains
    }

    fn areas(&self) -> impl Iterator<Item = Area> {
        self.areas.iter().copied()
    }

    fn ages(&self) -> Ages {
        self.ages
    }

    fn languages(&self) -> impl Iterator<Item = Language> {
        self.languages.iter().copied()
    }

    fn accessibility(&self) -> CodeSet<Accessibility> {
        self.accessibility
    }

    fn entrance(&self) -> Entrance {
        self.entrance
    }

    fn proof(&self) -> Option<&ProofBasis> {
        self.proof.as_ref()
    }

    fn has_tag(&self, tag: &Tag) -> bool {
        // In order, as they came out of a set.
        self.tags.binary_search(tag).is_ok()
    }

    fn availability(&self, now: Timestamp) -> Availability {
        self.capacity
            .as_ref()
            .map_or(Availability::Unknown, |capacity| capacity.availability(now))
    }
}
