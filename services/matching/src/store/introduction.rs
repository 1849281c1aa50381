//! Introductions, each on a page of its own; which stand on a grant, which a coordinator proposed; and what is
//! remembered of two people.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::Tx;
use sluis_types::{CardId, GrantId, IntroductionId, Oin};

use super::card::{read_person, write_person};
use super::page::{self, OnPage};
use super::shelf::{self, ShelfKind};
use super::vault::{Fault, Vault};
use crate::domain::card::Person;
use crate::domain::introduction::{Answer, Introduction, Pair, Party};

/// The introductions of somebody, by their grant.
struct Under;

impl ShelfKind for Under {
    const LABEL: &'static str = "introductions-under";
}

/// The introductions that a coordinator proposed.
struct ProposedBy;

impl ShelfKind for ProposedBy {
    const LABEL: &'static str = "introductions-proposed-by";
}

impl OnPage for Introduction {
    const LABEL: &'static str = "introduction";
    const KIND: u8 = 5;

    fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.id.as_bytes())
            .bytes(self.coordinator.as_bytes());
        for party in &self.parties {
            write_person(&party.person, writer);
            writer
                .bytes(party.card.as_bytes())
                .bytes(party.grant.as_bytes())
                .u8(party.answer as u8);
        }
        writer
            .timestamp(self.offered_at)
            .u8(u8::from(self.is_void))
            .optional_timestamp(self.introduced_at)
            .optional_timestamp(self.reviewed_at)
            .optional_timestamp(self.ended_at);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            id: IntroductionId::from_bytes(reader.array()?),
            coordinator: reader.oin()?,
            parties: [read_party(reader)?, read_party(reader)?],
            offered_at: reader.timestamp()?,
            is_void: reader.u8()? == 1,
            introduced_at: reader.optional_timestamp()?,
            reviewed_at: reader.optional_timestamp()?,
            ended_at: reader.optional_timestamp()?,
        })
    }
}

fn read_party(reader: &mut Reader<'_>) -> Result<Party, FormatError> {
    Ok(Party {
        person: read_person(reader)?,
        card: CardId::from_bytes(reader.array()?),
        grant: GrantId::from_bytes(reader.array()?),
        answer: Answer::from_number(reader.u8()?).ok_or(FormatError::Invalid { field: "answer" })?,
    })
}

impl OnPage for Pair {
    const LABEL: &'static str = "pair";
    const KIND: u8 = 6;

    fn write(&self, writer: &mut Writer) {
        writer
            .u8(u8::from(self.excluded))
            .optional_timestamp(self.cools_until);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            excluded: reader.u8()? == 1,
            cools_until: reader.optional_timestamp()?,
        })
    }
}

/// Stores a new introduction, for all that it concerns.
pub(crate) async fn insert(vault: &Vault, tx: &mut Tx<'_>, introduction: &Introduction) -> Result<(), Fault> {
    let id = introduction.id.as_bytes();
    if !page::insert(vault, tx, &[id], introduction).await? {
        return Err(Fault::Contradiction("a random id that was given out before"));
    }
    shelf::append::<ProposedBy>(vault, tx, introduction.coordinator.as_bytes(), *id).await?;
    // In one order, as everyone locks them. One that is void is there too, so that it costs the same.
    let mut grants = [introduction.parties[0].grant, introduction.parties[1].grant];
    grants.sort_unstable();
    for grant in grants {
        shelf::append::<Under>(vault, tx, grant.as_bytes(), *id).await?;
    }
    Ok(())
}

/// An introduction.
pub(crate) async fn load(
    vault: &Vault,
    tx: &mut Tx<'_>,
    id: IntroductionId,
) -> Result<Option<Introduction>, Fault> {
    page::load(vault, tx, &[id.as_bytes()]).await
}

/// The same, and nobody else changes it until this transaction ends.
pub(crate) async fn lock(
    vault: &Vault,
    tx: &mut Tx<'_>,
    id: IntroductionId,
) -> Result<Option<Introduction>, Fault> {
    page::lock(vault, tx, &[id.as_bytes()]).await
}

/// Writes an introduction that is locked.
pub(crate) async fn save(vault: &Vault, tx: &mut Tx<'_>, introduction: &Introduction) -> Result<(), Fault> {
    page::save(vault, tx, &[introduction.id.as_bytes()], introduction).await
}

/// The newest introductions under a grant, oldest of them first.
pub(crate) async fn under(
    vault: &Vault,
    tx: &mut Tx<'_>,
    grant: GrantId,
    limit: usize,
) -> Result<Vec<Introduction>, Fault> {
    let ids = shelf::newest::<Under>(vault, tx, grant.as_bytes(), limit).await?;
    all(vault, tx, ids).await
}

/// The newest introductions that a coordinator proposed, oldest of them first.
pub(crate) async fn proposed_by(
    vault: &Vault,
    tx: &mut Tx<'_>,
    coordinator: Oin,
    limit: usize,
) -> Result<Vec<Introduction>, Fault> {
    let ids = shelf::newest::<ProposedBy>(vault, tx, coordinator.as_bytes(), limit).await?;
    all(vault, tx, ids).await
}

async fn all(vault: &Vault, tx: &mut Tx<'_>, ids: Vec<[u8; 16]>) -> Result<Vec<Introduction>, Fault> {
    let mut introductions = Vec::new();
    for id in ids {
        let introduction = load(vault, tx, IntroductionId::from_bytes(id)).await?;
        introductions.push(introduction.ok_or(Fault::Contradiction(
            "a shelf with an introduction that is not there",
        ))?);
    }
    Ok(introductions)
}

/// What is remembered of two people, whichever is named first. Nobody else changes it until this transaction ends.
pub(crate) async fn lock_pair(vault: &Vault, tx: &mut Tx<'_>, people: [Person; 2]) -> Result<Pair, Fault> {
    page::lock_or_begin(vault, tx, &pair_key(&sorted(people)), Pair::default()).await
}

/// Writes what is remembered of two people.
pub(crate) async fn save_pair(
    vault: &Vault,
    tx: &mut Tx<'_>,
    people: [Person; 2],
    pair: &Pair,
) -> Result<(), Fault> {
    page::save(vault, tx, &pair_key(&sorted(people)), pair).await
}

fn sorted(mut people: [Person; 2]) -> [Person; 2] {
    people.sort_unstable();
    people
}

fn pair_key(people: &[Person; 2]) -> [&[u8]; 4] {
    let [first, second] = people;
    [
        first.organisation.as_bytes(),
        &first.tag,
        second.organisation.as_bytes(),
        &second.tag,
    ]
}
