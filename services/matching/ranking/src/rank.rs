//! Hard filters, then preferences, with the reasons of both.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use sluis_types::{Accessibility, CodeSet, Entrance, LifeDomain, Quadrant, Timestamp};

use crate::area::{Area, AreaLevel};
use crate::capacity::Availability;
use crate::facts::Rankable;
use crate::offer::{Ages, Offer, ProofBasis};
use crate::question::Question;
use crate::text::{Language, ShortText, Tag};

/// Why an offer is passed over. The first that holds is the one that is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Misfit {
    /// It is something else.
    Kind,
    /// It is about something else.
    LifeDomain,
    /// It is for another area.
    Area,
    /// It is for another age.
    Age,
    /// It speaks none of the languages.
    Language,
    /// It is not known to have what the resident cannot do without.
    Accessibility,
    /// It asks to come in another way.
    Entrance,
    /// Nobody says that it is kwetsbaarproof.
    Proof,
    /// It has no room.
    Full,
}

/// How near an offer is to where the resident lives, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nearness {
    /// For this quarter (buurt).
    Quarter,
    /// For this neighbourhood (wijk).
    Neighbourhood,
    /// For this municipality.
    Municipality,
    /// For the whole country, or it was not asked.
    Anywhere,
}

/// Why an offer is shown, and where it stands. Typed: whoever shows it has the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It has what the resident ticked in a column of the plan card.
    Tag(Quadrant, Tag),
    /// It is about something that was asked for.
    LifeDomain(LifeDomain),
    /// It is for where the resident lives.
    Near(Nearness),
    /// It is for this age.
    Age,
    /// It speaks a language of the resident.
    Language(Language),
    /// It has what the resident cannot do without.
    Accessibility(Accessibility),
    /// What is known of its room.
    Availability(Availability),
    /// It says of itself that it is kwetsbaarproof.
    ProofSelfDeclared,
    /// Experts by experience went to see that it is kwetsbaarproof.
    ProofChecked {
        /// Who went.
        by: ShortText,
        /// When.
        at: Timestamp,
    },
    /// How one comes in.
    Entrance(Entrance),
}

/// Where an offer stands: its parts decide in this order, so the first that differs says why one is above another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    /// How much of *ik heb nodig* it has: more is higher.
    pub needs: Reverse<usize>,
    /// How much of *ik wil* it has: more is higher.
    pub wishes: Reverse<usize>,
    /// How much of *ik kan* it has: more is higher.
    pub strengths: Reverse<usize>,
    /// Of how many asked life domains it is.
    pub life_domains: Reverse<usize>,
    /// Whether there is room.
    pub availability: Availability,
    /// How near it is.
    pub nearness: Nearness,
    /// Whether somebody went to see that it is kwetsbaarproof (0), it says so itself (1), or nobody does (2).
    pub proof: u8,
}

/// An offer that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked<'a, O = Offer> {
    /// The offer, or what was kept of it.
    pub offer: &'a O,
    /// Where it stands.
    pub standing: Standing,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranking<'a, O = Offer> {
    /// What fits, the best first.
    pub fitting: Vec<Ranked<'a, O>>,
    /// How many were passed over, and why.
    pub passed_over: BTreeMap<Misfit, usize>,
}

/// Answers a question from a directory. Offers that stand alike come in order of name and id.
pub fn rank<'a, O: Rankable>(
    offers: impl IntoIterator<Item = &'a O>,
    question: &Question,
    now: Timestamp,
) -> Ranking<'a, O> {
    let mut ranking = Ranking {
        fitting: Vec::new(),
        passed_over: BTreeMap::new(),
    };
    for offer in offers {
        match misfit(offer, question, now) {
            Some(misfit) => *ranking.passed_over.entry(misfit).or_default() += 1,
            None => ranking.fitting.push(Ranked {
                offer,
                standing: standing(offer, question, now),
                reasons: reasons(offer, question, now),
            }),
        }
    }
    ranking.fitting.sort_by(|one, other| {
        (one.standing, one.offer.name(), one.offer.id()).cmp(&(
            other.standing,
            other.offer.name(),
            other.offer.id(),
        ))
    });
    ranking
}

fn misfit(offer: &impl Rankable, question: &Question, now: Timestamp) -> Option<Misfit> {
    let filters = [
        (
            question.kinds.is_empty() || question.kinds.contains(offer.kind()),
            Misfit::Kind,
        ),
        (
            question.life_domains.is_empty()
                || offer
                    .life_domains()
                    .iter()
                    .any(|domain| question.life_domains.contains(domain)),
            Misfit::LifeDomain,
        ),
        (question.area.is_none_or(|area| offer.serves(area)), Misfit::Area),
        (
            question.age.is_none_or(|age| offer.ages().include(age)),
            Misfit::Age,
        ),
        (
            question.languages.is_empty()
                || question.languages.iter().any(|language| offer.speaks(*language)),
            Misfit::Language,
        ),
        (
            question.accessibility.is_subset_of(offer.accessibility()),
            Misfit::Accessibility,
        ),
        (
            question.entrances.is_empty() || question.entrances.contains(offer.entrance()),
            Misfit::Entrance,
        ),
        (!question.only_proof || offer.proof().is_some(), Misfit::Proof),
        (
            question.with_full || offer.availability(now) != Availability::Full,
            Misfit::Full,
        ),
    ];
    filters
        .into_iter()
        .find_map(|(passes, misfit)| (!passes).then_some(misfit))
}

fn standing(offer: &impl Rankable, question: &Question, now: Timestamp) -> Standing {
    let shared = |quadrant| Reverse(shared_tags(offer, question, quadrant).count());
    Standing {
        needs: shared(Quadrant::Need),
        wishes: shared(Quadrant::Wish),
        strengths: shared(Quadrant::Strength),
        life_domains: Reverse(shared_domains(offer, question).iter().count()),
        availability: offer.availability(now),
        nearness: nearness(offer, question.area),
        proof: match offer.proof() {
            Some(ProofBasis::Checked { .. }) => 0,
            Some(ProofBasis::SelfDeclared) => 1,
            None => 2,
        },
    }
}

fn reasons(offer: &impl Rankable, question: &Question, now: Timestamp) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for quadrant in [Quadrant::Need, Quadrant::Wish, Quadrant::Strength] {
        reasons.extend(shared_tags(offer, question, quadrant).map(|tag| Reason::Tag(quadrant, tag.clone())));
    }
    reasons.extend(shared_domains(offer, question).iter().map(Reason::LifeDomain));
    reasons.push(Reason::Availability(offer.availability(now)));
    if question.area.is_some() {
        reasons.push(Reason::Near(nearness(offer, question.area)));
    }
    if question.age.is_some() && offer.ages() != Ages::ALL {
        reasons.push(Reason::Age);
    }
    let spoken = question
        .languages
        .iter()
        .filter(|language| offer.speaks(**language));
    reasons.extend(spoken.map(|language| Reason::Language(*language)));
    reasons.extend(question.accessibility.iter().map(Reason::Accessibility));
    reasons.extend(offer.proof().map(|basis| match basis {
        ProofBasis::SelfDeclared => Reason::ProofSelfDeclared,
        ProofBasis::Checked { by, at } => Reason::ProofChecked {
            by: by.clone(),
            at: *at,
        },
    }));
    reasons.push(Reason::Entrance(offer.entrance()));
    reasons
}

fn shared_tags<'a>(
    offer: &'a impl Rankable,
    question: &'a Question,
    quadrant: Quadrant,
) -> impl Iterator<Item = &'a Tag> {
    let ticked = question
        .tags
        .iter()
        .filter(move |ticked| ticked.quadrant == quadrant);
    ticked.map(|ticked| &ticked.tag).filter(|tag| offer.has_tag(tag))
}

fn shared_domains(offer: &impl Rankable, question: &Question) -> CodeSet<LifeDomain> {
    let asked = offer.life_domains().iter();
    asked
        .filter(|domain| question.life_domains.contains(*domain))
        .collect()
}

/// By the smallest area of the offer around the resident; no nearer than the question is precise.
fn nearness(offer: &impl Rankable, area: Option<Area>) -> Nearness {
    let smallest = area.and_then(|area| {
        let around = offer.areas().filter(|served| served.meets(area));
        around.map(|served| served.level().min(area.level())).max()
    });
    match smallest {
        Some(AreaLevel::Quarter) => Nearness::Quarter,
        Some(AreaLevel::Neighbourhood) => Nearness::Neighbourhood,
        Some(AreaLevel::Municipality) => Nearness::Municipality,
        None => Nearness::Anywhere,
    }
}
