//! Questions, each on a page of its own, and which an organisation was asked.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::Tx;
use sluis_types::{CapacityStatus, OfferId, Oin, QuestionId};

use super::page::{self, OnPage, read_count, write_count};
use super::shelf::{self, ShelfKind};
use super::vault::{Fault, Vault};
use crate::domain::question::{Answer, Asked, OFFERS_MAX, Question};

/// The questions to an organisation.
struct AskedOf;

impl ShelfKind for AskedOf {
    const LABEL: &'static str = "questions-to";
}

impl OnPage for Question {
    const LABEL: &'static str = "question";
    const KIND: u8 = 3;

    fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.id.as_bytes())
            .bytes(self.asker.as_bytes())
            .u16(self.within_weeks)
            .timestamp(self.open_until);
        write_count(writer, self.asked.len());
        for asked in &self.asked {
            writer
                .bytes(asked.offer.as_bytes())
                .bytes(asked.organisation.as_bytes())
                .u8(asked.answer.map_or(0, |answer| answer.status.number()))
                .u16(asked.answer.map_or(0, |answer| answer.weeks));
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let id = QuestionId::from_bytes(reader.array()?);
        let (asker, within_weeks, open_until) = (reader.oin()?, reader.u16()?, reader.timestamp()?);
        let asked = (0..read_count(reader, OFFERS_MAX)?)
            .map(|_| read_asked(reader))
            .collect::<Result<_, FormatError>>()?;
        Ok(Self {
            id,
            asker,
            within_weeks,
            open_until,
            asked,
        })
    }
}

fn read_asked(reader: &mut Reader<'_>) -> Result<Asked, FormatError> {
    let offer = OfferId::from_bytes(reader.array()?);
    let organisation = reader.oin()?;
    let (status, weeks) = (reader.u8()?, reader.u16()?);
    let answer = match status {
        0 => None,
        number => Some(Answer {
            status: CapacityStatus::from_number(number)
                .map_err(|_| FormatError::Invalid { field: "capacity" })?,
            weeks,
        }),
    };
    Ok(Asked {
        offer,
        organisation,
        answer,
    })
}

/// Stores a new question, for all that it asks.
pub(crate) async fn insert(vault: &Vault, tx: &mut Tx<'_>, question: &Question) -> Result<(), Fault> {
    if !page::insert(vault, tx, &[question.id.as_bytes()], question).await? {
        return Err(Fault::Contradiction("a random id that was given out before"));
    }
    // In one order, as everyone locks them.
    let mut organisations: Vec<Oin> = question.asked.iter().map(|asked| asked.organisation).collect();
    organisations.sort_unstable();
    organisations.dedup();
    for organisation in organisations {
        shelf::append::<AskedOf>(vault, tx, organisation.as_bytes(), *question.id.as_bytes()).await?;
    }
    Ok(())
}

/// A question.
pub(crate) async fn load(vault: &Vault, tx: &mut Tx<'_>, id: QuestionId) -> Result<Option<Question>, Fault> {
    page::load(vault, tx, &[id.as_bytes()]).await
}

/// The same, and nobody else changes it until this transaction ends.
pub(crate) async fn lock(vault: &Vault, tx: &mut Tx<'_>, id: QuestionId) -> Result<Option<Question>, Fault> {
    page::lock(vault, tx, &[id.as_bytes()]).await
}

/// Writes a question that is locked.
pub(crate) async fn save(vault: &Vault, tx: &mut Tx<'_>, question: &Question) -> Result<(), Fault> {
    page::save(vault, tx, &[question.id.as_bytes()], question).await
}

/// The newest questions to an organisation, oldest of them first.
pub(crate) async fn to(
    vault: &Vault,
    tx: &mut Tx<'_>,
    organisation: Oin,
    limit: usize,
) -> Result<Vec<Question>, Fault> {
    let mut questions = Vec::new();
    for id in shelf::newest::<AskedOf>(vault, tx, organisation.as_bytes(), limit).await? {
        let question = load(vault, tx, QuestionId::from_bytes(id)).await?;
        questions.push(question.ok_or(Fault::Contradiction("a shelf with a question that is not there"))?);
    }
    Ok(questions)
}
