//! `sluis introduce card`: a card is put down for a coordinator, or taken back.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use serde::Serialize;
use sluis_client::{Card, WeekParts};
use sluis_ranking::{Area, Language, Tag};
use sluis_types::{CardId, CardRole, DistanceBand, Gender};

use crate::codes;
use crate::context::Context;
use crate::dates::Dates;
use crate::failure::Failure;
use crate::names::Names;
use crate::screen::Report;

/// Put down a resident's card for a coordinator, or take one back
///
/// Needs the resident's consent for MATCHING_PEER from you to the coordinator, with PLAN on SURROUNDINGS. There is no
/// field for a name, a text or an experience.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Take this card back; nothing else is needed then
    #[arg(long, value_name = "CARD", conflicts_with_all = ["resident", "coordinator", "card_role", "area"])]
    remove: Option<CardId>,
    /// Whose card: the resident's label
    #[arg(long, value_name = "LABEL", required_unless_present = "remove")]
    resident: Option<String>,
    /// For which coordinator: an OIN, a name, or a part of a name
    #[arg(long, value_name = "ORGANISATION", required_unless_present = "remove")]
    coordinator: Option<String>,
    /// Whether they look for somebody or offer themselves
    #[arg(long = "as", value_name = "ROLE", value_parser = codes::card_roles(), ignore_case = true, required_unless_present = "remove")]
    card_role: Option<CardRole>,
    /// Their gemeente, as CBS code
    #[arg(long, value_name = "CODE", value_parser = codes::area, required_unless_present = "remove")]
    area: Option<Area>,
    /// A part of the week that suits, such as MON_MORNING; may be repeated
    #[arg(long = "when", value_name = "PART", value_parser = week_parts(), ignore_case = true, hide_possible_values = true)]
    week_parts: Vec<String>,
    /// Hours a week at most
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=40))]
    hours: u32,
    /// How far they go for it
    #[arg(long, value_name = "CODE", value_parser = codes::distances(), ignore_case = true)]
    distance: Option<DistanceBand>,
    /// A language that they speak; may be repeated [default: nl]
    #[arg(long = "language", value_name = "CODE", value_parser = codes::language)]
    languages: Vec<Language>,
    /// What they are, where they want it known
    #[arg(long, value_name = "CODE", value_parser = codes::genders(), ignore_case = true)]
    gender: Option<Gender>,
    /// Whom they would rather meet
    #[arg(long, value_name = "CODE", value_parser = codes::genders(), ignore_case = true)]
    rather: Option<Gender>,
    /// Smoke is no problem
    #[arg(long)]
    smoke: bool,
    /// Animals are no problem
    #[arg(long)]
    animals: bool,
    /// A tag of the plan card; may be repeated, 12 at most
    #[arg(long = "tag", value_name = "TAG", value_parser = codes::tag)]
    tags: Vec<Tag>,
    /// A certificate of conduct (VOG) was seen
    #[arg(long)]
    conduct: bool,
}

#[derive(Serialize)]
struct Put {
    card_id: String,
    coordinator: String,
    #[serde(skip)]
    name: String,
}

impl Report for Put {
    fn human(&self, _dates: &Dates) -> String {
        format!("The card lies with {}.\n  card {}\n", self.name, self.card_id)
    }
}

#[derive(Serialize)]
struct Removed {
    card_id: String,
    removed: bool,
}

impl Report for Removed {
    fn human(&self, _dates: &Dates) -> String {
        "The card is taken back.\n".to_owned()
    }
}

fn week_parts() -> impl clap::builder::TypedValueParser<Value = String> {
    PossibleValuesParser::new(WeekParts::NAMES).map(|name| name.to_ascii_uppercase())
}

pub(super) async fn run(arguments: Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let partner = context.connect()?;
    if let Some(card) = arguments.remove {
        partner.remove_card(card).await?;
        return context.screen.report(&Removed {
            card_id: card.to_string(),
            removed: true,
        });
    }
    let (Some(label), Some(coordinator)) = (&arguments.resident, &arguments.coordinator) else {
        return Err(Failure::usage("whose card, and for which coordinator?"));
    };
    let resident = partner.profile().resident(label)?;
    let names = Names::load(&partner).await?;
    let coordinator = names.find(coordinator)?;
    let card = card(arguments)?;
    let card_id = partner.enrol_card(&resident, coordinator, &card).await?;
    context.screen.report(&Put {
        card_id: card_id.to_string(),
        coordinator: coordinator.to_string(),
        name: names.of(coordinator),
    })
}

fn card(arguments: Arguments) -> Result<Card, Failure> {
    let (Some(role), Some(area)) = (arguments.card_role, arguments.area) else {
        return Err(Failure::usage("a card needs --as and --area"));
    };
    let week_parts = arguments
        .week_parts
        .iter()
        .try_fold(WeekParts::default(), |parts, name| parts.with(name))?;
    let languages = if arguments.languages.is_empty() {
        vec![Language::DUTCH]
    } else {
        arguments.languages
    };
    Ok(Card {
        role,
        week_parts,
        hours_max: arguments.hours,
        distance: arguments.distance,
        area,
        languages,
        gender: arguments.gender,
        gender_wished: arguments.rather,
        smoke_is_fine: arguments.smoke,
        animals_are_fine: arguments.animals,
        tags: arguments.tags,
        conduct_was_verified: arguments.conduct,
    })
}
