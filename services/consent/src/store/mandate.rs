//! Mandates in the database.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::{Statement, StoreError, Tx, args};
use sluis_types::{CodeSet, Timestamp};

use super::{Lock, Rows, sql};
use crate::domain::declaration::{Assessor, Declaration, Relation};
use crate::domain::mandate::{Mandate, MandateId, MandateStage, MandateStep, Verification};
use crate::domain::mandate_kind::{MandateKind, MandateScope, Recorder, limit};
use crate::identity::{Head, ResidentKey, RowKind};

/// Longest label, in characters.
pub(crate) const LABEL_CHARS_MAX: usize = 60;
/// Longest label, in bytes: a character has 4 at most.
const LABEL_BYTES_MAX: usize = 4 * LABEL_CHARS_MAX;

fn encode(mandate: &Mandate) -> Vec<u8> {
    let (organisation, professional) = mandate.recorded_by.unzip();
    let mut writer = Writer::new();
    writer
        .bytes(mandate.id.as_bytes())
        .u8(mandate.kind.number())
        .u8(mandate.stage.number())
        .u32(mandate.scope.acts.bits())
        .u32(mandate.scope.life_domains.bits())
        .u32(mandate.scope.data_kinds.bits())
        .bytes16(organisation.as_ref().map_or(&[], |oin| oin.as_bytes().as_slice()))
        .digest(&professional.unwrap_or_default())
        .u8(mandate.verification.number())
        .digest(&mandate.document_sha256)
        .timestamp(mandate.recorded_at)
        .timestamp(mandate.valid_until)
        .bytes16(mandate.label.as_bytes());
    if let Some(declaration) = &mandate.declaration {
        writer
            .u8(declaration.relation.number())
            .u8(declaration.assessed_by.number())
            .timestamp(declaration.assessed_at);
    }
    writer.finish()
}

fn decode(bytes: &[u8]) -> Result<Mandate, FormatError> {
    let invalid = FormatError::Invalid { field: "mandate row" };
    let mut reader = Reader::new(bytes);
    let id = MandateId::from_bytes(reader.array()?);
    let kind = MandateKind::from_number(reader.u8()?).ok_or(invalid)?;
    let stage = MandateStage::from_number(reader.u8()?).ok_or(invalid)?;
    let scope = MandateScope {
        acts: CodeSet::from_bits(reader.u32()?).map_err(|_| invalid)?,
        life_domains: CodeSet::from_bits(reader.u32()?).map_err(|_| invalid)?,
        data_kinds: CodeSet::from_bits(reader.u32()?).map_err(|_| invalid)?,
    };
    let organisation = match reader.bytes16(sluis_types::OIN_BYTES)? {
        [] => None,
        bytes => {
            let mut oin = Reader::new(bytes);
            let organisation = oin.oin()?;
            oin.finish()?;
            Some(organisation)
        }
    };
    let professional = reader.digest()?;
    let verification = Verification::from_number(reader.u8()?).ok_or(invalid)?;
    let mandate = Mandate {
        id,
        kind,
        scope,
        stage,
        recorded_by: organisation.map(|oin| (oin, professional)),
        verification,
        document_sha256: reader.digest()?,
        recorded_at: reader.timestamp()?,
        valid_until: reader.timestamp()?,
        label: String::from_utf8(reader.bytes16(LABEL_BYTES_MAX)?.to_vec()).map_err(|_| invalid)?,
        declaration: match limit(kind).recorder {
            Recorder::Resident | Recorder::Organisation => None,
            Recorder::Declaration => Some(Declaration {
                relation: Relation::from_number(reader.u8()?).ok_or(invalid)?,
                assessed_by: Assessor::from_number(reader.u8()?).ok_or(invalid)?,
                assessed_at: reader.timestamp()?,
            }),
        },
    };
    reader.finish()?;
    Ok(mandate)
}

impl Rows {
    /// Adds a mandate under a tag that the head gave out, or under one of nobody.
    pub(crate) async fn insert_mandate(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
        mandate: &Mandate,
    ) -> Result<(), StoreError> {
        let sealed = self.seal(&sql::MANDATE, tag, &encode(mandate));
        tx.execute(sql::MANDATE_INSERT, args![tag, &sealed]).await?;
        Ok(())
    }

    /// The mandate under a tag, held as `lock` says.
    pub(crate) async fn mandate(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
        lock: Lock,
    ) -> Result<Option<Mandate>, StoreError> {
        let statement: Statement = match lock {
            Lock::None => sql::MANDATE_GET,
            Lock::Shared => sql::MANDATE_SHARE,
            Lock::Exclusive => sql::MANDATE_LOCK,
        };
        let Some(row) = tx.fetch_optional(statement, args![tag]).await? else {
            self.absent(&sql::MANDATE);
            return Ok(None);
        };
        self.decode(&sql::MANDATE, tag, &row.get::<Vec<u8>>(0)?, decode)
            .map(Some)
    }

    /// Writes a mandate that was read under [`Lock::Exclusive`].
    pub(crate) async fn save_mandate(
        &self,
        tx: &mut Tx<'_>,
        tag: &[u8; 32],
        mandate: &Mandate,
    ) -> Result<(), StoreError> {
        let sealed = self.seal(&sql::MANDATE, tag, &encode(mandate));
        match tx.execute(sql::MANDATE_SAVE, args![tag, &sealed]).await? {
            1 => Ok(()),
            _ => Err(StoreError::Unexpected {
                what: "a mandate row that went away under its lock",
            }),
        }
    }

    /// Takes a mandate away that nobody made theirs.
    pub(crate) async fn delete_mandate(&self, tx: &mut Tx<'_>, tag: &[u8; 32]) -> Result<(), StoreError> {
        tx.execute(sql::MANDATE_DELETE, args![tag]).await?;
        Ok(())
    }

    /// The other mandates of a resident than number `i`, each held for a change.
    pub(crate) async fn other_mandates(
        &self,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
        i: u64,
    ) -> Result<Vec<([u8; 32], Mandate)>, StoreError> {
        let count = Head::read(self, tx, resident).await?.mandates;
        let mut others = Vec::new();
        for other in (0..count).filter(|other| *other != i) {
            let tag = resident.tag(RowKind::Mandate, other);
            let mandate = self.mandate(tx, &tag, Lock::Exclusive).await?;
            others.extend(mandate.map(|mandate| (tag, mandate)));
        }
        Ok(others)
    }

    /// Suspends those of these mandates that give way to one that stands from now on.
    pub(crate) async fn make_way(
        &self,
        tx: &mut Tx<'_>,
        others: Vec<([u8; 32], Mandate)>,
        to: &Mandate,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (tag, mut other) in others {
            if to.goes_before(&other) && other.step(MandateStep::GiveWay, now).is_ok() {
                self.save_mandate(tx, &tag, &other).await?;
            }
        }
        Ok(())
    }

    /// All mandates of a resident, newest first.
    pub(crate) async fn mandates(
        &self,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
    ) -> Result<Vec<Mandate>, StoreError> {
        let count = Head::read(self, tx, resident).await?.mandates;
        let mut mandates = Vec::new();
        for i in (0..count).rev() {
            let tag = resident.tag(RowKind::Mandate, i);
            mandates.extend(self.mandate(tx, &tag, Lock::None).await?);
        }
        Ok(mandates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mandate::tests::example;

    #[test]
    fn rows_read_as_they_were_written_and_all_fit_one_length() {
        for kind in MandateKind::ALL {
            let mandate = Mandate {
                label: "é".repeat(LABEL_CHARS_MAX),
                ..example(kind)
            };
            let bytes = encode(&mandate);
            assert!(bytes.len() + 4 <= sql::MANDATE.step.get());
            assert_eq!(decode(&bytes), Ok(mandate));
            assert!(decode(&bytes[..bytes.len() - 1]).is_err());
        }
    }
}
