//! Cards: what somebody who wants to be introduced shows of themselves.

use sluis_types::{CardId, GrantId, Oin};

/// Somebody at one organisation: the organisation, and 32 bytes by which only it can say who. Two organisations' names
/// for one person have nothing in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Person {
    pub(crate) organisation: Oin,
    pub(crate) tag: [u8; 32],
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(…)")
    }
}

/// A card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) id: CardId,
    pub(crate) person: Person,
    /// Who may propose with it.
    pub(crate) coordinator: Oin,
    /// The grant that it stands on: it is nothing without.
    pub(crate) grant: GrantId,
    pub(crate) is_removed: bool,
    /// What stands on it, as the interface encodes it.
    pub(crate) content: Vec<u8>,
}
