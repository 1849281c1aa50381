//! One line of an increment.

use sluis_types::OfferId;

/// A change of one entry of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The offer is there, with this document.
    Put {
        /// Which offer.
        offer_id: OfferId,
        /// Its document, byte for byte as it was signed for.
        document: Vec<u8>,
    },
    /// The offer is gone.
    Remove {
        /// Which offer.
        offer_id: OfferId,
    },
}

impl Change {
    /// Which offer it is about.
    pub const fn offer_id(&self) -> OfferId {
        match self {
            Self::Put { offer_id, .. } | Self::Remove { offer_id } => *offer_id,
        }
    }
}
