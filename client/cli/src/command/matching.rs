//! `sluis match`: what fits somebody, from the directory that is kept here. Nothing of the question leaves.

mod card;
mod reasons;
mod view;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sluis_ranking::{Area, Language, PlanTag, Question, Tag};
use sluis_types::{Accessibility, Entrance, LifeDomain, OfferKind, Quadrant};

use super::offers::kept;
use crate::codes;
use crate::context::Context;
use crate::failure::Failure;

use view::Answer;

/// Find what fits a resident, in the directory that `sluis offers sync` keeps here
///
/// Asks nobody: the question is answered in this process, and is written nowhere. A plan card says the same as the
/// options; both together count.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// A plan card (JSON)
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
    /// Where the resident lives: CBS code of a gemeente, wijk or buurt
    #[arg(long, value_name = "CODE", value_parser = codes::area)]
    area: Option<Area>,
    /// How old the resident is, in years
    #[arg(long, value_name = "YEARS", value_parser = clap::value_parser!(u8).range(0..=120))]
    age: Option<u8>,
    /// A language that the resident speaks; may be repeated, one must do
    #[arg(long = "language", value_name = "CODE", value_parser = codes::language)]
    languages: Vec<Language>,
    /// What a place must have; may be repeated
    #[arg(long = "accessible", value_name = "CODE", value_parser = codes::accessibility(), ignore_case = true)]
    accessibility: Vec<Accessibility>,
    /// What it should be about; may be repeated, one must do
    #[arg(long = "domain", value_name = "CODE", value_parser = codes::life_domains(), ignore_case = true)]
    domains: Vec<LifeDomain>,
    /// What it should be; may be repeated, one must do
    #[arg(long = "kind", value_name = "CODE", value_parser = codes::offer_kinds(), ignore_case = true)]
    kinds: Vec<OfferKind>,
    /// How the resident is ready to come in; may be repeated, one must do
    #[arg(long = "entrance", value_name = "CODE", value_parser = codes::entrances(), ignore_case = true)]
    entrances: Vec<Entrance>,
    /// *Ik wil*: a tag that the resident ticked; may be repeated
    #[arg(long = "wish", visible_alias = "wil", value_name = "TAG", value_parser = codes::tag)]
    wishes: Vec<Tag>,
    /// *Ik kan*: a tag that the resident ticked; may be repeated
    #[arg(long = "strength", visible_alias = "kan", value_name = "TAG", value_parser = codes::tag)]
    strengths: Vec<Tag>,
    /// *Ik heb nodig*: a tag that the resident ticked; may be repeated
    #[arg(long = "need", visible_alias = "nodig", value_name = "TAG", value_parser = codes::tag)]
    needs: Vec<Tag>,
    /// Words that all must be in the offer
    #[arg(long, value_name = "TEXT", default_value = "")]
    words: String,
    /// Show what has no room too
    #[arg(long)]
    with_full: bool,
    /// Show only what is kwetsbaarproof
    #[arg(long)]
    only_proof: bool,
    /// How many offers to show
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    limit: u16,
    /// In which language the reasons are
    #[arg(long, value_enum, default_value_t = Tongue::En)]
    lang: Tongue,
}

/// A language of the reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Tongue {
    /// Nederlands
    Nl,
    /// English
    En,
}

/// What a command line and a plan card ask.
fn question(arguments: &Arguments) -> Result<Question, Failure> {
    let mut question = match &arguments.card {
        Some(path) => card::read(path)?,
        None => Question::default(),
    };
    question.area = arguments.area.or(question.area);
    question.age = arguments.age.or(question.age);
    question.languages.extend(&arguments.languages);
    for code in &arguments.accessibility {
        question.accessibility = question.accessibility.with(*code);
    }
    for code in &arguments.domains {
        question.life_domains = question.life_domains.with(*code);
    }
    for code in &arguments.kinds {
        question.kinds = question.kinds.with(*code);
    }
    for code in &arguments.entrances {
        question.entrances = question.entrances.with(*code);
    }
    for (quadrant, tags) in [
        (Quadrant::Wish, &arguments.wishes),
        (Quadrant::Strength, &arguments.strengths),
        (Quadrant::Need, &arguments.needs),
    ] {
        let ticked = tags.iter().map(|tag| PlanTag {
            quadrant,
            tag: tag.clone(),
        });
        question.tags.extend(ticked);
    }
    question.with_full |= arguments.with_full;
    question.only_proof |= arguments.only_proof;
    Ok(question)
}

pub(crate) fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let question = question(arguments)?;
    let (profile, now) = (context.profile()?, context.environment.now());
    let kaart = kept::open(&profile, now)?;
    let Some(head) = kaart.head().cloned() else {
        return Err(Failure::local(
            "the sociale kaart was never fetched",
            "`sluis offers sync` fetches it.",
        ));
    };
    let found = kaart.find(&question, &arguments.words).map_err(kept::failure)?;
    let ranking = found.rank(&question, now);
    let read = |offer| kaart.offer(offer).map_err(kept::failure);
    let answer = Answer::of(
        &ranking,
        &head,
        usize::from(arguments.limit),
        arguments.lang,
        read,
    )?;
    context.screen.report(&answer)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn asked(arguments: &[&str]) -> Question {
        let line = Line::parse_from([&["match"], arguments].concat());
        question(&line.arguments).expect("a question")
    }

    #[test]
    fn a_card_and_options_count_together() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("plan.json");
        std::fs::write(
            &path,
            r#"{"version":1,"area":"WK082803","age":34,"languages":["tig"],"wish":["koken"],"need":["rust"]}"#,
        )
        .expect("written");
        let path = path.to_str().expect("text");
        let both = asked(&[
            "--card",
            path,
            "--age",
            "35",
            "--wil",
            "samen eten",
            "--language",
            "nl",
        ]);
        assert_eq!(
            both.area.map(|area| area.to_string()),
            Some("WK082803".to_owned())
        );
        assert_eq!(
            (both.age, both.languages.len(), both.tags.len()),
            (Some(35), 2, 3)
        );
        let only = asked(&[
            "--need",
            "rust",
            "--kan",
            "koken",
            "--domain",
            "finances",
            "--with-full",
        ]);
        assert_eq!((only.tags.len(), only.with_full), (2, true));
        assert!(only.life_domains.contains(LifeDomain::Finances));
        assert_eq!(asked(&[]), Question::default());
    }
}
