//! What free text says, as far as it can be told: hours, waiting times, ways in. Whatever is unsure stays text.

use sluis_ranking::{Area, Opening, ShortText, Weeks};
use sluis_types::{Accessibility, CodeSet, Entrance, LifeDomain};

const DAYS: [&[&str]; 7] = [
    &["ma", "maandag", "mo", "mon", "monday"],
    &["di", "dinsdag", "tu", "tue", "tuesday"],
    &["wo", "woensdag", "we", "wed", "wednesday"],
    &["do", "donderdag", "th", "thu", "thursday"],
    &["vr", "vrijdag", "fr", "fri", "friday"],
    &["za", "zaterdag", "sa", "sat", "saturday"],
    &["zo", "zondag", "su", "sun", "sunday"],
];
const RANGES: [&str; 5] = ["t/m", "tm", "tot", "-", "to"];
const MINUTES_OF_DAY: u16 = 24 * 60;

/// The day of a word, from Monday (0).
pub(crate) fn day(word: &str) -> Option<u8> {
    let word = word.trim_end_matches('.');
    let found = DAYS.iter().position(|names| {
        names.contains(&word) || word.strip_suffix('s').is_some_and(|word| names.contains(&word))
    })?;
    u8::try_from(found).ok()
}

/// A time of day in minutes: `9`, `9.30`, `09:30`, `17u`, `17:00:00`.
pub(crate) fn minutes(text: &str) -> Option<u16> {
    let text = text.trim().trim_end_matches("uur").trim_end_matches(['u', 'h']);
    let mut parts = text.split([':', '.']);
    let number = |part: &str| -> Option<u16> { (1..=2).contains(&part.len()).then(|| part.parse().ok())? };
    let hours = number(parts.next()?)?;
    let minutes = parts.next().map_or(Some(0), number)?;
    let total = hours.checked_mul(60)?.checked_add(minutes)?;
    (minutes < 60 && total <= MINUTES_OF_DAY && parts.count() <= 1).then_some(total)
}

/// Opening times in a line such as `ma t/m vr 9.00-17.00 uur, za 10-12`; nothing where any of it is unclear.
pub(crate) fn openings(text: &str) -> Option<Vec<Opening>> {
    let lower = text
        .to_lowercase()
        .replace(['–', '—'], "-")
        .replace("tot en met", "t/m");
    let parts = lower
        .split([',', ';', '\n'])
        .filter(|part| !part.trim().is_empty());
    parts
        .map(opening)
        .collect::<Option<Vec<_>>>()
        .filter(|openings| !openings.is_empty())
}

fn opening(part: &str) -> Option<Opening> {
    let spaced = part.replace('-', " - ");
    let (mut days, mut times, mut last, mut range) = (0_u8, Vec::new(), None::<u8>, false);
    for word in spaced.split_whitespace().map(|word| word.trim_end_matches(':')) {
        if let Some(day) = day(word) {
            let from = if range { last? } else { day };
            for day in from..=day {
                days |= 1 << day;
            }
            (last, range) = (Some(day), false);
        } else if RANGES.contains(&word) {
            range = times.is_empty();
        } else if let Some(minutes) = minutes(word) {
            times.push(minutes);
        } else if !["", "van", "en", "and", "from", "uur", "u", "open"].contains(&word) {
            return None;
        }
    }
    let [from, to] = *times else { return None };
    (days != 0 && from < to).then_some(Opening {
        days,
        from: Some(from),
        to: Some(to),
        note: ShortText::default(),
    })
}

/// A waiting time such as `2-4 weken` or `3 maanden`.
pub(crate) fn weeks(text: &str) -> Option<Weeks> {
    let lower = text.to_lowercase();
    let weeks_each = match () {
        () if lower.contains("week") || lower.contains("weken") => 1,
        () if lower.contains("maand") || lower.contains("month") => 4,
        () => return None,
    };
    let numbers: Vec<u16> = lower
        .split(|character: char| !character.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    let (min, max) = match numbers[..] {
        [only] => (only, only),
        [min, max] => (min, max),
        _ => return None,
    };
    Weeks::new(min.checked_mul(weeks_each)?, max.checked_mul(weeks_each)?).ok()
}

/// Whether a waiting time says that there is none.
pub(crate) fn is_no_wait(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["geen wacht", "no wait", "direct terecht", "per direct"]
        .iter()
        .any(|words| lower.contains(words))
}

/// How one comes in, by what the application process says.
pub(crate) fn entrance(text: &str) -> Option<Entrance> {
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["geen verwijzing", "zonder verwijzing", "no referral"]) {
        return Some(if has(&["inloop", "binnenlopen", "drop-in", "walk in"]) {
            Entrance::DropIn
        } else {
            Entrance::SignUp
        });
    }
    if has(&["verwijz", "verwijs", "referral", "indicatie", "beschikking"]) {
        return Some(Entrance::Referral);
    }
    if has(&[
        "inloop",
        "vrij binnen",
        "binnenlopen",
        "drop-in",
        "drop in",
        "walk in",
        "walk-in",
    ]) {
        return Some(Entrance::DropIn);
    }
    (!lower.trim().is_empty()).then_some(Entrance::SignUp)
}

/// What a description of a place says that it has.
pub(crate) fn accessibility(text: &str) -> CodeSet<Accessibility> {
    let lower = text.to_lowercase();
    let words: [(Accessibility, &[&str]); 6] = [
        (
            Accessibility::Wheelchair,
            &["rolstoeltoegankelijk", "wheelchair access", "rolstoelvriendelijk"],
        ),
        (
            Accessibility::AccessibleToilet,
            &["invalidentoilet", "mindervalidentoilet", "accessible toilet"],
        ),
        (
            Accessibility::Hearing,
            &["ringleiding", "induction loop", "schrijftolk"],
        ),
        (Accessibility::Sight, &["geleidelijn", "braille"]),
        (Accessibility::LowStimulus, &["prikkelarm", "low stimulus"]),
        (
            Accessibility::PublicTransport,
            &["bushalte", "openbaar vervoer", "bus stop"],
        ),
    ];
    let said = words
        .into_iter()
        .filter(|(_, words)| words.iter().any(|word| lower.contains(word)));
    said.map(|(code, _)| code).collect()
}

/// What it may be about, by its words.
pub(crate) fn life_domains(text: &str) -> CodeSet<LifeDomain> {
    let lower = text.to_lowercase();
    let words: [(LifeDomain, &[&str]); 5] = [
        (
            LifeDomain::Finances,
            &[
                "schuld",
                "geldzorg",
                "financi",
                "budget",
                "inkomen",
                "debt",
                "toeslag",
                "administratie",
            ],
        ),
        (
            LifeDomain::LivingSafeHome,
            &[
                "wonen",
                "woning",
                "huur",
                "housing",
                "veilig thuis",
                "woonbegeleiding",
            ],
        ),
        (
            LifeDomain::MeaningfulDay,
            &[
                "activiteit",
                "dagbesteding",
                "cursus",
                "kook",
                "koken",
                "sport",
                "wandel",
                "vrijwilligerswerk",
                "werk",
                "creatief",
                "training",
            ],
        ),
        (
            LifeDomain::Surroundings,
            &[
                "ontmoet", "buurt", "maatje", "inloop", "samen", "eenzaam", "contact", "social",
            ],
        ),
        (
            LifeDomain::FittingSupport,
            &[
                "ggz",
                "psych",
                "begeleiding",
                "hulpverlening",
                "therap",
                "counsel",
                "verslaving",
                "herstel",
                "zorg",
                "mental health",
            ],
        ),
    ];
    let said = words
        .into_iter()
        .filter(|(_, words)| words.iter().any(|word| lower.contains(word)));
    said.map(|(domain, _)| domain).collect()
}

/// The CBS codes in a text.
pub(crate) fn areas(text: &str) -> Vec<Area> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    words.filter_map(|word| Area::parse(word).ok()).collect()
}

/// Whether a telephone number is a mobile one, and so may be a person's own.
pub(crate) fn is_mobile(number: &str) -> bool {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    ["06", "316", "00316"]
        .iter()
        .any(|prefix| digits.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_where_they_are_clear() {
        let read = |text: &str| {
            openings(text).map(|all| {
                all.iter()
                    .map(|one| (one.days, one.from.unwrap_or(0), one.to.unwrap_or(0)))
                    .collect::<Vec<_>>()
            })
        };
        for text in [
            "ma t/m vr 9.00 - 17.00 uur",
            "ma-vr 9-17",
            "Maandag tot en met vrijdag: van 09:00 tot 17:00",
            "ma di wo do vr 9u-17u",
        ] {
            assert_eq!(read(text), Some(vec![(0b1_1111, 540, 1020)]), "{text}");
        }
        assert_eq!(
            read("wo en za 10-12, zo 13.30-15"),
            Some(vec![(0b10_0100, 600, 720), (0b100_0000, 810, 900)])
        );
        for text in [
            "",
            "op afspraak",
            "ma",
            "9-17",
            "even weken ma 9-17",
            "ma 17-9",
            "vr-ma 9-17 25-26",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn waiting_times_are_weeks() {
        assert_eq!(weeks("2 tot 4 weken"), Weeks::new(2, 4).ok());
        assert_eq!(weeks("ca. 3 maanden"), Weeks::new(12, 12).ok());
        assert!(weeks("lang").is_none() && weeks("1-2-3 weken").is_none() && weeks("99999 weken").is_none());
    }

    #[test]
    fn a_way_in_is_told_by_its_words() {
        assert_eq!(
            entrance("Loop binnen, geen verwijzing nodig: inloop"),
            Some(Entrance::DropIn)
        );
        assert_eq!(
            entrance("Met een verwijzing van de huisarts"),
            Some(Entrance::Referral)
        );
        assert_eq!(entrance("Bel ons"), Some(Entrance::SignUp));
        assert_eq!(entrance(" "), None);
        assert!(is_mobile("+31 6 12345678") && is_mobile("06-12345678") && !is_mobile("020-1234567"));
    }
}
