//! What an organisation offers.

use std::collections::BTreeSet;

use sluis_types::{
    Accessibility, CapacityStatus, CodeSet, Entrance, Law, LifeDomain, OfferId, OfferKind, Oin,
    ProofCriterion, Provision, Timestamp,
};

use crate::area::Area;
use crate::capacity::{Availability, Capacity};
use crate::text::{InvalidOffer, Language, LongText, ShortText, Tag};

/// Most areas of one offer.
pub const AREAS_MAX: usize = 200;
/// Most languages of one offer.
pub const LANGUAGES_MAX: usize = 40;
/// Most tags of one offer.
pub const TAGS_MAX: usize = 40;
/// Most opening times of one offer.
pub const OPENINGS_MAX: usize = 60;

/// An offer of the service directory: the Dutch profile over Open Referral HSDS 3.0 (`docs/matching.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its name in the mesh.
    pub id: OfferId,
    /// Who offers it.
    pub publisher: Oin,
    /// How the publisher calls itself.
    pub organisation: ShortText,
    /// What it is called.
    pub name: ShortText,
    /// What it is.
    pub description: LongText,
    /// Which kind of thing.
    pub kind: OfferKind,
    /// How it stands in the social domain.
    pub provision: Provision,
    /// Which law pays.
    pub law: Law,
    /// What of a life it is about; at least one.
    pub life_domains: CodeSet<LifeDomain>,
    /// Whom it is for, by where they live; empty for the whole country.
    pub areas: BTreeSet<Area>,
    /// Whom it is for, by age.
    pub ages: Ages,
    /// Whom else it is for, in words.
    pub eligibility: LongText,
    /// What is spoken; empty where nothing is said, which is Dutch.
    pub languages: BTreeSet<Language>,
    /// What the place is known to have.
    pub accessibility: CodeSet<Accessibility>,
    /// How one comes in.
    pub entrance: Entrance,
    /// Whether it welcomes people in a vulnerable time, and who says so.
    pub proof: Option<VulnerabilityProof>,
    /// When one can come.
    pub openings: Vec<Opening>,
    /// What it costs, in words.
    pub costs: ShortText,
    /// Where it is.
    pub place: Place,
    /// Whom to ask.
    pub contact: Contact,
    /// What it has of what people wish, can and need.
    pub tags: BTreeSet<Tag>,
    /// Whether there is room.
    pub capacity: Option<Capacity>,
    /// When its publisher last looked at it.
    pub updated_at: Timestamp,
}

impl Offer {
    /// What is known of its room now.
    pub fn availability(&self, now: Timestamp) -> Availability {
        self.capacity
            .as_ref()
            .map_or(Availability::Unknown, |capacity| capacity.availability(now))
    }

    /// Checks what the types alone do not say.
    ///
    /// # Errors
    /// [`InvalidOffer`] with the first field that is missing or has too many values.
    pub fn check(&self) -> Result<(), InvalidOffer> {
        let too_many = "more than allowed";
        let checks = [
            (!self.name.is_empty(), "name", "missing"),
            (!self.organisation.is_empty(), "organisation", "missing"),
            (!self.life_domains.is_empty(), "life_domains", "missing"),
            (self.areas.len() <= AREAS_MAX, "areas", too_many),
            (self.languages.len() <= LANGUAGES_MAX, "languages", too_many),
            (self.tags.len() <= TAGS_MAX, "tags", too_many),
            (self.openings.len() <= OPENINGS_MAX, "openings", too_many),
            (
                self.weeks_are_of_a_waitlist(),
                "capacity.wait_weeks",
                "only a waitlist has weeks",
            ),
        ];
        match checks.into_iter().find(|(holds, ..)| !holds) {
            Some((_, field, what)) => Err(InvalidOffer::new(field, what)),
            None => Ok(()),
        }
    }

    fn weeks_are_of_a_waitlist(&self) -> bool {
        self.capacity
            .as_ref()
            .is_none_or(|capacity| capacity.wait.is_none() || capacity.status == CapacityStatus::Waitlist)
    }
}

/// From and up to which age, both included, in years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ages {
    min: Option<u8>,
    max: Option<u8>,
}

impl Ages {
    /// All ages.
    pub const ALL: Self = Self { min: None, max: None };

    /// From `min` up to `max` years, each where stated.
    ///
    /// # Errors
    /// [`InvalidOffer`] when they are the wrong way round.
    pub const fn new(min: Option<u8>, max: Option<u8>) -> Result<Self, InvalidOffer> {
        match (min, max) {
            (Some(from), Some(to)) if from > to => Err(InvalidOffer::new("ages", "the wrong way round")),
            _ => Ok(Self { min, max }),
        }
    }

    /// The youngest, in years.
    pub const fn min(self) -> Option<u8> {
        self.min
    }

    /// The oldest, in years.
    pub const fn max(self) -> Option<u8> {
        self.max
    }

    /// Whether somebody of some age in both is meant.
    pub fn meet(self, other: Self) -> bool {
        let starts_in_time = |one: Self, two: Self| match (one.min, two.max) {
            (Some(min), Some(max)) => min <= max,
            _ => true,
        };
        starts_in_time(self, other) && starts_in_time(other, self)
    }

    /// Whether somebody of this age is meant.
    pub fn include(self, years: u8) -> bool {
        self.min.is_none_or(|min| min <= years) && self.max.is_none_or(|max| years <= max)
    }
}

/// "Kwetsbaarproof": who says so, when, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VulnerabilityProof {
    /// Who says so.
    pub basis: ProofBasis,
    /// By what.
    pub criteria: CodeSet<ProofCriterion>,
}

/// Who says that a place is kwetsbaarproof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofBasis {
    /// The place itself.
    SelfDeclared,
    /// An organisation of experts by experience, which went to see.
    Checked {
        /// Its name.
        by: ShortText,
        /// When it went to see.
        at: Timestamp,
    },
}

/// A time to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Days, as bits from Monday (1) to Sunday (64); none where the words say it.
    pub days: u8,
    /// From when, in minutes after midnight.
    pub from: Option<u16>,
    /// Up to when, in minutes after midnight.
    pub to: Option<u16>,
    /// What the words say: "not in holidays".
    pub note: ShortText,
}

/// Where an offer is. A confidential address cannot be held: it is not known here at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere in particular: at home, by phone, online.
    Nowhere,
    /// At an address that everybody may know.
    Public(Address),
    /// At an address that is told to who may come: a shelter.
    Confidential,
}

/// An address that everybody may know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Street and number.
    pub line: ShortText,
    /// Postal code.
    pub postal_code: ShortText,
    /// Town.
    pub town: ShortText,
}

/// Whom to ask: a function with its own line, never a person's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Which function: "reception".
    pub function: ShortText,
    /// Its telephone number.
    pub phone: ShortText,
    /// Its mail address.
    pub email: ShortText,
    /// Its page.
    pub page: ShortText,
}
