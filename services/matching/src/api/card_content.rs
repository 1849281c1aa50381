//! What may stand on a card: typed, few, and nothing that names anybody.

use prost::Message as _;
use sluis_proto::matching::v1::{CardContent, CardRole, DistanceBand, Gender};
use sluis_ranking::{Area, AreaLevel, Language, Tag};
use sluis_serve::Refusal;

use crate::store::card::CONTENT_BYTES_MAX;

/// Three parts of each of seven days.
const WEEK_PARTS: u32 = (1 << 21) - 1;
const HOURS_MAX: u32 = 40;
const LANGUAGES_MAX: usize = 8;
const TAGS_MAX: usize = 12;

/// The content of a card as it is kept.
pub(super) fn parse(content: Option<&CardContent>) -> Result<Vec<u8>, Refusal> {
    let content = content.ok_or_else(|| Refusal::invalid_field("content", "must not be empty"))?;
    let role = CardRole::try_from(content.role).unwrap_or_default();
    let is_gemeente = Area::parse(&content.area).is_ok_and(|area| area.level() == AreaLevel::Municipality);
    let are_languages = content.languages.iter().all(|code| Language::parse(code).is_ok());
    let are_tags = content
        .tags
        .iter()
        .all(|tag| Tag::parse(tag).is_ok_and(|parsed| parsed.as_str() == tag));
    let is_gender = |number: i32| Gender::try_from(number).is_ok();
    let checks = [
        (role != CardRole::Unspecified, "content.role"),
        (content.week_parts & !WEEK_PARTS == 0, "content.week_parts"),
        (content.hours_max <= HOURS_MAX, "content.hours_max"),
        (
            DistanceBand::try_from(content.distance).is_ok(),
            "content.distance",
        ),
        (is_gemeente, "content.area"),
        (
            are_languages && content.languages.len() <= LANGUAGES_MAX,
            "content.languages",
        ),
        (is_gender(content.gender), "content.gender"),
        (is_gender(content.gender_wished), "content.gender_wished"),
        (are_tags && content.tags.len() <= TAGS_MAX, "content.tags"),
    ];
    if let Some((_, field)) = checks.into_iter().find(|(holds, _)| !holds) {
        return Err(Refusal::invalid_field(field, "has no valid value"));
    }
    let bytes = content.encode_to_vec();
    if bytes.len() > CONTENT_BYTES_MAX {
        return Err(Refusal::invalid_field("content", "is too long"));
    }
    Ok(bytes)
}
