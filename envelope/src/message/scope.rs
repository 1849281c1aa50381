//! What a message is for and what it carries: known to sender, gate and recipient, never to the mesh.

use sluis_types::{CodeSet, DataKind, LifeDomain, Purpose};

use crate::wire::{FormatError, Reader, Writer};

/// Length of a scope in its fixed layout.
pub(crate) const SCOPE_BYTES: usize = 12;

/// Purposes, life domains and kinds of data of one message; none of the three is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    purposes: CodeSet<Purpose>,
    life_domains: CodeSet<LifeDomain>,
    data_kinds: CodeSet<DataKind>,
}

impl Scope {
    /// The scope of these three sets.
    ///
    /// # Errors
    /// [`FormatError::Invalid`] when one is empty.
    pub fn new(
        purposes: CodeSet<Purpose>,
        life_domains: CodeSet<LifeDomain>,
        data_kinds: CodeSet<DataKind>,
    ) -> Result<Self, FormatError> {
        if purposes.is_empty() || life_domains.is_empty() || data_kinds.is_empty() {
            return Err(FormatError::Invalid { field: "scope" });
        }
        Ok(Self {
            purposes,
            life_domains,
            data_kinds,
        })
    }

    /// All purposes, life domains and kinds of data.
    pub(crate) fn of_everything() -> Self {
        Self {
            purposes: CodeSet::all(),
            life_domains: CodeSet::all(),
            data_kinds: CodeSet::all(),
        }
    }

    /// What the message is for.
    pub const fn purposes(&self) -> CodeSet<Purpose> {
        self.purposes
    }

    /// Which parts of life it is about.
    pub const fn life_domains(&self) -> CodeSet<LifeDomain> {
        self.life_domains
    }

    /// Which kinds of data it carries, attachments included.
    pub const fn data_kinds(&self) -> CodeSet<DataKind> {
        self.data_kinds
    }

    /// Whether every purpose, life domain and data kind is in `other`.
    pub fn is_within(&self, other: &Self) -> bool {
        self.purposes.is_subset_of(other.purposes)
            && self.life_domains.is_subset_of(other.life_domains)
            && self.data_kinds.is_subset_of(other.data_kinds)
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer
            .u32(self.purposes.bits())
            .u32(self.life_domains.bits())
            .u32(self.data_kinds.bits());
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let invalid = |_| FormatError::Invalid { field: "scope" };
        Self::new(
            CodeSet::from_bits(reader.u32()?).map_err(invalid)?,
            CodeSet::from_bits(reader.u32()?).map_err(invalid)?,
            CodeSet::from_bits(reader.u32()?).map_err(invalid)?,
        )
    }
}
