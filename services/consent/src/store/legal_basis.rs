//! How grant rows hold a record of another legal basis, and how an organisation finds its own.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::{StoreError, Tx};
use sluis_types::{CodeSet, DeferralReason, LegalArticle, LegalBasis, Oin, ReviewOutcome};

use super::{Lock, Rows};
use crate::domain::grant::Grant;
use crate::domain::legal_basis::{Act, Basis, Deferral};
use crate::identity::{Access, Head, Name, Pointer, ResidentKey, RowKind};

const INVALID: FormatError = FormatError::Invalid { field: "legal basis" };

/// Says that a basis follows. A row that is none ends before it, as rows did when there were no bases.
const BASIS: u8 = 1;

/// Writes a basis; nothing where there is none.
pub(super) fn write(writer: &mut Writer, basis: Option<&Basis>) {
    let Some(basis) = basis else { return };
    writer
        .u8(BASIS)
        .u8(basis.legal.number())
        .u8(basis.article.map_or(0, LegalArticle::number))
        .u32(basis.checks.bits())
        .digest(&basis.document_sha256)
        .u32(basis.valid_days)
        .optional_timestamp(basis.deferral.map(|deferral| deferral.until))
        .u8(basis.deferral.map_or(0, |deferral| deferral.reason.number()))
        .optional_timestamp(basis.ask_again_at)
        .optional_timestamp(basis.objected_at);
    let (review, outcome) = basis.reviewed.unzip();
    for act in [Some(basis.recorded), basis.confirmed, review] {
        writer
            .digest(&act.map_or([0; 32], |act| act.by))
            .optional_timestamp(act.map(|act| act.at));
    }
    writer.u8(outcome.map_or(0, ReviewOutcome::number));
}

/// Reads what [`write`] wrote.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Basis>, FormatError> {
    if reader.rest_len() == 0 {
        return Ok(None);
    }
    if reader.u8()? != BASIS {
        return Err(INVALID);
    }
    let legal = LegalBasis::from_number(reader.u8()?).map_err(|_| INVALID)?;
    let article = match reader.u8()? {
        0 => None,
        number => Some(LegalArticle::from_number(number).map_err(|_| INVALID)?),
    };
    let checks = CodeSet::from_bits(reader.u32()?).map_err(|_| INVALID)?;
    let (document_sha256, valid_days) = (reader.digest()?, reader.u32()?);
    let (until, reason) = (reader.optional_timestamp()?, reader.u8()?);
    let deferral = match until {
        None => None,
        Some(until) => Some(Deferral {
            until,
            reason: DeferralReason::from_number(reason).map_err(|_| INVALID)?,
        }),
    };
    let (ask_again_at, objected_at) = (reader.optional_timestamp()?, reader.optional_timestamp()?);
    let mut act = || -> Result<Option<Act>, FormatError> {
        let (by, at) = (reader.digest()?, reader.optional_timestamp()?);
        Ok(at.map(|at| Act { by, at }))
    };
    let (recorded, confirmed, review) = (act()?.ok_or(INVALID)?, act()?, act()?);
    let outcome = reader.u8()?;
    let reviewed = match review {
        None => None,
        Some(act) => Some((act, ReviewOutcome::from_number(outcome).map_err(|_| INVALID)?)),
    };
    Ok(Some(Basis {
        legal,
        article,
        checks,
        document_sha256,
        recorded,
        confirmed,
        valid_days,
        deferral,
        ask_again_at,
        objected_at,
        reviewed,
    }))
}

impl Rows {
    /// The number of an organisation's next record. Its book is held until the transaction ends: after the resident's head,
    /// as the mailboxes of circles are.
    pub(crate) async fn next_basis(&self, tx: &mut Tx<'_>, organisation: &Oin) -> Result<u64, StoreError> {
        let owner = self.mailbox(organisation);
        Head::create(self, tx, &owner).await?;
        let mut book = Head::lock(self, tx, &owner).await?;
        let (i, _) = book.next(RowKind::Basis);
        book.save(self, tx).await?;
        Ok(i)
    }

    /// Adds a record of another legal basis, its discloser's `i`th: its row, and the two names under which it is found.
    /// Nobody finds it by its resident.
    pub(crate) async fn add_basis(
        &self,
        tx: &mut Tx<'_>,
        head: &mut Head,
        grant: &Grant,
        i: u64,
    ) -> Result<(), StoreError> {
        let (row, tag) = head.next(RowKind::Grant);
        let access = Access {
            resident: head.resident().clone(),
            pointer: Pointer::Row(row),
        };
        self.insert_grant(tx, &tag, grant).await?;
        let organisation = &grant.discloser;
        for name in [Name::Grant(grant.id), Name::BasisOf { organisation, i }] {
            self.insert_access(tx, &self.key(&name), &access).await?;
        }
        Ok(())
    }

    /// How many records an organisation made.
    pub(crate) async fn count_bases(&self, tx: &mut Tx<'_>, organisation: &Oin) -> Result<u64, StoreError> {
        Ok(Head::read(self, tx, &self.mailbox(organisation)).await?.bases)
    }

    /// The `i`th record that an organisation made, and whose it is.
    pub(crate) async fn basis_of(
        &self,
        tx: &mut Tx<'_>,
        organisation: &Oin,
        i: u64,
    ) -> Result<Option<(ResidentKey, Grant)>, StoreError> {
        let access = self
            .access(tx, &self.key(&Name::BasisOf { organisation, i }))
            .await?;
        let Some((resident, row)) = access.and_then(|access| access.row().map(|row| (access.resident, row)))
        else {
            return Ok(None);
        };
        let grant = self
            .grant(tx, &resident.tag(RowKind::Grant, row), Lock::None)
            .await?;
        Ok(grant.map(|grant| (resident, grant)))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::legal_basis::tests::arrears;
    use sluis_types::Timestamp;

    /// With everything that a basis can have.
    pub(in crate::store) fn longest() -> Basis {
        let act = |by: u8| Act {
            by: [by; 32],
            at: Timestamp::from_seconds(i64::from(by)),
        };
        Basis {
            legal: LegalBasis::VitalInterest,
            confirmed: Some(act(3)),
            deferral: Some(Deferral {
                until: Timestamp::from_seconds(77),
                reason: DeferralReason::OthersAtRisk,
            }),
            ask_again_at: Some(Timestamp::from_seconds(78)),
            objected_at: Some(Timestamp::from_seconds(79)),
            reviewed: Some((act(4), ReviewOutcome::Unfounded)),
            ..arrears()
        }
    }

    #[test]
    fn bases_read_as_they_were_written() {
        for basis in [None, Some(arrears()), Some(longest())] {
            let mut writer = Writer::new();
            write(&mut writer, basis.as_ref());
            let bytes = writer.finish();
            assert_eq!(
                bytes.is_empty(),
                basis.is_none(),
                "rows of consent stay as they were"
            );
            assert_eq!(read(&mut Reader::new(&bytes)), Ok(basis.clone()));
            if basis.is_some() {
                assert!(read(&mut Reader::new(&bytes[..bytes.len() - 1])).is_err());
            }
        }
        assert_eq!(read(&mut Reader::new(&[9])), Err(INVALID));
    }
}
