//! The plan card in a file of the worker's own: what the resident ticked, and what must be so.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use sluis_ranking::{Area, Language, PlanTag, Question, Tag};
use sluis_types::{Accessibility, CodeSet, LifeDomain, Quadrant, UnknownCode};

use crate::failure::Failure;

/// Longest card, in bytes.
const CARD_BYTES_MAX: usize = 64 * 1024;

/// A plan card, version 1. It is read here and sent nowhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanCard {
    version: u32,
    #[serde(default)]
    area: Option<String>,
    #[serde(default)]
    age: Option<u8>,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    accessibility: Vec<String>,
    #[serde(default)]
    life_domains: Vec<String>,
    /// *Ik wil.*
    #[serde(default)]
    wish: Vec<String>,
    /// *Ik kan.*
    #[serde(default)]
    strength: Vec<String>,
    /// *Ik heb nodig.*
    #[serde(default)]
    need: Vec<String>,
}

/// What the card in a file asks.
pub(super) fn read(path: &Path) -> Result<Question, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
    parse(&bytes).map_err(|why| Failure::local(format!("{} is no plan card: {why}", path.display()), ""))
}

fn parse(bytes: &[u8]) -> Result<Question, String> {
    if bytes.len() > CARD_BYTES_MAX {
        return Err("it is too long".to_owned());
    }
    let card: PlanCard = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if card.version != 1 {
        return Err("only version 1 is known".to_owned());
    }
    let mut tags = BTreeSet::new();
    for (quadrant, ticked) in [
        (Quadrant::Wish, &card.wish),
        (Quadrant::Strength, &card.strength),
        (Quadrant::Need, &card.need),
    ] {
        for text in ticked {
            let tag = Tag::parse(text).map_err(|_| format!("{text} is no tag"))?;
            tags.insert(PlanTag { quadrant, tag });
        }
    }
    let area = card.area.as_deref().map(Area::parse).transpose();
    let languages = card.languages.iter().map(|code| Language::parse(code));
    Ok(Question {
        area: area.map_err(|error| error.to_string())?,
        age: card.age,
        languages: languages
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?,
        accessibility: codes(&card.accessibility, Accessibility::from_name)?,
        life_domains: codes(&card.life_domains, LifeDomain::from_name)?,
        tags,
        ..Question::default()
    })
}

fn codes<C: sluis_types::Code>(
    names: &[String],
    from: fn(&str) -> Result<C, UnknownCode>,
) -> Result<CodeSet<C>, String> {
    names
        .iter()
        .map(|name| from(name).map_err(|_| format!("{name} is no code")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_a_question() {
        let question = parse(
            br#"{"version":1,"area":"BU08280301","age":34,"languages":["nl"],"accessibility":["LOW_STIMULUS"],
                "life_domains":["SURROUNDINGS"],"wish":["Samen eten"],"strength":["koken"],"need":["rust"]}"#,
        )
        .expect("a card");
        assert_eq!((question.age, question.tags.len()), (Some(34), 3));
        assert!(question.accessibility.contains(Accessibility::LowStimulus));
        assert!(question.tags.contains(&PlanTag {
            quadrant: Quadrant::Wish,
            tag: Tag::parse("samen-eten").expect("a tag"),
        }));
    }

    #[test]
    fn what_is_no_card_is_refused() {
        for bad in [
            "",
            "{}",
            r#"{"version":2}"#,
            r#"{"version":1,"name":"J."}"#,
            r#"{"version":1,"area":"Oss"}"#,
            r#"{"version":1,"age":300}"#,
            r#"{"version":1,"languages":["NL"]}"#,
            r#"{"version":1,"accessibility":["QUIET"]}"#,
            r#"{"version":1,"wish":["!"]}"#,
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse(&vec![b' '; CARD_BYTES_MAX + 1]).is_err());
    }
}
