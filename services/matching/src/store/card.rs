//! Cards, each on a page of its own, and which a coordinator was given.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::Tx;
use sluis_types::{CardId, GrantId, Oin};

use super::page::{self, OnPage};
use super::shelf::{self, ShelfKind};
use super::vault::{Fault, Vault};
use crate::domain::card::{Card, Person};

/// Longest content of a card.
pub(crate) const CONTENT_BYTES_MAX: usize = 1024;

/// The cards for a coordinator.
struct CardsFor;

impl ShelfKind for CardsFor {
    const LABEL: &'static str = "cards-for";
}

impl OnPage for Card {
    const LABEL: &'static str = "card";
    const KIND: u8 = 4;

    fn write(&self, writer: &mut Writer) {
        writer.bytes(self.id.as_bytes());
        write_person(&self.person, writer);
        writer
            .bytes(self.coordinator.as_bytes())
            .bytes(self.grant.as_bytes())
            .u8(u8::from(self.is_removed))
            .bytes16(&self.content);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            id: CardId::from_bytes(reader.array()?),
            person: read_person(reader)?,
            coordinator: reader.oin()?,
            grant: GrantId::from_bytes(reader.array()?),
            is_removed: reader.u8()? == 1,
            content: reader.bytes16(CONTENT_BYTES_MAX)?.to_vec(),
        })
    }
}

pub(super) fn write_person(person: &Person, writer: &mut Writer) {
    writer.bytes(person.organisation.as_bytes()).bytes(&person.tag);
}

pub(super) fn read_person(reader: &mut Reader<'_>) -> Result<Person, FormatError> {
    Ok(Person {
        organisation: reader.oin()?,
        tag: reader.array()?,
    })
}

/// Stores a new card.
pub(crate) async fn insert(vault: &Vault, tx: &mut Tx<'_>, card: &Card) -> Result<(), Fault> {
    if !page::insert(vault, tx, &[card.id.as_bytes()], card).await? {
        return Err(Fault::Contradiction("a random id that was given out before"));
    }
    shelf::append::<CardsFor>(vault, tx, card.coordinator.as_bytes(), *card.id.as_bytes()).await
}

/// A card.
pub(crate) async fn load(vault: &Vault, tx: &mut Tx<'_>, id: CardId) -> Result<Option<Card>, Fault> {
    page::load(vault, tx, &[id.as_bytes()]).await
}

/// The same, and nobody else changes it until this transaction ends.
pub(crate) async fn lock(vault: &Vault, tx: &mut Tx<'_>, id: CardId) -> Result<Option<Card>, Fault> {
    page::lock(vault, tx, &[id.as_bytes()]).await
}

/// Writes a card that is locked.
pub(crate) async fn save(vault: &Vault, tx: &mut Tx<'_>, card: &Card) -> Result<(), Fault> {
    page::save(vault, tx, &[card.id.as_bytes()], card).await
}

/// The newest cards for a coordinator that were not removed, oldest of them first.
pub(crate) async fn for_coordinator(
    vault: &Vault,
    tx: &mut Tx<'_>,
    coordinator: Oin,
    limit: usize,
) -> Result<Vec<Card>, Fault> {
    let mut cards = Vec::new();
    for id in shelf::newest::<CardsFor>(vault, tx, coordinator.as_bytes(), limit).await? {
        let card = load(vault, tx, CardId::from_bytes(id)).await?;
        cards.push(card.ok_or(Fault::Contradiction("a shelf with a card that is not there"))?);
    }
    cards.retain(|card| !card.is_removed);
    Ok(cards)
}
