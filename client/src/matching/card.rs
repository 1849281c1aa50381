//! Cards of people who want to be introduced: a few typed facts, under a grant of their own.

use sluis_envelope::Scope;
use sluis_proto::matching::v1 as wire;
use sluis_proto::matching::v1::introduction_service_client::IntroductionServiceClient;
use sluis_ranking::{Area, Language, Tag};
use sluis_types::{
    CardId, CardRole, CodeSet, DataKind, DistanceBand, Gender, Handle, LifeDomain, Oin, Purpose,
};

use super::person_tag::person_tag;
use super::wire::{optional, parsed, required};
use crate::Error;
use crate::partner::Partner;

/// What the other side of an introduction sees: enough to say yes or no, too little to know who. There is no field for a
/// name, a text, an experience or an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// What they want.
    pub role: CardRole,
    /// Parts of the week that suit.
    pub week_parts: WeekParts,
    /// Hours a week, at most 40.
    pub hours_max: u32,
    /// How far they go for it; none where not stated.
    pub distance: Option<DistanceBand>,
    /// Their gemeente.
    pub area: Area,
    /// Languages that they speak, at most 8.
    pub languages: Vec<Language>,
    /// What they are, where they want it known.
    pub gender: Option<Gender>,
    /// Whom they would rather meet; none where it does not matter.
    pub gender_wished: Option<Gender>,
    /// Whether smoke is no problem.
    pub smoke_is_fine: bool,
    /// Whether animals are no problem.
    pub animals_are_fine: bool,
    /// Words of the public list of plan tags, at most 12.
    pub tags: Vec<Tag>,
    /// Whether a certificate of conduct (VOG) was seen. Only that it was.
    pub conduct_was_verified: bool,
}

/// A card, as its coordinator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolledCard {
    /// Which card.
    pub card_id: CardId,
    /// The organisation that put it down.
    pub organisation: Oin,
    /// What stands on it.
    pub card: Card,
}

/// Parts of a week: morning, afternoon and evening of each day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WeekParts(u32);

impl WeekParts {
    /// The names of all parts, in order.
    pub const NAMES: [&'static str; 21] = [
        "MON_MORNING",
        "MON_AFTERNOON",
        "MON_EVENING",
        "TUE_MORNING",
        "TUE_AFTERNOON",
        "TUE_EVENING",
        "WED_MORNING",
        "WED_AFTERNOON",
        "WED_EVENING",
        "THU_MORNING",
        "THU_AFTERNOON",
        "THU_EVENING",
        "FRI_MORNING",
        "FRI_AFTERNOON",
        "FRI_EVENING",
        "SAT_MORNING",
        "SAT_AFTERNOON",
        "SAT_EVENING",
        "SUN_MORNING",
        "SUN_AFTERNOON",
        "SUN_EVENING",
    ];

    /// These parts and one more, by its name.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is none.
    pub fn with(self, name: &str) -> Result<Self, Error> {
        let at = Self::NAMES
            .iter()
            .position(|known| *known == name)
            .ok_or_else(|| Error::invalid("part of the week", format!("{name} is none")))?;
        Ok(Self(self.0 | 1 << at))
    }

    /// The names of these parts, in order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .iter()
            .enumerate()
            .filter(move |(at, _)| self.0 & (1 << at) != 0)
            .map(|(_, name)| *name)
    }

    fn from_bits(bits: u32) -> Result<Self, Error> {
        let known = (1 << Self::NAMES.len()) - 1;
        if bits & !known != 0 {
            return Err(Error::bad_answer("the card", "unknown part of the week"));
        }
        Ok(Self(bits))
    }
}

impl Partner {
    /// Puts down the card of a resident who wants to be introduced, for a coordinator's organisation. The resident's
    /// grant from this organisation to that one must allow `MATCHING_PEER` with `PLAN` on `SURROUNDINGS`.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` where no consent is live; [`Error::OutsideGrant`] where it is
    /// narrower.
    pub async fn enrol_card(
        &self,
        resident: &Handle,
        coordinator: Oin,
        card: &Card,
    ) -> Result<CardId, Error> {
        let (_, token) = self.authorize(resident, coordinator, &scope()).await?;
        let tag = person_tag(&self.profile, resident, &*self.environment.randomness)?;
        let message = wire::EnrolCardRequest {
            request_id: self.connection.request_id().to_string(),
            grant_token: token.into(),
            person_tag: tag.to_vec().into(),
            content: Some(card.to_wire()),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                IntroductionServiceClient::new(channel).enrol_card(request).await
            })
            .await?;
        parsed("the card", &reply.card_id)
    }

    /// Takes a card back. Introductions that were not answered end as if they had been left unanswered.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when this organisation put down no such card.
    pub async fn remove_card(&self, card: CardId) -> Result<(), Error> {
        let message = wire::RemoveCardRequest {
            request_id: self.connection.request_id().to_string(),
            card_id: card.to_string(),
        };
        self.connection
            .call(message, |channel, request| async move {
                IntroductionServiceClient::new(channel).remove_card(request).await
            })
            .await
            .map(drop)
    }

    /// The cards that this organisation may introduce, as their coordinator; only those whose grant is live.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn cards(&self) -> Result<Vec<EnrolledCard>, Error> {
        let reply = self
            .connection
            .call(wire::ListCardsRequest {}, |channel, request| async move {
                IntroductionServiceClient::new(channel).list_cards(request).await
            })
            .await?;
        reply.cards.iter().map(EnrolledCard::read).collect()
    }
}

/// What a card is about, for consent's closed question: the plan, on the people around somebody.
fn scope() -> Scope {
    Scope::new(
        CodeSet::EMPTY.with(Purpose::MatchingPeer),
        CodeSet::EMPTY.with(LifeDomain::Surroundings),
        CodeSet::EMPTY.with(DataKind::Plan),
    )
    .expect("none of the three is empty")
}

impl Card {
    pub(super) fn read(content: &wire::CardContent) -> Result<Self, Error> {
        let bad = |error: sluis_ranking::InvalidOffer| Error::bad_answer("the card", error);
        Ok(Self {
            role: required("the card", content.role, CardRole::from_number)?,
            week_parts: WeekParts::from_bits(content.week_parts)?,
            hours_max: content.hours_max,
            distance: optional("the card", content.distance, DistanceBand::from_number)?,
            area: Area::parse(&content.area).map_err(bad)?,
            languages: content
                .languages
                .iter()
                .map(|code| Language::parse(code).map_err(bad))
                .collect::<Result<_, _>>()?,
            gender: optional("the card", content.gender, Gender::from_number)?,
            gender_wished: optional("the card", content.gender_wished, Gender::from_number)?,
            smoke_is_fine: content.smoke_is_fine,
            animals_are_fine: content.animals_are_fine,
            tags: content
                .tags
                .iter()
                .map(|tag| Tag::parse(tag).map_err(bad))
                .collect::<Result<_, _>>()?,
            conduct_was_verified: content.conduct_was_verified,
        })
    }

    fn to_wire(&self) -> wire::CardContent {
        let gender = |gender: Option<Gender>| gender.map_or(0, |gender| i32::from(gender.number()));
        wire::CardContent {
            role: i32::from(self.role.number()),
            week_parts: self.week_parts.0,
            hours_max: self.hours_max,
            distance: self.distance.map_or(0, |band| i32::from(band.number())),
            area: self.area.to_string(),
            languages: self.languages.iter().map(ToString::to_string).collect(),
            gender: gender(self.gender),
            gender_wished: gender(self.gender_wished),
            smoke_is_fine: self.smoke_is_fine,
            animals_are_fine: self.animals_are_fine,
            tags: self.tags.iter().map(ToString::to_string).collect(),
            conduct_was_verified: self.conduct_was_verified,
        }
    }
}

impl EnrolledCard {
    fn read(shown: &wire::Card) -> Result<Self, Error> {
        Ok(Self {
            card_id: parsed("the card", &shown.card_id)?,
            organisation: parsed("the card", &shown.organisation)?,
            card: Card::read(&shown.content.clone().unwrap_or_default())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_read_as_it_was_written() {
        let week_parts = WeekParts::default()
            .with("MON_MORNING")
            .and_then(|parts| parts.with("SUN_EVENING"))
            .expect("parts of a week");
        assert_eq!(week_parts, WeekParts(1 | 1 << 20));
        assert_eq!(
            week_parts.names().collect::<Vec<_>>(),
            ["MON_MORNING", "SUN_EVENING"]
        );
        assert!(week_parts.with("MON_NIGHT").is_err());
        let card = Card {
            role: CardRole::Offers,
            week_parts,
            hours_max: 3,
            distance: Some(DistanceBand::Cycle),
            area: Area::parse("GM0828").expect("a gemeente"),
            languages: vec![Language::DUTCH],
            gender: None,
            gender_wished: Some(Gender::Woman),
            smoke_is_fine: false,
            animals_are_fine: true,
            tags: vec![Tag::parse("wandelen").expect("a tag")],
            conduct_was_verified: true,
        };
        let sent = card.to_wire();
        assert_eq!(Card::read(&sent).expect("a card"), card);
        for bad in [
            wire::CardContent {
                role: 0,
                ..sent.clone()
            },
            wire::CardContent {
                week_parts: 1 << 21,
                ..sent.clone()
            },
            wire::CardContent {
                area: "Oss".to_owned(),
                ..sent.clone()
            },
            wire::CardContent { gender: 9, ..sent },
        ] {
            assert!(
                matches!(Card::read(&bad), Err(Error::BadAnswer { .. })),
                "{bad:?}"
            );
        }
    }
}
