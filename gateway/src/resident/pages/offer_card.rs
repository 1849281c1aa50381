//! An offer in words: what it is, why it is shown, whether there is room, and all that one needs to go there.
//!
//! A confidential address cannot stand here: the directory does not hold it.

use jiff::tz::TimeZone;
use sluis_ranking::{Ages, Availability, Contact, Nearness, Offer, Opening, Place, ProofBasis, Reason};
use sluis_types::{Entrance, OfferKind, ProofCriterion, Quadrant, Timestamp};

use super::dates::day;
use super::offer_question::{band_in_words, tag_in_words};
use super::offer_words;
use super::text::Language;
use super::words;

/// An offer, as a page shows it.
pub(super) struct Shown {
    pub(super) name: String,
    pub(super) organisation: String,
    pub(super) kind: &'static str,
    pub(super) description: Vec<String>,
    pub(super) reasons: Vec<String>,
    pub(super) availability: String,
    /// When that was said; empty where nothing was.
    pub(super) availability_of: String,
    pub(super) has_room: bool,
    pub(super) facts: Vec<Fact>,
    pub(super) contact: Reach,
}

/// One thing to know, under its heading.
pub(super) struct Fact {
    pub(super) title: &'static str,
    pub(super) lines: Vec<String>,
}

/// Whom to ask.
pub(super) struct Reach {
    pub(super) function: String,
    pub(super) phone: String,
    pub(super) email: String,
    /// Without its scheme: pages lead to nobody else's.
    pub(super) page: String,
}

impl Reach {
    /// Whether there is any way to ask.
    pub(super) fn is_known(&self) -> bool {
        [&self.phone, &self.email, &self.page]
            .into_iter()
            .any(|it| !it.is_empty())
    }
}

/// An offer in words.
pub(super) fn shown(
    offer: &Offer,
    reasons: &[Reason],
    now: Timestamp,
    zone: &TimeZone,
    t: Language,
) -> Shown {
    let availability = offer.availability(now);
    let said_at = offer.capacity.as_ref().map(|capacity| capacity.updated_at);
    Shown {
        name: offer.name.to_string(),
        organisation: offer.organisation.to_string(),
        kind: kind(offer.kind, t),
        description: paragraphs(offer.description.as_str()),
        reasons: reasons.iter().filter_map(|it| reason(it, zone, t)).collect(),
        availability: availability_in_words(availability, t),
        availability_of: said_at
            .map(|at| t.offer_said_on(day(at, zone, t)))
            .unwrap_or_default(),
        has_room: availability == Availability::Room,
        facts: facts(offer, zone, t),
        contact: reach(&offer.contact),
    }
}

fn paragraphs(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(ToOwned::to_owned).collect()
}

fn kind(kind: OfferKind, t: Language) -> &'static str {
    match kind {
        OfferKind::Activity => t.offer_activity(),
        OfferKind::GeneralFacility => t.offer_general_facility(),
        OfferKind::LightCare => t.offer_light_care(),
        OfferKind::Training => t.offer_training(),
        OfferKind::HomeVisit => t.offer_home_visit(),
        OfferKind::Housing => t.offer_housing(),
        OfferKind::Companion => t.offer_companion(),
    }
}

/// Why it is shown. Room has a line of its own.
fn reason(reason: &Reason, zone: &TimeZone, t: Language) -> Option<String> {
    Some(match reason {
        Reason::Tag(quadrant, tag) => {
            let words = tag_in_words(tag.as_str(), t);
            match quadrant {
                Quadrant::Need => t.because_need(words),
                Quadrant::Wish => t.because_wish(words),
                Quadrant::Strength => t.because_strength(words),
            }
        }
        Reason::LifeDomain(domain) => t.because_about(words::life_domain(i32::from(domain.number()), t)),
        Reason::Near(Nearness::Quarter) => t.because_quarter().to_owned(),
        Reason::Near(Nearness::Neighbourhood) => t.because_neighbourhood().to_owned(),
        Reason::Near(Nearness::Municipality) => t.because_municipality().to_owned(),
        Reason::Near(Nearness::Anywhere) => t.because_anywhere().to_owned(),
        Reason::Age => t.because_age().to_owned(),
        Reason::Language(language) => t.because_language(offer_words::spoken(language.as_str(), t)),
        Reason::Accessibility(it) => t.because_accessibility(offer_words::accessibility(*it, t)),
        Reason::ProofSelfDeclared => t.proof_self_declared().to_owned(),
        Reason::ProofChecked { by, at } => t.proof_checked(by, day(*at, zone, t)),
        Reason::Entrance(it) => entrance(*it, t).to_owned(),
        Reason::Availability(_) => return None,
    })
}

fn entrance(entrance: Entrance, t: Language) -> &'static str {
    match entrance {
        Entrance::DropIn => t.entrance_drop_in(),
        Entrance::SignUp => t.entrance_sign_up(),
        Entrance::Referral => t.entrance_referral(),
    }
}

/// Whether there is room. What was said too long ago is unknown, never room.
fn availability_in_words(availability: Availability, t: Language) -> String {
    match availability {
        Availability::Room => t.room_is().to_owned(),
        Availability::Waitlist(None) => t.room_waitlist().to_owned(),
        Availability::Waitlist(Some(weeks)) => t.room_weeks(weeks.min(), weeks.max()),
        Availability::AssessmentFirst => t.room_talk_first().to_owned(),
        Availability::Unknown => t.room_unknown().to_owned(),
        Availability::Full => t.room_full().to_owned(),
    }
}

fn facts(offer: &Offer, zone: &TimeZone, t: Language) -> Vec<Fact> {
    let line = |text: &str| {
        let text = text.trim();
        if text.is_empty() {
            vec![]
        } else {
            vec![text.to_owned()]
        }
    };
    let mut whom = line(offer.eligibility.as_str());
    if offer.ages != Ages::ALL {
        whom.insert(0, band_in_words(offer.ages.min(), offer.ages.max(), t));
    }
    let spoken = offer
        .languages
        .iter()
        .map(|language| offer_words::spoken(language.as_str(), t));
    let spoken: Vec<_> = spoken.collect();
    let note = offer
        .capacity
        .as_ref()
        .map_or(&[][..], |it| std::slice::from_ref(&it.note));
    let all = [
        (t.fact_whom(), whom),
        (
            t.fact_when(),
            offer.openings.iter().map(|it| opening(it, t)).collect(),
        ),
        (t.fact_entrance(), vec![entrance(offer.entrance, t).to_owned()]),
        (t.fact_costs(), line(offer.costs.as_str())),
        (t.fact_where(), place(&offer.place, t)),
        (
            t.fact_room_note(),
            note.iter().flat_map(|it| line(it.as_str())).collect(),
        ),
        (t.fact_languages(), line(&spoken.join(", "))),
        (
            t.fact_accessibility(),
            offer
                .accessibility
                .iter()
                .map(|it| offer_words::accessibility(it, t).to_owned())
                .collect(),
        ),
        (t.fact_proof(), proof(offer, zone, t)),
        (
            t.fact_updated(),
            vec![t.offer_updated(&offer.organisation, day(offer.updated_at, zone, t))],
        ),
    ];
    let known = all
        .into_iter()
        .filter(|(_, lines): &(_, Vec<String>)| !lines.is_empty());
    known.map(|(title, lines)| Fact { title, lines }).collect()
}

fn place(place: &Place, t: Language) -> Vec<String> {
    match place {
        Place::Nowhere => vec![t.place_nowhere().to_owned()],
        Place::Confidential => vec![t.place_confidential().to_owned()],
        Place::Public(address) => {
            let town = format!("{} {}", address.postal_code, address.town);
            let lines = [address.line.to_string(), town.trim().to_owned()];
            lines.into_iter().filter(|line| !line.is_empty()).collect()
        }
    }
}

fn proof(offer: &Offer, zone: &TimeZone, t: Language) -> Vec<String> {
    let Some(proof) = &offer.proof else { return vec![] };
    let who = match &proof.basis {
        ProofBasis::SelfDeclared => t.proof_self_declared().to_owned(),
        ProofBasis::Checked { by, at } => t.proof_checked(by, day(*at, zone, t)),
    };
    let criteria = proof.criteria.iter().map(|criterion| match criterion {
        ProofCriterion::HostPresent => t.proof_host(),
        ProofCriterion::LowStimulus => t.access_low_stimulus(),
        ProofCriterion::NoRegistration => t.proof_no_registration(),
        ProofCriterion::TrainedVolunteers => t.proof_trained(),
        ProofCriterion::OpenToAll => t.proof_open_to_all(),
    });
    std::iter::once(who)
        .chain(criteria.map(ToOwned::to_owned))
        .collect()
}

/// A time to come: "maandag, dinsdag: 9.00 – 12.00 uur".
fn opening(opening: &Opening, t: Language) -> String {
    let days: Vec<_> = (0..7)
        .filter(|day| opening.days & (1 << day) != 0)
        .map(|day| t.weekday(day))
        .collect();
    let time = |minutes: u16| format!("{}.{:02}", minutes / 60, minutes % 60);
    let times = match (opening.from, opening.to) {
        (Some(from), Some(to)) => t.time_from_to(time(from), time(to)),
        (Some(from), None) => t.time_from(time(from)),
        (None, Some(to)) => t.time_to(time(to)),
        (None, None) => String::new(),
    };
    let parts = [days.join(", "), times, opening.note.to_string()];
    let said: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join(": ")
}

fn reach(contact: &Contact) -> Reach {
    let page = contact.page.as_str();
    let page = page.split_once("://").map_or(page, |(_, rest)| rest);
    Reach {
        function: contact.function.to_string(),
        phone: contact.phone.to_string(),
        email: contact.email.to_string(),
        page: page.trim_end_matches('/').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(more: &str) -> Offer {
        let text = format!(
            "{{\"id\":\"00000000-0000-4000-8000-000000000001\",\"publisher\":\"00000099000000001000\",\
             \"organisation\":\"Buurthuis De Kade\",\"name\":\"Samen eten\",\"kind\":\"ACTIVITY\",\
             \"provision\":\"GENERAL\",\"law\":\"GENERAL\",\"life_domains\":[\"MEANINGFUL_DAY\"],\
             \"entrance\":\"DROP_IN\",\"updated_at_seconds\":1799000000{more}}}"
        );
        Offer::decode(text.as_bytes()).expect("an offer")
    }

    fn said(offer: &Offer, now: i64) -> Shown {
        let now = Timestamp::from_seconds(now);
        shown(offer, &[], now, &TimeZone::UTC, Language::Dutch)
    }

    #[test]
    fn a_confidential_address_is_told_to_be_so() {
        let shelter = offer(",\"address_is_confidential\":true");
        let facts = said(&shelter, 1_800_000_000).facts;
        let place = facts
            .iter()
            .find(|fact| fact.title == Language::Dutch.fact_where());
        assert_eq!(
            place.expect("where").lines,
            [Language::Dutch.place_confidential()]
        );
    }

    #[test]
    fn room_that_was_told_too_long_ago_is_unknown() {
        let free = offer(",\"capacity\":{\"status\":\"CAPACITY\",\"updated_at_seconds\":1799900000}");
        let fresh = said(&free, 1_800_000_000);
        assert!(fresh.has_room && fresh.availability == Language::Dutch.room_is());
        let stale = said(&free, 1_802_000_000);
        assert!(!stale.has_room && stale.availability == Language::Dutch.room_unknown());
        assert!(!stale.availability_of.is_empty(), "it says of when");
    }

    #[test]
    fn times_and_ways_to_ask_are_said_as_people_say_them() {
        let open = offer(
            ",\"openings\":[{\"days\":3,\"from_minutes\":540,\"to_minutes\":725,\"note\":\"niet in de vakantie\"}],\
             \"contact\":{\"function\":\"receptie\",\"page\":\"https://voorbeeld.example/\"}",
        );
        let shown = said(&open, 1_800_000_000);
        let when = shown
            .facts
            .iter()
            .find(|fact| fact.title == Language::Dutch.fact_when());
        assert_eq!(
            when.expect("when").lines,
            ["maandag, dinsdag: 9.00 tot 12.05 uur: niet in de vakantie"]
        );
        assert!(shown.contact.is_known() && shown.contact.page == "voorbeeld.example");
    }
}
