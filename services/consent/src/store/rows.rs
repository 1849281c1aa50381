//! How rows are sealed and found.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use sluis_envelope::FormatError;
use sluis_keyring::{BlindIndex, Location, RowCodec, RowSeal};
use sluis_store::StoreError;
use sluis_types::Randomness;
use zeroize::Zeroizing;

use super::sql;
use crate::identity::Name;

/// A table and the one length of what is sealed in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) step: NonZeroUsize,
}

impl Table {
    /// The place of one of its rows, which is bound into what is sealed there.
    const fn place<'a>(&self, row: &'a [u8]) -> Location<'a> {
        Location::new(self.name, "sealed", row)
    }
}

/// What seals rows and finds them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Rows {
    /// Knows one step for each table.
    seal: RowSeal,
    index: Arc<dyn BlindIndex>,
    /// Whether this mesh sends notices. Where it does not, nothing is written down of them either.
    pub(super) sends_notices: bool,
    pub(super) randomness: Arc<dyn Randomness>,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rows(…)")
    }
}

/// Length of the length that stands before padded plaintext.
const LENGTH_BYTES: usize = 4;

impl Rows {
    pub(crate) fn new(
        codec: Arc<dyn RowCodec>,
        index: Arc<dyn BlindIndex>,
        randomness: Arc<dyn Randomness>,
        sends_notices: bool,
    ) -> Self {
        Self {
            seal: RowSeal::new(codec, sql::TABLES.iter().map(|table| table.step)),
            sends_notices,
            index,
            randomness,
        }
    }

    /// Seals the content of a row. Every row of a table has one length, so that a length says nothing.
    pub(crate) fn seal(&self, table: &Table, row: &[u8], plain: &[u8]) -> Vec<u8> {
        assert!(
            plain.len() + LENGTH_BYTES <= table.step.get(),
            "a row of {} is too long",
            table.name
        );
        self.seal.seal(table.place(row), plain, table.step)
    }

    pub(crate) fn open(
        &self,
        table: &Table,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        self.seal
            .open(table.place(row), sealed)
            .map_err(|_| StoreError::Unexpected {
                what: "a row that does not open",
            })
    }

    /// Opens nobody's row of a table: what is not there must cost what is there and refused.
    pub(crate) fn absent(&self, table: &Table) {
        self.seal.absent(table.step);
    }

    /// Opens a row and reads its layout.
    pub(super) fn decode<T>(
        &self,
        table: &Table,
        row: &[u8],
        sealed: &[u8],
        read: impl FnOnce(&[u8]) -> Result<T, FormatError>,
    ) -> Result<T, StoreError> {
        read(&self.open(table, row, sealed)?).map_err(|_| StoreError::Unexpected {
            what: "a row of another form",
        })
    }

    /// The key of a name's access row.
    pub(crate) fn key(&self, name: &Name<'_>) -> [u8; 32] {
        name.parts(|label, parts| self.index.index(label, parts))
    }

    /// A number by chance, far from the end of numbers.
    pub(crate) fn any_number(&self) -> u64 {
        let mut bytes = [0; 8];
        self.randomness.fill(&mut bytes);
        u64::from_be_bytes(bytes) >> 1
    }

    /// The key of another use of the index.
    pub(crate) fn index(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.index.index(label, parts)
    }
}
