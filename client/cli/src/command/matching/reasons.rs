//! The words of the ranking's reasons, in Dutch at B1 level and in English: to be read aloud to a resident.

use sluis_ranking::{Availability, CardTag, Misfit, Nearness, Reason, Weeks};
use sluis_types::{Accessibility, Entrance, LifeDomain, Quadrant};

use crate::dates::Dates;

/// The same in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Both {
    pub(super) nl: String,
    pub(super) en: String,
}

fn both(nl: impl Into<String>, en: impl Into<String>) -> Both {
    Both {
        nl: nl.into(),
        en: en.into(),
    }
}

/// The code of a reason, for programs.
pub(super) const fn code(reason: &Reason) -> &'static str {
    match reason {
        Reason::Tag(..) => "TAG",
        Reason::LifeDomain(_) => "LIFE_DOMAIN",
        Reason::Near(_) => "NEAR",
        Reason::Age => "AGE",
        Reason::Language(_) => "LANGUAGE",
        Reason::Accessibility(_) => "ACCESSIBILITY",
        Reason::Availability(_) => "AVAILABILITY",
        Reason::ProofSelfDeclared => "PROOF_SELF_DECLARED",
        Reason::ProofChecked { .. } => "PROOF_CHECKED",
        Reason::Entrance(_) => "ENTRANCE",
    }
}

/// A reason in words.
pub(super) fn words(reason: &Reason, dates: &Dates) -> Both {
    match reason {
        Reason::Tag(quadrant, tag) => {
            let (nl, en) = match quadrant {
                Quadrant::Wish => ("ik wil", "I want"),
                Quadrant::Strength => ("ik kan", "I can"),
                Quadrant::Need => ("ik heb nodig", "I need"),
            };
            let tag = tag.as_str();
            let (tag_nl, tag_en) = CardTag::of(tag).map_or((tag, tag), |it| (it.dutch, it.english));
            both(format!("{nl}: {tag_nl}"), format!("{en}: {tag_en}"))
        }
        Reason::LifeDomain(domain) => life_domain(*domain),
        Reason::Near(nearness) => near(*nearness),
        Reason::Age => both("voor uw leeftijd", "for your age"),
        Reason::Language(language) => match language.as_str() {
            "nl" => both("men spreekt Nederlands", "Dutch is spoken"),
            "en" => both("men spreekt Engels", "English is spoken"),
            code => both(
                format!("men spreekt uw taal ({code})"),
                format!("your language is spoken ({code})"),
            ),
        },
        Reason::Accessibility(what) => accessible(*what),
        Reason::Availability(availability) => available(*availability),
        Reason::ProofSelfDeclared => both(
            "zegt zelf dat het kwetsbaarproof is",
            "says of itself that it is kwetsbaarproof",
        ),
        Reason::ProofChecked { by, at } => {
            let day = dates.numeric_day(*at);
            both(
                format!("kwetsbaarproof: bekeken door {by} op {day}"),
                format!("kwetsbaarproof: {by} went to see on {day}"),
            )
        }
        Reason::Entrance(entrance) => match entrance {
            Entrance::DropIn => both("u kunt zo binnenlopen", "you can walk in"),
            Entrance::SignUp => both("u meldt zich zelf aan", "you sign up yourself"),
            Entrance::Referral => both("iemand verwijst u", "somebody refers you"),
        },
    }
}

fn life_domain(domain: LifeDomain) -> Both {
    match domain {
        LifeDomain::LivingSafeHome => both(
            "over goed wonen en veilig thuis",
            "about living well and a safe home",
        ),
        LifeDomain::Finances => both("over gezonde financiën", "about healthy finances"),
        LifeDomain::MeaningfulDay => both("over een waardevolle dag", "about a meaningful day"),
        LifeDomain::FittingSupport => both("over passende ondersteuning", "about fitting support"),
        LifeDomain::Surroundings => both("over een fijne leefomgeving", "about pleasant surroundings"),
    }
}

fn near(nearness: Nearness) -> Both {
    match nearness {
        Nearness::Quarter => both("in uw buurt", "in your quarter"),
        Nearness::Neighbourhood => both("in uw wijk", "in your neighbourhood"),
        Nearness::Municipality => both("in uw gemeente", "in your municipality"),
        Nearness::Anywhere => both("voor het hele land", "for the whole country"),
    }
}

fn accessible(what: Accessibility) -> Both {
    match what {
        Accessibility::Wheelchair => both("een rolstoel kan erin", "a wheelchair gets in"),
        Accessibility::AccessibleToilet => {
            both("er is een aangepast toilet", "there is an accessible toilet")
        }
        Accessibility::Hearing => both("hulp bij slecht horen", "help for who hears little"),
        Accessibility::Sight => both("hulp bij slecht zien", "help for who sees little"),
        Accessibility::LowStimulus => both("rustig: weinig prikkels", "calm: little noise and crowd"),
        Accessibility::PublicTransport => both(
            "goed te bereiken met bus of trein",
            "easy to reach by bus or train",
        ),
        Accessibility::Remote => both("kan vanuit huis", "can be done from home"),
        Accessibility::PlainLanguage => both("in duidelijke taal", "in plain language"),
    }
}

fn available(availability: Availability) -> Both {
    match availability {
        Availability::Room => both(
            "er is plek; dat zegt nog niet dat u erbij mag",
            "there is room; that does not say that you may come",
        ),
        Availability::Waitlist(weeks) => waitlist(weeks),
        Availability::AssessmentFirst => both("er is eerst een gesprek", "a talk comes first"),
        Availability::Unknown => both(
            "of er plek is, is niet bekend",
            "whether there is room is not known",
        ),
        Availability::Full => both("er is geen plek", "there is no room"),
    }
}

fn waitlist(weeks: Option<Weeks>) -> Both {
    match weeks.map(|weeks| (weeks.min(), weeks.max())) {
        None => both("er is een wachtlijst", "there is a waiting list"),
        Some((min, max)) if min == max => both(
            format!("er is een wachtlijst van {max} weken"),
            format!("there is a waiting list of {max} weeks"),
        ),
        Some((min, max)) => both(
            format!("er is een wachtlijst van {min} tot {max} weken"),
            format!("there is a waiting list of {min} to {max} weeks"),
        ),
    }
}

/// The code of a misfit, for programs.
pub(super) const fn misfit_code(misfit: Misfit) -> &'static str {
    match misfit {
        Misfit::Kind => "KIND",
        Misfit::LifeDomain => "LIFE_DOMAIN",
        Misfit::Area => "AREA",
        Misfit::Age => "AGE",
        Misfit::Language => "LANGUAGE",
        Misfit::Accessibility => "ACCESSIBILITY",
        Misfit::Entrance => "ENTRANCE",
        Misfit::Proof => "PROOF",
        Misfit::Full => "FULL",
    }
}

/// Why offers were passed over, in words.
pub(super) fn misfit_words(misfit: Misfit) -> Both {
    match misfit {
        Misfit::Kind => both("iets anders dan u zoekt", "something else than you look for"),
        Misfit::LifeDomain => both("over iets anders", "about something else"),
        Misfit::Area => both("niet voor waar u woont", "not for where you live"),
        Misfit::Age => both("niet voor uw leeftijd", "not for your age"),
        Misfit::Language => both("niet in uw taal", "not in your language"),
        Misfit::Accessibility => both(
            "niet bekend of u er goed terechtkunt",
            "not known to have what you cannot do without",
        ),
        Misfit::Entrance => both("u komt er op een andere manier binnen", "another way to come in"),
        Misfit::Proof => both(
            "niemand zegt dat het kwetsbaarproof is",
            "nobody says that it is kwetsbaarproof",
        ),
        Misfit::Full => both("er is geen plek", "there is no room"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use sluis_ranking::{ShortText, Tag};
    use sluis_types::Timestamp;

    use super::*;

    #[test]
    fn a_reason_is_said_in_both_languages() {
        let said = |reason: &Reason| words(reason, &Dates(TimeZone::UTC));
        let tag = Tag::parse("samen-eten").expect("a tag");
        assert_eq!(
            said(&Reason::Tag(Quadrant::Need, tag)),
            both("ik heb nodig: samen eten", "I need: eating together")
        );
        let own = Tag::parse("van onszelf").expect("a tag");
        assert_eq!(said(&Reason::Tag(Quadrant::Wish, own)).en, "I want: van-onszelf");
        let weeks = Weeks::new(2, 6).expect("weeks");
        assert_eq!(
            said(&Reason::Availability(Availability::Waitlist(Some(weeks)))).nl,
            "er is een wachtlijst van 2 tot 6 weken"
        );
        let checked = Reason::ProofChecked {
            by: ShortText::cut("Ixta Noa").0,
            at: Timestamp::from_seconds(1_795_446_600),
        };
        assert_eq!(
            said(&checked).en,
            "kwetsbaarproof: Ixta Noa went to see on 23-11-2026"
        );
    }

    #[test]
    fn every_code_has_words_of_its_own() {
        let mut all: Vec<Both> = Accessibility::ALL.iter().map(|what| accessible(*what)).collect();
        all.extend(LifeDomain::ALL.iter().map(|domain| life_domain(*domain)));
        all.extend(
            [
                Nearness::Quarter,
                Nearness::Neighbourhood,
                Nearness::Municipality,
                Nearness::Anywhere,
            ]
            .map(near),
        );
        for (at, one) in all.iter().enumerate() {
            assert!(!one.nl.is_empty() && !one.en.is_empty() && one.nl != one.en);
            assert!(
                all[..at]
                    .iter()
                    .all(|other| other.nl != one.nl && other.en != one.en),
                "{one:?}"
            );
        }
    }
}
