//! The head row of a resident: how many rows of each kind there are. Locked before a row is added, so that numbers
//! have no gaps and no two rows one number.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_store::{StoreError, Tx};

use super::{ResidentKey, RowKind};
use crate::store::{Rows, sql};

/// The counts of one resident, held until the transaction ends.
#[derive(Debug)]
pub(crate) struct Head {
    resident: ResidentKey,
    key: [u8; 32],
    counts: Counts,
    /// False for nobody: the same statements run, and change nothing.
    exists: bool,
}

/// How many rows of each kind there are, and before which no proposal waits any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) grants: u64,
    pub(crate) proposals_from: u64,
    pub(crate) proposals: u64,
    pub(crate) links: u64,
    pub(crate) log: u64,
    pub(crate) mandates: u64,
    pub(crate) receipts: u64,
    /// Logins of their own that lead to this resident.
    pub(crate) logins: u64,
    /// Of an organisation's mailbox: before which no bundle waits any more.
    pub(crate) bundles_from: u64,
    pub(crate) bundles: u64,
    /// Of an organisation's mailbox: its records of other legal bases.
    pub(crate) bases: u64,
}

impl Counts {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        for count in [
            self.grants,
            self.proposals_from,
            self.proposals,
            self.links,
            self.log,
            self.mandates,
            self.receipts,
            self.logins,
            self.bundles_from,
            self.bundles,
            self.bases,
        ] {
            writer.u64(count);
        }
        writer.finish()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let counts = Self {
            grants: reader.u64()?,
            proposals_from: reader.u64()?,
            proposals: reader.u64()?,
            links: reader.u64()?,
            log: reader.u64()?,
            mandates: reader.u64()?,
            receipts: reader.u64()?,
            logins: reader.u64()?,
            bundles_from: reader.u64()?,
            bundles: reader.u64()?,
            // A row that an earlier version wrote ends here.
            bases: if reader.rest_len() == 0 { 0 } else { reader.u64()? },
        };
        reader.finish()?;
        Ok(counts)
    }
}

impl Head {
    /// Makes the head row of a new resident.
    pub(crate) async fn create(
        rows: &Rows,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
    ) -> Result<(), StoreError> {
        let key = resident.head();
        let sealed = rows.seal(&sql::HEAD, &key, &Counts::default().encode());
        tx.execute(sql::HEAD_INSERT, sluis_store::args![&key, &sealed])
            .await?;
        Ok(())
    }

    /// Takes the head row of a resident, or of nobody.
    pub(crate) async fn lock(
        rows: &Rows,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
    ) -> Result<Self, StoreError> {
        let key = resident.head();
        let row = tx
            .fetch_optional(sql::HEAD_LOCK, sluis_store::args![&key])
            .await?;
        let counts = match &row {
            Some(row) => decode(rows, &key, &row.get::<Vec<u8>>(0)?)?,
            // Several acts can be about one nobody: their events must not meet.
            None => Counts {
                log: rows.any_number(),
                ..nobodys(rows)
            },
        };
        Ok(Self {
            resident: resident.clone(),
            key,
            counts,
            exists: row.is_some(),
        })
    }

    /// The counts of a resident, for reading.
    pub(crate) async fn read(
        rows: &Rows,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
    ) -> Result<Counts, StoreError> {
        let key = resident.head();
        match tx
            .fetch_optional(sql::HEAD_READ, sluis_store::args![&key])
            .await?
        {
            Some(row) => decode(rows, &key, &row.get::<Vec<u8>>(0)?),
            None => Ok(nobodys(rows)),
        }
    }

    pub(crate) const fn resident(&self) -> &ResidentKey {
        &self.resident
    }

    pub(crate) const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The number and the tag of the next row of a kind.
    pub(crate) fn next(&mut self, kind: RowKind) -> (u64, [u8; 32]) {
        let count = match kind {
            RowKind::Grant => &mut self.counts.grants,
            RowKind::Proposal => &mut self.counts.proposals,
            RowKind::Link => &mut self.counts.links,
            RowKind::Log => &mut self.counts.log,
            RowKind::Mandate => &mut self.counts.mandates,
            RowKind::Receipt => &mut self.counts.receipts,
            RowKind::Bundle => &mut self.counts.bundles,
            RowKind::Basis => &mut self.counts.bases,
        };
        let i = *count;
        *count += 1;
        (i, self.resident.tag(kind, i))
    }

    /// The tag of the next log event.
    pub(crate) fn next_log(&mut self) -> [u8; 32] {
        self.next(RowKind::Log).1
    }

    /// A login leads to this resident from now on.
    pub(crate) const fn add_login(&mut self) {
        self.counts.logins += 1;
    }

    /// A login leads to this resident no more.
    pub(crate) const fn remove_login(&mut self) {
        self.counts.logins = self.counts.logins.saturating_sub(1);
    }

    /// Remembers that proposals below this number are all answered.
    pub(crate) fn proposals_answered_below(&mut self, i: u64) {
        self.counts.proposals_from = self.counts.proposals_from.max(i.min(self.counts.proposals));
    }

    /// Remembers that bundles below this number are all gone.
    pub(crate) fn bundles_taken_below(&mut self, i: u64) {
        self.counts.bundles_from = self.counts.bundles_from.max(i.min(self.counts.bundles));
    }

    /// Writes the counts. For nobody the statement finds no row.
    pub(crate) async fn save(self, rows: &Rows, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let sealed = rows.seal(&sql::HEAD, &self.key, &self.counts.encode());
        let changed = tx
            .execute(sql::HEAD_SAVE, sluis_store::args![&self.key, &sealed])
            .await?;
        if changed == u64::from(self.exists) {
            Ok(())
        } else {
            Err(StoreError::Unexpected {
                what: "a head row that went away under its lock",
            })
        }
    }
}

/// The counts of a resident who has no rows yet, at the cost of reading those of one who has.
fn nobodys(rows: &Rows) -> Counts {
    rows.absent(&sql::HEAD);
    Counts::default()
}

fn decode(rows: &Rows, key: &[u8; 32], sealed: &[u8]) -> Result<Counts, StoreError> {
    let plain = rows.open(&sql::HEAD, key, sealed)?;
    Counts::decode(&plain).map_err(|_| StoreError::Unexpected {
        what: "a head row of another form",
    })
}
