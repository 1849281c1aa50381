//! What somebody looks for. It is a value of the asker's own side and has no wire form: it never leaves.

use std::collections::BTreeSet;

use sluis_types::{Accessibility, CodeSet, Entrance, LifeDomain, OfferKind, Quadrant};

use crate::area::Area;
use crate::text::{Language, Tag};

/// A tag that the resident ticked on the plan card.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlanTag {
    /// In which column it stands.
    pub quadrant: Quadrant,
    /// Which tag.
    pub tag: Tag,
}

/// What somebody looks for. What is left empty filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Where the resident lives, as precisely as they like.
    pub area: Option<Area>,
    /// How old the resident is, in years.
    pub age: Option<u8>,
    /// Languages that the resident speaks: one of them must do.
    pub languages: BTreeSet<Language>,
    /// What a place must have, all of it.
    pub accessibility: CodeSet<Accessibility>,
    /// What it should be about: one of them must do.
    pub life_domains: CodeSet<LifeDomain>,
    /// What it should be: one of them must do.
    pub kinds: CodeSet<OfferKind>,
    /// How the resident is ready to come in: one of them must do.
    pub entrances: CodeSet<Entrance>,
    /// Whether what has no room is wanted too.
    pub with_full: bool,
    /// Whether only what is kwetsbaarproof will do.
    pub only_proof: bool,
    /// What the resident ticked.
    pub tags: BTreeSet<PlanTag>,
}
