//! Cells as they are kept: all of one length, under the tag.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::{Tx, args};
use sluis_types::{CIRCLE_MEMBERS_MAX, GrantId, MatchId, Randomness, SignalId};

use super::sql;
use super::under_tag::UnderTag;
use super::vault::Fault;
use crate::domain::cell::{Cell, Entry};

/// Length of a cell before sealing: longer than a full one.
const CELL_BYTES: usize = 512;
const VERSION: u8 = 1;

impl Cell {
    /// The cell of a tag, which nobody else changes until this transaction ends. The statements are the same whether it
    /// was there or not.
    pub(crate) async fn lock_or_begin(
        at: &UnderTag,
        tx: &mut Tx<'_>,
        randomness: &dyn Randomness,
    ) -> Result<Self, Fault> {
        let key = at.cell_key();
        let empty = Self::default().seal(at, randomness);
        tx.execute(sql::BEGIN_CELL, args![&key, at.epoch.number(), &empty])
            .await?;
        let row = tx.fetch_one(sql::LOCK_CELL, args![&key]).await?;
        Ok(Self::read(&at.open(&key, &row.get::<Vec<u8>>(0)?)?)?)
    }

    /// Writes it. It must be locked.
    pub(crate) async fn save(
        &self,
        at: &UnderTag,
        tx: &mut Tx<'_>,
        randomness: &dyn Randomness,
    ) -> Result<(), Fault> {
        let content = self.seal(at, randomness);
        tx.execute(sql::SAVE_CELL, args![&at.cell_key(), &content])
            .await?;
        Ok(())
    }

    fn seal(&self, at: &UnderTag, randomness: &dyn Randomness) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .u8(VERSION)
            .bytes(&self.matched.map_or([0; 16], |id| *id.as_bytes()))
            .u8(u8::try_from(self.entries().len()).expect("a cell holds a circle"));
        for entry in self.entries() {
            writer
                .bytes(entry.organisation.as_bytes())
                .bytes(entry.signal.as_bytes())
                .u8(u8::from(entry.is_strong))
                .bytes(entry.grant.as_bytes());
        }
        at.seal(&at.cell_key(), &writer.finish(), CELL_BYTES, randomness)
    }

    fn read(opened: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(opened);
        if reader.u8()? != VERSION {
            return Err(FormatError::Version);
        }
        let matched: [u8; 16] = reader.array()?;
        let count = usize::from(reader.u8()?);
        if count > CIRCLE_MEMBERS_MAX {
            return Err(FormatError::TooLong { field: "cell" });
        }
        let entries = (0..count)
            .map(|_| {
                Ok(Entry {
                    organisation: reader.oin()?,
                    signal: SignalId::from_bytes(reader.array()?),
                    is_strong: reader.u8()? == 1,
                    grant: GrantId::from_bytes(reader.array()?),
                })
            })
            .collect::<Result<_, FormatError>>()?;
        reader.finish()?;
        let matched = (matched != [0; 16]).then(|| MatchId::from_bytes(matched));
        Ok(Self::of(entries, matched))
    }
}
