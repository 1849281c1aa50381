//! What is to be done when. In clear stands only when: a whole UTC day or hour.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::{StoreError, Tx, args};
use sluis_types::{GrantId, Timestamp};

use super::{Rows, sql};
use crate::domain::proposal::ProposalId;

/// Something that is to be done at its time. Each is looked at again then: what has changed meanwhile is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// A grant ends.
    GrantEnds(GrantId),
    /// A proposal lapses.
    ProposalLapses(ProposalId),
    /// An access row is not needed any more: a link code, or a refusal.
    AccessEnds([u8; 32]),
    /// A session ends.
    SessionEnds([u8; 32]),
    /// Wrong tries may be forgotten.
    TriesEnd([u8; 32]),
    /// A mandate goes whose code nobody redeemed: the key of its access row.
    MandateLapses([u8; 32]),
}

const GRANT: u8 = 1;
const PROPOSAL: u8 = 2;
const ACCESS: u8 = 3;
const SESSION: u8 = 4;
const TRIES: u8 = 5;
const MANDATE: u8 = 6;

impl Due {
    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        match self {
            Self::GrantEnds(id) => writer.u8(GRANT).bytes(id.as_bytes()),
            Self::ProposalLapses(id) => writer.u8(PROPOSAL).bytes(id.as_bytes()),
            Self::AccessEnds(key) => writer.u8(ACCESS).digest(key),
            Self::SessionEnds(key) => writer.u8(SESSION).digest(key),
            Self::TriesEnd(key) => writer.u8(TRIES).digest(key),
            Self::MandateLapses(key) => writer.u8(MANDATE).digest(key),
        };
        writer.finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let due = match reader.u8()? {
            GRANT => Self::GrantEnds(GrantId::from_bytes(reader.array()?)),
            PROPOSAL => Self::ProposalLapses(ProposalId::from_bytes(reader.array()?)),
            ACCESS => Self::AccessEnds(reader.digest()?),
            SESSION => Self::SessionEnds(reader.digest()?),
            TRIES => Self::TriesEnd(reader.digest()?),
            MANDATE => Self::MandateLapses(reader.digest()?),
            _ => return Err(FormatError::Invalid { field: "due row" }),
        };
        reader.finish()?;
        Ok(due)
    }
}

/// An entry of the list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DueRow {
    pub(crate) id: [u8; 16],
    pub(crate) at: Timestamp,
    pub(crate) what: Due,
}

impl Rows {
    /// Puts something on the list.
    pub(crate) async fn schedule(
        &self,
        tx: &mut Tx<'_>,
        at: Timestamp,
        what: &Due,
    ) -> Result<(), StoreError> {
        let mut id = [0; 16];
        self.randomness.fill(&mut id);
        let sealed = self.seal(&sql::DUE, &id, &what.encode());
        tx.execute(sql::DUE_INSERT, args![&id, at, &sealed]).await?;
        Ok(())
    }

    /// What is to be done by `now`, after an entry of the list or from its start.
    pub(crate) async fn due(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        after: Option<&DueRow>,
        limit: u32,
    ) -> Result<Vec<DueRow>, StoreError> {
        let (at, id) = after.map_or((Timestamp::from_micros(i64::MIN), [0; 16]), |row| {
            (row.at, row.id)
        });
        let rows = tx.fetch_all(sql::DUE_LIST, args![now, at, &id, limit]).await?;
        rows.iter()
            .map(|row| {
                let id: [u8; 16] = row.get(0)?;
                let what = self.decode(&sql::DUE, &id, &row.get::<Vec<u8>>(2)?, Due::decode)?;
                Ok(DueRow {
                    id,
                    at: row.get(1)?,
                    what,
                })
            })
            .collect()
    }

    /// Strikes an entry off the list.
    pub(crate) async fn strike(&self, tx: &mut Tx<'_>, id: &[u8; 16]) -> Result<(), StoreError> {
        tx.execute(sql::DUE_DELETE, args![id]).await?;
        Ok(())
    }
}
