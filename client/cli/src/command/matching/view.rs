//! What fits, and why; how many do not, and why not.

use std::fmt::Write as _;

use serde::Serialize;
use sluis_envelope::DirectoryHead;
use sluis_ranking::{Misfit, Offer, OfferDocument, Rankable, Ranked, Ranking, Reason};
use sluis_types::{OfferId, Timestamp};

use super::Tongue;
use super::reasons::{Both, code, misfit_code, misfit_words, words};
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::screen::{Report, plain};

/// The answer to a question. It holds the reasons typed; the words come when it is shown.
#[derive(Serialize)]
pub(super) struct Answer {
    directory: Directory,
    /// How many fit, shown or not.
    fitting: usize,
    offers: Vec<Fitting>,
    passed_over: Vec<PassedOver>,
    #[serde(skip)]
    tongue: Tongue,
}

#[derive(Serialize)]
struct Directory {
    version: u64,
    offers: u32,
    #[serde(serialize_with = "dates::serialize")]
    made_at: Timestamp,
}

#[derive(Serialize)]
struct Fitting {
    offer: OfferDocument,
    reasons: Vec<Said>,
}

/// A reason, typed and in both languages.
#[derive(Serialize)]
struct Said {
    code: &'static str,
    nl: String,
    en: String,
    #[serde(skip)]
    reason: Reason,
}

#[derive(Serialize)]
struct PassedOver {
    why: &'static str,
    count: usize,
    nl: String,
    en: String,
}

impl Answer {
    /// Shows so many of what fits; only of these the whole offer is read.
    pub(super) fn of<O: Rankable>(
        ranking: &Ranking<'_, O>,
        head: &DirectoryHead,
        limit: usize,
        tongue: Tongue,
        read: impl Fn(OfferId) -> Result<Option<Offer>, Failure>,
    ) -> Result<Self, Failure> {
        let mut offers = Vec::new();
        for ranked in ranking.fitting.iter().take(limit) {
            offers.extend(read(ranked.offer.id())?.map(|offer| Fitting::of(&offer, ranked)));
        }
        Ok(Self {
            directory: Directory {
                version: head.version,
                offers: head.entries,
                made_at: head.made_at,
            },
            fitting: ranking.fitting.len(),
            offers,
            passed_over: ranking.passed_over.iter().map(PassedOver::of).collect(),
            tongue,
        })
    }

    fn word(&self, both: Both) -> String {
        match self.tongue {
            Tongue::Nl => both.nl,
            Tongue::En => both.en,
        }
    }
}

impl Fitting {
    fn of<O>(offer: &Offer, ranked: &Ranked<'_, O>) -> Self {
        Self {
            offer: offer.into(),
            reasons: ranked.reasons.iter().map(Said::of).collect(),
        }
    }
}

impl Said {
    fn of(reason: &Reason) -> Self {
        // Days are the same words in every zone that programs would take.
        let Both { nl, en } = words(reason, &Dates(jiff::tz::TimeZone::UTC));
        Self {
            code: code(reason),
            nl,
            en,
            reason: reason.clone(),
        }
    }
}

impl PassedOver {
    fn of((misfit, count): (&Misfit, &usize)) -> Self {
        let Both { nl, en } = misfit_words(*misfit);
        Self {
            why: misfit_code(*misfit),
            count: *count,
            nl,
            en,
        }
    }
}

impl Report for Answer {
    fn human(&self, dates: &Dates) -> String {
        let mut text = String::new();
        for (at, fitting) in self.offers.iter().enumerate() {
            let offer = &fitting.offer;
            let _ = writeln!(
                text,
                "{}. {} ({})  {}",
                at + 1,
                plain(&offer.name),
                plain(&offer.organisation),
                offer.id
            );
            let reasons = fitting
                .reasons
                .iter()
                .map(|said| plain(&self.word(words(&said.reason, dates))));
            let _ = writeln!(text, "   {}", reasons.collect::<Vec<_>>().join("; "));
        }
        let (shown, fitting) = (self.offers.len(), self.fitting);
        if fitting == 0 {
            text.push_str(match self.tongue {
                Tongue::Nl => "Er is niets dat past.\n",
                Tongue::En => "Nothing fits.\n",
            });
        } else if shown < fitting {
            let more = fitting - shown;
            let _ = match self.tongue {
                Tongue::Nl => writeln!(text, "Nog {more} die passen: --limit."),
                Tongue::En => writeln!(text, "{more} more fit: --limit."),
            };
        }
        for passed in &self.passed_over {
            let why = match self.tongue {
                Tongue::Nl => &passed.nl,
                Tongue::En => &passed.en,
            };
            let _ = match self.tongue {
                Tongue::Nl => writeln!(text, "{} niet: {why}.", passed.count),
                Tongue::En => writeln!(text, "{} not: {why}.", passed.count),
            };
        }
        let made = dates.moment(self.directory.made_at);
        let _ = match self.tongue {
            Tongue::Nl => writeln!(text, "De sociale kaart is van {made}."),
            Tongue::En => writeln!(text, "The directory is of {made}."),
        };
        text
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use sluis_ranking::{PlanTag, Question, Tag, rank};
    use sluis_types::Quadrant;

    use super::*;

    fn offers() -> Vec<Offer> {
        let offer = |last: u8, name: &str, age: &str| {
            let document = format!(
                r#"{{"id":"6b1de1ee-3b39-4f5f-9f2e-0d0a43b6d00{last}","publisher":"00000099000000001000",
                    "organisation":"De Brug","name":"{name}","kind":"ACTIVITY","provision":"GENERAL","law":"GENERAL",
                    "life_domains":["SURROUNDINGS"],"entrance":"DROP_IN","tags":["koken"],{age}"updated_at_seconds":1}}"#
            );
            Offer::decode(document.as_bytes()).expect("an offer")
        };
        vec![
            offer(1, "Inloop", ""),
            offer(2, r"Eetclub\u001b", ""),
            offer(3, "Jong", r#""age_max":20,"#),
        ]
    }

    fn answer(limit: usize, tongue: Tongue) -> Answer {
        let offers = offers();
        let question = Question {
            age: Some(40),
            tags: [PlanTag {
                quadrant: Quadrant::Wish,
                tag: Tag::parse("koken").expect("a tag"),
            }]
            .into(),
            ..Question::default()
        };
        let now = Timestamp::from_seconds(1_795_446_600);
        let head = DirectoryHead {
            version: 3,
            made_at: now,
            entries: 3,
            root: [0; 32],
        };
        let read = |id| Ok(offers.iter().find(|offer| offer.id == id).cloned());
        Answer::of(&rank(&offers, &question, now), &head, limit, tongue, read).expect("read")
    }

    #[test]
    fn it_says_what_fits_and_why_and_what_does_not() {
        let dates = Dates(TimeZone::UTC);
        let text = answer(1, Tongue::Nl).human(&dates);
        assert_eq!(
            text,
            "1. Eetclub (De Brug)  6b1de1ee-3b39-4f5f-9f2e-0d0a43b6d002\n   ik wil: koken; of er plek is, is niet \
             bekend; u kunt zo binnenlopen\nNog 1 die passen: --limit.\n1 niet: niet voor uw leeftijd.\n\
             De sociale kaart is van Mon 23 Nov 2026, 15:10.\n"
        );
        let text = answer(9, Tongue::En).human(&dates);
        assert!(
            text.contains("I want: cooking") && text.contains("1 not: not for your age."),
            "{text}"
        );
        let json = serde_json::to_value(answer(1, Tongue::En)).expect("JSON");
        assert_eq!(
            (
                &json["fitting"],
                &json["offers"][0]["reasons"][0]["code"],
                &json["passed_over"][0]["why"]
            ),
            (&2.into(), &"TAG".into(), &"AGE".into())
        );
        assert_eq!(json["offers"][0]["reasons"][0]["nl"], "ik wil: koken");
    }
}
